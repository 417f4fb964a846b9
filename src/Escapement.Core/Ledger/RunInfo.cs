using Escapement.Jobs;
using Escapement.Ledger;

namespace Escapement;

/// <summary>A run as shown by <see cref="IScheduler"/> and REST: the record of a claimed fire time of a job, or of an
/// enqueued run.</summary>
public sealed class RunInfo
{
    /// <summary>The id.</summary>
    public required RunId Id { get; init; }

    /// <summary>The id of the job.</summary>
    public required JobId Job { get; init; }

    /// <summary>The fire time, with the offset of the trigger's time zone. For an enqueued run, the instant from which
    /// the run was due, in UTC.</summary>
    public required DateTimeOffset FireTime { get; init; }

    /// <summary>The cause: a fire time, a request, or a backfill.</summary>
    public required RunCause Cause { get; init; }

    /// <summary>Waiting, running or ended.</summary>
    public required RunState State { get; init; }

    /// <summary>The number of the last attempt, from 1, or 0 if the handler never started.</summary>
    public required int Attempt { get; init; }

    /// <summary>The claim time of the last attempt, or null for a run that was not claimed.</summary>
    public required DateTimeOffset? ClaimedAt { get; init; }

    /// <summary>The start of the last attempt's handler, or null if the handler never started or the run has not
    /// ended.</summary>
    public required DateTimeOffset? StartedAt { get; init; }

    /// <summary>The end of the last attempt, or null before the end.</summary>
    public required DateTimeOffset? FinishedAt { get; init; }

    /// <summary>The outcome, or null before the end.</summary>
    /// <remarks>A store written by a newer version may contain values without a name in
    /// <see cref="Ledger.Outcome"/>.</remarks>
    public required Outcome? Outcome { get; init; }

    /// <summary>The reason for the outcome, or null if the outcome needs no reason.</summary>
    /// <remarks>A store written by a newer version may contain values without a name in
    /// <see cref="Ledger.Reason"/>.</remarks>
    public required Reason? Reason { get; init; }

    /// <summary>The exception of the handler as text, or null.</summary>
    public required string? Error { get; init; }

    /// <summary>The id of the process that claimed the last attempt, as in <see cref="NodeInfo.Id"/>, or null if
    /// unknown.</summary>
    public required string? Node { get; init; }

    /// <summary>The epoch of the last claim, or null if unknown.</summary>
    public required long? Epoch { get; init; }

    /// <summary>Returns a stored run as shown to users.</summary>
    internal static RunInfo Of(Run run) => new()
    {
        Id = run.Id,
        Job = run.Job,
        FireTime = run.FireTime,
        Cause = run.Cause,
        State = run.State,
        Attempt = run.Attempt,
        ClaimedAt = run.ClaimedAt,
        StartedAt = run.StartedAt,
        FinishedAt = run.FinishedAt,
        Outcome = run.Outcome,
        Reason = run.Reason,
        Error = run.Error,
        Node = run.Node,
        Epoch = run.Epoch,
    };
}

/// <summary>A page of runs.</summary>
public sealed class RunInfoPage
{
    /// <summary>The runs, newest fire time first.</summary>
    public required IReadOnlyList<RunInfo> Runs { get; init; }

    /// <summary>The <see cref="RunQuery.Before"/> of the next page, or null for the last page.</summary>
    public required RunId? Next { get; init; }

    /// <summary>The fire time of the last run that was compared with the query. Null if the search reached the end, so that no
    /// older run matches.</summary>
    public required DateTimeOffset? LookedTo { get; init; }
}
