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
