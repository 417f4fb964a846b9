using Escapement.Stores;
using static Escapement.Simulation.Scenario;

namespace Escapement.Simulation;

/// <summary>The scenarios of a store in which every node is active.</summary>
static class ScenariosOfEach
{
    public static Scenario AClaimIsHeldBackAndItsNodeIsKilled { get; } = new("A claim is held back and its node is killed", number =>
        OfEach(["tick"],
        new Fault(Trouble.LockJob, At(31.9)) { Lasts = At(0.7) },
        new Fault(Trouble.HoldStatement, At(31.5)) { Node = "A", Point = (Step.Claim, When.Inside), Lasts = At(0.6 + number % 40 * 0.001) },
        new Fault(Trouble.Kill, At(32.01)) { Node = "A" }));

    public static Scenario AClaimIsHeldBack { get; } = new("A claim is held back", number => OfEach(["tick"],
        new Fault(Trouble.LockJob, At(7.9)) { Lasts = At(1.6) },
        new Fault(Trouble.HoldStatement, At(7.5))
        {
            Node = "A",
            Point = (Step.Claim, When.Inside),
            Lasts = At(1.5 + number % 40 * 0.001)
        }));

    public static Scenario AClaimIsHeldBackOverAPauseOfAll { get; } = new("A claim is held back over a pause of all", number =>
        OfEach(["tick"],
        new Fault(Trouble.LockJob, At(7.9)) { Lasts = At(0.6) },
        new Fault(Trouble.HoldStatement, At(7.5)) { Node = "A", Point = (Step.Claim, When.Inside), Lasts = At(0.5 + number % 40 * 0.001) },
        new Fault(Trouble.PauseAll, At(8.1)) { Node = "B", Lasts = At(5) }));

    public static Scenario AJobIsLockedForLongerThanALease { get; } = new("A job is locked for longer than a lease", number =>
        OfEach(["tick", "short"],
        new Fault(Trouble.LockJob, At(7.5 + number % 40 * 0.05)) { Lasts = At(20) }));

    public static Scenario ASettlementIsHeldBack { get; } = new("A settlement is held back", number => OfEach(["short", "long"],
        new Fault(Trouble.Stop, At(8)) { Node = "A", Point = (Step.Claim, When.After), Lasts = At(14 + number % 80 * 0.05) },
        new Fault(Trouble.Stop, At(9)) { Node = "C" },
        new Fault(Trouble.HoldStatement, At(12)) { Node = "B", Point = (Step.Settle, When.Before), Lasts = At(1) }));

    public static Scenario ASettlerIsEndedWhileItsSettlementIsHeldBack { get; } = new(
        "A settler is ended while its settlement is held back", number => OfEach(["short", "long"],
        new Fault(Trouble.HoldStatement, At(29)) { Node = "A", Point = (Step.Settle, When.Before), Lasts = At(1.1 + number % 40 * 0.02) },
        new Fault(Trouble.Stop, At(30)) { Node = "B", Lasts = At(30) },
        new Fault(Trouble.EndSession, At(30.01)) { Node = "B" },
        new Fault(Trouble.EndSession, At(31)) { Node = "A" }));

    public static Scenario AClaimThatWasGivenUpComesAfterTheNextOne { get; } = new("A claim that was given up comes after the next one",
        number => OfEach(["tick"],
        new Fault(Trouble.LockJob, At(7.9)) { Lasts = At(0.6) },
        new Fault(Trouble.HoldStatement, At(7.5)) { Node = "A", Point = (Step.Claim, When.Inside), Lasts = At(0.5 + number % 40 * 0.001) },
        new Fault(Trouble.BreakConnections, At(8.1)) { Node = "A" },
        new Fault(Trouble.End, At(8.2)) { Node = "C" }));

    public static Scenario AClaimIsHeldBackOverAPauseOfItsJob { get; } = new("A claim is held back over a pause of its job", number =>
        OfEach(["tick"],
        new Fault(Trouble.LockJob, At(7.9)) { Lasts = At(0.5) },
        new Fault(Trouble.HoldStatement, At(7.5)) { Node = "A", Point = (Step.Claim, When.Inside), Lasts = At(0.6 + number % 40 * 0.005) },
        new Fault(Trouble.PauseJob, At(8.1)) { Node = "B", Lasts = At(5) }));

    public static Scenario ANodeIsStoppedAfterItsClaimAndLosesItsLifeLock { get; } = new(
        "A node is stopped after its claim and loses its life lock", number => OfEach(["short", "long"],
        new Fault(Trouble.Stop, At(32.9)) { Node = "A", Point = (Step.Claim, When.After), Lasts = At(2 + number % 40 * 0.1) },
        new Fault(Trouble.EndSession, At(33.5)) { Node = "A" }));

    public static Scenario ANodeIsStoppedAfterItsClaimForLongerThanALease { get; } = new(
        "A node is stopped after its claim for longer than a lease", number => OfEach(["short", "long"],
        new Fault(Trouble.Stop, At(8)) { Node = "A", Point = (Step.Claim, When.After), Lasts = At(22 + number % 40 * 0.1) }));

    public static Scenario ANodeGoesOnBesideTheNextAttempt { get; } = new("A node goes on beside the next attempt of its run", number =>
        OfEach(["again"],
        new Fault(Trouble.Stop, At(6.9)) { Node = "A", Point = (Step.Handler, When.Before), Lasts = At(15 + number % 80 * 0.05) }));

    public static Scenario AllNodesAreStoppedAndGoOn { get; } = new("All nodes that are active are stopped and go on", number =>
        OfEach(["short", "long"],
        new Fault(Trouble.StopAll, At(8 + number % 50 * 0.1)) { Lasts = At(20) }));

    public static IReadOnlyList<Scenario> All { get; } =
    [
        AClaimIsHeldBackAndItsNodeIsKilled, AClaimIsHeldBack, AClaimIsHeldBackOverAPauseOfAll, AClaimIsHeldBackOverAPauseOfItsJob,
        AClaimThatWasGivenUpComesAfterTheNextOne,
        AJobIsLockedForLongerThanALease, ASettlementIsHeldBack, ASettlerIsEndedWhileItsSettlementIsHeldBack,
        ANodeIsStoppedAfterItsClaimAndLosesItsLifeLock,
        ANodeIsStoppedAfterItsClaimForLongerThanALease, ANodeGoesOnBesideTheNextAttempt, AllNodesAreStoppedAndGoOn,
    ];

    /// <summary>Returns a plan with three nodes, all active.</summary>
    static Plan OfEach(string[] jobs, params Fault[] faults) => Three(jobs, faults) with { Actives = ActiveNodes.Each };
}
