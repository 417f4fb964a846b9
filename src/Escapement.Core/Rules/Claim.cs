using Escapement.Jobs;
using Escapement.Ledger;

namespace Escapement.Rules;

/// <summary>Who claims, and what it can take.</summary>
public sealed record ClaimRequest
{
    /// <summary>The claiming node's id.</summary>
    public required string Node { get; init; }

    /// <summary>Its epoch; a claim under an epoch that has ended is refused.</summary>
    public required long Epoch { get; init; }

    /// <summary>The number of the claim within its epoch, growing from 1. A number that is not above the last one is refused: an abandoned claim that comes late writes nothing. 0 for a store that only one node claims from.</summary>
    public long Number { get; init; }

    /// <summary>The number of the first claim whose answer did not arrive: runs of this epoch that were claimed from it on are handed out again. Null where all were answered.</summary>
    public long? Unanswered { get; init; }

    /// <summary>The handlers that this version of the program knows; other jobs are passed over.</summary>
    public required IReadOnlySet<string> Handlers { get; init; }

    /// <summary>For each executor how many runs it can take now.</summary>
    public required IReadOnlyDictionary<string, int> FreePlaces { get; init; }

    /// <summary>The longest time that <see cref="MisfireGrace.UntilNext"/> allows.</summary>
    public required TimeSpan GraceLimit { get; init; }

    /// <summary>Whether it takes fire times; otherwise waiting runs alone.</summary>
    public bool FireTimes { get; init; } = true;

    /// <summary>What the node met that kept fire times from being claimed in time: a clock that jumped, executors without a free slot.</summary>
    public IReadOnlyList<DelayCause> Causes { get; init; } = [];
}

/// <summary>A run that a claim has handed to its node.</summary>
public sealed record ClaimedRun
{
    /// <summary>The run.</summary>
    public required RunId Id { get; init; }

    /// <summary>The definition under which it was claimed.</summary>
    public required Job Job { get; init; }

    /// <summary>The instant for which it runs.</summary>
    public required DateTimeOffset FireTime { get; init; }

    /// <summary>What the handler is called with.</summary>
    public required JobArguments Arguments { get; init; }

    /// <summary>1, or more when an earlier attempt was interrupted.</summary>
    public required int Attempt { get; init; }

    /// <summary>The fencing token; grows with each claim.</summary>
    public required long Token { get; init; }

    /// <summary>From when on the executor counts the job's grace: the fire time with its jitter, or the claim for a run that waited behind its own job's; null for an enqueued run, and for another attempt.</summary>
    public DateTimeOffset? MisfireGraceFrom { get; init; }
}

/// <summary>The answer to a claim.</summary>
/// <param name="Runs">What was handed over, in the order in which it starts.</param>
/// <param name="NextDue">When something can next be claimed with the same handlers and the slots that this claim left free; null for never. Not in the future when the batch was full.</param>
/// <param name="Fenced">The epoch has ended: nothing was claimed, and nothing ever will be under it.</param>
public sealed record Claimed(IReadOnlyList<ClaimedRun> Runs, DateTimeOffset? NextDue, bool Fenced = false)
{
    /// <summary>The answer to an epoch that has ended.</summary>
    public static Claimed Refused { get; } = new([], null, Fenced: true);

    /// <summary>The jobs that were passed over because their trigger or their row throws, and what it says.</summary>
    public IReadOnlyList<(JobId Job, string Why)> SetAside { get; init; } = [];

    /// <summary>The jobs that were passed over because their trigger takes long to ask. A claim after <see cref="SlowJob.Prepare"/> takes them.</summary>
    public IReadOnlyList<SlowJob> Slow { get; init; } = [];
}

/// <summary>The end of a run's attempt.</summary>
public sealed record Finished
{
    /// <summary>The run.</summary>
    public required RunId Id { get; init; }

    /// <summary>The node that claimed it.</summary>
    public required string Node { get; init; }

    /// <summary>The epoch under which it did.</summary>
    public required long Epoch { get; init; }

    /// <summary>The number of the attempt.</summary>
    public required int Attempt { get; init; }

    /// <summary>When the handler began; null when it never did.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended.</summary>
    public required DateTimeOffset FinishedAt { get; init; }

    /// <summary>How it ended.</summary>
    public required Outcome Outcome { get; init; }

    /// <summary>Why, where the outcome alone does not tell.</summary>
    public Reason? Reason { get; init; }

    /// <summary>What it threw, for people.</summary>
    public string? Error { get; init; }
}
