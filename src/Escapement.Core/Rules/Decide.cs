using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Triggers;

namespace Escapement.Rules;

/// <summary>A stretch of fire times that do not run, as decided by <see cref="Decide"/>.</summary>
/// <param name="First">The first fire time.</param>
/// <param name="Last">The last fire time.</param>
/// <param name="Reason">The reason.</param>
/// <param name="Cause">The number of the causing action, or null.</param>
readonly record struct Skipped(DateTimeOffset First, DateTimeOffset Last, Reason Reason, long? Cause = null);

/// <summary>The decision about a job's due fire times. Allocates nothing if a single fire time runs and none is
/// skipped.</summary>
readonly record struct Decision
{
    static readonly IReadOnlyList<DateTimeOffset> NoTimes = [];
    static readonly IReadOnlyList<Skipped> NoneSkipped = [];
    readonly IReadOnlyList<DateTimeOffset>? behind, lookups;
    readonly IReadOnlyList<Skipped>? skipped;

    /// <summary>The fire time to claim, or null.</summary>
    public DateTimeOffset? Run { get; init; }

    /// <summary>Later fire times that also become runs and wait for <see cref="Run"/>, oldest first.</summary>
    public IReadOnlyList<DateTimeOffset> Behind { get => behind ?? NoTimes; init => behind = value; }

    /// <summary>The stretches of fire times that do not run, oldest first, without overlap.</summary>
    public IReadOnlyList<Skipped> Skipped { get => skipped ?? NoneSkipped; init => skipped = value; }

    /// <summary>The new watermark, or null if the trigger has no further fire time, which ends the job.</summary>
    public DateTimeOffset? Next { get; init; }

    /// <summary>True if fire times were skipped because of the maximum number of running runs. Valid only while as many
    /// runs are running.</summary>
    public bool ForWantOfPlace { get; init; }

    /// <summary>The fire times whose runs the store must look up before a decision. Empty if the decision is
    /// complete.</summary>
    public IReadOnlyList<DateTimeOffset> Lookups { get => lookups ?? NoTimes; init => lookups = value; }
}

/// <summary>The claim rules for a single job: misfire grace, coalescing, max instances, pause and end.</summary>
/// <remarks>
/// Pure: no clock and no store. Each fire time from the old watermark to the new watermark becomes a run, is in a
/// stretch of
/// <see cref="Decision.Skipped"/>, or ran before. The rules follow APScheduler 3.x except for the differences in
/// docs/coming-from-apscheduler.md.
/// </remarks>
static class Decide
{
    /// <summary>The maximum number of a job's fire times that a claim decides individually. The rest stays
    /// due.</summary>
    public const int MaxTimes = 500;

    /// <summary>Decides the due fire times.</summary>
    /// <param name="stored">A job with a trigger and a watermark, neither paused nor ended.</param>
    /// <param name="state">The job's state.</param>
    /// <param name="context">The context of the claim.</param>
    /// <param name="ran">The fire times of <see cref="Decision.Lookups"/> that ran. Needed only for fire times up to
    /// the last claimed fire time.</param>
    public static Decision Due(StoredJob stored, in JobState state, ClaimContext context, RanTimes ran) =>
        Due(stored, state, context, ran, TriggerSearch.Unbounded);

    internal static Decision Due(StoredJob stored, in JobState state, ClaimContext context, RanTimes ran, TriggerSearch search)
    {
        var now = context.Now;
        var first = Instant.FromMicros(state.Next);
        if (first > now) return new() { Next = first };

        var job = stored.Job;
        var times = new FireTimes(job.Trigger!, first, search);
        var (last, next) = (first, times.After(first));
        if (next <= now)
        {
            last = times.Previous(now.JustAfter())!.Value;
            next = times.After(last);
        }

        List<Skipped>? skipped = null;
        var inTime = FirstWithinGrace(job, times, last, now, context.GraceLimit);
        if (inTime > first) skipped = Missed(times, first, inTime, context, job.Options.Executor);
        if (inTime > last) return new() { Skipped = skipped!, Next = next };

        var fresh = new Fresh(stored, state, ran);
        if (inTime <= fresh.Last)
        {
            // The clock or the job was set back: fire times that ran are skipped, and accounted for by their runs.
            var lookups = fresh.Among(times, inTime, last, out var cut);
            if (cut is { } at) (last, next) = (lookups[^1], at);
            if (!ran.WasRead && lookups.Count > 0) return new() { Lookups = lookups, Next = first };
            if (FirstFresh(times, inTime, last, fresh) is not { } from) return new() { Skipped = skipped!, Next = next };
            (inTime, last) = (from, LastFresh(times, from, last, fresh));

            // The last fire time without a run is the candidate. If the candidate is beyond its misfire grace, a
            // later fire time that ran does not
            // extend the grace.
            if (job.Options.Coalesce && !job.Options.MisfireGrace.Allows(now - Jitter.StartOf(job, last), context.GraceLimit))
                return new() { Skipped = Missed(times, inTime, last.JustAfter(), context, job.Options.Executor), Next = next };
        }

        if (job.Options.MaxInstances is { } max && state.Running >= max)
        {
            (skipped ??= []).Add(new(inTime, last, Reason.MaxInstancesReached));
            return new() { Skipped = skipped, Next = next, ForWantOfPlace = true };
        }

        if (!job.Options.Coalesce && inTime < last) return DecideEach(times, (inTime, last, next), skipped, fresh);
        if (inTime < last) (skipped ??= []).Add(new(inTime, times.Previous(last)!.Value, Reason.Coalesced));
        return new() { Run = last, Skipped = skipped!, Next = next };
    }

    /// <summary>Returns the fire times skipped by an expired pause of the job, and the watermark after the
    /// pause.</summary>
    /// <param name="job">A job with a trigger.</param>
    /// <param name="state">The job's state, with a watermark.</param>
    /// <param name="pause">The pause, with an end. A fire time at the end of the pause is due again. A fire time that was due
    /// before the beginning, and could not be claimed, keeps the cause of its delay.</param>
    /// <param name="context">The context of the claim.</param>
    public static Decision PauseOver(Job job, in JobState state, PauseRecord pause, ClaimContext context) =>
        PauseOver(job, state, pause, context, TriggerSearch.Unbounded);

    internal static Decision PauseOver(Job job, in JobState state, PauseRecord pause, ClaimContext context, TriggerSearch search)
    {
        var end = pause.Until!.Value.ToWholeMicros();
        var first = Instant.FromMicros(state.Next);
        if (first >= end) return new() { Next = first };
        var (times, reason) = (new FireTimes(job.Trigger!, first, search), ReasonText.ReasonOf(pause));
        var skipped = Missed(times, first, pause.At < end ? pause.At : end, context, job.Options.Executor, reason);
        if (times.Next(skipped is [.., { Last: var before }] ? before.JustAfter() : first) is { } from && from < end)
            skipped.Add(new(from, times.Previous(end)!.Value, reason));
        return new()
        {
            Skipped = [.. skipped.Select(part => part.Reason == reason ? part with { Cause = pause.Action } : part)],
            Next = search.Next(job.Trigger!, end),
        };
    }

    /// <summary>Returns true if a due waiting run may start. Otherwise the run waits until a run of its job
    /// ends.</summary>
    public static bool MayStart(Job job, in JobState state) => job.Options.MaxInstances is not { } max || state.Running < max;

    /// <summary>Returns the due time of a fire time's waiting run: the fire time plus its jitter, if still in the
    /// future. A run that waits for another run of its job is due since its fire time.</summary>
    public static DateTimeOffset WaitsUntil(Job job, DateTimeOffset fireTime, DateTimeOffset now) =>
        Jitter.StartOf(job, fireTime) is var start && start > now ? start : fireTime;

    /// <summary>
    /// Returns the beginning of the misfire grace of a due waiting run: its delayed start, or now for a run that waited
    /// for another run of its job.
    /// Null for a run without a misfire grace: an enqueued run, a backfill, or a retry.
    /// </summary>
    public static DateTimeOffset? MisfireGraceFrom(WaitingRun run, DateTimeOffset now)
    {
        if (run.Id.Number != 0 || run.Cause == RunCause.Backfill || run.Attempt > 1) return null;
        return run.Due > run.Id.FireTime ? Instant.FromMicros(run.Due) : now;
    }

    /// <summary>Returns the reason why a waiting run beyond its misfire grace never starts, or null if the run is
    /// within its grace.</summary>
    /// <param name="job">The job.</param>
    /// <param name="graceFrom">The result of <see cref="MisfireGraceFrom"/>.</param>
    /// <param name="context">The context of the claim.</param>
    public static Reason? TooLate(Job job, DateTimeOffset? graceFrom, ClaimContext context) =>
        graceFrom is { } from && !job.Options.MisfireGrace.Allows(context.Now - from, context.GraceLimit)
            ? context.ReasonAt(from, job.Options.Executor).Reason
            : null;

    /// <summary>Returns the first due fire time within its misfire grace, measured from its start with jitter, or an
    /// instant after the last fire time if there is none. With coalescing, the last fire time decides for
    /// all.</summary>
    static DateTimeOffset FirstWithinGrace(Job job, FireTimes times, DateTimeOffset last, DateTimeOffset now, TimeSpan graceLimit)
    {
        var grace = job.Options.MisfireGrace;
        if (!grace.Allows(now - Jitter.StartOf(job, last), graceLimit)) return last.JustAfter();
        if (job.Options.Coalesce) return times.First;
        if (grace.IsUntilNext) return last;
        if (grace.Limit is not { } limit || now - times.First <= limit) return times.First;
        var border = now.Minus(limit);
        var oldest = border.Minus(job.Trigger!.Jitter);
        if (oldest < times.First) oldest = times.First;
        var budget = 0;
        var at = times.Next(oldest)!.Value;

        // Each fire time is judged again at its start. A long jitter with a short interval must not prolong the
        // claim.
        while (at < border && Jitter.StartOf(job, at) < border && ++budget < MaxTimes && !times.StopsAt(at)) at = times.After(at)!.Value;
        return at;
    }

    static Decision DecideEach(FireTimes times, (DateTimeOffset First, DateTimeOffset Last, DateTimeOffset? Next) due,
        List<Skipped>? skipped, in Fresh fresh)
    {
        List<DateTimeOffset> behind = [];
        var budget = 0;
        for (var at = times.After(due.First); at <= due.Last; at = times.After(at.Value))
        {
            if (++budget == MaxTimes
                || times.StopsAt(at.Value))
            {
                return new() { Run = due.First, Behind = behind, Skipped = skipped!, Next = at };
            }

            if (fresh.Has(at.Value)) behind.Add(at.Value);
        }

        return new() { Run = due.First, Behind = behind, Skipped = skipped!, Next = due.Next };
    }

    /// <summary>Returns the missed stretches, split where the reason changes. Where the context knows no cause, the reason
    /// is the last argument.</summary>
    internal static List<Skipped> Missed(FireTimes times, DateTimeOffset from, DateTimeOffset to, ClaimContext context, string executor,
        Reason otherwise = Reason.MisfireGraceExceeded)
    {
        List<Skipped> missed = [];
        while (times.Next(from) is { } first && first < to)
        {
            var (reason, action, until) = context.ReasonAt(first, executor);
            if (reason == Reason.MisfireGraceExceeded) reason = otherwise;
            if (until > to) until = to;
            var last = times.Previous(until)!.Value;
            if (missed is [.., var before] && (before.Reason, before.Cause) == (reason, action)) missed[^1] = before with { Last = last };
            else missed.Add(new(first, last, reason, action));
            from = until;
        }

        return missed;
    }

    static DateTimeOffset? FirstFresh(FireTimes times, DateTimeOffset from, DateTimeOffset last, in Fresh fresh)
    {
        for (var at = times.Next(from); at <= last; at = times.After(at.Value))
            if (fresh.Has(at.Value)) return at;
        return null;
    }

    static DateTimeOffset LastFresh(FireTimes times, DateTimeOffset first, DateTimeOffset last, in Fresh fresh)
    {
        if (fresh.Has(last)) return last;
        var newest = first;
        for (var at = times.After(first); at < last; at = times.After(at.Value))
            if (fresh.Has(at.Value)) newest = at.Value;
        return newest;
    }

    /// <summary>Determines the fire times without a run. A fire time after the last claimed fire time is certain to
    /// have no run, so only earlier fire times are looked up.</summary>
    readonly struct Fresh(StoredJob stored, in JobState state, RanTimes ran)
    {
        readonly DateTimeOffset trimmed = stored.TrimmedBefore ?? DateTimeOffset.MinValue;

        /// <summary>The latest fire time that may have a run.</summary>
        public DateTimeOffset Last { get; } = state.LastFireTime ?? DateTimeOffset.MinValue;

        public bool Has(DateTimeOffset fireTime) => fireTime > Last || (fireTime >= trimmed && !ran.Contains(fireTime.ToMicros()));

        /// <summary>Returns the fire times of a stretch that must be looked up, at most <see cref="MaxTimes"/>, and the
        /// first fire time left for the next claim, or null.</summary>
        public List<DateTimeOffset> Among(FireTimes times, DateTimeOffset from, DateTimeOffset to, out DateTimeOffset? cut)
        {
            List<DateTimeOffset> found = [];
            cut = null;
            for (var at = times.Next(from); at <= to && at <= Last; at = times.After(at.Value))
            {
                if (found.Count == MaxTimes || (found.Count > 0 && times.StopsAt(at.Value)))
                {
                    cut = at;
                    break;
                }

                found.Add(at.Value);
            }

            return found;
        }
    }
}
