namespace Escapement.Ledger;

/// <summary>A stretch of time without an active node.</summary>
/// <param name="From">The beginning, in microseconds since 1970-01-01 UTC: the end of the last epoch.</param>
/// <param name="To">The exclusive end, in microseconds since 1970-01-01 UTC.</param>
/// <param name="Before">The epoch that ended, or null if no earlier epoch is known.</param>
/// <param name="After">The epoch that began, or null while no node is active.</param>
sealed record Gap(long From, long To, Epoch? Before, Epoch? After)
{
    /// <summary>The reason for fire times in the gap.</summary>
    public Reason Reason => Before?.How == EpochEnd.ShutDown ? Reason.ShutDown : Reason.NoActiveNode;
}

/// <summary>The epochs of a part of the ledger as stretches with and without an active node.</summary>
sealed class ActiveTimes
{
    readonly List<Gap> gaps = [];
    readonly Dictionary<long, Gap> ended = [];
    readonly Dictionary<string, NodeName> nodes = [];
    List<Epoch>? lasting;

    // The epochs that began at or after the beginning of each earlier epoch, with the latest end up to each.
    readonly List<(Epoch Epoch, long End)> forward = [];

    /// <param name="epochs">The epochs that touch the span, with the epochs before and after.</param>
    /// <param name="at">The time of the snapshot. An epoch without a sign of life for a lease counts as over since its last
    /// sign, because a process that ended without a successor cannot record its end.</param>
    public ActiveTimes(IEnumerable<Epoch> epochs, DateTimeOffset at)
    {
        Epochs = [.. epochs.OrderBy(epoch => epoch.Number).Select(epoch => IsSilent(epoch, at)
            ? epoch with { Ended = epoch.LastSign, How = EpochEnd.LeaseOver }
            : epoch)];
        var (covered, last) = (long.MinValue, (Epoch?)null);
        foreach (var epoch in Epochs.OrderBy(epoch => epoch.Begun).ThenBy(epoch => epoch.Number))
        {
            if (epoch.Begun.ToMicros() > covered) gaps.Add(new(covered, epoch.Begun.ToMicros(), last, epoch));
            if (End(epoch) >= covered) (covered, last) = (End(epoch), epoch);
        }

        if (covered < long.MaxValue) gaps.Add(new(covered, long.MaxValue, last, null));
        foreach (var gap in gaps)
            if (gap.After is { } next) ended.TryAdd(next.Number, gap);
        foreach (var epoch in Epochs)
        {
            if (forward is not [.., var before]) forward.Add((epoch, End(epoch)));
            else if (epoch.Begun >= before.Epoch.Begun) forward.Add((epoch, Math.Max(before.End, End(epoch))));
        }
    }

    /// <summary>The epochs by number.</summary>
    public IReadOnlyList<Epoch> Epochs { get; }

    /// <summary>The epochs that last, by number.</summary>
    public IReadOnlyList<Epoch> Lasting => lasting ??= [.. Epochs.Where(epoch => epoch.Ended is null)];

    /// <summary>The stretches without an active node, oldest first.</summary>
    public IReadOnlyList<Gap> Gaps => gaps;

    /// <summary>Returns the stretch without an active node around an instant, or null if a node was active.</summary>
    public Gap? At(long instant) => Place(instant) is var place and >= 0 && gaps[place].To > instant ? gaps[place] : null;

    /// <summary>Returns the stretches without an active node that touch a span, oldest first.</summary>
    public IEnumerable<Gap> Within(long from, long to)
    {
        for (var place = Math.Max(Place(from), 0); place < gaps.Count && gaps[place].From < to; place++)
            if (gaps[place].To > from) yield return gaps[place];
    }

    /// <summary>Returns the borders of the stretches without an active node that touch a span, oldest first.</summary>
    public IEnumerable<long> Borders(long from, long to) => Within(from, to).SelectMany(gap => (long[])[gap.From, gap.To]);

    /// <summary>Returns an epoch that covers an instant, or null. An epoch that began after the clock was set back covers
    /// nothing of the time before.</summary>
    public Epoch? ActiveAt(long instant)
    {
        var low = Bisection.Leading(forward.Count, (forward, instant),
            static (at, place) => at.forward[place].Epoch.Begun.ToMicros() <= at.instant);
        for (var place = low - 1; place >= 0 && forward[place].End > instant; place--)
            if (End(forward[place].Epoch) > instant) return forward[place].Epoch;
        return null;
    }

    /// <summary>Returns the epoch with a number, or null.</summary>
    public Epoch? Find(long number)
    {
        var low = Bisection.Leading(Epochs.Count, (Epochs, number), static (at, place) => at.Epochs[place].Number < at.number);
        return low < Epochs.Count && Epochs[low].Number == number ? Epochs[low] : null;
    }

    /// <summary>Returns the name of a node in its last epoch, or null.</summary>
    public NodeName? Node(string id)
    {
        if (nodes.Count == 0)
            foreach (var epoch in Epochs) nodes[epoch.Node.Id] = epoch.Node;
        return nodes.GetValueOrDefault(id);
    }

    /// <summary>Returns the gap that an epoch ended, or null.</summary>
    public Gap? EndedBy(Epoch epoch) => ended.GetValueOrDefault(epoch.Number);

    /// <summary>Returns the end of an epoch in microseconds, or the largest number for a living epoch.</summary>
    public static long End(Epoch epoch) => epoch.Ended?.ToMicros() ?? long.MaxValue;

    static bool IsSilent(Epoch epoch, DateTimeOffset at) => epoch is { Ended: null, Lease: { } lease } && at - epoch.LastSign > lease;

    /// <summary>Returns the place of the last gap that begins at or before an instant, or -1.</summary>
    int Place(long instant) =>
        Bisection.Leading(gaps.Count, (gaps, instant), static (at, place) => at.gaps[place].From <= at.instant) - 1;
}
