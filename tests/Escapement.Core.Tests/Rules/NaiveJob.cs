using Escapement.Ledger;
using Escapement.Triggers;
using static Escapement.Core.Tests.Rules.Arrange;

namespace Escapement.Core.Tests.Rules;

/// <summary>
/// A schedule of whole seconds with independent arithmetic:
/// a fixed period from a given second on, except in a part of the day.
/// </summary>
sealed record NaiveTrigger(long Period, long From, (long From, long To)? Except)
{
    public Trigger Trigger { get; } = Made(Period, From, Except);

    public bool Yields(long second) =>
        second >= From && (second - From) % Period == 0 && !(Except is var (begin, end) && second >= begin && second < end);

    public long Next(long second)
    {
        while (!Yields(second)) second++;
        return second;
    }

    static Trigger Made(long period, long from, (long From, long To)? except)
    {
        var interval = new IntervalTrigger(TimeSpan.FromSeconds(period), At(from), ZoneClock.Utc);
        return except is var (begin, end)
            ? new ExcludingTrigger(interval,
                ExclusionCalendar.Parse([$"{TimeSpan.FromSeconds(begin):hh\\:mm\\:ss}-{TimeSpan.FromSeconds(end):hh\\:mm\\:ss}"], null))
            : interval;
    }
}

/// <summary>
/// The fate of each second of a job, recorded at the time of the decision. The class knows the rules, but no layers.
/// </summary>
sealed class NaiveJob
{
    // Beyond every fire time that a fast clock has decided.
    const long Far = 1_000;

    readonly Dictionary<long, string> decided = [];
    readonly List<(NaiveTrigger Trigger, long From, long? To)> accounts = [];
    readonly List<(long Begun, long? Ended, EpochEnd? How)> epochs = [];
    readonly HashSet<long> ran = [], ended = [];
    (long From, long To)? pausedBefore;
    NaiveTrigger? trigger;
    long? last;
    long trimmed = long.MinValue, forgotten = long.MinValue;

    public long? Next { get; private set; }

    public (long At, long? Until)? Paused { get; private set; }

    public bool Exists { get; private set; }

    public int Running { get; private set; }

    public HashSet<long> Waiting { get; } = [];

    public required long? MisfireGrace { get; set; }

    public required bool Coalesce { get; set; }

    public required int? Most { get; init; }

    public long? SchedulerPaused { get; private set; }

    public void Begin(long now) => epochs.Add((now, null, null));

    public void End(long lastSign, EpochEnd how) => epochs[^1] = epochs[^1] with { Ended = lastSign, How = how };

    public void PauseScheduler(long now) => SchedulerPaused ??= pausedBefore is var (from, to) && to == now ? from : now;

    public void ResumeScheduler(long now)
    {
        if (SchedulerPaused is { } from) pausedBefore = (from, now);
        SchedulerPaused = null;
    }

    public void Claim(long now, List<long> started)
    {
        var due = Paused is { } pause ? pause.Until ?? long.MaxValue : Next ?? long.MaxValue;
        if (!Exists || SchedulerPaused is not null) due = long.MaxValue;
        List<long> wereWaiting = [.. started.Where(Waiting.Contains)];
        Running += wereWaiting.Count(at => at < due);
        if (due <= now) Decide(now);
        Running += wereWaiting.Count(at => at >= due);
        Waiting.ExceptWith(wereWaiting);
        ran.UnionWith(started);
        ended.ExceptWith(started);
        foreach (var at in started) decided[at] = "run";
    }

    public void Ended(long fireTime, bool missed)
    {
        Running--;
        ended.Add(fireTime);
        if (missed) ran.Remove(fireTime);
    }

    public void Add(NaiveTrigger begins, long now, long? given)
    {
        var had = Exists ? Next : null;
        Close(now);
        var to = given ?? begins.Next(now);
        Open(begins, to);
        Paused = null;
        Move(had, to, nameof(ActionKind.Added));
    }

    public void Pause(long now, long? until)
    {
        var had = PauseOver(now);
        if (Paused is { } lasting && lasting.Until == until) return;
        var to = Paused is null || Next >= now ? Next : trigger!.Next(now);
        Move(had, to, nameof(ActionKind.Paused));
        Paused = to is null ? null : (now, until);
    }

    public void Resume(long now)
    {
        if (Paused is null) return;
        var had = PauseOver(now);
        var to = Paused is null || Next >= now ? Next : trigger!.Next(now);
        Paused = null;
        Move(had, to, nameof(ActionKind.Resumed));
    }

    public void Change(NaiveTrigger changed, long now)
    {
        var had = PauseOver(now);
        Close(now);
        Open(changed, changed.Next(now));
        Move(had, changed.Next(now), nameof(ActionKind.Changed));
    }

    public void ChangeOptions(long now)
    {
        var had = PauseOver(now);
        var same = trigger!;
        var border = Math.Min(had!.Value, Next!.Value);
        Close(border);
        Open(same, border);
        Move(had, Next, nameof(ActionKind.Changed));
    }

    public void MoveTo(long next, long now)
    {
        var had = PauseOver(now);
        Paused = null;
        Move(had, next, nameof(ActionKind.Changed));
    }

    public void ClockWentBack(long ahead, long now)
    {
        var first = trigger!.Next(now);
        if (first >= Next || first > ahead || Next > trigger.Next(ahead + 1)) return;
        if (Paused is { } pause && pause.At > now) Paused = (now, pause.Until);
        Move(Next, first, nameof(ActionKind.ClockWentBack));
    }

    public void Remove(long now)
    {
        var had = PauseOver(now);
        Move(had, null, nameof(ActionKind.Removed));
        Close(now);
        Exists = false;
        Paused = null;
        ran.ExceptWith(Waiting);
        ended.UnionWith(Waiting);
        Waiting.Clear();
    }

    public void Trim(long before)
    {
        trimmed = Math.Max(trimmed, before);
        foreach (var at in ended.Where(at => at < before)) forgotten = Math.Max(forgotten, at + 1);
        ended.RemoveWhere(at => at < before);
    }

    /// <summary>Forgets the job, so that its id counts as new.</summary>
    public void Remove()
    {
        decided.Clear();
        accounts.Clear();
        ran.Clear();
        ended.Clear();
        (last, forgotten) = (null, long.MinValue);
    }

    /// <summary>
    /// Returns the fate of each fire time for which a definition accounts, from the beginning of the record on.
    /// </summary>
    public SortedDictionary<DateTimeOffset, string> Read(long from, long to)
    {
        SortedDictionary<DateTimeOffset, string> read = [];
        for (var second = Math.Max(from, trimmed); second < to; second++)
        {
            var pending = Exists && Next <= second && trigger!.Yields(second);
            if (!pending && accounts.Exists(account => account.From <= second && !(second >= account.To) && account.Trigger.Yields(second)))
            {
                read[At(second)] = decided.GetValueOrDefault(second, "nothing");
            }
        }

        return read;
    }

    void Decide(long now)
    {
        if (Paused is { At: var begun, Until: { } until })
        {
            for (var second = Next!.Value; second < until; second++) Set(second, second < begun ? BeforePause(second) : nameof(Reason.Paused));
            if (Next < until) Next = trigger!.Next(until);
            Paused = null;
        }

        List<long> due = [];
        for (var second = Next!.Value; second <= now; second++)
        {
            if (second == Next || trigger!.Yields(second)) due.Add(second);
        }

        if (due.Count == 0) return;
        Next = trigger!.Next(now + 1);
        var late = Coalesce ? now - due[^1] : 0;
        List<long> inTime = [.. due.Where(at => !(late > MisfireGrace) && (Coalesce || !(now - at > MisfireGrace)))];
        foreach (var at in due)
        {
            if (!inTime.Contains(at)) Set(at, CauseOf(at));
        }

        inTime.RemoveAll(at => at <= last && (at < forgotten || ran.Contains(at)));
        if (inTime.Count == 0) return;

        // The last fire time that has not run is the candidate, so its own grace counts.
        if (Coalesce && now - inTime[^1] > MisfireGrace)
        {
            foreach (var at in inTime) Set(at, CauseOf(at));
            return;
        }

        if (Running >= Most)
        {
            foreach (var at in inTime) Set(at, nameof(Reason.MaxInstancesReached));
            return;
        }

        Running++;
        foreach (var at in inTime) Set(at, Coalesce && at != inTime[^1] ? nameof(Reason.Coalesced) : "run");
        ran.UnionWith(Coalesce ? [inTime[^1]] : inTime);
        if (!Coalesce) Waiting.UnionWith(inTime.Skip(1));
        last = Math.Max(last ?? long.MinValue, inTime[^1]);
    }

    string BeforePause(long second) => CauseOf(second) is var cause && cause != nameof(Reason.MisfireGraceExceeded) ? cause : nameof(Reason.Paused);

    string CauseOf(long second)
    {
        if (pausedBefore is var (from, to) && second >= from && second < to) return nameof(Reason.SchedulerPaused);
        if (epochs.Exists(epoch => epoch.Begun <= second && !(second >= epoch.Ended))) return nameof(Reason.MisfireGraceExceeded);

        // An epoch covers nothing if the clock was set back during the epoch to before its beginning.
        var before = epochs.Where(epoch => epoch.Ended <= second && epoch.Begun <= epoch.Ended).ToList();
        return before.Count > 0 && before.MaxBy(epoch => epoch.Ended).How == EpochEnd.ShutDown
            ? nameof(Reason.ShutDown)
            : nameof(Reason.NoActiveNode);
    }

    /// <summary>Records the decision about a second, unless a run already covers the second.</summary>
    void Set(long second, string what)
    {
        // This includes a run that never began.
        // Such a run may become due again and be skipped, but remains the account.
        if (decided.GetValueOrDefault(second) != "run") decided[second] = what;
    }

    long? PauseOver(long now)
    {
        var had = Next;
        if (Paused is not { Until: { } until } || until > now) return had;
        if (Next < until) Next = trigger!.Next(until);
        Paused = null;
        return had;
    }

    /// <summary>
    /// Moves the watermark. The move decides the skipped seconds, and opens the seconds from the new watermark on.
    /// </summary>
    void Move(long? from, long? to, string kind)
    {
        for (var second = from; second < (to ?? from + Far); second++)
        {
            if (IsAccounted(second.Value)) Set(second.Value, kind);
        }

        foreach (var second in decided.Keys)
        {
            if (second >= to && decided[second] != "run") decided.Remove(second);
        }

        if (to < from && accounts[^1].To is null) Account(trigger!, to.Value);
        Next = to;
    }

    bool IsAccounted(long second) =>
        accounts.Exists(account => account.From <= second && !(second >= account.To) && account.Trigger.Yields(second));

    void Close(long now)
    {
        if (Exists) End(now);
    }

    void Open(NaiveTrigger begins, long from)
    {
        trigger = begins;
        Exists = true;
        Account(begins, from);
    }

    /// <summary>Makes a definition account for all seconds from a second on, replacing earlier definitions.</summary>
    void Account(NaiveTrigger begins, long from)
    {
        End(from);
        accounts.Add((begins, from, null));
    }

    void End(long from)
    {
        for (var i = 0; i < accounts.Count; i++)
        {
            if (!(accounts[i].To <= from)) accounts[i] = accounts[i] with { To = from };
        }
    }
}
