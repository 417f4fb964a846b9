using Escapement.Jobs;

namespace Escapement.Ledger;

/// <summary>How a job ended. An ended job is kept and does not fire.</summary>
public enum JobEnd
{
    /// <summary>The trigger has no further fire time.</summary>
    Exhausted = 1,

    /// <summary>The job was removed over REST or by the program, and remains removed until its declaration
    /// changes.</summary>
    Removed = 2,

    /// <summary>No living node declares the job.</summary>
    Retired = 3,

    /// <summary>A setting switches the job off.</summary>
    SwitchedOff = 4,
}

/// <summary>A stored job: the definition and the marks, changed by edits, and the state, changed by claims.</summary>
public sealed record StoredJob
{
    /// <summary>The definition.</summary>
    public required Job Job { get; init; }

    /// <summary>The job's number in its store, which never changes for an id. 0 before the job is stored.</summary>
    public long Number { get; init; }

    /// <summary>Grows with each change of definition or marks. Used for optimistic concurrency.</summary>
    public long Version { get; init; }

    /// <summary>The pause of this job, or null. The watermark is kept during a pause.</summary>
    public PauseRecord? Paused { get; init; }

    /// <summary>How the job ended, or null for a living job. An ended job is not listed.</summary>
    public JobEnd? Ended { get; init; }

    /// <summary>The time of the last change of the definition or the marks, by the store's clock.</summary>
    public DateTimeOffset MarkedAt { get; init; }

    /// <summary>Fire times before this instant, up to the last claimed fire time, count as run, because their runs were
    /// trimmed. Null if no run was trimmed.</summary>
    public DateTimeOffset? TrimmedBefore { get; init; }

    /// <summary>The number of failures in a row since the last success or resume, 0 or more. Counted only for a job with
    /// <see cref="JobOptions.PauseAfterFailures"/>.</summary>
    public int Failures { get; init; }

    /// <summary>The state changed by claims and ends of runs.</summary>
    public JobState State { get; init; } = JobState.None;

    /// <summary>The watermark: the first undecided fire time, or null if there is none.</summary>
    public DateTimeOffset? Next => State.NextFireTime;

    /// <summary>The latest fire time ever claimed, or null. A later fire time is certain not to have run.</summary>
    public DateTimeOffset? LastFireTime => State.LastFireTime;

    /// <summary>The number of claimed runs without an outcome.</summary>
    public int Running => State.Running;

    /// <summary>The next time at which a claim must process the job: its watermark, or the end of its pause. Null for
    /// never.</summary>
    public DateTimeOffset? DueAt => Ended is not null || Next is null ? null : Paused is { } pause ? pause.Until : Next;

    /// <summary>The next fire time as shown to clients, or null for a paused, ended or unreadable job.</summary>
    public DateTimeOffset? ShownNext => Paused is null && Ended is null && Job.Error is null ? Next : null;
}
