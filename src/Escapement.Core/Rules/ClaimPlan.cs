using System.Runtime.InteropServices;
using Escapement.Jobs;
using Escapement.Ledger;

namespace Escapement.Rules;

/// <summary>A claim, thought through without a store: what is due goes in, what is to be written comes out.</summary>
/// <remarks>
/// A store reads what is due for the executors with free slots, in the order of <see cref="Order"/>, hands each item to <c>Take</c> until <see cref="Wants"/> says no,
/// tells with <see cref="NotDue"/> what it saw that is not due, and writes what the plan says. It keeps its plan and begins it anew for each claim: a claim allocates nothing
/// but its answer. Nothing that is handed in is changed: a claim that is undone leaves no trace. Not safe for use by several threads.
/// </remarks>
public sealed class ClaimPlan
{
    /// <summary>The most runs that one claim hands out.</summary>
    public const int MaxRuns = 500;

    /// <summary>The most jobs and waiting runs that one claim decides, whether they run or not.</summary>
    public const int MaxItems = 2_000;

    readonly Dictionary<long, int> unitOf = [];
    readonly List<ClaimUnit> units = [];
    readonly List<PlannedRun> runs = [];
    readonly List<PlannedEntry> entries = [];
    readonly List<PlannedWait> waits = [];
    readonly List<PlannedFate> fates = [];
    readonly List<(JobId Job, string Why)> aside = [];
    readonly List<SlowJob> slow = [];
    readonly SlowJobs slowJobs;
    readonly bool keepsJobs;
    readonly DueJob due = new();
    readonly TriggerSearch search = new();
    readonly Dictionary<string, int> places = new(StringComparer.Ordinal);
    readonly Dictionary<string, long> later = new(StringComparer.Ordinal);
    ClaimContext context = null!;
    ClaimRequest request = null!;
    int items, asked;

    /// <summary>Creates a plan for a store that keeps one plan.</summary>
    public ClaimPlan() => (slowJobs, keepsJobs) = (new(), true);

    internal ClaimPlan(SlowJobs slowJobs) => this.slowJobs = slowJobs;

    /// <summary>The instant of the claim in microseconds since 1970-01-01 UTC: what is due later is not handed in.</summary>
    public long Now { get; private set; }

    /// <summary>The instant of the claim.</summary>
    public DateTimeOffset At => context.Now;

    /// <summary>Whether fire times are taken; otherwise waiting runs alone.</summary>
    public bool TakesFireTimes { get; private set; }

    /// <summary>The state of the scheduler after the claim: a pause of all jobs whose end has come is over.</summary>
    public SchedulerState State { get; private set; } = new();

    /// <summary>Whether the state of the scheduler is to be written.</summary>
    public bool StateChanged { get; private set; }

    /// <summary>The fire times about which the plan must know whether they ran; after <see cref="Taken.ReadRan"/>.</summary>
    public IReadOnlyList<DateTimeOffset> Lookups { get; private set; } = [];

    /// <summary>The jobs that the claim changes. A unit holds as a whole, or not at all.</summary>
    public ReadOnlySpan<ClaimUnit> Units => CollectionsMarshal.AsSpan(units);

    /// <summary>The runs that start.</summary>
    public ReadOnlySpan<PlannedRun> Runs => CollectionsMarshal.AsSpan(runs);

    /// <summary>The entries to write.</summary>
    public ReadOnlySpan<PlannedEntry> Entries => CollectionsMarshal.AsSpan(entries);

    /// <summary>The fire times that become waiting runs.</summary>
    public ReadOnlySpan<PlannedWait> Waits => CollectionsMarshal.AsSpan(waits);

    /// <summary>The due waiting runs that do not start.</summary>
    public ReadOnlySpan<PlannedFate> Fates => CollectionsMarshal.AsSpan(fates);

    /// <summary>Whether anything is to be written; such a claim is a heartbeat too.</summary>
    public bool Writes => units.Count > 0 || StateChanged;

    /// <summary>What the claim notifies.</summary>
    public StoreSignal Signal { get; private set; }

    /// <summary>The order in which due items are handed in: by the priority of their jobs, then the longest due first.</summary>
    public static int Order((int Priority, long Due, long Job, long Number) a, (int Priority, long Due, long Job, long Number) b) =>
        a.CompareTo(b);

    /// <summary>Begins a claim.</summary>
    /// <param name="now">The store's clock, read inside the transaction.</param>
    /// <param name="asked">The request.</param>
    /// <param name="state">The state of the scheduler as it was read.</param>
    /// <param name="downtimes">The stretches without an active node that <see cref="EpochRules.Downtimes"/> finds, as far back as the oldest due item.</param>
    public void Begin(DateTimeOffset now, ClaimRequest asked, SchedulerState state, IReadOnlyList<DelayCause> downtimes)
    {
        Clear();
        if (keepsJobs && request?.Epoch != asked.Epoch) slowJobs.KeepOnly(asked.Epoch);
        request = asked;
        State = SchedulerEdits.PauseOver(state, now);
        StateChanged = State != state;
        context = ClaimContext.Of(now, asked.GraceLimit, State, downtimes, asked.Causes);
        Now = context.Now.ToMicros();
        TakesFireTimes = asked.FireTimes && State.Paused is null;
        foreach (var (executor, free) in asked.FreePlaces)
            if (free > 0) places[executor] = free;
    }

    /// <summary>Returns how many due items of an executor are worth reading at once: some more than there are slots, because a fire time that is skipped takes none.</summary>
    public int ReadAhead(string executor) => Math.Min(MaxRuns, Math.Max(64, 2 * places.GetValueOrDefault(executor)));

    /// <summary>Whether another item of an executor fits into the claim.</summary>
    public bool Wants(string executor) => !IsFull && places.GetValueOrDefault(executor) > 0;

    /// <summary>Whether the claim takes nothing more.</summary>
    public bool IsFull => runs.Count >= MaxRuns || items >= MaxItems || waits.Count >= MaxItems || asked >= TriggerSearch.MaxOfClaim;

    /// <summary>Tells of an item that is not due, or that stays due for the next claim.</summary>
    /// <param name="executor">Its executor.</param>
    /// <param name="at">When it is due, in microseconds since 1970-01-01 UTC.</param>
    public void NotDue(string executor, long at)
    {
        ref var earliest = ref CollectionsMarshal.GetValueRefOrAddDefault(later, executor, out var known);
        if (!known || at < earliest) earliest = at;
    }

    /// <summary>Whether an item of a job is read past: this node cannot run it, or its trigger is being asked outside of the claim.</summary>
    /// <param name="stored">The job.</param>
    /// <param name="isWaiting">Whether the item is a waiting run, which needs no trigger.</param>
    public bool PassesOver(StoredJob stored, bool isWaiting) =>
        !request.Handlers.Contains(stored.Job.Handler) || (!isWaiting && SlowOf(stored) is { IsUnderWay: true });

    /// <summary>Decides the due fire times of a job, or the end of its pause.</summary>
    /// <param name="stored">The job, with a trigger and a watermark, not ended; its pause, if it has one, is over.</param>
    /// <param name="state">Its state. A job that was handed in before goes on from what the plan made of it.</param>
    /// <param name="lastEntry">The job's newest entry if nothing was written of the job since; it is extended where that is right.</param>
    /// <param name="ran">The answer to <see cref="Lookups"/>.</param>
    public Taken Take(StoredJob stored, in JobState state, Entry? lastEntry = null, RanTimes ran = default)
    {
        if (PassesOver(stored, isWaiting: false)) return Taken.No;
        var before = SlowOf(stored);
        if (before?.Error is { } error)
        {
            // The next claim asks anew, as it does of a trigger that throws at once.
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
            due.Think(stored, read, state.Change + 1, lastEntry, at, ran, search);
        }
        catch (SearchTooLongException)
        {
            SlowJob job = new(stored, read, lastEntry, at, ran, before);
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
    /// <param name="stored">Its job.</param>
    /// <param name="state">The job's state. A job that was handed in before goes on from what the plan made of it.</param>
    /// <param name="run">The waiting run, which is not blocked.</param>
    public Taken Take(StoredJob stored, in JobState state, WaitingRun run)
    {
        var job = stored.Job;
        if (!request.Handlers.Contains(job.Handler)) return Taken.No;
        try
        {
            var graceFrom = Decide.MisfireGraceFrom(run, context.Now);
            var late = Decide.TooLate(job, graceFrom, context);
            var fireTime = run.Id.Number == 0 && job.Trigger is { } trigger
                ? trigger.Zone.ToZone(Instant.FromMicros(run.Id.FireTime))
                : Instant.FromMicros(run.Id.FireTime);
            items++;
            var place = UnitOf(stored, state);
            ref var unit = ref CollectionsMarshal.AsSpan(units)[place];
            unit.After = unit.After with { Change = unit.Before.Change + 1 };
            if (late is { } reason)
            {
                fates.Add(new(place, run, RunEnds.Unclaimed(run, reason, context.Now)));
                if (run.Watched) Signal |= StoreSignal.RunEnded;
            }
            else if (!Decide.MayStart(job, unit.After))
            {
                WantsPlace(ref unit, job);
                fates.Add(new(place, run, null));
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

    /// <summary>Returns the answer to the claim.</summary>
    /// <param name="tokens">The fencing token of each of <see cref="Runs"/>, in their order; 0 for a run that was not written, because its unit did not hold.</param>
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

        return new(handed, NextDue()) { SetAside = aside.Count == 0 ? [] : [.. aside], Slow = slow.Count == 0 ? [] : [.. slow] };
    }

    /// <summary>Sets a job aside whose row cannot be read, or is not as it was read.</summary>
    /// <param name="job">The job.</param>
    /// <param name="why">What is wrong, for people.</param>
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

    /// <summary>Takes over what was thought of a job. Nothing here asks the trigger, which may throw.</summary>
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
        foreach (var (entry, replaces) in due.Entries) entries.Add(new(place, entry, replaces));
        ref var unit = ref CollectionsMarshal.AsSpan(units)[place];
        var last = due.State.Last;
        if (decision.Run is { } first) last = Math.Max(last, (decision.Behind is [.., var newest] ? newest : first).ToMicros());
        unit.After = due.State.WithNext(decision.Next) with { Last = last, Change = unit.Before.Change + 1 };
        unit.Moves = true;
        unit.PauseOver = stored.Paused is not null;
        if (decision.ForWantOfPlace) WantsPlace(ref unit, stored.Job);
        if (decision.Run is { } fireTime)
        {
            var id = new RunId(fireTime.ToMicros(), stored.Number, 0);

            // A slow job was judged by when it was found due: the search of its trigger does not count to its grace.
            var graceFrom = wasSlow ? context.Now : due.Start;
            if (due.Start.ToMicros() > Now) Delay(ref unit, place, id, due.Start.ToMicros());
            else Start(ref unit, new(place, id, due.FireTime, 1, graceFrom, null));
            foreach (var behind in decision.Behind)
            {
                Wait(place, stored.Job, new(behind.ToMicros(), stored.Number, 0), Decide.WaitsUntil(stored.Job, behind, context.Now)
                    .ToMicros());
            }
        }

        if (decision.Next is { } next) NotDue(stored.Job.Options.Executor, next.ToMicros());
        return Taken.Yes;
    }

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

    /// <summary>Keeps a fire time until its jitter is over. With as many runs of its job as may go on it would be skipped.</summary>
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
        waits.Add(new(unit, new() { Id = id, Due = due }));
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
        if (request.FireTimes && State.Paused?.Until?.ToMicros() is { } until && !(next < until))
        {
            foreach (var free in places.Values)
                if (free > 0) return Instant.FromMicros(until);
        }

        return next is { } earliest ? Instant.FromMicros(earliest) : null;
    }
}
