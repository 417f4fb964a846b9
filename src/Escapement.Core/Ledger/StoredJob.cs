using Escapement.Jobs;

namespace Escapement.Ledger;

/// <summary>Why a definition is kept though it no longer fires. The values are stored and never change.</summary>
public enum JobEnd
{
    /// <summary>Its trigger yields no further fire time.</summary>
    Exhausted = 1,

    /// <summary>Removed over REST or by the program; stays so until its declaration changes.</summary>
    Removed = 2,

    /// <summary>No living node declares it any more.</summary>
    Retired = 3,

    /// <summary>A setting switches it off.</summary>
    SwitchedOff = 4,
}

/// <summary>A job with its state, as a store keeps it.</summary>
public sealed record StoredJob
{
    /// <summary>The definition.</summary>
    public required Job Job { get; init; }

    /// <summary>The job's number in its store; the same for one id for all time. 0 before it is stored.</summary>
    public long Number { get; init; }

    /// <summary>Grows with each change of definition or marks; guards changes.</summary>
    public long Version { get; init; }

    /// <summary>The watermark: the first fire time whose fate is not yet written; null when there is none.</summary>
    public DateTimeOffset? Next { get; init; }

    /// <summary>The latest fire time that was ever claimed; one later than it is new by that alone.</summary>
    public DateTimeOffset? LastFireTime { get; init; }

    /// <summary>The pause of this job, if there is one. The watermark stays.</summary>
    public PauseMark? Paused { get; init; }

    /// <summary>Why it no longer fires, if so; such a job is not listed.</summary>
    public JobEnd? Ended { get; init; }

    /// <summary>How many of its runs are claimed and have no outcome yet.</summary>
    public int Running { get; init; }

    /// <summary>The next fire time as clients see it: none while the job is paused.</summary>
    public DateTimeOffset? ShownNext => Paused is null && Ended is null ? Next : null;
}
