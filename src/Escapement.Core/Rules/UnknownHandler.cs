using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Triggers;

namespace Escapement.Rules;

/// <summary>Decides about jobs whose handler the claiming program does not know.</summary>
/// <remarks>Within its misfire grace, a fire time is left alone, because another version of the program may become
/// active and run the fire time. Afterwards the fire time is missed. Each fire time counts by itself, also with
/// coalescing. A misfire grace until the next fire time counts as the scheduler's limit.</remarks>
static class UnknownHandler
{
    /// <summary>Returns the first instant at which an item is beyond its misfire grace, in microseconds since
    /// 1970-01-01 UTC. Returns null for an item without a misfire grace: an enqueued run, a retry, or a job with an
    /// unlimited misfire grace.</summary>
    /// <param name="job">The job.</param>
    /// <param name="at">The due time of the item.</param>
    /// <param name="waiting">The waiting run, or null for a fire time.</param>
    /// <param name="graceLimit">The scheduler's limit for a misfire grace until the next fire time.</param>
    public static long? GraceEnd(Job job, long at, WaitingRun? waiting, TimeSpan graceLimit)
    {
        if (job.Trigger is null || GraceOf(job, graceLimit) is not { } grace) return null;
        var from = Instant.FromMicros(at);
        if (waiting is null) return After(Jitter.StartOf(job, from), grace);
        return Decide.MisfireGraceFrom(waiting, DateTimeOffset.MaxValue) is { } start && start < DateTimeOffset.MaxValue
            ? After(start, grace)
            : null;
    }

    /// <summary>Returns the decision: the fire times beyond their misfire grace are missed, and the first fire time
    /// within its misfire grace is the new watermark.</summary>
    public static Decision Due(StoredJob stored, in JobState state, ClaimContext context, TriggerSearch search)
    {
        var job = stored.Job;
        var first = Instant.FromMicros(state.Next);
        if (GraceOf(job, context.GraceLimit) is not { } grace) return new() { Next = first };
        var times = new FireTimes(job.Trigger!, first, search);
        var border = context.Now.Minus(grace);
        var oldest = border.Minus(job.Trigger!.Jitter);
        if (oldest < first) oldest = first;
        var at = times.Next(oldest);
        var end = at ?? oldest;
        for (var budget = 0; at < border && Jitter.StartOf(job, at.Value) < border; budget++)
        {
            if (budget == Decide.MaxTimes || times.StopsAt(at.Value)) break;
            var missed = at.Value;
            at = times.After(missed);
            end = at ?? missed.JustAfter();
        }

        return end <= first
            ? new() { Next = first }
            : new()
            {
                Skipped = Decide.Missed(times, first, end, context, job.Options.Executor, Reason.HandlerNotRegistered),
                Next = at,
            };
    }

    static TimeSpan? GraceOf(Job job, TimeSpan graceLimit) =>
        job.Options.MisfireGrace is { IsUntilNext: true } ? graceLimit : job.Options.MisfireGrace.Limit;

    /// <summary>Returns the first instant beyond a grace in microseconds since 1970-01-01 UTC.</summary>
    public static long After(DateTimeOffset start, TimeSpan grace) => start.Plus(grace).ToMicros() + 1;
}
