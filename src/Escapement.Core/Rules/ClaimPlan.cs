using System.Runtime.InteropServices;
using Escapement.Jobs;
using Escapement.Ledger;

namespace Escapement.Rules;

/// <summary>Computes a claim without a store: takes the due items and returns the changes to write.</summary>
/// <remarks>
/// A store reads the due items for the executors with free slots, in the order of <see cref="Order"/>, and passes each
/// item to <c>Take</c> until <see cref="Wants"/> returns false.
/// The store reports the first item in the future with <see cref="NotDue"/>, and writes the plan. A store reuses its
/// plan, so that a claim allocates only its result. Arguments are never modified, so that a claim can be rolled back.
/// Not thread-safe.
/// </remarks>
public sealed class ClaimPlan
{
    /// <summary>The maximum number of runs handed out by a claim.</summary>
    internal const int MaxRuns = 500;

    /// <summary>The maximum number of jobs and waiting runs decided by a claim, including items that do not
    /// run.</summary>
    public const int MaxItems = 2_000;

    /// <summary>The maximum number of a job's fire times decided individually by a claim. The rest stays due.</summary>
    public const int MaxTimes = Decide.MaxTimes;

    readonly Dictionary<long, int> unitOf = [];
    readonly List<ClaimUnit> units = [];
    readonly List<PlannedRun> runs = [];
    readonly List<(int Unit, Entry Entry, Entry? Replaces)> entries = [];
    readonly List<(int Unit, WaitingRun Run)> waits = [];
    readonly List<(int Unit, WaitingRun Run, RunEnd? End)> fates = [];
    readonly List<(JobId Job, string Why)> aside = [];
    readonly List<SlowJob> slow = [];
    readonly SlowJobs slowJobs;
    readonly bool keepsJobs;
    readonly DueJob due = new();
    readonly TriggerSearch search = new();
    readonly Dictionary<string, int> places = new(StringComparer.Ordinal);
    readonly Dictionary<string, long> later = new(StringComparer.Ordinal);
    IReadOnlyList<ScopedPause> scopes = [];
    ClaimContext context = null!;
    ClaimRequest request = null!;
    int items, asked;

    /// <summary>Creates a plan for a store that keeps one plan.</summary>
    public ClaimPlan() => (slowJobs, keepsJobs) = (new(), true);

    internal ClaimPlan(SlowJobs slowJobs) => this.slowJobs = slowJobs;

    /// <summary>The instant of the claim in microseconds since 1970-01-01 UTC. Items due later must not be passed to
    /// the plan.</summary>
    public long Now { get; private set; }

    /// <summary>The instant of the claim.</summary>
    internal DateTimeOffset At => context.Now;

    /// <summary>True if fire times are claimed. Otherwise only waiting runs are claimed.</summary>
    public bool TakesFireTimes { get; private set; }

    /// <summary>The scheduler state before and after the claim, which ends an expired pause of all jobs. A changed state
    /// must be written.</summary>
    public EditedState State { get; private set; }

    /// <summary>The fire times whose runs the plan must know, after <see cref="Taken.ReadRan"/>.</summary>
    public IReadOnlyList<DateTimeOffset> Lookups { get; private set; } = [];

    /// <summary>The jobs changed by the claim. A unit is written as a whole, or not at all.</summary>
    public ReadOnlySpan<ClaimUnit> Units => CollectionsMarshal.AsSpan(units);

    /// <summary>The runs to start.</summary>
    public ReadOnlySpan<PlannedRun> Runs => CollectionsMarshal.AsSpan(runs);

    /// <summary>The entries to write, with the index of their job in <see cref="Units"/>, and with the stored entry that
    /// each entry replaces, or null.</summary>
    public ReadOnlySpan<(int Unit, Entry Entry, Entry? Replaces)> Entries => CollectionsMarshal.AsSpan(entries);

    /// <summary>The fire times that become waiting runs, with the index of their job in <see cref="Units"/>.</summary>
    public ReadOnlySpan<(int Unit, WaitingRun Run)> Waits => CollectionsMarshal.AsSpan(waits);

    /// <summary>The due waiting runs that do not start, with the index of their job in <see cref="Units"/>, and with the
    /// end of the run. A run without an end is blocked until a run of its job ends.</summary>
    public ReadOnlySpan<(int Unit, WaitingRun Run, RunEnd? End)> Fates => CollectionsMarshal.AsSpan(fates);

    /// <summary>True if the claim has changes to write. Such a claim also counts as a heartbeat.</summary>
    public bool Writes => units.Count > 0 || State.Changed;

    /// <summary>The signal to send after the claim.</summary>
    public StoreSignal Signal { get; private set; }

    /// <summary>Compares two due items: by priority, then by due time, oldest first. Backfills differ in their fire times.</summary>
    public static int Order((int Priority, long Due, long Job, long Number, long FireTime) a,
        (int Priority, long Due, long Job, long Number, long FireTime) b) => a.CompareTo(b);

    /// <summary>Begins a claim.</summary>
    /// <param name="now">The store's clock, read inside the transaction.</param>
    /// <param name="asked">The request.</param>
    /// <param name="state">The scheduler state as read.</param>
    /// <param name="downtimes">The stretches without an active node, from <see cref="EpochRules.Downtimes"/>, back to
    /// the oldest due item.</param>
    /// <param name="pausedScopes">The pauses of tags and executors without a recorded end, or null if there are none.</param>
    public void Begin(DateTimeOffset now, ClaimRequest asked, SchedulerState state, IReadOnlyList<DelayCause> downtimes,
        IReadOnlyList<ScopedPause>? pausedScopes = null)
    {
        Clear();
        if (keepsJobs && request?.Epoch != asked.Epoch) slowJobs.KeepOnly(asked.Epoch);
        (request, scopes) = (asked, pausedScopes ?? []);
        var after = SchedulerEdits.PauseOver(state, now);
        State = new(state, after, null, StoreSignal.None);
        context = ClaimContext.Of(now, asked.GraceLimit, after, downtimes, asked.Causes);
        Now = context.Now.ToMicros();
        TakesFireTimes = asked.FireTimes && after.Paused is null;
        foreach (var (executor, free) in asked.FreePlaces)
            if (free > 0) places[executor] = free;
    }

    /// <summary>Returns the number of due items of an executor to read at once: more than there are slots, because a
    /// skipped fire time takes no slot.</summary>
    public int ReadAhead(string executor) => Math.Min(MaxRuns, Math.Max(64, 2 * places.GetValueOrDefault(executor)));

    /// <summary>Returns true if a further item of an executor fits into the claim.</summary>
    public bool Wants(string executor) => !IsFull && places.GetValueOrDefault(executor) > 0;

    /// <summary>True if the claim accepts no further items.</summary>
    internal bool IsFull => runs.Count >= MaxRuns || items >= MaxItems || waits.Count >= MaxItems || asked >= TriggerSearch.MaxOfClaim;

    /// <summary>Reports an item that is not due, or remains due for the next claim.</summary>
    /// <param name="executor">The item's executor.</param>
    /// <param name="at">The due time in microseconds since 1970-01-01 UTC.</param>
    public void NotDue(string executor, long at)
    {
        ref var earliest = ref CollectionsMarshal.GetValueRefOrAddDefault(later, executor, out var known);
        if (!known || at < earliest) earliest = at;
    }

    /// <summary>Returns true if an item of a job must be skipped: this node lacks the handler or cannot read the arguments, and
    /// another version of the program may still run the item, or the job's trigger is being searched outside of the claim. Reports
    /// when the claim must consider such an item again.</summary>
    /// <param name="stored">The job.</param>
    /// <param name="at">The due time of the item in microseconds since 1970-01-01 UTC.</param>
    /// <param name="waiting">The waiting run, or null for a fire time.</param>
    public bool PassesOver(StoredJob stored, long at, WaitingRun? waiting)
    {
        var isKnown = request.Handlers.Contains(stored.Job.Handler);
        var mismatch = isKnown ? request.Mismatch?.Invoke(stored.Job, waiting?.Arguments ?? stored.Job.Arguments) : null;
        long? end = isKnown
            ? mismatch is null ? Now : UnknownHandler.After(Instant.FromMicros(at), request.MismatchGrace)
            : request.RecordsUnknownHandlers ? UnknownHandler.GraceEnd(stored.Job, at, waiting, request.GraceLimit) : null;
        if (end <= Now) return waiting is null && SlowOf(stored) is { IsUnderWay: true };
        if (mismatch is not null) SetAside(stored.Job.Id, mismatch);
        if (end is { } left) NotDue(stored.Job.Options.Executor, left);
        return true;
    }

    /// <summary>Decides the due fire times of a job, or the end of its pause.</summary>
    /// <param name="stored">The job, with a trigger and a watermark, not ended. Any pause of the job has
    /// expired.</param>
    /// <param name="state">The job's state. Ignored for a job already in the plan, whose planned state is used.</param>
    /// <param name="lastEntry">The job's newest entry if nothing was written for the job since. The entry is extended
    /// if possible.</param>
    /// <param name="ran">The result of <see cref="Lookups"/>.</param>
    public Taken Take(StoredJob stored, in JobState state, Entry? lastEntry = null, RanTimes ran = default)
    {
        if (PassesOver(stored, stored.Paused?.Until?.ToMicros() ?? state.Next, null)) return Taken.No;
        var hasHandler = request.Handlers.Contains(stored.Job.Handler);
        var before = SlowOf(stored);
        if (before?.Error is { } error)
        {
            // The next claim searches again, like for a trigger that throws immediately.
            slowJobs.Remove(request.Epoch, stored);
            SetAside(stored.Job.Id, error);
            return Taken.No;
        }

        var known = unitOf.TryGetValue(stored.Number, out var place);
        var read = known ? units[place].After : state;
        var at = before is null ? context : context with { Now = before.At };
        search.Begin(before?.Known);
        try
        {
            due.Think(stored, read, state.Change + 1, lastEntry, at, ran, search, scopes, hasHandler);
        }
        catch (SearchTooLongException)
        {
            SlowJob job = new(stored, read, lastEntry, at, ran, before) { HasHandler = hasHandler, Scopes = scopes };
            slow.Add(job);
            slowJobs.Set(request.Epoch, job);
            return Taken.No;
        }
        catch (Exception e)
        {
            return SetAside(stored, e);
        }
        finally
        {
            asked += search.Asked;
        }

        return Decided(stored, state, wasSlow: before is not null);
    }

    /// <summary>Decides a due waiting run.</summary>
    /// <param name="stored">The job.</param>
    /// <param name="state">The job's state. Ignored for a job already in the plan, whose planned state is used.</param>
    /// <param name="run">The waiting run, which must not be blocked.</param>
    public Taken Take(StoredJob stored, in JobState state, WaitingRun run)
    {
        var job = stored.Job;
        if (PassesOver(stored, run.Due, run)) return Taken.No;
        try
        {
            var graceFrom = Decide.MisfireGraceFrom(run, context.Now);
            var late = request.Handlers.Contains(job.Handler) ? Decide.TooLate(job, graceFrom, context) : Reason.HandlerNotRegistered;
            var fireTime = run.Id.Number == 0 && job.Trigger is { } trigger
                ? trigger.Zone.ToZone(Instant.FromMicros(run.Id.FireTime))
                : Instant.FromMicros(run.Id.FireTime);
            items++;
            var place = UnitOf(stored, state);
            ref var unit = ref CollectionsMarshal.AsSpan(units)[place];
            unit.After = unit.After with { Change = unit.Before.Change + 1 };
            if (late is { } reason)
            {
                fates.Add((place, run, RunEnds.Unclaimed(run, reason, context.Now)));
                if (run.Watched) Signal |= StoreSignal.RunEnded;
            }
            else if (!Decide.MayStart(job, unit.After))
            {
                WantsPlace(ref unit, job);
                fates.Add((place, run, null));
            }
            else
            {
                Start(ref unit, new(place, run.Id, fireTime, run.Attempt, graceFrom, run));
            }

            return Taken.Yes;
        }
        catch (Exception e)
        {
            return SetAside(stored, e);
        }
    }

    /// <summary>Returns the result of the claim.</summary>
    /// <param name="tokens">The fencing tokens of <see cref="Runs"/>, in the same order. 0 for a run whose unit was not
    /// written.</param>
    public Claimed Answer(ReadOnlySpan<long> tokens)
    {
        List<ClaimedRun> handed = new(runs.Count);
        for (var i = 0; i < runs.Count; i++)
        {
            if (tokens[i] == 0) continue;
            var run = runs[i];
            var job = units[run.Unit].Job.Job;
            handed.Add(new()
            {
                Id = run.Id,
                Job = job,
                FireTime = run.FireTime,
                Arguments = run.Waited?.Arguments ?? job.Arguments,
                Attempt = run.Attempt,
                Token = tokens[i],
                MisfireGraceFrom = run.MisfireGraceFrom,
            });
        }

        return new(handed, NextDue())
        {
            SetAside = aside.Count == 0 ? [] : [.. aside],
            Missed = entries.Count + fates.Count == 0 ? [] : [.. MissedTimes.Of(entries, fates, units)],
            Slow = slow.Count == 0 ? [] : [.. slow],
        };
    }

    /// <summary>Sets aside a job whose row is unreadable or was changed during the claim.</summary>
    /// <param name="job">The job.</param>
    /// <param name="why">The error, for people.</param>
    public void SetAside(JobId job, string why) => aside.Add((job, why));

    void Clear()
    {
        unitOf.Clear();
        units.Clear();
        runs.Clear();
        entries.Clear();
        waits.Clear();
        fates.Clear();
        aside.Clear();
        slow.Clear();
        places.Clear();
        later.Clear();
        (items, asked, Signal, Lookups) = (0, 0, StoreSignal.None, []);
    }

    /// <summary>Adopts the decision for a job. Must not call the trigger, which may throw.</summary>
    Taken Decided(StoredJob stored, in JobState read, bool wasSlow)
    {
        var decision = due.Decision;
        if (decision.Lookups.Count > 0)
        {
            Lookups = decision.Lookups;
            return Taken.ReadRan;
        }

        items++;
        slowJobs.Remove(request.Epoch, stored);
        var place = UnitOf(stored, read);
        foreach (var (entry, replaces) in due.Entries) entries.Add((place, entry, replaces));
        ref var unit = ref CollectionsMarshal.AsSpan(units)[place];
        var last = due.State.Last;
        if (decision.Run is { } first) last = Math.Max(last, (decision.Behind is [.., var newest] ? newest : first).ToMicros());
        unit.After = due.State.WithNext(decision.Next) with { Last = last, Change = unit.Before.Change + 1 };
        unit.Moves = true;
        (unit.PauseOver, unit.Follows) = (stored.Paused is not null, due.Follows);
        if (decision.ForWantOfPlace) WantsPlace(ref unit, stored.Job);
        if (decision.Run is { } fireTime)
        {
            var id = new RunId(fireTime.ToMicros(), stored.Number, 0);

            // A slow job is judged by the instant at which it was found due: the search time does not count towards
            // its misfire grace.
            var graceFrom = wasSlow ? context.Now : due.Start;
            if (due.Start.ToMicros() > Now) Delay(ref unit, place, id, due.Start.ToMicros());
            else Start(ref unit, new(place, id, due.FireTime, 1, graceFrom, null));
            foreach (var behind in decision.Behind)
            {
                Wait(place, stored.Job, new(behind.ToMicros(), stored.Number, 0), Decide.WaitsUntil(stored.Job, behind, context.Now)
                    .ToMicros());
            }
        }

        if (NextAt(stored.Job, decision.Next) is { } next) NotDue(stored.Job.Options.Executor, next);
        return Taken.Yes;
    }

    /// <summary>Returns the time at which a claim can decide the next fire time: the end of its misfire grace for a job
    /// without a handler, or the end of a pause that follows.</summary>
    long? NextAt(Job job, DateTimeOffset? next) =>
        due.Follows is not null ? due.Follows.Until?.ToMicros() : next?.ToMicros() is not { } at ? null
        : request.Handlers.Contains(job.Handler) ? at : UnknownHandler.GraceEnd(job, at, null, request.GraceLimit);

    SlowJob? SlowOf(StoredJob stored) => slowJobs.Find(request.Epoch, stored) is { } job && job.At <= context.Now ? job : null;

    int UnitOf(StoredJob stored, in JobState state)
    {
        ref var place = ref CollectionsMarshal.GetValueRefOrAddDefault(unitOf, stored.Number, out var known);
        if (known) return place;
        units.Add(new() { Job = stored, Before = state, After = state, MaxRunning = int.MaxValue });
        return place = units.Count - 1;
    }

    void Start(ref ClaimUnit unit, in PlannedRun run)
    {
        var executor = unit.Job.Job.Options.Executor;
        NeedsPlace(ref unit);
        runs.Add(run);
        unit.Starts++;
        unit.After = unit.After with { Running = unit.After.Running + 1 };
        if (places.TryGetValue(executor, out var free)) places[executor] = free - 1;
    }

    /// <summary>Delays a fire time until its jitter is over. With the maximum number of running runs, the fire time
    /// would be skipped.</summary>
    void Delay(ref ClaimUnit unit, int place, RunId id, long due)
    {
        NeedsPlace(ref unit);
        Wait(place, unit.Job.Job, id, due);
    }

    static void NeedsPlace(ref ClaimUnit unit)
    {
        if (unit.Job.Job.Options.MaxInstances is { } max) unit.MaxRunning = Math.Min(unit.MaxRunning, max - 1 - unit.Starts);
    }

    static void WantsPlace(ref ClaimUnit unit, Job job) =>
        unit.MinRunning = Math.Max(unit.MinRunning, job.Options.MaxInstances!.Value - unit.Starts);

    void Wait(int unit, Job job, RunId id, long due)
    {
        waits.Add((unit, new() { Id = id, Due = due }));
        NotDue(job.Options.Executor, due);
    }

    Taken SetAside(StoredJob stored, Exception e)
    {
        SetAside(stored.Job.Id, ExceptionText.Of(e));
        return Taken.No;
    }

    DateTimeOffset? NextDue()
    {
        if (IsFull) return context.Now;
        long? next = null;
        foreach (var (executor, at) in later)
            if (places.GetValueOrDefault(executor) > 0 && !(next <= at)) next = at;
        if (request.FireTimes && State.After.Paused?.Until?.ToMicros() is { } end && !(next < end) && places.Values.Any(free => free > 0))
            return Instant.FromMicros(end);
        return next is { } earliest ? Instant.FromMicros(earliest) : null;
    }
}
