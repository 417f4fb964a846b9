using Escapement.Ledger;

namespace Escapement.Rules;

/// <summary>What a change of epochs writes.</summary>
/// <param name="Ends">The epochs that end, as they stand afterwards.</param>
/// <param name="Begins">The epoch that begins; null where none does.</param>
/// <param name="Removes">The nodes that are removed from the store.</param>
public readonly record struct EpochPlan(IReadOnlyList<Epoch> Ends, Epoch? Begins, IReadOnlyCollection<string> Removes)
{
    /// <summary>What is notified.</summary>
    public StoreSignal Signal => Begins is null && Ends.Count == 0 ? StoreSignal.None : StoreSignal.Epoch;
}

/// <summary>What an epoch's row becomes, and whose runs are lost with it. Pure.</summary>
public static class EpochRules
{
    /// <summary>Whether a node may claim under an epoch: its row is there, is the node's, and has not ended.</summary>
    public static bool Holds(Epoch? row, string node, long epoch) => row is { Ended: null } && row.Number == epoch && row.Node.Id == node;

    /// <summary>Whether a claim is accepted: its epoch goes on and is its node's, and its number is above that of the last claim.</summary>
    public static bool MayClaim(Epoch? row, ClaimRequest request) =>
        Holds(row, request.Node, request.Epoch) && (request.Number == 0 || request.Number > row!.Claims);

    /// <summary>Whether a node goes on with the runs of an epoch that has ended: it ended the epoch itself and drains.</summary>
    public static bool KeepsItsRuns(EpochEnd? how) => how is EpochEnd.SteppedDown or EpochEnd.ShutDown;

    /// <summary>Whether an epoch was ended by its own node, and no other node has ended its drain since.</summary>
    public static bool Drains(Epoch row) => row is { Ended: not null, DrainUntil: not null } && KeepsItsRuns(row.How);

    /// <summary>Returns what a change writes, or null where it changes nothing because something is not as it was seen, or the scheduler is shut down.</summary>
    /// <param name="change">The change.</param>
    /// <param name="rows">The epochs that have not ended, those that the change names, and the newest one; by number.</param>
    /// <param name="state">The state of the scheduler.</param>
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

            // The end is the last sign of life: what was lost after it lies in no epoch.
            var by = change.Begin?.Id ?? change.By?.Node;
            if (found.Ended is null) ends.Add(found with { Ended = found.LastSign, How = why, EndedBy = by });
            else if (Drains(found)) ends.Add(found with { DrainUntil = null, EndedBy = by });
        }

        List<string> forgets = [.. change.Lost, .. ends.Where(end => end.How == EpochEnd.ProcessGone && end.Node.Id != change.Begin?.Id)
            .Select(end => end.Node.Id)];
        return new(ends, change.Begin is { } begins ? Begun(begins, change, rows, now) : null, forgets);
    }

    /// <summary>Whether a sign of life of a node moves an epoch's row: the epoch has not ended, or the node drains.</summary>
    public static bool MayHeartbeat(Epoch row, string node) => (row.Ended is null || Drains(row)) && row.Node.Id == node;

    /// <summary>Returns the row after a sign of life, which answers the probes too.</summary>
    public static Epoch Heartbeat(Epoch row, DateTimeOffset now) => row with { Heartbeat = row.Heartbeat + 1, LastSign = now, Probes = 0 };

    /// <summary>Returns the row after a waiter's probe; the same row where it is not as the waiter saw it.</summary>
    public static Epoch Probe(Epoch row, EpochSeen seen) => EpochSeen.Of(row) == seen ? row with { Probes = row.Probes + 1 } : row;

    /// <summary>Whether the runs of an epoch are lost: its node is, or another node ended the epoch or its drain.</summary>
    /// <param name="row">The epoch; null where it is not known any more.</param>
    /// <param name="lost">The nodes that are lost.</param>
    public static bool IsLost(Epoch? row, IReadOnlyCollection<string> lost) =>
        row is null || (row.Ended is not null && !Drains(row)) || lost.Contains(row.Node.Id);

    /// <summary>Returns the stretches in which no node was active: the gaps in the union of all epochs, newest first.</summary>
    /// <param name="epochs">The epochs from one that began before the oldest due fire time on, or all; in any order.</param>
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
