using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Triggers;
using static Escapement.Core.Tests.Rules.Arrange;

namespace Escapement.Core.Tests.Rules;

/// <summary>The random input of a claim from a seed, and the store's part of the work.</summary>
sealed class RandomClaim
{
    static readonly string[] Executors = ["default", "mail"];
    static readonly Reason[] Reasons = [Reason.NoActiveNode, Reason.ClockJump, Reason.ExecutorSaturated, Reason.StoreUnavailable];

    RandomClaim(DateTimeOffset now, ClaimRequest request, SchedulerState state, IReadOnlyList<DelayCause> downtimes) =>
        (Now, Request, State, Downtimes) = (now, request, state, downtimes);

    public RandomClaim(Random random)
    {
        Now = At(100 + (random.NextDouble() * 200)).AddTicks(random.Next(10));
        Request = Arrange.Request(random.Next(4), ("mail", random.Next(3))) with
        {
            GraceLimit = TimeSpan.FromSeconds(random.Next(1, 200)),
            FireTimes = random.Next(20) > 0,
            Causes = [.. Enumerable.Range(0, random.Next(3)).Select(_ => RandomCause(random))],
        };
        Downtimes = [.. Enumerable.Range(0, random.Next(2))
            .Select(_ => RandomCause(random) with { Reason = Reason.NoActiveNode, Executor = null })];
        var pause = At(random.NextDouble() * 100);
        State = random.Next(12) switch
        {
            0 => new() { Paused = new PauseRecord { At = pause } },
            1 => new() { Paused = new PauseRecord { At = pause, Until = At(random.Next(100, 300)), Action = 4 } },
            2 or 3 => new() { PausedBefore = new(pause, pause.AddSeconds(random.Next(100))) { Action = 4 } },
            _ => new(),
        };
        for (var number = 1; number <= 1 + random.Next(4); number++) Add(random, number);
    }

    public DateTimeOffset Now { get; }

    public ClaimRequest Request { get; }

    public SchedulerState State { get; }

    public IReadOnlyList<DelayCause> Downtimes { get; }

    public List<StoredJob> Jobs { get; } = [];

    public List<WaitingRun> Waiting { get; } = [];

    public HashSet<RunId> Blocked { get; } = [];

    /// <summary>Gets the runs of fire times in the store.</summary>
    public HashSet<RunId> Runs { get; } = [];

    public Dictionary<long, Entry> LastEntries { get; } = [];

    public int States => Jobs.Count + Waiting.Count;

    public StoredJob Job(long number) => Jobs[(int)number - 1];

    /// <summary>Makes the job's trigger throw at one of its next calls.</summary>
    public void Break(long number, int call) => Jobs[(int)number - 1] = Job(number) with
    {
        Job = Job(number).Job with
        {
            Trigger = new CountingTrigger(Job(number).Job.Trigger!) { ThrowsAt = call }.WithJitter(
            Job(number).Job.Trigger!.Jitter)
        },
    };

    /// <summary>Returns the due items in the store's order.</summary>
    public List<ClaimItem> DueItems(ClaimPlan plan)
    {
        List<ClaimItem> items = [];
        foreach (var job in Jobs)
        {
            if (plan.TakesFireTimes && job.DueAt is { } at && at.ToMicros() <= plan.Now) items.Add(new(job, at.ToMicros(), null));
        }

        foreach (var run in Waiting)
        {
            if (run.Due <= plan.Now && !Blocked.Contains(run.Id)) items.Add(new(Job(run.Id.Job), run.Due, run));
        }

        items.Sort((a, b) => ClaimPlan.Order(a.Key, b.Key));
        return items;
    }

    /// <summary>Begins a plan and supplies the items that are not due, like a store.</summary>
    public void Begin(ClaimPlan plan)
    {
        plan.Begin(Now, Request, State, Downtimes);
        foreach (var job in Jobs)
        {
            if (plan.TakesFireTimes && job.DueAt is { } at && at.ToMicros() > plan.Now)
            {
                plan.NotDue(job.Job.Options.Executor, at.ToMicros());
            }
        }

        foreach (var run in Waiting)
        {
            if (run.Due > plan.Now && !Blocked.Contains(run.Id)) plan.NotDue(Job(run.Id.Job).Job.Options.Executor, run.Due);
        }
    }

    /// <summary>Hands an item to a plan.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="item">The item.</param>
    /// <param name="running">The number of running runs of the job, or null for the number in the store.</param>
    public Taken Hand(ClaimPlan plan, ClaimItem item, int? running = null)
    {
        var state = item.Job.State with { Running = running ?? item.Job.State.Running };
        if (item.Run is { } run) return plan.Take(item.Job, state, run);
        var taken = Taken.No;
        for (var slow = -1; slow < plan.Answer(new long[plan.Runs.Length]).Slow.Count;)
        {
            // A slow trigger is prepared as by a node, and its item is handed in again.
            var known = plan.Answer(new long[plan.Runs.Length]).Slow;
            if (slow >= 0) known[^1].Prepare();
            slow = known.Count;
            taken = Take(plan, item, state);
        }

        return taken;
    }

    Taken Take(ClaimPlan plan, ClaimItem item, JobState state)
    {
        var last = LastEntries.GetValueOrDefault(item.Job.Number);
        var taken = plan.Take(item.Job, state, last);
        return taken == Taken.ReadRan ? plan.Take(item.Job, state, last, Ran(item.Job.Number, plan.Lookups)) : taken;
    }

    public bool HasRun(StoredJob job, DateTimeOffset fireTime) =>
        fireTime <= job.LastFireTime && (fireTime < job.TrimmedBefore || Runs.Contains(new(fireTime.ToMicros(), job.Number, 0)));

    /// <summary>Returns the store after a plan, at the same instant and with the remaining places.</summary>
    public RandomClaim After(ClaimPlan plan)
    {
        var places = Request.FreePlaces.ToDictionary();
        RandomClaim after = new(Now, Request with { FreePlaces = places }, plan.State.After, Downtimes);
        after.Jobs.AddRange(Jobs);
        after.Waiting.AddRange(Waiting);
        after.Blocked.UnionWith(Blocked);
        after.Runs.UnionWith(Runs);
        foreach (var (job, entry) in LastEntries) after.LastEntries[job] = entry;
        foreach (var unit in plan.Units)
        {
            var number = unit.Job.Number;
            after.Jobs[(int)number - 1] = unit.Marks ? unit.Marked(plan.At) : unit.Job with { State = unit.After };
        }

        foreach (var entry in plan.Entries) after.LastEntries[plan.Units[entry.Unit].Job.Number] = entry.Entry;
        foreach (var run in plan.Runs)
        {
            places[plan.Units[run.Unit].Job.Job.Options.Executor]--;
            if (run.Waited is not null) after.Waiting.Remove(run.Waited);
            if (run.Id.Number == 0) after.Runs.Add(run.Id);
        }

        foreach (var wait in plan.Waits)
        {
            after.Waiting.Add(wait.Run);
            after.Runs.Add(wait.Run.Id);
        }

        foreach (var fate in plan.Fates)
        {
            if (fate.End is null) after.Blocked.Add(fate.Run.Id);
            else after.Waiting.Remove(fate.Run);
        }

        return after;
    }

    RanTimes Ran(long job, IReadOnlyList<DateTimeOffset> asked) =>
        new([.. asked.Select(at => at.ToMicros()).Where(at => Runs.Contains(new(at, job, 0)))]);

    void Add(Random random, long number)
    {
        var trigger = RandomTriggers.Any(random);
        var options = new JobOptions
        {
            MisfireGrace = random.Next(4) switch
            {
                0 => MisfireGrace.Unlimited,
                1 => MisfireGrace.UntilNext,
                _ =>
                MisfireGrace.Of(TimeSpan.FromMicroseconds(random.NextInt64(1, 100_000_000)))
            },
            Coalesce = random.Next(2) == 0,
            MaxInstances = random.Next(3) == 0 ? null : random.Next(1, 4),
            Executor = Executors[random.Next(2)],
            Priority = random.Next(3),
        };
        var from = At(Math.Round(random.NextDouble() * 250, 3));

        // A fifth of the watermarks is set by hand.
        var next = random.Next(5) == 0 ? from : trigger.Next(from);
        var last = random.Next(2) == 0 ? (trigger.Previous(At(random.Next(350))) ?? from).ToMicros() : JobState.Nothing;
        var stored = new StoredJob
        {
            Job = new()
            {
                Id = JobId.Parse($"j{number}"),
                Name = "j",
                Handler = random.Next(20) == 0
                ? "unknown"
                : "work",
                Trigger = trigger,
                Options = options
            },
            Number = number,
            Version = 1,
            State = new JobState(0, last, random.Next(4), random.Next(5)).WithNext(next),
            Ended = next is null ? JobEnd.Exhausted : null,
            TrimmedBefore = random.Next(5) == 0 ? At(random.Next(300)) : null,
            Paused = random.Next(6) == 0
                ? new() { At = At(random.Next(100)), Until = random.Next(4) == 0 ? null : At(random.Next(350)), Action = 5 }
                : null,
        };
        Jobs.Add(stored);
        AddRuns(random, stored);
        if (trigger.Previous(next ?? At(300)) is { } before && random.Next(3) == 0)
        {
            LastEntries[number] = new()
            {
                Job = stored.Job.Id,
                First = before,
                Last = before,
                Reason = random.Next(2) == 0
                ? Reason.MisfireGraceExceeded
                : Reason.Coalesced,
                Change = 1
            };
        }
    }

    void AddRuns(Random random, StoredJob stored)
    {
        if (stored.LastFireTime is { } last)
        {
            var times = 0;
            for (var at = stored.Job.Trigger!.Next(At(0)); at <= last && times++ < 40; at = stored.Job.Trigger.Next(at.Value.JustAfter()))
            {
                if (random.Next(3) == 0) Runs.Add(new(at.Value.ToMicros(), stored.Number, 0));
            }
        }

        for (var n = random.Next(-1, 3); n > 0; n--)
        {
            var fireTime = Micros(random.Next(310));
            var run = new WaitingRun
            {
                Id = new(fireTime, stored.Number, random.Next(2) * n),
                Due = fireTime + (random.Next(2) * random.Next(20_000_000)),
                Attempt = random.Next(1, 3),
                Watched = random.Next(2) == 0
            };
            if (Runs.Contains(run.Id) || Waiting.Exists(other => other.Id == run.Id)) continue;

            // The fire time of a run was claimed, so the fire time is not later than the last claimed fire time.
            if (run.Id.Number == 0 && !(fireTime <= stored.State.Last)) continue;
            if (run.Id.Number == 0) Runs.Add(run.Id);
            Waiting.Add(run);
        }
    }

    static DelayCause RandomCause(Random random)
    {
        var from = random.Next(-20, 250);
        return Cause(Reasons[random.Next(Reasons.Length)], from, random.Next(4) == 0
            ? 1e6
            : from + random.Next(1, 100), random.Next(3) == 0 ? Executors[random.Next(2)] : null);
    }
}

/// <summary>A due job, or a due waiting run.</summary>
readonly record struct ClaimItem(StoredJob Job, long Due, WaitingRun? Run)
{
    public (int Priority, long Due, long Job, long Number, long FireTime) Key =>
        (Job.Job.Options.Priority, Due, Job.Number, Run?.Id.Number ?? -1, Run?.Id.FireTime ?? 0);
}
