using Escapement.Jobs;

namespace Escapement;

/// <summary>A run that makes up for a fire time.</summary>
public sealed record BackfillRun
{
    /// <summary>The fire time, with the offset of the trigger's time zone.</summary>
    public required DateTimeOffset FireTime { get; init; }

    /// <summary>The id of the run. A dry run gives the id that the run would have.</summary>
    public required RunId Id { get; init; }
}

/// <summary>The result of <see cref="IScheduler.BackfillAsync"/>.</summary>
public sealed record BackfillResult
{
    /// <summary>The maximum number of fire times of a backfill.</summary>
    public const int MaxRuns = 10_000;

    /// <summary>The job.</summary>
    public required JobId Job { get; init; }

    /// <summary>The inclusive beginning of the span. Later than requested if the history deleted runs of the requested span: fire
    /// times before this instant count as run.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>The exclusive end of the span. Earlier than requested if the requested end lies in the future.</summary>
    public required DateTimeOffset To { get; init; }

    /// <summary>True if nothing was changed.</summary>
    public required bool IsDryRun { get; init; }

    /// <summary>The fire times with their runs, oldest first.</summary>
    public required IReadOnlyList<BackfillRun> Runs { get; init; }

    /// <summary>The number of fire times that were left out, because the fire times ran, run or wait meanwhile.</summary>
    public required int AlreadyRun { get; init; }

    /// <summary>The number of fire times that were left out because no claim has decided them: their pause lasts, or no
    /// process is active. Such fire times may still run.</summary>
    public required long Undecided { get; init; }
}
