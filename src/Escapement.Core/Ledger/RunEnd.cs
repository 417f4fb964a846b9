using Escapement.Jobs;

namespace Escapement.Ledger;

/// <summary>A claimed run without an outcome.</summary>
public sealed record OpenRun
{
    /// <summary>The run.</summary>
    public required RunId Id { get; init; }

    /// <summary>The id of the claiming node, or null if the epoch is unknown.</summary>
    public string? Node { get; init; }

    /// <summary>The epoch of the claim.</summary>
    public required long Epoch { get; init; }

    /// <summary>The fencing token.</summary>
    public long Token { get; init; }

    /// <summary>The number of the claim within the epoch, or 0 if claims are not numbered.</summary>
    public long Claim { get; init; }

    /// <summary>The fire time.</summary>
    internal DateTimeOffset FireTime { get; init; }

    /// <summary>The beginning of the misfire grace as measured by the executor, or null without a misfire
    /// grace.</summary>
    public DateTimeOffset? MisfireGraceFrom { get; init; }

    /// <summary>The number of the attempt.</summary>
    public required int Attempt { get; init; }

    /// <summary>The claim time.</summary>
    public DateTimeOffset? ClaimedAt { get; init; }

    /// <summary>The run's own arguments, or null for the job's arguments.</summary>
    public JobArguments? Arguments { get; init; }

    /// <summary>True if a caller waits for the end of the run.</summary>
    public bool Watched { get; init; }

    /// <summary>True if the run was enqueued with a key.</summary>
    public bool HasKey { get; init; }

    /// <summary>The cause of the run.</summary>
    public RunCause Cause { get; init; }
}

/// <summary>The end of a run or of an attempt.</summary>
public sealed class RunEnd
{
    /// <summary>The run.</summary>
    public RunId Id { get; internal init; }

    /// <summary>The number of the last started attempt, or 0 if no attempt started.</summary>
    public int Attempt { get; internal init; }

    /// <summary>The start of the handler, or null if the handler did not start.</summary>
    public DateTimeOffset? StartedAt { get; internal init; }

    /// <summary>The end of the run.</summary>
    public DateTimeOffset FinishedAt { get; internal init; }

    /// <summary>The outcome.</summary>
    public Outcome Outcome { get; internal init; }

    /// <summary>The reason for the outcome, or null if the outcome needs no reason.</summary>
    public Reason? Reason { get; internal init; }

    /// <summary>The handler's exception as text, at most <see cref="Rules.RunEnds.MaxErrorLength"/> characters, or
    /// null.</summary>
    public string? Error { get; internal init; }
}
