using Escapement.Jobs;

namespace Escapement.Ledger;

/// <summary>Successive fire times without a run, with the records that explain why.</summary>
sealed record NotRun
{
    public required JobLayers Job { get; init; }

    /// <summary>The first fire time, in microseconds since 1970-01-01 UTC.</summary>
    public required long First { get; init; }

    /// <summary>The last fire time, in microseconds since 1970-01-01 UTC.</summary>
    public required long Last { get; init; }

    public required long Count { get; init; }

    public required Reason Reason { get; init; }

    /// <summary>False if no claim has decided the fire times.</summary>
    public bool IsDecided { get; init; } = true;

    /// <summary>The definition that accounts for the fire times, or null.</summary>
    public Job? Definition { get; init; }

    public Entry? Entry { get; init; }

    public JobAction? Action { get; init; }

    /// <summary>The run that never began, or null.</summary>
    public Run? Run { get; init; }

    public ScopedPause? Pause { get; init; }

    /// <summary>The stretch without an active node, or null.</summary>
    public Gap? Gap { get; init; }

    /// <summary>The instant from which the active nodes could have claimed the fire times, for <see cref="Reason.NotClaimed"/>,
    /// or null.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>The fire time of another run in the cause, in microseconds since 1970-01-01 UTC, or null: the later run into
    /// which the fire times merged, or the earlier run that may have been going on.</summary>
    public long? Into { get; init; }

    public ItemKind Kind => ReasonText.KindOf(Reason);

    /// <summary>Returns both stretches as one, or null if their causes differ.</summary>
    public NotRun? TryJoin(NotRun next) =>
        (Reason, IsDecided, Entry, Action, Run?.Reason, Pause?.Pause, Gap) ==
            (next.Reason, next.IsDecided, next.Entry, next.Action, next.Run?.Reason, next.Pause?.Pause, next.Gap)
            ? this with { Last = next.Last, Count = Count + next.Count, Into = next.Into ?? Into }
            : null;
}

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
