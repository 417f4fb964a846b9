namespace Escapement.Simulation;

/// <summary>The absences of a node, during which the node was stopped, cut off from the store, or gone.</summary>
sealed class Presence(World world)
{
    readonly List<(TimeSpan From, TimeSpan To)> absences = [];
    TimeSpan? away;

    public bool WasEverAway => absences.Count > 0 || away is not null;

    public void Away() => away ??= world.Now;

    public void Back()
    {
        if (away is { } from) absences.Add((from, world.Now));
        away = null;
    }

    /// <summary>Returns the total absence since an instant.</summary>
    public TimeSpan AwaySince(TimeSpan since) => All(since).Aggregate(TimeSpan.Zero, (sum, absence) => sum + (absence.To - absence.From));

    /// <summary>Returns the total absence since an instant during which the other node was present.</summary>
    public TimeSpan AwayFrom(Presence other, TimeSpan since)
    {
        var sum = TimeSpan.Zero;
        foreach (var (from, to) in All(since))
        {
            sum += to - from;
            foreach (var (begin, end) in other.All(since))
            {
                var both = Earlier(to, end) - Later(from, begin);
                if (both > TimeSpan.Zero) sum -= both;
            }
        }

        return sum;
    }

    IEnumerable<(TimeSpan From, TimeSpan To)> All(TimeSpan since)
    {
        foreach (var (from, to) in absences)
            if (to > since) yield return (Later(from, since), to);
        if (away is { } begun) yield return (Later(begun, since), world.Now);
    }

    static TimeSpan Earlier(TimeSpan a, TimeSpan b) => a < b ? a : b;

    static TimeSpan Later(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
