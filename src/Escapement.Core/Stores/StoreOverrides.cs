using Escapement.Ledger;
using Escapement.Rules;

namespace Escapement.Stores;

/// <summary>Judges whether a unit of a claim holds against its job's row as it is locked.</summary>
/// <param name="unit">The unit.</param>
/// <param name="now">The row.</param>
/// <param name="counted">How many runs of the job the statement's snapshot shows: old, where the statement has waited.</param>
delegate bool UnitJudge(in ClaimUnit unit, StoredJob now, int counted);

/// <summary>The rules of a store in which every node is active, which tests take away one at a time, to see that the harm which each prevents is found. All hold in every program.</summary>
sealed record StoreOverrides
{
    /// <summary>Whether a claim asks for its epoch.</summary>
    public bool ClaimChecksEpoch { get; init; } = true;

    /// <summary>Whether a claim locks the row of its epoch, and does not believe its snapshot.</summary>
    public bool ClaimLocksEpoch { get; init; } = true;

    /// <summary>Whether a claim is refused whose number is not above the last one's.</summary>
    public bool ClaimNumbersGrow { get; init; } = true;

    /// <summary>Whether a claim is refused that was planned before a pause of all jobs.</summary>
    public bool ClaimSeesPauses { get; init; } = true;

    /// <summary>Whether a claim leaves out what another transaction has locked, and does not wait for it while it holds its epoch.</summary>
    public bool ClaimSkipsLocked { get; init; } = true;

    /// <summary>For how long a plan may be written after its read.</summary>
    public TimeSpan PlanLasts { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>When a unit of a claim holds.</summary>
    public UnitJudge Holds { get; init; } = static (in unit, now, _) =>
        now.State.Change == unit.Before.Change && now.Running >= unit.MinRunning && now.Running <= unit.MaxRunning;

    /// <summary>Whether an edit moves what claims compare.</summary>
    public bool EditsMoveChange { get; init; } = true;

    /// <summary>Whether an epoch is ended only as it was seen.</summary>
    public bool SettlerComparesHeartbeat { get; init; } = true;

    /// <summary>Whether a node ends the epochs of others only while its own goes on.</summary>
    public bool SettlerMustLive { get; init; } = true;

    /// <summary>Whether a report is about the attempt that runs.</summary>
    public Func<OpenRun, Finished, bool> Takes { get; init; } = RunEnds.Takes;
}
