using Escapement.Engine;
using Escapement.Rules;
using Escapement.Stores;

namespace Escapement.Simulation;

/// <summary>The removable rules of the protocol in which every node is active.</summary>
static class EveryNodeRules
{
    public static IReadOnlyList<Without> All { get; } =
    [
        Of("epoch", "the claim looks at its epoch", "a claim of a dead epoch is committed",
            [Law.ClaimUnderLivingEpoch, Law.SignUnderLivingEpoch],
            new() { ClaimChecksEpoch = false }, ScenariosOfEach.AClaimIsHeldBackAndItsNodeIsKilled),
        Of("lock", "the claim locks the row of its epoch", "a claim of a dead epoch is committed",
            [Law.ClaimUnderLivingEpoch, Law.SignUnderLivingEpoch],
            new() { ClaimLocksEpoch = false }, ScenariosOfEach.AClaimIsHeldBackAndItsNodeIsKilled),
        Of("beat", "the settler compares the beat", "a healthy node is settled", [Law.HealthyNodesAreKept],
            new() { SettlerComparesHeartbeat = false }, ScenariosOfEach.ASettlementIsHeldBack),
        Of("own", "the settler's own epoch must live", "a node that was ended ends another", [Law.OnlyLivingNodesSettle],
            new() { SettlerMustLive = false }, ScenariosOfEach.ASettlerIsEndedWhileItsSettlementIsHeldBack),
        Of("numbers", "a claim whose number has passed is refused", "a job is blocked for ever", [Law.RunsAreSettled],
            new() { ClaimNumbersGrow = false }, ScenariosOfEach.AClaimThatWasGivenUpComesAfterTheNextOne),
        Of("validity", "a plan is written within a second", "a late fire time counts as punctual",
            [Law.PlanIsFresh, Law.PunctualWithinGrace],
            new() { PlanLasts = TimeSpan.FromDays(1) }, ScenariosOfEach.AClaimIsHeldBack),
        Of("state", "the claim compares the job's state", "a fire time is claimed twice",
            [Law.ClaimedOnce, Law.EngineHolds, Law.ClaimedOnlyWhenClosed],
            new() { Holds = static (in _, _, _) => true }),
        Of("waiting", "the claim sees that a waiting run was taken", "a waiting run is claimed twice",
            [Law.ClaimedOnce, Law.EngineHolds, Law.ClaimedOnlyWhenClosed, Law.CountsAreTrue], new()
        {
            Holds = static (in unit, now, _) => now.State.Next == unit.Before.Next && now.Version == unit.Job.Version
                && now.Running <= unit.MaxRunning && now.Running >= unit.MinRunning,
        }),
        Of("edit", "an edit writes the row that claims compare", "a run is claimed after a pause was answered", [Law.NoClaimAfterPause],
            new() { EditsMoveChange = false }, ScenariosOfEach.AClaimIsHeldBackOverAPauseOfItsJob),
        Of("max", "the number of running runs is in the job's row", "max instances is exceeded",
            [Law.MaxInstances, Law.ClaimedOnce, Law.EngineHolds, Law.CountsAreTrue], new()
        {
            Holds = static (in unit, now, counted) =>
                now.State.Next == unit.Before.Next && counted <= unit.MaxRunning && counted >= unit.MinRunning,
        }),
        Of("skip", "a skip holds only while no place is free", "a fire time is skipped though a place is free", [Law.NoSkipWithFreePlace],
            new()
        {
            Holds = static (in unit, now, _) => now.State.Change == unit.Before.Change && now.Running <= unit.MaxRunning,
        }),
        Of("pause", "a claim compares the number of the state", "a fire time is claimed after a pause of all was answered",
            [Law.NoClaimAfterPause],
            new() { ClaimSeesPauses = false }, ScenariosOfEach.AClaimIsHeldBackOverAPauseOfAll),
        Of("waits", "a claim waits for no job while it holds its epoch", "a node gives no sign of life",
            [Law.HealthyNodesAreKept, Law.ActiveNodesHeartbeat],
            new() { ClaimSkipsLocked = false }, ScenariosOfEach.AJobIsLockedForLongerThanALease),
        new("again", "what an unanswered claim took is handed out again", "a job is blocked for ever")
        {
            Laws = [Law.RunsAreSettled],
            Store = store => new RemovesUnanswered(store),
        },
        new("start", "a handler starts within the probe's time of the last sign of life", "a handler is started for a settled run")
        {
            Laws = [Law.NoStartAfterSettlement],
            Scenario = ScenariosOfEach.ANodeIsStoppedAfterItsClaimAndLosesItsLifeLock,
            ProtocolOverrides = WithinALease,
        },
        new("lease", "a handler starts only while the last sign of life is younger than a lease", "a handler is started for a settled run")
        {
            Laws = [Law.NoStartAfterSettlement],
            Scenario = ScenariosOfEach.ANodeIsStoppedAfterItsClaimForLongerThanALease,
            ProtocolOverrides = (_, _) => new() { MayStart = permit => () => new(!permit.IsFenced) },
        },
        new("drops", "a fenced node drops what it has not started", "a handler is started for a settled run")
        {
            Laws = [Law.NoStartAfterSettlement],
            Scenario = ScenariosOfEach.ANodeIsStoppedAfterItsClaimForLongerThanALease,
            ProtocolOverrides = ProtocolRules.NeverDrops,
        },
        new("probe", "a free life lock is a reason to ask", "a healthy node is settled")
        {
            Laws = [Law.HealthyNodesAreKept],
            ProtocolOverrides = (_, _) =>
                new() { JudgeFree = static (_, row, now, lease) => (Lease.Begin(row, now, lease), LeaseStep.Raise) },
        },
        new("late", "only what was seen on time counts", "a healthy node is settled")
        {
            Laws = [Law.HealthyNodesAreKept],
            Scenario = ScenariosOfEach.AllNodesAreStoppedAndGoOn,
            ProtocolOverrides = (_, _) => new() { Judge = ProtocolRules.HoweverLate },
        },
        Of("attempt", "a record compares owner, epoch and attempt", "an outcome is written over another attempt", [Law.RecordedOnce],
            new() { Takes = static (_, _) => true }, ScenariosOfEach.ANodeGoesOnBesideTheNextAttempt),
    ];

    /// <summary>Returns the rule with a name.</summary>
    public static Without Of(string name) => All.FirstOrDefault(rule => rule.Letter == name)
        ?? throw new FormatException($"'{name}' is no rule. The rules are {string.Join(", ", All.Select(rule => rule.Letter))}.");

    static Without Of(string name, string rule, string harm, IReadOnlyList<Law> laws, StoreOverrides rules, Scenario? scenario = null) =>
        new(name, rule, harm) { Laws = laws, Rules = rules, Scenario = scenario };

    /// <summary>Allows every node with a sign of life within a lease to start runs.</summary>
    static ProtocolOverrides WithinALease(SimulatedNode node, IJobStore store) => new()
    {
        MayStart = permit => () => node.Machine.Checker.LastSign(permit.Epoch) is { } last
            && node.Clock.GetElapsedTime(last.Ticks) < node.Machine.Settings.Lease
            ? new(!permit.IsFenced)
            : permit.MayStartAsync(),
    };
}

/// <summary>Omits the numbers of claims, so no node asks for the result of an unanswered claim.</summary>
sealed class RemovesUnanswered(SimulatedStore store) : SimulatedStore(store)
{
    protected override ClaimRequest Sent(ClaimRequest request) => request with { Unanswered = null };
}
