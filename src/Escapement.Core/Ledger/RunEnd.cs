using Escapement.Jobs;

namespace Escapement.Ledger;

/// <summary>A claimed run that has no outcome yet.</summary>
public sealed record OpenRun
{
    /// <summary>The run.</summary>
    public required RunId Id { get; init; }

    /// <summary>The id of the node that claimed it; null where its epoch is not known any more.</summary>
    public string? Node { get; init; }

    /// <summary>The epoch under which it was claimed.</summary>
    public required long Epoch { get; init; }

    /// <summary>The fencing token.</summary>
    public long Token { get; init; }

    /// <summary>The number of the claim within the epoch; 0 where claims are not numbered.</summary>
    public long Claim { get; init; }

    /// <summary>The instant for which it runs.</summary>
    public DateTimeOffset FireTime { get; init; }

    /// <summary>From when on the executor counts the job's grace; null where there is none.</summary>
    public DateTimeOffset? MisfireGraceFrom { get; init; }

    /// <summary>The number of the attempt.</summary>
    public required int Attempt { get; init; }

    /// <summary>When it was claimed.</summary>
    public DateTimeOffset? ClaimedAt { get; init; }

    /// <summary>What the handler is called with in place of the job's own arguments; null for those.</summary>
    public JobArguments? Arguments { get; init; }

    /// <summary>Whether somebody waits for its end.</summary>
    public bool Watched { get; init; }

    /// <summary>Whether a key names it.</summary>
    public bool HasKey { get; init; }
}

/// <summary>How a run, or an attempt of it, ended.</summary>
public sealed record RunEnd
{
    /// <summary>The run.</summary>
    public required RunId Id { get; init; }

    /// <summary>The number of the last attempt that began; 0 where none did.</summary>
    public required int Attempt { get; init; }

    /// <summary>When the handler began; null where it never did.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended.</summary>
    public required DateTimeOffset FinishedAt { get; init; }

    /// <summary>The outcome.</summary>
    public required Outcome Outcome { get; init; }

    /// <summary>Why, where the outcome alone does not tell.</summary>
    public Reason? Reason { get; init; }

    /// <summary>What the handler threw, for people; at most <see cref="Rules.RunEnds.MaxErrorLength"/> characters.</summary>
    public string? Error { get; init; }
}
