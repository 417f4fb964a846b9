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

    /// <summary>The later fire time into whose run the fire times merged, in microseconds since 1970-01-01 UTC, or
    /// null.</summary>
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

    /// <summary>A definition ends at an instant at which nobody changed the job.</summary>
    DefinitionEnd,

    /// <summary>A stored definition cannot be read.</summary>
    Unreadable,

    /// <summary>The end of an epoch differs from the last sign of life.</summary>
    EpochEnd,

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
sealed record Fault(JobLayers? Job, long At, FaultKind Kind, Epoch? Epoch = null, string? Text = null, long? Until = null);
