using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Triggers;

namespace Escapement.Rules;

/// <summary>What becomes of a job's due fire times.</summary>
/// <param name="Runs">The fire times to claim, oldest first; the first starts, the others wait behind it.</param>
/// <param name="Entries">What became of the others.</param>
/// <param name="Next">The new watermark; null when the trigger yields nothing more, which ends the job.</param>
public readonly record struct Decision(IReadOnlyList<DateTimeOffset> Runs, IReadOnlyList<Entry> Entries, DateTimeOffset? Next);

/// <summary>The rules of the claim, written once for every store: misfire, coalesce, max instances, pause and end.</summary>
/// <remarks>
/// Pure: no clock and no store. Each fire time from the old watermark to the new one is in exactly one run or entry of the decision.
/// The rules follow APScheduler 3.x except where docs/differences.md says otherwise.
/// </remarks>
public static class Decide
{
    /// <summary>The most fire times of one job that one claim looks at one by one; the rest stay due.</summary>
    public const int MostRuns = 500;

    /// <summary>What is to become of the fire times that are due now.</summary>
    /// <param name="stored">A job with a trigger and a watermark, neither paused nor ended.</param>
    /// <param name="moment">When, and what holds for all.</param>
    /// <param name="ran">Whether a fire time has a run already, waiting ones too; asked only for those not later than the last claimed one.</param>
    public static Decision Due(StoredJob stored, in Moment moment, Predicate<DateTimeOffset> ran)
    {
        var decision = DueOf(stored, moment, ran);
        if (stored.Job.Trigger is not { LeavesOut: true } trigger || decision.Next == stored.Next) return decision;

        // What follows the last fire time that was decided is told with the next one: whether the job exists until then is not known yet.
        var last = trigger.Previous(decision.Next ?? moment.Now.ToWholeMicros().JustAfter());
        return LeftOut(stored, Later(stored.Next!.Value, last)) is { } left ? decision with { Entries = [left, .. decision.Entries] } : decision;
    }

    static Decision DueOf(StoredJob stored, in Moment moment, Predicate<DateTimeOffset> ran)
    {
        var now = moment.Now.ToWholeMicros();
        var first = stored.Next!.Value;
        if (first > now) return new([], [], first);

        var times = new FireTimes(stored.Job.Trigger!, first);
        var options = stored.Job.Options;
        var end = now.JustAfter();
        if (first <= stored.LastFireTime)
        {
            var (ranBefore, alike) = OnceMore(stored, times, (first, end), MostRuns, ran);
            if (ranBefore is not null) return new([], [ranBefore], alike);
            if (alike < end) end = alike.Value;
        }
        var last = first;
        var next = times.Next(first.JustAfter());
        if (next < end)
        {
            last = times.Previous(end)!.Value;
            next = times.Next(last.JustAfter());
        }

        List<Entry> entries = [];
        var inTime = InTime(stored.Job, times, (first, last), now, moment.GraceLimit);
        if (inTime > first) Missed(stored.Job.Id, times, first, inTime, moment, entries);
        if (inTime > last) return new([], entries, next);
        if (options.MaxInstances is { } most && stored.Running >= most)
        {
            Add(entries, times.Stretch(stored.Job.Id, inTime, last.JustAfter(), Reason.MaxInstancesReached));
            return new([], entries, next);
        }
        if (!options.Coalesce && inTime < last) return Each(times, (inTime, last, next), entries);

        Add(entries, times.Stretch(stored.Job.Id, inTime, last, Reason.Coalesced));
        return new([last], entries, next);
    }

    /// <summary>Fire times that are due once more, because the clock was set back: those that have run are told so, and the others decided apart from them.</summary>
    /// <returns>The entry for those at the front that have run; null when the first has not. And where those that are like the first end: the first one that is not, or is left for the next claim; null for nowhere.</returns>
    static (Entry? Ran, DateTimeOffset? End) OnceMore(
        StoredJob stored, FireTimes times, (DateTimeOffset First, DateTimeOffset End) stretch, int most, Predicate<DateTimeOffset> ran)
    {
        var first = stretch.First;
        var asked = Earlier(stretch.End, stored.LastFireTime!.Value.JustAfter());
        var (hasRun, last, count) = (ran(first), first, 1);
        var at = times.Next(first.JustAfter());
        for (; at < asked && count < most && ran(at.Value) == hasRun; at = times.Next(at.Value.JustAfter())) (last, count) = (at.Value, count + 1);
        if (hasRun) return (new(stored.Job.Id, first, last, count, Reason.AlreadyRan), at);
        return (null, at < asked ? at : null);
    }

    /// <summary>Whether a waiting run that is due starts now; otherwise it waits until one of its job's runs ends.</summary>
    /// <param name="stored">Its job.</param>
    public static bool Waiting(StoredJob stored) => stored.Job.Options.MaxInstances is not { } most || stored.Running < most;

    /// <summary>From when on a fire time's waiting run is to start: its jitter, unless that is over. One that waits behind its own job's runs is due since its fire time.</summary>
    public static DateTimeOffset WaitsUntil(Job job, DateTimeOffset fireTime, DateTimeOffset now) => Jitter.StartOf(job, fireTime) is var start && start > now ? start : fireTime;

    /// <summary>From when on a waiting run that is due has its grace: from its delayed start, or from now where it waited behind its own job's runs. Null when it has none: it was asked for, or is another attempt.</summary>
    /// <param name="run">Which.</param>
    /// <param name="attempt">The number of its next attempt.</param>
    /// <param name="due">When it was to start.</param>
    /// <param name="now">When it is claimed.</param>
    public static DateTimeOffset? GraceFrom(RunId run, int attempt, DateTimeOffset due, DateTimeOffset now)
    {
        if (run.Number != 0 || attempt > 1) return null;
        return due.ToMicros() > run.FireTime ? due : now;
    }

    /// <summary>Why a waiting run never begins that was found beyond its grace; null when it is within it.</summary>
    /// <param name="job">Its job.</param>
    /// <param name="graceFrom">What <see cref="GraceFrom"/> says.</param>
    /// <param name="moment">When, and what holds for all.</param>
    public static Reason? Late(Job job, DateTimeOffset? graceFrom, in Moment moment) =>
        graceFrom is { } from && !job.Options.Grace.Allows(moment.Now - from, moment.GraceLimit) ? moment.CauseAt(from) : null;

    /// <summary>What is to become of a claimed run whose node is lost, or that was interrupted: true when it waits for its next attempt, false when it ends as interrupted.</summary>
    public static bool RunsAgain(StoredJob stored) => stored.Job.Options.RerunIfInterrupted && EndsWaiting(stored.Ended) is null;

    /// <summary>Why the waiting runs of a job that has ended never begin; null when they still do.</summary>
    public static Reason? EndsWaiting(JobEnd? ended) => ended switch
    {
        JobEnd.Removed or JobEnd.Retired => Reason.Removed,
        JobEnd.SwitchedOff => Reason.SwitchedOff,
        _ => null,
    };

    /// <summary>The fire times that passed before a pause of the job ends, and the watermark from its end on.</summary>
    /// <param name="stored">A paused job.</param>
    /// <param name="end">When the pause ends; a fire time at that instant is due again.</param>
    /// <param name="ran">Whether a fire time has a run already, waiting ones too; asked only for those not later than the last claimed one.</param>
    public static Decision PauseOver(StoredJob stored, DateTimeOffset end, Predicate<DateTimeOffset> ran)
    {
        if (stored.Job.Trigger is not { } trigger || stored.Next is not { } first) return new([], [], null);
        if (first >= end) return new([], [], first);
        var account = new JobAccount(end, ran);
        PassedOver(stored, account, end, Reason.Paused);
        LeftOut(stored, Later(first, trigger.Previous(end)), account);
        return new([], account.Entries, trigger.Next(end));
    }

    /// <summary>Accounts for the fire times before an instant that a change of their job passes over unclaimed.</summary>
    /// <param name="stored">The job before the change.</param>
    /// <param name="account">Takes the entries.</param>
    /// <param name="to">The end of the stretch, not included; not after the change.</param>
    /// <param name="reason">Why those did not run that were neither paused nor beyond their grace.</param>
    internal static void PassedOver(StoredJob stored, JobAccount account, DateTimeOffset to, Reason reason)
    {
        if (stored is not { Job.Trigger: { } trigger, Next: { } first } || first >= to) return;
        var times = new FireTimes(trigger, first);

        // What was due before the pause is judged at its beginning: a pause does not make late what was late already.
        var (judged, fate) = stored.Paused is { } pause && pause.At < account.Now ? (pause.At, Reason.Paused) : (account.Now, reason);
        var inTime = first;
        if (times.Previous(Earlier(judged, to)) is { } last) inTime = Earlier(InTime(stored.Job, times, (first, last), judged, TimeSpan.MaxValue), to);
        Pass(stored, times, (first, inTime), Reason.MisfireGraceExceeded, account);
        Pass(stored, times, (inTime, to), fate, account);
    }

    /// <summary>Accounts for a stretch of fire times that are passed over; those that have run already, because the clock or the job was set back, are told so.</summary>
    internal static void Pass(StoredJob stored, FireTimes times, (DateTimeOffset From, DateTimeOffset To) stretch, Reason reason, JobAccount account)
    {
        var (from, to) = stretch;
        while (from < to && times.Next(from) is { } first && first < to && first <= stored.LastFireTime)
        {
            var (ran, end) = OnceMore(stored, times, (first, to), int.MaxValue, account.Ran);
            account.Add(ran ?? times.Stretch(stored.Job.Id, first, end ?? to, reason));
            from = end ?? to;
        }
        account.Add(times.Stretch(stored.Job.Id, from, to, reason));
    }

    /// <summary>Accounts for the fire times that a job's trigger excludes: those since the last one that it yielded before the watermark, up to an instant.</summary>
    /// <param name="stored">The job before the change.</param>
    /// <param name="to">The end of the stretch, not included.</param>
    /// <param name="account">Takes the entry. Between its first and its last fire time there may be others that were not excluded.</param>
    internal static void LeftOut(StoredJob stored, DateTimeOffset to, JobAccount account) => account.Add(LeftOut(stored, to));

    static Entry? LeftOut(StoredJob stored, DateTimeOffset to)
    {
        if (stored is not { Job.Trigger: { LeavesOut: true } trigger, Next: { } first }) return null;
        var from = trigger.Previous(first) is { } last ? last.JustAfter() : stored.Job.Since ?? first;
        if (stored.Job.Since is { } since && since > from) from = since;
        return from < to && trigger.LeftOut(from, to) is { } left ? new(stored.Job.Id, left.First, left.Last, left.Count, Reason.ExcludedDate) : null;
    }

    /// <summary>One entry for both when the second begins where the first ends, for the same reason; null when they stay apart.</summary>
    /// <param name="trigger">The job's trigger: no fire time of its lies between them. A fire time that was given by hand begins an entry of its own.</param>
    /// <param name="last">The job's last entry.</param>
    /// <param name="next">The one to be written after it.</param>
    public static Entry? Joined(Trigger? trigger, Entry last, Entry next) =>
        last.Job == next.Job && last.Reason == next.Reason && last.Last < next.First && trigger?.Next(last.Last.JustAfter()) is { } follows
            && (follows == next.First || (follows > next.First && next.Reason == Reason.ExcludedDate))
            ? last with { Last = next.Last, Count = last.Count + next.Count }
            : null;

    /// <summary>What is left of an entry when its fire times from an instant on are taken back; null for nothing.</summary>
    /// <param name="trigger">The trigger whose fire times they are. An entry that does not count what this trigger yields is another's, and stays.</param>
    /// <param name="entry">One of the job's entries.</param>
    /// <param name="from">Where what is taken back begins.</param>
    public static Entry? Before(Trigger trigger, Entry entry, DateTimeOffset from)
    {
        if (entry.Last < from) return entry;
        if (entry.First >= from) return null;
        if (entry.Reason == Reason.ExcludedDate)
            return trigger.LeftOut(entry.First, from) is { } left ? entry with { First = left.First, Last = left.Last, Count = left.Count } : null;
        var times = new FireTimes(trigger, entry.First);
        var whole = times.Stretch(entry.Job, entry.First, entry.Last.JustAfter(), entry.Reason);
        return whole == entry ? times.Stretch(entry.Job, entry.First, from, entry.Reason) : entry;
    }

    /// <summary>From which instant on the due fire times are within their grace, counted from when each is to start; after the last one when none is. Of coalesced ones the last is judged for all.</summary>
    static DateTimeOffset InTime(Job job, FireTimes times, (DateTimeOffset First, DateTimeOffset Last) due, DateTimeOffset now, TimeSpan graceLimit)
    {
        var (first, last) = due;
        var grace = job.Options.Grace;
        if (!grace.Allows(now - Jitter.StartOf(job, last), graceLimit)) return last.JustAfter();
        if (job.Options.Coalesce) return first;
        if (grace.IsUntilNext) return last;
        if (grace.Limit is not { } limit || now - first <= limit) return first;
        var oldest = now.Minus(limit).Minus(job.Trigger!.Jitter);
        if (oldest < first) oldest = first;
        for (; oldest < now.Minus(limit) && times.Next(oldest) is { } at; oldest = at.JustAfter())
            if (Jitter.StartOf(job, at) >= now.Minus(limit)) return at;
        return oldest;
    }

    static Decision Each(FireTimes times, (DateTimeOffset First, DateTimeOffset Last, DateTimeOffset? Next) due, List<Entry> entries)
    {
        List<DateTimeOffset> runs = [];
        for (var at = times.Next(due.First); at <= due.Last; at = times.Next(at.Value.JustAfter()))
        {
            if (runs.Count == MostRuns) return new(runs, entries, at);
            runs.Add(at.Value);
        }
        return new(runs, entries, due.Next);
    }

    /// <summary>Adds entries for a stretch that was lost, split where the cause changes.</summary>
    static void Missed(JobId job, FireTimes times, DateTimeOffset from, DateTimeOffset to, in Moment moment, List<Entry> entries)
    {
        foreach (var change in moment.Changes().Append(to))
        {
            if (change <= from) continue;
            var end = Earlier(change, to);
            if (times.Stretch(job, from, end, moment.CauseAt(from)) is { } lost)
            {
                if (entries is [.., var last] && last.Reason == lost.Reason) entries[^1] = last with { Last = lost.Last, Count = last.Count + lost.Count };
                else entries.Add(lost);
            }
            from = end;
        }
    }

    static void Add(List<Entry> entries, Entry? entry)
    {
        if (entry is not null) entries.Add(entry);
    }

    static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset? b) => b > a ? b.Value : a;

    static DateTimeOffset Earlier(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;
}
