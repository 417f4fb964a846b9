using Escapement.Jobs;
using Escapement.Ledger;

namespace Escapement.Rules;

/// <summary>What became of a job or waiting run that a store handed to a <see cref="ClaimPlan"/>.</summary>
public enum Taken
{
    /// <summary>It is in the plan.</summary>
    Yes,

    /// <summary>This node cannot run it, or it was set aside: the store reads past it.</summary>
    No,

    /// <summary>The store must first read which of <see cref="ClaimPlan.Lookups"/> ran, and hand the job in again.</summary>
    ReadRan,
}

/// <summary>All that a claim changes of one job: it holds as a whole, or not at all.</summary>
public record struct ClaimUnit
{
    /// <summary>The job as it was read.</summary>
    public StoredJob Job { get; init; }

    /// <summary>The state as it was read.</summary>
    public JobState Before { get; init; }

    /// <summary>The state to be written.</summary>
    public JobState After { get; set; }

    /// <summary>The least number of running runs for which the unit is right.</summary>
    public int MinRunning { get; set; }

    /// <summary>The largest number of running runs for which the unit is right.</summary>
    public int MaxRunning { get; set; }

    /// <summary>How many runs of the unit start.</summary>
    public int Starts { get; set; }

    /// <summary>Whether fire times were decided, so that the watermark moves.</summary>
    public bool Moves { get; set; }

    /// <summary>Whether the job's own pause is over, which is a change of its marks.</summary>
    public bool PauseOver { get; set; }

    /// <summary>Whether the trigger yields nothing more, which ends the job.</summary>
    public readonly bool Exhausted => Moves && After.Next == JobState.Never;

    /// <summary>Whether the marks of the job change, and not its state alone.</summary>
    public readonly bool Marks => PauseOver || Exhausted;

    /// <summary>Returns the job with the marks that the plan gives it.</summary>
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

/// <summary>A run that a plan starts.</summary>
/// <param name="Unit">The place of its job in <see cref="ClaimPlan.Units"/>.</param>
/// <param name="Id">The run.</param>
/// <param name="FireTime">The instant for which it runs, in the trigger's zone.</param>
/// <param name="Attempt">The number of the attempt.</param>
/// <param name="MisfireGraceFrom">From when on the executor counts the job's grace; null where there is none.</param>
/// <param name="Waited">The waiting run that it was; null for a fire time.</param>
public readonly record struct PlannedRun(int Unit, RunId Id, DateTimeOffset FireTime, int Attempt, DateTimeOffset? MisfireGraceFrom,
    WaitingRun? Waited);

/// <summary>An entry that a plan writes.</summary>
/// <param name="Unit">The place of its job in <see cref="ClaimPlan.Units"/>.</param>
/// <param name="Entry">The entry.</param>
/// <param name="Replaces">The entry that it takes the place of, because both are one stretch.</param>
public readonly record struct PlannedEntry(int Unit, Entry Entry, Entry? Replaces);

/// <summary>A fire time that becomes a waiting run.</summary>
/// <param name="Unit">The place of its job in <see cref="ClaimPlan.Units"/>.</param>
/// <param name="Run">The waiting run.</param>
public readonly record struct PlannedWait(int Unit, WaitingRun Run);

/// <summary>What becomes of a due waiting run that does not start.</summary>
/// <param name="Unit">The place of its job in <see cref="ClaimPlan.Units"/>.</param>
/// <param name="Run">The waiting run.</param>
/// <param name="End">How it ends; null where it is blocked until a run of its job ends.</param>
public readonly record struct PlannedFate(int Unit, WaitingRun Run, RunEnd? End);
