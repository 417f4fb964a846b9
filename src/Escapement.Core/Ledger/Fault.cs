namespace Escapement.Ledger;

/// <summary>The kind of a contradiction between the records of the ledger.</summary>
enum FaultKind
{
    /// <summary>A decided fire time has neither a run nor a record.</summary>
    NoRecord,

    /// <summary>A stretch has decided fire times with neither a run nor a record, and too many runs to name the fire
    /// times.</summary>
    NoRecordWithin,

    /// <summary>A run has a fire time that no definition yields.</summary>
    NotExpected,

    /// <summary>An entry begins or ends at an instant that is no fire time.</summary>
    EntryBorder,

    /// <summary>An entry says that no node was active, and an epoch covers the fire time.</summary>
    EntryWhileActive,

    /// <summary>An entry gives a reason that the misfire grace of the job excludes.</summary>
    EntryOverGrace,

    /// <summary>An entry says that fire times merged, and the job does not merge fire times.</summary>
    EntryMerged,

    /// <summary>An entry says that the maximum of runs was reached, and the job has no maximum.</summary>
    EntryOverMaximum,

    /// <summary>An entry says that a pause lasted, and no such pause is recorded.</summary>
    EntryWithoutPause,

    /// <summary>An entry says that the scheduler was shut down, and no shutdown is recorded.</summary>
    EntryWithoutShutDown,

    /// <summary>A definition ends at an instant at which nobody changed the job.</summary>
    DefinitionEnd,

    /// <summary>A definition goes on after a later definition began or the job was removed.</summary>
    DefinitionOpen,

    /// <summary>A row has a value that no process writes.</summary>
    Value,

    /// <summary>The next fire time is earlier than fire times that were decided.</summary>
    Watermark,

    /// <summary>A stored definition cannot be read.</summary>
    Unreadable,

    /// <summary>The end of an epoch differs from the last sign of life.</summary>
    EpochEnd,

    /// <summary>A run was claimed in an epoch that is not recorded.</summary>
    EpochUnknown,

    /// <summary>A run was claimed before the beginning of its epoch.</summary>
    ClaimBeforeBegin,

    /// <summary>A run was claimed after the end of its epoch.</summary>
    ClaimAfterEnd,
}

/// <summary>A contradiction between the records of the ledger.</summary>
/// <param name="Job">The job, or null for a contradiction of an epoch.</param>
/// <param name="At">The fire time, in microseconds since 1970-01-01 UTC. For an epoch, its end.</param>
/// <param name="Kind">The kind.</param>
/// <param name="Epoch">The epoch, or null.</param>
/// <param name="Text">Further text for the sentence, or null.</param>
/// <param name="Until">A further instant for the sentence, in microseconds since 1970-01-01 UTC, or null.</param>
sealed record Fault(JobLayers? Job, long At, FaultKind Kind, Epoch? Epoch = null, string? Text = null, long? Until = null)
{
    /// <summary>The allowed values of <see cref="FaultKind.Value"/>, or null.</summary>
    public string? Allowed { get; init; }

    /// <summary>The number of further fire times of the same contradiction.</summary>
    public long More { get; init; }

    /// <summary>The last fire time of the contradiction, in microseconds since 1970-01-01 UTC, or null for a single fire
    /// time.</summary>
    public long? Last { get; init; }
}
