using Escapement.Jobs;
using Escapement.Ledger;

namespace Escapement;

/// <summary>A run as <see cref="IScheduler"/> and REST show the run: the record of one claimed fire time of one job, or of one run on request.</summary>
public sealed record RunInfo
{
    /// <summary>The id.</summary>
    public required RunId Id { get; init; }

    /// <summary>The id of the job.</summary>
    public required JobId Job { get; init; }

    /// <summary>The fire time, with the offset of the trigger's time zone; for a run on request the instant from which the run was due, in UTC.</summary>
    public required DateTimeOffset FireTime { get; init; }

    /// <summary>Waiting, running or ended.</summary>
    public required RunState State { get; init; }

    /// <summary>The number of the last attempt: 1 for the first start of the handler; 0 when the handler never began.</summary>
    public required int Attempt { get; init; }

    /// <summary>When the last attempt was claimed; null while the run waits, and when no attempt was claimed.</summary>
    public required DateTimeOffset? ClaimedAt { get; init; }

    /// <summary>When the handler of the last attempt began; null when it never began, and while the run goes on.</summary>
    public required DateTimeOffset? StartedAt { get; init; }

    /// <summary>When the last attempt ended; null before the end.</summary>
    public required DateTimeOffset? FinishedAt { get; init; }

    /// <summary>The outcome; null before the end.</summary>
    /// <remarks>A store that a newer version wrote may hold values without a name in <see cref="Ledger.Outcome"/>.</remarks>
    public required Outcome? Outcome { get; init; }

    /// <summary>Why the run ended so, where the outcome alone does not tell; null otherwise.</summary>
    /// <remarks>A store that a newer version wrote may hold values without a name in <see cref="Ledger.Reason"/>.</remarks>
    public required Reason? Reason { get; init; }

    /// <summary>The exception of the handler as text for people; null when the handler threw none.</summary>
    public required string? Error { get; init; }

    /// <summary>The id of the process that claimed the last attempt, as in <see cref="NodeInfo.Id"/>; null when no process is known.</summary>
    public required string? Node { get; init; }

    /// <summary>The epoch of the last claim; null when no epoch is known.</summary>
    public required long? Epoch { get; init; }
}

/// <summary>A page of runs.</summary>
public sealed record RunInfoPage
{
    /// <summary>The runs, newest fire time first.</summary>
    public required IReadOnlyList<RunInfo> Runs { get; init; }

    /// <summary>The <see cref="RunQuery.Before"/> of the next page; null when no older run remains.</summary>
    public required RunId? Next { get; init; }
}
