using Escapement.Ledger;
using Escapement.Rules;

namespace Escapement.Stores;

/// <summary>Decides whether a unit of a claim is valid against its job's locked row.</summary>
/// <param name="unit">The unit.</param>
/// <param name="now">The row.</param>
/// <param name="counted">The number of running runs of the job in the statement's snapshot, which may be old if the
/// statement has waited.</param>
delegate bool UnitJudge(in ClaimUnit unit, StoredJob now, int counted);

/// <summary>The protocol rules of a store in which every node is active. Tests disable single rules to show that the
/// harm prevented by each rule is detected. All rules apply in every program.</summary>
sealed record StoreOverrides
{
    /// <summary>True if a claim checks its epoch.</summary>
    public bool ClaimChecksEpoch { get; init; } = true;

    /// <summary>True if a claim locks the row of its epoch instead of trusting its snapshot.</summary>
    public bool ClaimLocksEpoch { get; init; } = true;

    /// <summary>True if a claim is rejected unless its number is above the number of the last claim.</summary>
    public bool ClaimNumbersGrow { get; init; } = true;

    /// <summary>True if a claim is rejected that was planned before a pause of all jobs.</summary>
    public bool ClaimSeesPauses { get; init; } = true;

    /// <summary>True if a claim skips jobs locked by another transaction, instead of waiting with its epoch
    /// locked.</summary>
    public bool ClaimSkipsLocked { get; init; } = true;

    /// <summary>The maximum time between the read of a plan and its write.</summary>
    public TimeSpan PlanLasts { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Decides whether a unit of a claim is valid.</summary>
    public UnitJudge Holds { get; init; } = static (in unit, now, _) =>
        now.State.Change == unit.Before.Change && now.Running >= unit.MinRunning && now.Running <= unit.MaxRunning;

    /// <summary>True if an edit increments the change counter compared by claims.</summary>
    public bool EditsMoveChange { get; init; } = true;

    /// <summary>True if an epoch is ended only in the state in which it was seen.</summary>
    public bool SettlerComparesHeartbeat { get; init; } = true;

    /// <summary>True if a node ends other epochs only while its own epoch is alive.</summary>
    public bool SettlerMustLive { get; init; } = true;

    /// <summary>Decides whether a report concerns the running attempt.</summary>
    public Func<OpenRun, Finished, bool> Takes { get; init; } = RunEnds.Takes;
}
