using Escapement.Jobs;

namespace Escapement.Ledger;

/// <summary>The kind of a change to a job or to the scheduler.</summary>
public enum ActionKind
{
    /// <summary>The job was added, or replaced a job with the same id.</summary>
    Added = 1,

    /// <summary>The definition or the next fire time was changed.</summary>
    Changed = 2,

    /// <summary>The job was paused. A second pause ends the pause before it.</summary>
    Paused = 3,

    /// <summary>The pause was ended.</summary>
    Resumed = 4,

    /// <summary>The job was removed.</summary>
    Removed = 5,

    /// <summary>A new or changed declaration of the program or its settings took effect.</summary>
    Declared = 6,

    /// <summary>No living node declares the job.</summary>
    Retired = 7,

    /// <summary>A setting switched the job off.</summary>
    SwitchedOff = 8,

    /// <summary>The wall clock was set back, so the next fire time was recomputed.</summary>
    ClockWentBack = 9,

    /// <summary>A single fire time was skipped by request.</summary>
    SkippedNext = 10,

    /// <summary>The job paused itself after failures in a row.</summary>
    PausedAfterFailures = 11,

    /// <summary>A run was requested. Recorded only for a request with an author.</summary>
    RunRequested = 12,

    /// <summary>Fire times that did not run were made up. A single action for a backfill, however many runs it has.</summary>
    Backfilled = 13,

    /// <summary>The whole scheduler was paused. A second pause ends the pause before it.</summary>
    SchedulerPaused = 20,

    /// <summary>The pause of the whole scheduler was ended.</summary>
    SchedulerResumed = 21,

    /// <summary>The scheduler was shut down.</summary>
    SchedulerShutDown = 22,

    /// <summary>A scheduler that was shut down was started.</summary>
    SchedulerStarted = 23,

    /// <summary>A tag or an executor was paused. A second pause ends the pause before it.</summary>
    ScopePaused = 24,

    /// <summary>The pause of a tag or an executor was ended.</summary>
    ScopeResumed = 25,
}

/// <summary>A recorded change of a job or of the scheduler: its author, its kind, and how far the watermark
/// moved.</summary>
/// <remarks>
/// An edit writes an action and no entry. An action that moves the watermark forward accounts for the skipped fire
/// times. An action
/// that moves the watermark back makes the fire times from <see cref="To"/> on due again, so that older entries do not
/// cover these times.
/// </remarks>
public sealed record JobAction
{
    /// <summary>The number in the store, which grows with each action.</summary>
    public long Number { get; init; }

    /// <summary>The time of the action, by the store's clock.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The kind of the action.</summary>
    public required ActionKind Kind { get; init; }

    /// <summary>The job, or null for an action on the whole scheduler, a tag or an executor.</summary>
    public JobId? Job { get; init; }

    /// <summary>A tag or an executor that was paused or resumed. With <see cref="Job"/>, the job was paused or resumed with
    /// its tag or executor. Null for any other action.</summary>
    public PauseScope? Scope { get; init; }

    /// <summary>The tag or the executor of <see cref="Scope"/>, or null without a scope.</summary>
    public string? ScopeName { get; init; }

    /// <summary>The job's change counter after the action, or 0 for an action on the whole scheduler.</summary>
    public long Change { get; init; }

    /// <summary>The version of the job's definition and marks after the action.</summary>
    public long Version { get; init; }

    /// <summary>The watermark before the action, or null if there was none.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>The watermark after the action, or null if there is none.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>The author, or null if not given.</summary>
    public string? By { get; init; }

    /// <summary>The author's explanation, or null if not given.</summary>
    public string? Why { get; init; }

    /// <summary>Where the change came from, such as <c>process 4711 on web-1</c>, or null if unknown.</summary>
    public string? Origin { get; init; }

    /// <summary>The end of a pause, or null for an indefinite pause.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>The fields of the old definition that differ from the new definition, as a JSON object with the names and
    /// values of REST, such as <c>func</c> and <c>misfire_grace_time</c>. Null if the definition did not change, and for a new
    /// job.</summary>
    public string? Before { get; init; }

    /// <summary>The fields of the new definition that differ from the old definition, as for <see cref="Before"/>, with all
    /// fields for a new job. Null if the definition did not change.</summary>
    public string? After { get; init; }
}
