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
