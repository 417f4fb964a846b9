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
public record struct ClaimUnit
{
    /// <summary>The job as read.</summary>
    public StoredJob Job { get; internal init; }

    /// <summary>The state as read.</summary>
    public JobState Before { get; internal init; }

    /// <summary>The state to write.</summary>
    public JobState After { get; internal set; }

    /// <summary>The minimum number of running runs for which the unit is valid.</summary>
    internal int MinRunning { get; set; }

    /// <summary>The maximum number of running runs for which the unit is valid.</summary>
    internal int MaxRunning { get; set; }

    /// <summary>The number of starting runs in the unit.</summary>
    internal int Starts { get; set; }

    /// <summary>True if fire times were decided, so that the watermark moves.</summary>
    public bool Moves { get; internal set; }

    /// <summary>True if the job's own pause has expired, which changes its marks.</summary>
    public bool PauseOver { get; internal set; }

    /// <summary>True if the trigger has no further fire time, which ends the job.</summary>
    internal readonly bool Exhausted => Moves && After.Next == JobState.Never;

    /// <summary>True if the marks of the job change, in addition to its state.</summary>
    public readonly bool Marks => PauseOver || Exhausted;

    /// <summary>Returns the job with its planned marks.</summary>
    /// <param name="now">The instant of the claim.</param>
    public readonly StoredJob Marked(DateTimeOffset now) => Job with
    {
        Paused = PauseOver ? null : Job.Paused,
        Ended = Exhausted ? JobEnd.Exhausted : Job.Ended,
        Version = Job.Version + 1,
        MarkedAt = now,
        State = After,
    };
}

/// <summary>A run to start.</summary>
/// <param name="Unit">The index of its job in <see cref="ClaimPlan.Units"/>.</param>
/// <param name="Id">The run.</param>
/// <param name="FireTime">The fire time, in the trigger's zone.</param>
/// <param name="Attempt">The number of the attempt.</param>
/// <param name="MisfireGraceFrom">The beginning of the misfire grace as measured by the executor, or null without a
/// misfire grace.</param>
/// <param name="Waited">The former waiting run, or null for a fire time.</param>
public readonly record struct PlannedRun(int Unit, RunId Id, DateTimeOffset FireTime, int Attempt, DateTimeOffset? MisfireGraceFrom,
    WaitingRun? Waited);

/// <summary>An entry to write.</summary>
/// <param name="Unit">The index of its job in <see cref="ClaimPlan.Units"/>.</param>
/// <param name="Entry">The entry.</param>
/// <param name="Replaces">The stored entry that is merged into the new entry, or null.</param>
public readonly record struct PlannedEntry(int Unit, Entry Entry, Entry? Replaces);

/// <summary>A fire time that becomes a waiting run.</summary>
/// <param name="Unit">The index of its job in <see cref="ClaimPlan.Units"/>.</param>
/// <param name="Run">The waiting run.</param>
public readonly record struct PlannedWait(int Unit, WaitingRun Run);

/// <summary>A due waiting run that does not start.</summary>
/// <param name="Unit">The index of its job in <see cref="ClaimPlan.Units"/>.</param>
/// <param name="Run">The waiting run.</param>
/// <param name="End">The end of the run, or null if the run is blocked until a run of its job ends.</param>
public readonly record struct PlannedFate(int Unit, WaitingRun Run, RunEnd? End);
