using Escapement.Jobs;

namespace Escapement.Ledger;

/// <summary>Where a run is.</summary>
public enum RunState
{
    /// <summary>Asked for and not yet claimed.</summary>
    Waiting,

    /// <summary>Claimed.</summary>
    Running,

    /// <summary>It has an outcome.</summary>
    Ended,
}

/// <summary>The one record of one claimed fire time of one job, or of one run that was asked for.</summary>
public sealed record Run
{
    /// <summary>Names it.</summary>
    public required RunId Id { get; init; }

    /// <summary>Whose run.</summary>
    public required JobId Job { get; init; }

    /// <summary>The instant for which it runs; for an asked-for run the instant from which it was due.</summary>
    public required DateTimeOffset FireTime { get; init; }

    /// <summary>Where it is.</summary>
    public required RunState State { get; init; }

    /// <summary>1 for the first start of the handler; 0 while it never began.</summary>
    public int Attempt { get; init; }

    /// <summary>Where it comes from.</summary>
    public RunCause Cause => Id.Number == 0 ? RunCause.FireTime : RunCause.Enqueued;

    /// <summary>When its last attempt was claimed; null while it waits, and where it never was.</summary>
    public DateTimeOffset? ClaimedAt { get; init; }

    /// <summary>What the handler is called with in place of the job's own arguments; null for those. Read only where one run is asked for by its id.</summary>
    public JobArguments? Arguments { get; init; }

    /// <summary>The attempts that another one followed, oldest first. Read only where one run is asked for by its id.</summary>
    public IReadOnlyList<Attempt> Attempts { get; init; } = [];

    /// <summary>When the handler of the last attempt began.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>How it ended.</summary>
    public Outcome? Outcome { get; init; }

    /// <summary>Why, where the outcome alone does not tell.</summary>
    public Reason? Reason { get; init; }

    /// <summary>What the handler threw, for people.</summary>
    public string? Error { get; init; }

    /// <summary>The node that claimed it.</summary>
    public string? Node { get; init; }

    /// <summary>The epoch under which it was claimed.</summary>
    public long? Epoch { get; init; }

    /// <summary>The fencing token: the number of the claim.</summary>
    public long? Token { get; init; }
}

/// <summary>An attempt of a run that another attempt followed.</summary>
public sealed record Attempt
{
    /// <summary>The number, from 1.</summary>
    public required int Number { get; init; }

    /// <summary>The node that claimed it.</summary>
    public string? Node { get; init; }

    /// <summary>The epoch under which it was claimed.</summary>
    public required long Epoch { get; init; }

    /// <summary>When the handler began; null when it never did.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended.</summary>
    public required DateTimeOffset FinishedAt { get; init; }

    /// <summary>How it ended.</summary>
    public required Outcome Outcome { get; init; }

    /// <summary>Why, where the outcome alone does not tell.</summary>
    public Reason? Reason { get; init; }

    /// <summary>What the handler threw, for people.</summary>
    public string? Error { get; init; }
}
