namespace Escapement.Rules;

/// <summary>Fire times of a trigger, found outside of the store's transaction. A known fire time answers all searches
/// within its gap.</summary>
sealed class KnownFireTimes
{
    readonly List<(DateTimeOffset From, DateTimeOffset? Next)> nexts;
    readonly List<(DateTimeOffset Before, DateTimeOffset? Previous)> previous;

    /// <param name="known">The fire times known so far, or null.</param>
    public KnownFireTimes(KnownFireTimes? known = null) =>
        (nexts, previous, StopsAt) = ([.. known?.nexts ?? []], [.. known?.previous ?? []], known?.StopsAt);

    /// <summary>The fire time at which a rule that steps through the fire times must stop, or null.</summary>
    public DateTimeOffset? StopsAt { get; set; }

    public void AddNext(DateTimeOffset from, DateTimeOffset? next) => nexts.Add((from, next));

    public void AddPrevious(DateTimeOffset before, DateTimeOffset? found) => previous.Add((before, found));

    public bool TryNext(DateTimeOffset from, out DateTimeOffset? next)
    {
        foreach (var known in nexts)
        {
            if (from < known.From || known.Next < from) continue;
            next = known.Next;
            return true;
        }

        next = null;
        return false;
    }

    public bool TryPrevious(DateTimeOffset before, out DateTimeOffset? found)
    {
        foreach (var known in previous)
        {
            if (before > known.Before || known.Previous >= before) continue;
            found = known.Previous;
            return true;
        }

        found = null;
        return false;
    }
}
