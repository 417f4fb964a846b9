using Escapement.Jobs;

namespace Escapement.Ledger;

/// <summary>How a job ended: it is kept, and fires no more.</summary>
public enum JobEnd
{
    /// <summary>Its trigger yields no further fire time.</summary>
    Exhausted = 1,

    /// <summary>Removed over REST or by the program; stays so until its declaration changes.</summary>
    Removed = 2,

    /// <summary>No living node declares it.</summary>
    Retired = 3,

    /// <summary>A setting switches it off.</summary>
    SwitchedOff = 4,
}

/// <summary>A job in a store: the definition and the marks, which edits change, and the state, which claims change.</summary>
public sealed record StoredJob
{
    /// <summary>The definition.</summary>
    public required Job Job { get; init; }

    /// <summary>The job's number in its store; the same for one id for all time. 0 before it is stored.</summary>
    public long Number { get; init; }

    /// <summary>Grows with each change of definition or marks; guards changes.</summary>
    public long Version { get; init; }

    /// <summary>The pause of this job; null when it is not paused. The watermark stays.</summary>
    public PauseRecord? Paused { get; init; }

    /// <summary>Why the job no longer fires; null while it does. An ended job is not listed.</summary>
    public JobEnd? Ended { get; init; }

    /// <summary>When the definition or the marks last changed, by the store's clock.</summary>
    public DateTimeOffset MarkedAt { get; init; }

    /// <summary>Fire times before this instant that are not later than the last claimed one count as run: their runs were trimmed. Null when none were.</summary>
    public DateTimeOffset? TrimmedBefore { get; init; }

    /// <summary>What claims and the ends of runs change.</summary>
    public JobState State { get; init; } = JobState.None;

    /// <summary>The watermark: the first fire time whose fate is not written yet; null when there is none.</summary>
    public DateTimeOffset? Next => State.NextFireTime;

    /// <summary>The latest fire time that was ever claimed; one later than it is new by that alone.</summary>
    public DateTimeOffset? LastFireTime => State.LastFireTime;

    /// <summary>How many of its runs are claimed and have no outcome yet.</summary>
    public int Running => State.Running;

    /// <summary>When a claim must look at the job: at its watermark, or at the end of its pause; null for never.</summary>
    public DateTimeOffset? DueAt => Ended is not null || Next is null ? null : Paused is { } pause ? pause.Until : Next;

    /// <summary>The next fire time as clients see it: none while the job is paused.</summary>
    public DateTimeOffset? ShownNext => Paused is null && Ended is null ? Next : null;
}
