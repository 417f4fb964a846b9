using Escapement.Engine;
using Escapement.Leadership;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;

namespace Escapement.Simulation;

/// <summary>
/// The removable rules of the protocol.
/// A rule is removed in the simulated store or locks if possible, and in the engine otherwise.
/// </summary>
static class ProtocolRules
{
    const string Robbed = "a healthy active node is replaced", Settled = "a handler is started for a run that was settled";

    public static IReadOnlyList<Without> All { get; } =
    [
        new("A", "a raise changes nothing if the row moved", Robbed)
        {
            Laws = [Law.LeaseIsWaitedFor, Law.OnlyGoneProcessesAreGone],
            Store = store => new RaisesWhateverMoved(store),
        },
        new("B", "who has the lock waits for the owner's life lock", Robbed)
        {
            Laws = [Law.OnlyGoneProcessesAreGone],
            Locks = (node, locks) => locks with { LifeOf = other => Owns(node, other) ? new FreeLock() : locks.LifeOf(other) },
        },
        new("C", "each process has a life lock", "a lease without an active node after a kill")
        {
            Laws = [Law.ActiveAfterGoneProcess],
            Locks = (_, locks) => locks with { LifeOf = _ => null },
        },
        new("D", "while the active node has no lock, every standby waits for its life lock", "a further lease without an active node")
        {
            Laws = [Law.ActiveAfterGoneProcess],
            Store = store => new SaysThatItHadTheLock(store),
        },
        new("E", "the life lock of a draining node is waited for too", "a run counts although its process is gone")
        {
            Laws = [Law.LostRunsAreSettled],
            Locks = (node, locks) => locks with { LifeOf = other => Owns(node, other) ? locks.LifeOf(other) : null },
        },
        new("F", "the lease runs on the row whatever it says", "nobody ever becomes active")
        {
            Laws = [Law.ActiveAtAll, Law.ActiveAfterLease, Law.ActiveAfterGoneProcess, Law.ActiveAfterEnd],
            ProtocolOverrides = (_, _) => new() { Judge = OnlyLiveEpochs },
        },
        new("G", "only what the waiter saw on time counts", Robbed)
        {
            Laws = [Law.LeaseIsWaitedFor],
            Scenario = Scenario.AllAreStoppedAndGoOn,
            ProtocolOverrides = (_, _) => new() { Judge = HoweverLate },
        },
        new("H", "the waiter asks by a write", Robbed)
        {
            Laws = [Law.LeaseIsWaitedFor],
            ProtocolOverrides = (_, _) => new() { Judge = WithoutAsking },
        },
        new("I", "no start past the own lease", Settled)
        {
            Laws = [Law.NoStartAfterSettlement],
            ProtocolOverrides = (_, _) => new() { MayStart = permit => () => new(!permit.IsFenced) },
        },
        new("J", "the check is an accepted beat", Settled)
        {
            Laws = [Law.NoStartAfterSettlement],
            Scenario = Scenario.AStoppedNodeGoesOnRightBeforeItIsReplaced,
            ProtocolOverrides = OnlyLooks,
        },
        new("K", "fenced: drop what was not started", Settled)
        {
            Laws = [Law.NoStartAfterSettlement],
            Scenario = Scenario.AFencedNodeBecomesActiveAgain,
            ProtocolOverrides = NeverDrops,
        },
        new("L", "a raise settles every lost node's runs", "a run is never settled")
        {
            Laws = [Law.LostRunsAreSettled, Law.RunsAreSettled],
            Store = store => new SettlesTheLastOnly(store),
        },
        new("M", "settling is in the raise's transaction", "a fire time is skipped although nothing runs")
        {
            Laws = [Law.NoSkipForLostRuns],
            Store = store => new SettlesLater(store),
        },
        new("N", "at the limit the owner settles, others a lease later", "a run is settled under its owner's hands")
        {
            Laws = [Law.NoSettlementUnderItsOwner],
            Scenario = Scenario.ADrainLimitComes,
            Store = store => new SettlesAtTheLimit(store),
        },
        new("O", "the end of an epoch rings", "a gap after a graceful end")
        {
            Laws = [Law.ActiveAfterEnd],
            Store = store => new LeavesInSilence(store),
        },
        new("P", "an epoch ends at its last sign of life", "a lost fire time that nothing explains")
        {
            Laws = [Law.EndedAtLastSign],
            Store = store => new EndsNow(store),
        },
        new("R", "the clock is read inside the claim's transaction", "a fire time counts as punctual that is late")
        {
            Laws = [Law.PunctualWithinGrace],
            Store = store => new ReadsTheClockBefore(store),
        },
        new("T", "leaving is one transaction, and only then comes the rest", Settled)
        {
            Laws = [Law.NoStartAfterSettlement],
            Scenario = Scenario.AReplacedNodeWithoutAStoreIsAskedToEnd,
            Store = store => new LeavesUnasked(store),
        },
        new("claim", "a claim checks the epoch", "a claim of an older epoch")
        {
            Laws = [Law.ClaimUnderLivingEpoch],
            Store = store => new ClaimsUnderAnyEpoch(store),
        },
        new("beat", "a beat is refused when its epoch is not the current one", "a dead epoch looks alive")
        {
            Laws = [Law.HeartbeatUnderLivingEpoch],
            Store = store => new HeartbeatsAnyEpoch(store),
        },
        new("record", "a record checks owner and state", "a run is settled twice")
        {
            Laws = [Law.RecordedOnce],
            Store = store => new RecordsOverOthers(store),
        },
    ];

    /// <summary>Returns the rule of a row of docs/protocol.md.</summary>
    public static Without Of(string letter) => All.FirstOrDefault(rule => rule.Letter == letter)
        ?? throw new FormatException($"'{letter}' is no rule. The rules are {string.Join(", ", All.Select(rule => rule.Letter))}.");

    /// <summary>Returns true if the running epoch belongs to the other node.</summary>
    static bool Owns(SimulatedNode node, NodeName other) =>
        node.Machine.Checker.Current is { Ended: null } epoch && epoch.Owner.Name == other;

    static (LeaseCount, LeaseStep) OnlyLiveEpochs(LeaseCount? count, EpochSeen row, TimeSpan now, TimeSpan lease) =>
        row.Ended || row.Number == 0 ? (Lease.Begin(row, now, lease), LeaseStep.Wait) : Lease.Look(count, row, now, lease);

    public static (LeaseCount, LeaseStep) HoweverLate(LeaseCount? count, EpochSeen row, TimeSpan now, TimeSpan lease)
    {
        if (count is not { } so || so.Row != row) return Lease.Look(null, row, now, lease);
        return now - so.Since >= lease ? (so, LeaseStep.Raise) : Lease.Look(so with { NextAt = now }, row, now, lease);
    }

    static (LeaseCount, LeaseStep) WithoutAsking(LeaseCount? count, EpochSeen row, TimeSpan now, TimeSpan lease)
    {
        var (next, step) = Lease.Look(count is { } so ? so with { Asked = true } : null, row, now, lease);
        return (next, step == LeaseStep.Ask ? LeaseStep.Wait : step);
    }

    /// <summary>
    /// Allows a node to start runs if the store names the node as the owner of the epoch.
    /// The node asks again only after time has passed.
    /// </summary>
    static ProtocolOverrides OnlyLooks(SimulatedNode node, IJobStore store)
    {
        (long At, bool Found) last = (-1, false);
        return new()
        {
            MayStart = permit => () =>
            {
                if (permit.IsFenced) return new(false);
                return last.At == node.Clock.GetTimestamp() ? new(last.Found) : new(LookAsync());
            },
        };

        async Task<bool> LookAsync()
        {
            var found = (await store.LookAsync(Sign.None, CancellationToken.None)).Newest is { Ended: null } epoch
                && epoch.Node == node.Name;
            last = (node.Clock.GetTimestamp(), found);
            return found;
        }
    }

    /// <summary>Keeps claimed runs until the node is active again, and starts them then.</summary>
    public static ProtocolOverrides NeverDrops(SimulatedNode node, IJobStore store)
    {
        StartPermit? newest = null;
        return new()
        {
            DropsWhenFenced = false,
            MayStart = permit =>
            {
                newest = permit;
                return async () =>
                {
                    while (!await newest.MayStartAsync()) await Task.Delay(TimeSpan.FromSeconds(1), node.Clock);
                    return true;
                };
            },
        };
    }
}
