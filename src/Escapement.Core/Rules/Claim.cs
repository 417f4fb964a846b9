using Escapement.Jobs;
using Escapement.Ledger;

namespace Escapement.Rules;

/// <summary>A claim request: the claiming node and its capacity.</summary>
public sealed record ClaimRequest
{
    /// <summary>The claiming node's id.</summary>
    public required string Node { get; init; }

    /// <summary>The node's epoch. A claim under an ended epoch is rejected.</summary>
    public required long Epoch { get; init; }

    /// <summary>The number of the claim within its epoch, growing from 1. A number not above the last number is
    /// rejected, so that an abandoned claim writes nothing when it arrives late. 0 for a store with a single claiming
    /// node.</summary>
    public long Number { get; init; }

    /// <summary>The number of the first claim without an answer, or null if all claims were answered. Runs of this
    /// epoch claimed since then are handed out again.</summary>
    public long? Unanswered { get; init; }

    /// <summary>The handlers known to this version of the program. Jobs with unknown handlers are skipped.</summary>
    public required IReadOnlySet<string> Handlers { get; init; }

    /// <summary>Returns what this version of the program cannot read of a run's arguments, or null if it can read them. Null if
    /// no other version may read them.</summary>
    public Func<Job, JobArguments, string?>? Mismatch { get; init; }

    /// <summary>How long after its due time a run with such arguments is left to another version.</summary>
    public TimeSpan MismatchGrace { get; init; }

    /// <summary>True to record the fire times of jobs with unknown handlers as missed once the fire times are beyond
    /// their misfire grace. Used if no other node may claim these fire times.</summary>
    public bool RecordsUnknownHandlers { get; init; }

    /// <summary>The number of free slots of each executor.</summary>
    public required IReadOnlyDictionary<string, int> FreePlaces { get; init; }

    /// <summary>The maximum misfire grace with <see cref="MisfireGrace.UntilNext"/>.</summary>
    public required TimeSpan GraceLimit { get; init; }

    /// <summary>True to claim fire times. False to claim waiting runs only.</summary>
    public bool FireTimes { get; init; } = true;

    /// <summary>Delays observed by the node: clock jumps, and executors without a free slot.</summary>
    public IReadOnlyList<DelayCause> Causes { get; init; } = [];
}

/// <summary>A claimed run, as handed to its node.</summary>
public sealed class ClaimedRun
{
    /// <summary>The run.</summary>
    public required RunId Id { get; init; }

    /// <summary>The definition at the time of the claim.</summary>
    public required Job Job { get; init; }

    /// <summary>The fire time.</summary>
    public required DateTimeOffset FireTime { get; init; }

    /// <summary>The arguments of the handler.</summary>
    public required JobArguments Arguments { get; init; }

    /// <summary>The number of the attempt, from 1. Higher after interrupted attempts.</summary>
    public required int Attempt { get; init; }

    /// <summary>The fencing token, which grows with each claim.</summary>
    public required long Token { get; init; }

    /// <summary>The beginning of the misfire grace as measured by the executor: the fire time plus its jitter, or the
    /// claim for a run that waited for another run of its job. Null for an enqueued run and for a retry.</summary>
    public DateTimeOffset? MisfireGraceFrom { get; init; }
}

/// <summary>The result of a claim.</summary>
public sealed class Claimed(IReadOnlyList<ClaimedRun> runs, DateTimeOffset? nextDue, bool fenced = false)
{
    /// <summary>The claimed runs, in start order.</summary>
    public IReadOnlyList<ClaimedRun> Runs { get; } = runs;

    /// <summary>The next time at which something can be claimed with the same handlers and the remaining slots, or
    /// null for never. Not in the future if the batch was full.</summary>
    public DateTimeOffset? NextDue { get; } = nextDue;

    /// <summary>True if the epoch has ended. Nothing was claimed, and later claims under this epoch fail as
    /// well.</summary>
    public bool Fenced { get; } = fenced;

    /// <summary>The result for an ended epoch.</summary>
    public static Claimed Refused { get; } = new([], null, fenced: true);

    /// <summary>The jobs skipped because their trigger or row caused an error, with the error.</summary>
    public IReadOnlyList<(JobId Job, string Why)> SetAside { get; internal init; } = [];

    /// <summary>The missed stretches that begin with the claim, without stretches that continue an entry.</summary>
    internal IReadOnlyList<MissedTimes> Missed { get; init; } = [];

    /// <summary>The jobs skipped because of a slow trigger search. A claim after <see cref="SlowJob.Prepare"/> takes
    /// these jobs.</summary>
    public IReadOnlyList<SlowJob> Slow { get; internal init; } = [];

    /// <summary>Returns the result with the runs of earlier claims whose answers were lost, handed out again before the
    /// claimed runs.</summary>
    public Claimed After(IEnumerable<ClaimedRun> again) => new([.. again, .. Runs], NextDue, Fenced) { SetAside = SetAside, Slow = Slow };

    /// <summary>Returns the result with another <see cref="NextDue"/>.</summary>
    public Claimed DueAt(DateTimeOffset? next) => new(Runs, next, Fenced) { SetAside = SetAside, Slow = Slow };
}

/// <summary>The end of a run's attempt.</summary>
public sealed record Finished
{
    /// <summary>The run.</summary>
    public required RunId Id { get; init; }

    /// <summary>The id of the claiming node.</summary>
    public required string Node { get; init; }

    /// <summary>The epoch of the claim.</summary>
    public required long Epoch { get; init; }

    /// <summary>The number of the attempt.</summary>
    public required int Attempt { get; init; }

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
