using Escapement.Jobs;

namespace Escapement.Simulation;

/// <summary>
/// Faults in a chosen order, for harm that random faults seldom find.
/// The seed orders the work of the nodes between faults.
/// </summary>
/// <param name="Name">The events as a sentence.</param>
/// <param name="Plan">Returns the plan for a seed's number.</param>
sealed record Scenario(string Name, Func<int, Plan> Plan)
{
    static readonly PlannedJob LongerThanTheLimit = new("endless", Every: 5, Handles: 60, new() { MisfireGrace = MisfireGrace.UntilNext });

    public static Scenario AStoppedNodeGoesOnRightBeforeItIsReplaced { get; } = new("A stopped node goes on right before it is replaced",
        _ => Three(["short", "long"],
        new Fault(Trouble.Stop, At(8)) { Node = "A", Point = (Step.Claim, When.After) },
        new Fault(Trouble.GoOn, At(20)) { Node = "A", PointOf = "B", Point = (Step.Raise, When.Before) }));

    public static Scenario AFencedNodeBecomesActiveAgain { get; } = new("A fenced node becomes active again", _ => Three(["short", "long"],
        new Fault(Trouble.Stop, At(8)) { Node = "A", Point = (Step.Claim, When.After), Lasts = At(22) },
        new Fault(Trouble.Stop, At(9)) { Node = "C" },
        new Fault(Trouble.Kill, At(40)) { Node = "B" }));

    public static Scenario ADrainLimitComes { get; } = new("A drain limit comes", number => Three([LongerThanTheLimit],
        new Fault(Trouble.End, At(12)) { Node = "A" }) with
    { Drain = TimeSpan.FromSeconds(20) });

    public static Scenario AllAreStoppedAndGoOn { get; } = new("All are stopped and go on", number => Three(["short", "long"],
        new Fault(Trouble.StopAll, At(8 + number % 50 * 0.1)) { Lasts = At(20) }));

    public static Scenario AReplacedNodeWithoutAStoreIsAskedToEnd { get; } = new("A replaced node without a store is asked to end", _ =>
        Three(["short", "long"],
        new Fault(Trouble.Stop, At(8)) { Node = "A", Point = (Step.Claim, When.After), Lasts = At(20) },
        new Fault(Trouble.CutOff, At(15)) { Node = "A", Lasts = At(20) },
        new Fault(Trouble.End, At(29.5)) { Node = "A" }) with
        { Drain = At(25) });

    public static Scenario AClockAheadOfATriggersEndIsSetRight { get; } = new("A clock ahead of a trigger's end is set right", number =>
        Three([Simulation.Plan.Ending, Simulation.Plan.Job("each")],
        new Fault(Trouble.MoveClock, At(20 + number % 50 * 0.1)) { Node = "A", By = At(120), Lasts = At(15) }));

    public static Scenario AClockIsSetForwardAtAHandlersFirstInstruction { get; } = new("A clock is set forward at a handler's first instruction",
        number => Three(["tick", "short"],
        new Fault(Trouble.MoveClock, At(20 + number % 50 * 0.1)) { Node = "A", By = At(105), Point = (Step.Handler, When.Before), Lasts = At(15) }));

    public static Scenario WhoLearnsOfAnEndCannotReachTheStore { get; } = new("Who learns of an end cannot reach the store", number =>
        Three(["short", "long"],
        new Fault(Trouble.Stop, At(8)) { Node = "A", Lasts = At(37) },
        new Fault(Trouble.CutOff, At(50 + number % 50 * 0.1)) { Node = "C", Lasts = At(60) },
        new Fault(Trouble.Kill, At(56)) { Node = "B" }));

    public static Scenario AHeartbeatForManyRunsIsAcceptedAndItsNodeIsStopped { get; } = new(
        "A heartbeat for many runs is accepted and its node is stopped", number => Three(["tick", "short", "long"],
        new Fault(Trouble.Outage, At(2.5)) { Lasts = At(15 + number % 50 * 0.1) },
        new Fault(Trouble.Stop, At(17)) { Node = "A", Point = (Step.Handler, When.Before), Lasts = At(25) }));

    public static Scenario ARunThatWasMissedAfterItsJitterIsMadeUp { get; } = new("A run that was missed after its jitter is made up",
        number => Three([Simulation.Plan.Delayed],
        new Fault(Trouble.Stop, At(12.1 + number % 30 * 0.1)) { Node = "A", Lasts = At(36) },
        new Fault(Trouble.Backfill, At(50)) { Node = "B" }));

    public static IReadOnlyList<Scenario> All { get; } =
    [
        AStoppedNodeGoesOnRightBeforeItIsReplaced, AFencedNodeBecomesActiveAgain, ADrainLimitComes, AllAreStoppedAndGoOn,
        AReplacedNodeWithoutAStoreIsAskedToEnd,
        AClockAheadOfATriggersEndIsSetRight, AClockIsSetForwardAtAHandlersFirstInstruction,
        WhoLearnsOfAnEndCannotReachTheStore, AHeartbeatForManyRunsIsAcceptedAndItsNodeIsStopped,
        ARunThatWasMissedAfterItsJitterIsMadeUp,
        .. ScenariosOfEach.All,
    ];

    /// <summary>Returns the scenario with a name.</summary>
    public static Scenario Of(string name) => All.FirstOrDefault(scenario => scenario.Name == name)
        ?? throw new FormatException(
            $"'{name}' is no scenario. The scenarios are: {string.Join("; ", All.Select(scenario => scenario.Name))}.");

    /// <summary>Runs the scenario in the order given by a number.</summary>
    public Verdict Run(int number, Without? without = null, bool traced = false) =>
        SimulationRun.Of($"{Name}, {number}", Plan(number), number, without, traced);

    /// <summary>Returns a plan with three nodes. Node A starts first.</summary>
    public static Plan Three(string[] jobs, params Fault[] faults) => Three([.. jobs.Select(Simulation.Plan.Job)], faults);

    public static Plan Three(PlannedJob[] jobs, params Fault[] faults) => new([TimeSpan.Zero, At(1), At(1)], jobs, faults);

    public static TimeSpan At(double seconds) => TimeSpan.FromSeconds(seconds);
}
