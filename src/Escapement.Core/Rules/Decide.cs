using Escapement.Jobs;
using Escapement.Ledger;

namespace Escapement.Rules;

/// <summary>The moment of a claim: what holds for all jobs in it.</summary>
/// <param name="Now">Read inside the claim's transaction.</param>
/// <param name="GraceLimit">The most that <see cref="Grace.UntilNext"/> allows.</param>
/// <param name="Scheduler">The scheduler's marks.</param>
/// <param name="EpochBegun">When the claiming epoch began.</param>
/// <param name="LastSignBefore">The end of the epoch before it; between the two no node was active.</param>
public readonly record struct Moment(
    DateTimeOffset Now, TimeSpan GraceLimit, SchedulerState Scheduler, DateTimeOffset EpochBegun, DateTimeOffset? LastSignBefore);

/// <summary>What becomes of a job's due fire times.</summary>
/// <param name="Runs">The fire times to claim, oldest first; the first starts, the others wait behind it.</param>
/// <param name="Entries">What became of the others.</param>
/// <param name="Next">The new watermark; null when the trigger yields nothing more.</param>
public readonly record struct Decision(IReadOnlyList<DateTimeOffset> Runs, IReadOnlyList<Entry> Entries, DateTimeOffset? Next);

/// <summary>The rules of the claim, written once for every store: misfire, coalesce, max instances, pause and end.</summary>
/// <remarks>Pure: no clock and no store. The rules follow APScheduler 3.x except where docs/differences.md says otherwise.</remarks>
public static class Decide
{
    /// <summary>The most fire times of one job that one claim takes; the rest stay due.</summary>
    public const int MostRuns = 500;

    static readonly TimeSpan Tick = TimeSpan.FromMicroseconds(1);

    /// <summary>What is to become of the fire times that are due now.</summary>
    /// <param name="stored">A job with a trigger, neither paused nor ended, whose watermark is due.</param>
    /// <param name="moment">When, and what holds for all.</param>
    /// <param name="ran">Whether a fire time has a run already; asked only for those not later than the last claimed one.</param>
    public static Decision Due(StoredJob stored, in Moment moment, Predicate<DateTimeOffset> ran)
    {
        var trigger = stored.Job.Trigger!;
        var first = stored.Next!.Value;
        var last = trigger.Previous(moment.Now + Tick) is { } previous && previous >= first ? previous : first;
        var next = trigger.Next(last + Tick);
        var options = stored.Job.Options;

        if (options.MaxInstances is { } most && stored.Running >= most)
            return new([], Stretch(stored.Job, first, last, Reason.MaxInstancesReached), next);
        if (options.Coalesce || first == last)
            return One(stored, first, last, next, moment, ran);
        return Each(stored, first, last, moment, ran);
    }

    static Decision One(
        StoredJob stored, DateTimeOffset first, DateTimeOffset last, DateTimeOffset? next, in Moment moment, Predicate<DateTimeOffset> ran)
    {
        if (!stored.Job.Options.Grace.Allows(moment.Now - last, moment.GraceLimit))
            return new([], Missed(stored.Job, first, last, moment), next);
        List<Entry> entries = [];
        if (first < last && stored.Job.Trigger!.Previous(last) is { } before)
            entries.AddRange(Stretch(stored.Job, first, before, Reason.Coalesced));
        if (last <= stored.LastFireTime && ran(last))
        {
            entries.Add(new(stored.Job.Id, last, last, 1, Reason.AlreadyRan));
            return new([], entries, next);
        }
        return new([last], entries, next);
    }

    static Decision Each(StoredJob stored, DateTimeOffset first, DateTimeOffset last, in Moment moment, Predicate<DateTimeOffset> ran)
    {
        var trigger = stored.Job.Trigger!;
        var grace = stored.Job.Options.Grace;
        List<DateTimeOffset> runs = [];
        List<Entry> entries = [];
        var start = first;
        if (grace.Limit is { } limit && trigger.Next(moment.Now - limit) is var inTime && (inTime is null || inTime > first))
        {
            var lastMissed = inTime is { } t && t <= last ? trigger.Previous(t)!.Value : last;
            entries.AddRange(Missed(stored.Job, first, lastMissed, moment));
            start = lastMissed + Tick;
        }
        DateTimeOffset? at = trigger.Next(start);
        for (; at is { } fire && fire <= last && runs.Count < MostRuns; at = trigger.Next(fire + Tick))
        {
            if (fire <= stored.LastFireTime && ran(fire)) entries.Add(new(stored.Job.Id, fire, fire, 1, Reason.AlreadyRan));
            else runs.Add(fire);
        }
        return new(runs, entries, at);
    }

    /// <summary>What is to become of a run that was asked for and is due.</summary>
    /// <returns>True when it starts now; false when it waits for one of its job's runs to end.</returns>
    /// <param name="stored">Its job.</param>
    public static bool Waiting(StoredJob stored) => stored.Job.Options.MaxInstances is not { } most || stored.Running < most;

    /// <summary>What is to become of a claimed run whose node is lost: true when it is started again as its next attempt, false when it ends as interrupted.</summary>
    public static bool RunsAgain(Job job) => job.Options.RerunIfInterrupted;

    /// <summary>The fire times that passed during a pause of the job, and the watermark from its end on.</summary>
    /// <param name="stored">A paused job.</param>
    /// <param name="end">When the pause ends.</param>
    public static Decision PauseOver(StoredJob stored, DateTimeOffset end)
    {
        if (stored.Job.Trigger is not { } trigger || stored.Next is not { } first) return new([], [], null);
        var next = trigger.Next(end);
        if (first >= end) return new([], [], first);
        return trigger.Previous(end) is { } last && last >= first
            ? new([], Stretch(stored.Job, first, last, Reason.Paused), next)
            : new([], [], next);
    }

    /// <summary>Entries for a stretch that was lost, split where the cause changes.</summary>
    static List<Entry> Missed(Job job, DateTimeOffset first, DateTimeOffset last, in Moment moment)
    {
        var paused = moment.Scheduler.Paused is { } mark ? mark.At : (DateTimeOffset?)null;
        if (paused is { } since && last >= since && first >= since) return Stretch(job, first, last, Reason.SchedulerPaused);

        // Before the last sign of life the node before was alive and late; from then until this epoch nobody was active.
        List<Entry> entries = [];
        var gapBegins = moment.LastSignBefore ?? DateTimeOffset.MinValue;
        Add(first, Earlier(last, gapBegins - (gapBegins > DateTimeOffset.MinValue ? Tick : TimeSpan.Zero)), Reason.MisfireGraceExceeded);
        Add(Later(first, gapBegins), Earlier(last, moment.EpochBegun - Tick), Reason.NoActiveNode);
        Add(Later(first, moment.EpochBegun), last, Reason.MisfireGraceExceeded);
        return entries;

        void Add(DateTimeOffset from, DateTimeOffset to, Reason reason)
        {
            if (from <= to) entries.AddRange(Stretch(job, from, to, reason));
        }
    }

    /// <summary>The entry for all fire times from the one to the other, both included; none when there are none.</summary>
    public static List<Entry> Stretch(Job job, DateTimeOffset first, DateTimeOffset last, Reason reason)
    {
        if (first == last) return job.Trigger!.Next(first) == first ? [new(job.Id, first, last, 1, reason)] : [];
        var count = job.Trigger!.Count(first, last + Tick);
        return count == 0 ? [] : [new(job.Id, job.Trigger.Next(first)!.Value, job.Trigger.Previous(last + Tick)!.Value, count, reason)];
    }

    static DateTimeOffset Earlier(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;

    static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;
}
