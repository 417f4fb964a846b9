using Escapement.Jobs;
using Escapement.Ledger;

namespace Escapement.Rules;

/// <summary>The result of passing a job or waiting run to a <see cref="ClaimPlan"/>.</summary>
public enum Taken
{
    /// <summary>The item is in the plan.</summary>
    Yes,

    /// <summary>This node cannot run the item, or the item was set aside. The store continues with the next
    /// item.</summary>
    No,

    /// <summary>The store must first read the runs of <see cref="ClaimPlan.Lookups"/>, and pass the job
    /// again.</summary>
    ReadRan,
}

/// <summary>The changes of a claim to a single job, written as a whole or not at all.</summary>
public struct ClaimUnit
{
    /// <summary>The job as read.</summary>
    public StoredJob Job { get; internal init; }

    /// <summary>The state as read.</summary>
    public JobState Before { get; internal init; }

    /// <summary>The state to write.</summary>
    public JobState After { get; internal set; }

    /// <summary>The minimum number of running runs for which the unit is valid.</summary>
    public int MinRunning { get; internal set; }

    /// <summary>The maximum number of running runs for which the unit is valid.</summary>
    public int MaxRunning { get; internal set; }

    /// <summary>The number of starting runs in the unit.</summary>
    public int Starts { get; internal set; }

    /// <summary>True if fire times were decided, so that the watermark moves.</summary>
    public bool Moves { get; internal set; }

    /// <summary>True if the job's own pause has expired, which changes its marks.</summary>
    public bool PauseOver { get; internal set; }

    /// <summary>The pause of the job's tag or executor that follows the expired pause, or null.</summary>
    public PauseRecord? Follows { get; internal set; }

    /// <summary>True if the job's pause after failures is over, so that the count of failures begins at 0.</summary>
    public readonly bool ResetsFailures => PauseOver && Job.Paused is { AfterFailures: not null };

    /// <summary>True if the trigger has no further fire time, which ends the job.</summary>
    internal readonly bool Exhausted => Moves && After.Next == JobState.Never;

    /// <summary>True if the marks of the job change, in addition to its state.</summary>
    public readonly bool Marks => PauseOver || Exhausted;

    /// <summary>Returns the job with its planned marks.</summary>
    /// <param name="now">The instant of the claim.</param>
    public readonly StoredJob Marked(DateTimeOffset now) => Job with
    {
        Paused = PauseOver ? Follows : Job.Paused,
        Failures = ResetsFailures ? 0 : Job.Failures,
        Ended = Exhausted ? JobEnd.Exhausted : Job.Ended,
        Version = Job.Version + 1,
        MarkedAt = now,
        State = After,
    };
}

/// <summary>A run to start.</summary>
public readonly struct PlannedRun
{
    internal PlannedRun(int unit, RunId id, DateTimeOffset fireTime, int attempt, DateTimeOffset? misfireGraceFrom, WaitingRun? waited) =>
        (Unit, Id, FireTime, Attempt, MisfireGraceFrom, Waited) = (unit, id, fireTime, attempt, misfireGraceFrom, waited);

    /// <summary>The index of its job in <see cref="ClaimPlan.Units"/>.</summary>
    public int Unit { get; }

    /// <summary>The run.</summary>
    public RunId Id { get; }

    /// <summary>The fire time, in the trigger's zone.</summary>
    public DateTimeOffset FireTime { get; }

    /// <summary>The number of the attempt.</summary>
    public int Attempt { get; }

    /// <summary>The beginning of the misfire grace as measured by the executor, or null without a misfire
    /// grace.</summary>
    public DateTimeOffset? MisfireGraceFrom { get; }

    /// <summary>The former waiting run, or null for a fire time.</summary>
    public WaitingRun? Waited { get; }

    /// <summary>The cause of the run.</summary>
    public RunCause Cause => Waited?.Cause ?? RunCause.FireTime;
}
