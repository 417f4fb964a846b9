using Escapement.Jobs;

namespace Escapement.Ledger;

/// <summary>The state of a run.</summary>
public enum RunState
{
    /// <summary>Enqueued and not yet claimed.</summary>
    Waiting,

    /// <summary>Claimed.</summary>
    Running,

    /// <summary>Ended with an outcome.</summary>
    Ended,
}

/// <summary>The record of a claimed fire time of a job, or of an enqueued run.</summary>
public sealed record Run
{
    readonly bool isBackfill;

    /// <summary>The key of the run.</summary>
    public required RunId Id { get; init; }

    /// <summary>The job.</summary>
    public required JobId Job { get; init; }

    /// <summary>The fire time. For an enqueued run, the instant from which the run was due.</summary>
    public required DateTimeOffset FireTime { get; init; }

    /// <summary>The state of the run.</summary>
    public required RunState State { get; init; }

    /// <summary>The number of the last attempt, from 1, or 0 if the run never started.</summary>
    public int Attempt { get; init; }

    /// <summary>The cause of the run. Of the values, only <see cref="RunCause.Backfill"/> is stored. The other values follow
    /// from the number of the run.</summary>
    public RunCause Cause
    {
        get => isBackfill ? RunCause.Backfill : Id.Number == 0 ? RunCause.FireTime : RunCause.Enqueued;
        init => isBackfill = value == RunCause.Backfill;
    }

    /// <summary>The claim time of the last attempt, or null for a run that was not claimed.</summary>
    public DateTimeOffset? ClaimedAt { get; init; }

    /// <summary>The run's own arguments, or null for the job's arguments. Read only for a query by id.</summary>
    public JobArguments? Arguments { get; init; }

    /// <summary>The attempts before the last attempt, oldest first. Read only for a query by id.</summary>
    public IReadOnlyList<Attempt> Attempts { get; init; } = [];

    /// <summary>The start of the last attempt's handler, or null if the handler did not start.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>The end of the run, or null before the end.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>How the run ended, or null before the end.</summary>
    public Outcome? Outcome { get; init; }

    /// <summary>The reason for the outcome, or null if the outcome needs no reason.</summary>
    public Reason? Reason { get; init; }

    /// <summary>The handler's exception as text, or null.</summary>
    public string? Error { get; init; }

    /// <summary>The id of the claiming node, or null for a run that was not claimed.</summary>
    public string? Node { get; init; }

    /// <summary>The epoch of the claim, or null for a run that was not claimed.</summary>
    public long? Epoch { get; init; }

    /// <summary>The fencing token of the claim, or null for a run that was not claimed.</summary>
    public long? Token { get; init; }
}

/// <summary>An earlier attempt of a run.</summary>
public sealed class Attempt
{
    /// <summary>The number, from 1.</summary>
    public required int Number { get; init; }

    /// <summary>The id of the claiming node.</summary>
    public string? Node { get; init; }

    /// <summary>The epoch of the claim.</summary>
    public required long Epoch { get; init; }

    /// <summary>The start of the handler, or null if the handler did not start.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>The end of the attempt.</summary>
    public required DateTimeOffset FinishedAt { get; init; }

    /// <summary>How the attempt ended.</summary>
    public required Outcome Outcome { get; init; }

    /// <summary>The reason for the outcome, or null if the outcome needs no reason.</summary>
    public Reason? Reason { get; init; }

    /// <summary>The handler's exception as text, or null.</summary>
    public string? Error { get; init; }
}
