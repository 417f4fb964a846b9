using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;

namespace Escapement.Stores;

public sealed partial class MemoryStore
{
    // For a store with a single active node, so that claims allocate only their result.
    readonly ClaimPlan onlyPlan = new();

    // Items skipped by the plan that remain due: unknown handlers, or jobs set aside.
    readonly List<(DueHeap Heap, DueItem Item)> passedOver = [];
    long tokens;

    /// <inheritdoc/>
    public Task<Claimed> ClaimAsync(ClaimRequest request, CancellationToken cancellationToken)
    {
        if (InSteps) return ClaimInStepsAsync(request);
        var plan = onlyPlan;
        Claimed claimed;
        lock (gate)
        {
            if (state.ShutDown is not null || !EpochRules.MayClaim(Row(request.Epoch), request))
                return Task.FromResult(Claimed.Refused);
            plan.Begin(clock.GetUtcNow(), request, state, downtimes, scopes);
            Read(plan);
            Span<long> numbers = stackalloc long[plan.Runs.Length];
            for (var i = 0; i < numbers.Length; i++) numbers[i] = ++tokens;
            claimed = plan.Answer(numbers);
            if (request.Unanswered is { } from) claimed = claimed.After(HandedOutAgain(request, from));
            Write(plan, request, numbers);
            if (plan.Writes || request.Unanswered is not null) Claim(request, plan.At);
        }

        notifier.Notify(new(plan.Signal));
        return Task.FromResult(claimed);
    }

    /// <summary>Passes the due items to the plan, in order.</summary>
    void Read(ClaimPlan plan)
    {
        passedOver.Clear();
        HashSet<DueItem>? seen = InSteps ? [] : null;
        while (Earliest(plan) is var (heap, item))
        {
            if (seen?.Add(item) == false)
            {
                heap.Take();
                continue;
            }

            var slot = SlotOf(item.Job);
            Taken taken;
            if (item.IsJob)
            {
                taken = plan.Take(slot.Stored, slot.State, slot.LastEntry);
                if (taken == Taken.ReadRan) taken = plan.Take(slot.Stored, slot.State, slot.LastEntry, Ran(item.Job, plan.Lookups));
            }
            else
            {
                taken = plan.Take(slot.Stored, slot.State, waiting[item.Run]);
            }

            heap.Take();

            // A plan written in steps may fail. Until then everything stays unchanged.
            if (InSteps || taken == Taken.No) passedOver.Add((heap, item));
            else if (item.IsJob) slot.Queued = null;
            else waiting.Remove(item.Run);
        }

        foreach (var (jobs, runs) in queues.Values)
        {
            if (plan.TakesFireTimes && Top(jobs) is { } job) plan.NotDue(jobs.Executor, job.At);
            if (Top(runs) is { } run) plan.NotDue(runs.Executor, run.At);
        }

        foreach (var (heap, item) in passedOver) heap.Add(item);
    }

    /// <summary>Writes the plan.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="request">The claim request.</param>
    /// <param name="numbers">The fencing tokens of the plan's runs.</param>
    /// <param name="held">The units to write, or null for all.</param>
    void Write(ClaimPlan plan, ClaimRequest request, ReadOnlySpan<long> numbers, bool[]? held = null)
    {
        if (plan.State.Changed) SetState(plan.State.After);
        foreach (ref readonly var run in plan.Runs)
            if (run.Waited is not null && Holds(run.Unit)) waiting.Remove(run.Id);
        foreach (ref readonly var fate in plan.Fates)
            if (Holds(fate.Unit)) waiting.Remove(fate.Run.Id);
        for (var i = 0; i < plan.Units.Length; i++)
            if (Holds(i)) Write(plan.Units[i], plan.At);
        foreach (ref readonly var entry in plan.Entries)
            if (Holds(entry.Unit)) Write(SlotOf(plan.Units[entry.Unit].Job.Number), entry);
        for (var i = 0; i < plan.Runs.Length; i++)
            if (Holds(plan.Runs[i].Unit)) Start(plan.Runs[i], request, numbers[i], plan.At);
        foreach (ref readonly var wait in plan.Waits)
        {
            if (!Holds(wait.Unit)) continue;
            Replace(wait.Run.Id);
            Wait(wait.Run);
        }

        foreach (ref readonly var fate in plan.Fates)
        {
            if (!Holds(fate.Unit)) continue;
            if (fate.End is { } end) Write(end, null, fate.Run.Arguments, fate.Run.Cause);
            else Block(fate.Run);
        }

        for (var i = 0; i < plan.Units.Length; i++)
            if (Holds(i)) Queue(SlotOf(plan.Units[i].Job.Number));

        bool Holds(int unit) => held is null || held[unit];
    }

    void Write(in ClaimUnit unit, DateTimeOffset at)
    {
        var slot = SlotOf(unit.Job.Number);
        if (unit.PauseOver) Close(PauseScope.Job, slot.Stored.Job.Id.Value, slot.Stored.Paused!, slot.Stored.Paused!.Until!.Value);
        if (unit.Follows is { } follows) Open(PauseScope.Job, slot.Stored.Job.Id.Value, follows);

        // A recorded failure may have been counted since the plan.
        if (unit.Marks) slot.Stored = unit.Marked(at) with { Failures = unit.ResetsFailures ? 0 : slot.Stored.Failures };

        // A plain end of a run changes only the number of running runs, which is the only part read by the plan.
        slot.State = unit.After with { Running = slot.State.Running + unit.Starts, Change = slot.State.Change + 1 };
    }

    void Start(in PlannedRun run, ClaimRequest request, long token, DateTimeOffset at)
    {
        Replace(run.Id);
        running.Add(run.Id, new()
        {
            Id = run.Id,
            Node = request.Node,
            Epoch = request.Epoch,
            Claim = request.Number,
            Token = token,
            Attempt = run.Attempt,
            ClaimedAt = at,
            FireTime = run.FireTime,
            MisfireGraceFrom = run.MisfireGraceFrom,
            Arguments = run.Waited?.Arguments,
            Watched = run.Waited?.Watched ?? false,
            HasKey = run.Waited?.HasKey ?? false,
            Cause = run.Cause,
        });
    }

    /// <summary>Records a claim as a sign of life, with its number.</summary>
    void Claim(ClaimRequest request, DateTimeOffset at)
    {
        var row = Row(request.Epoch)!;
        SetRow(EpochRules.Heartbeat(row, at) with { Claims = Math.Max(request.Number, row.Claims) });
    }

    /// <summary>Removes a missed run from the history, because a new run takes its key.</summary>
    void Replace(RunId run)
    {
        if (history.Remove(run)) SlotOf(run.Job).Ended--;
    }

    /// <summary>Blocks a waiting run until a run of its job ends. From then on the run is due since its fire
    /// time.</summary>
    void Block(WaitingRun run)
    {
        waiting[run.Id] = run with { Due = run.Id.FireTime };
        SlotOf(run.Id.Job).Blocked.Add(DueItem.Of(run.Id, run.Id.FireTime));
    }

    static void Write(Slot slot, in (int Unit, Entry Entry, Entry? Replaces) planned)
    {
        if (planned.Replaces is { } before && slot.Entries is [.., var last] && last == before) slot.Entries[^1] = planned.Entry;
        else slot.Entries.Add(planned.Entry);
        slot.LastEntry = planned.Entry;
    }

    IEnumerable<ClaimedRun> HandedOutAgain(ClaimRequest request, long from) => running.Values
        .Where(run => run.Epoch == request.Epoch && run.Claim >= from)
        .Select(run => (Run: run, SlotOf(run.Id.Job).Stored.Job))
        .Select(found => new ClaimedRun
        {
            Id = found.Run.Id,
            Job = found.Job,
            FireTime = found.Run.FireTime,
            Arguments = found.Run.Arguments ?? found.Job.Arguments,
            Attempt = found.Run.Attempt,
            Token = found.Run.Token,
            MisfireGraceFrom = found.Run.MisfireGraceFrom,
        });
}
