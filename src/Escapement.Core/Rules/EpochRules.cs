using Escapement.Ledger;

namespace Escapement.Rules;

/// <summary>The changes of an epoch change.</summary>
public readonly struct EpochPlan
{
    internal EpochPlan(IReadOnlyList<Epoch> ends, Epoch? begins, IReadOnlyCollection<string> removes) =>
        (Ends, Begins, Removes) = (ends, begins, removes);

    /// <summary>The ended epochs, in their new state.</summary>
    public IReadOnlyList<Epoch> Ends { get; }

    /// <summary>The new epoch, or null.</summary>
    public Epoch? Begins { get; }

    /// <summary>The nodes to remove from the store.</summary>
    public IReadOnlyCollection<string> Removes { get; }

    /// <summary>The signal to send.</summary>
    public StoreSignal Signal => Begins is null && Ends.Count == 0 ? StoreSignal.None : StoreSignal.Epoch;
}

/// <summary>The rules of epoch rows and of lost runs. Pure.</summary>
public static class EpochRules
{
    /// <summary>Returns true if a node may claim under an epoch: the row exists, belongs to the node, and has not
    /// ended.</summary>
    public static bool Holds(Epoch? row, string node, long epoch) => row is { Ended: null } && row.Number == epoch && row.Node.Id == node;

    /// <summary>Returns true if a claim is accepted: its epoch is alive and belongs to the node, and its number is
    /// above the number of the last claim.</summary>
    public static bool MayClaim(Epoch? row, ClaimRequest request) =>
        Holds(row, request.Node, request.Epoch) && (request.Number == 0 || request.Number > row!.Claims);

    /// <summary>Returns true if a node continues with the runs of an ended epoch: the node stepped down and
    /// drains.</summary>
    public static bool KeepsItsRuns(EpochEnd? how) => how is EpochEnd.SteppedDown or EpochEnd.ShutDown;

    /// <summary>Returns true if an epoch was ended by its own node, and no other node has ended its drain
    /// since.</summary>
    public static bool Drains(Epoch row) => row is { Ended: not null, DrainUntil: not null } && KeepsItsRuns(row.How);

    /// <summary>Returns the rows to write, or null if nothing changes because a row was changed meanwhile or the
    /// scheduler is shut down.</summary>
    /// <param name="change">The change.</param>
    /// <param name="rows">The living epochs, the epochs named by the change, and the newest epoch, ordered by
    /// number.</param>
    /// <param name="state">The scheduler state.</param>
    /// <param name="now">The store's clock, read inside the transaction.</param>
    public static EpochPlan? Change(EpochChange change, IReadOnlyList<Epoch> rows, SchedulerState state, DateTimeOffset now)
    {
        if (change.By is var (node, number) && !Holds(Find(rows, number), node, number)) return null;
        if (change.StepDown is { } step) return new([SteppedDown(Find(rows, change.By!.Value.Epoch)!, step, now)], null, change.Lost);
        if (change.Begin is not null && state.ShutDown is not null) return null;
        if (change.Newest is { } seen && EpochSeen.Of(rows.Count > 0 ? rows[^1] : null) != seen) return null;

        List<Epoch> ends = [];
        foreach (var (row, why) in change.Ends)
        {
            var found = Find(rows, row.Number);
            if (found is null || EpochSeen.Of(found) != row) return null;

            // The end is the last sign of life, so later losses lie outside of any epoch.
            var by = change.Begin?.Id ?? change.By?.Node;
            if (found.Ended is null) ends.Add(found with { Ended = found.LastSign, How = why, EndedBy = by });
            else if (Drains(found)) ends.Add(found with { DrainUntil = null, EndedBy = by });
        }

        List<string> forgets = [.. change.Lost, .. ends.Where(end => end.How == EpochEnd.ProcessGone && end.Node.Id != change.Begin?.Id)
            .Select(end => end.Node.Id)];
        return new(ends, change.Begin is { } begins ? Begun(begins, change, rows, now) : null, forgets);
    }

    /// <summary>Returns true if a sign of life of a node may update an epoch's row: the epoch has not ended, or the
    /// node drains.</summary>
    public static bool MayHeartbeat(Epoch row, string node) => (row.Ended is null || Drains(row)) && row.Node.Id == node;

    /// <summary>Returns the row after a sign of life, which also answers the probes.</summary>
    public static Epoch Heartbeat(Epoch row, DateTimeOffset now) => row with { Heartbeat = row.Heartbeat + 1, LastSign = now, Probes = 0 };

    /// <summary>Returns the row after a standby's probe, or the same row if the row has changed since the standby read
    /// it.</summary>
    public static Epoch Probe(Epoch row, EpochSeen seen) => EpochSeen.Of(row) == seen ? row with { Probes = row.Probes + 1 } : row;

    /// <summary>Returns true if the runs of an epoch are lost: the node is lost, or another node ended the epoch or its
    /// drain.</summary>
    /// <param name="row">The epoch, or null if unknown.</param>
    /// <param name="lost">The lost nodes.</param>
    public static bool IsLost(Epoch? row, IReadOnlyCollection<string> lost) =>
        row is null || (row.Ended is not null && !Drains(row)) || lost.Contains(row.Node.Id);

    /// <summary>Returns the stretches without an active node, newest first: the gaps in the union of all
    /// epochs.</summary>
    /// <param name="epochs">All epochs, or the epochs since an epoch that began before the oldest due fire time, in any
    /// order.</param>
    public static IReadOnlyList<DelayCause> Downtimes(IEnumerable<Epoch> epochs)
    {
        List<DelayCause> gaps = [];
        var (covered, how) = (DateTimeOffset.MinValue, (EpochEnd?)null);
        foreach (var epoch in epochs.OrderBy(epoch => epoch.Begun).ThenBy(epoch => epoch.Number))
        {
            if (epoch.Begun > covered)
            {
                gaps.Add(new(how == EpochEnd.ShutDown ? Reason.ShutDown : Reason.NoActiveNode, covered, epoch.Begun));
            }

            if ((epoch.Ended ?? DateTimeOffset.MaxValue) is var end && end >= covered) (covered, how) = (end, epoch.How);
        }

        gaps.Reverse();
        return gaps;
    }

    static Epoch Begun(NodeName node, EpochChange change, IReadOnlyList<Epoch> rows, DateTimeOffset now) => new()
    {
        Number = Math.Max(rows.Count > 0 ? rows.Max(row => row.Number) : 0, change.Floor) + 1,
        Node = node,
        Begun = now,
        WithLock = change.WithLock,
        Lease = change.Lease,
        Heartbeat = 0,
        LastSign = now,
    };

    static Epoch SteppedDown(Epoch row, StepDown step, DateTimeOffset now) =>
        Heartbeat(row, now) with { Ended = now, How = step.How, DrainUntil = step.DrainUntil };

    static Epoch? Find(IReadOnlyList<Epoch> rows, long number)
    {
        foreach (var row in rows)
            if (row.Number == number) return row;
        return null;
    }
}
