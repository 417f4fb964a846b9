using Escapement.Jobs;
using Escapement.Ledger;

namespace Escapement.Stores;

/// <summary>Who claims, and what it can take.</summary>
/// <param name="Node">The claiming node's id.</param>
/// <param name="Epoch">Its epoch; a claim under any other than the current one is refused.</param>
/// <param name="Handlers">The handlers that this version of the program knows; other jobs are passed over.</param>
/// <param name="FreePlaces">For each executor how many runs it can take now.</param>
/// <param name="GraceLimit">The scheduler's limit for a grace until the next fire time.</param>
/// <param name="FireTimes">Whether it takes fire times; otherwise only runs that were asked for.</param>
public sealed record ClaimRequest(
    string Node, long Epoch, IReadOnlySet<string> Handlers, IReadOnlyDictionary<string, int> FreePlaces, TimeSpan GraceLimit, bool FireTimes = true)
{
    /// <summary>For executors that had no free place until now: since when. A fire time that came due meanwhile and is beyond its grace was lost for want of a place.</summary>
    public IReadOnlyDictionary<string, DateTimeOffset>? FullSince { get; init; }

    /// <summary>What the wall clock should show by the monotonic one, where it is ahead of that: it was set, or the machine slept. A fire time that it jumped past and that is beyond its grace was lost by that.</summary>
    public DateTimeOffset? ClockJumpedFrom { get; init; }
}

/// <summary>A run that a claim has handed to its node.</summary>
/// <param name="Id">Names it.</param>
/// <param name="Job">The definition under which it was claimed.</param>
/// <param name="FireTime">The instant for which it runs.</param>
/// <param name="Arguments">What the handler is called with.</param>
/// <param name="Attempt">1, or more when an earlier attempt was interrupted.</param>
/// <param name="Token">The fencing token: the number of the claim.</param>
/// <param name="GraceFrom">From when on the executor counts the job's grace: the fire time with its jitter, or the claim for a run that waited behind its own job's; null for a run that was asked for, and for another attempt.</param>
public sealed record ClaimedRun(
    RunId Id, Job Job, DateTimeOffset FireTime, JobArguments Arguments, int Attempt, long Token, DateTimeOffset? GraceFrom);

/// <summary>The answer to a claim.</summary>
/// <param name="Runs">What was handed over, oldest first.</param>
/// <param name="NextDue">When something can next be claimed with the same handlers and the places that this claim left free; null for never. Not in the future when the batch was full.</param>
/// <param name="Fenced">The epoch is no longer the current one: nothing was claimed, and nothing ever will be under it.</param>
public sealed record Claimed(IReadOnlyList<ClaimedRun> Runs, DateTimeOffset? NextDue, bool Fenced = false)
{
    /// <summary>The answer to an epoch that is over.</summary>
    public static Claimed Refused { get; } = new([], null, Fenced: true);
}

/// <summary>The end of a run's attempt.</summary>
/// <param name="Id">Which run.</param>
/// <param name="Node">The node that claimed it.</param>
/// <param name="Epoch">The epoch under which it did.</param>
/// <param name="Attempt">Which attempt.</param>
/// <param name="StartedAt">When the handler began; null when it never did.</param>
/// <param name="FinishedAt">When it ended.</param>
/// <param name="Outcome">How.</param>
/// <param name="Reason">Why, where the outcome alone does not tell.</param>
/// <param name="Error">What it threw, for people.</param>
public sealed record Finished(
    RunId Id, string Node, long Epoch, int Attempt, DateTimeOffset? StartedAt, DateTimeOffset FinishedAt, Outcome Outcome,
    Reason? Reason = null, string? Error = null);
