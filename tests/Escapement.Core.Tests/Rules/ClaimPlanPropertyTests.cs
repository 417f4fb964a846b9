using System.Collections.Concurrent;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Triggers;
using Xunit;

namespace Escapement.Core.Tests.Rules;

/// <summary>
/// Tests of the invariants of claims over a million random jobs and waiting runs.
/// A failure names the seed of its claim.
/// </summary>
public class ClaimPlanPropertyTests
{
    const int MinStates = 1_000_000;
    const int Batch = 1_000;

    [Fact]
    public void Every_claim_accounts_for_each_fire_time_once_and_keeps_all_limits()
    {
        var (states, next) = (0, 0);
        ConcurrentQueue<string> failures = [];
        Parallel.For(0, Environment.ProcessorCount, _ =>
        {
            while (Volatile.Read(ref states) < MinStates && failures.IsEmpty)
            {
                var first = Interlocked.Add(ref next, Batch) - Batch;
                for (var seed = first; seed < first + Batch && failures.IsEmpty; seed++)
                {
                    try
                    {
                        Interlocked.Add(ref states, Check(seed));
                    }
                    catch (Exception e)
                    {
                        failures.Enqueue($"Seed {seed}: {e.Message}\n{e.StackTrace}");
                    }
                }
            }
        });
        Assert.True(failures.IsEmpty, string.Join("\n", failures));
    }

    static int Check(int seed)
    {
        var random = new Random(seed);
        var claim = new RandomClaim(random);
        if (random.Next(4) == 0) claim.Break(random.Next(claim.Jobs.Count) + 1, random.Next(1, 12));
        var plan = new ClaimPlan();
        var handed = Claim(claim, plan, out var leftFor);

        CheckPlaces(claim, plan);
        for (var unit = 0; unit < plan.Units.Length; unit++)
        {
            if (IsBroken(plan.Units[unit].Job)) continue;
            if (plan.Units[unit].Moves) CheckAccount(claim, plan, unit);
            CheckRange(claim, plan, unit, handed);
        }

        CheckNothingIsLeft(claim, plan, leftFor);
        return claim.States;
    }

    static bool IsBroken(StoredJob job) => job.Job.Trigger is CountingTrigger;

    /// <summary>Claims like a store, and returns the items taken by the plan, and the items left by the plan.</summary>
    static List<ClaimItem> Claim(RandomClaim claim, ClaimPlan plan, out List<ClaimItem> left)
    {
        claim.Begin(plan);
        List<ClaimItem> handed = [];
        left = [];
        foreach (var item in claim.DueItems(plan))
        {
            if (!plan.Wants(item.Job.Job.Options.Executor))
            {
                left.Add(item);
                plan.NotDue(item.Job.Job.Options.Executor, item.Due);
                continue;
            }

            // No item starts before an item that was left for lack of a place.
            Assert.DoesNotContain(left, before => before.Job.Job.Options.Executor == item.Job.Job.Options.Executor);
            var trace = IsBroken(item.Job) ? TraceOf(plan) : "";
            if (claim.Hand(plan, item) == Taken.Yes) handed.Add(item);
            else if (IsBroken(item.Job)) Assert.Equal(trace, TraceOf(plan));
        }

        return handed;
    }

    static string TraceOf(ClaimPlan plan)
    {
        var shapes = string.Join(';', Enumerable.Range(0, plan.Units.Length).Select(unit => ShapeOf(plan, unit)));
        return $"{shapes} {plan.Units.Length} {plan.Entries.Length} {plan.Waits.Length} {plan.Signal} {plan.Wants("default")} {plan.Wants("mail")} {plan.Answer(new long[plan.Runs.Length]).NextDue}";
    }

    static void CheckPlaces(RandomClaim claim, ClaimPlan plan)
    {
        Dictionary<string, int> starts = [];
        foreach (var run in plan.Runs)
        {
            var executor = plan.Units[run.Unit].Job.Job.Options.Executor;
            starts[executor] = starts.GetValueOrDefault(executor) + 1;
        }

        foreach (var (executor, count) in starts)
        {
            Assert.True(count <= claim.Request.FreePlaces[executor], $"{count} runs start in {executor}");
        }

        foreach (var unit in plan.Units)
        {
            Assert.Equal(unit.Before.Running + unit.Starts, unit.After.Running);
            Assert.False(unit.Starts > 0
                && unit.After.Running > unit.Job.Job.Options.MaxInstances, $"{unit.After.Running} of {unit.Job.Job.Id} are running");
            Assert.Equal(unit.Before.Change + 1, unit.After.Change);
        }
    }

    /// <summary>
    /// Checks that each fire time from the old watermark to the new
    /// watermark is a run, a waiting run, in one entry, or ran before.
    /// </summary>
    static void CheckAccount(RandomClaim claim, ClaimPlan plan, int place)
    {
        var unit = plan.Units[place];
        var stored = unit.Job;
        var entries = plan.Entries.ToArray().Where(entry => entry.Unit == place).ToList();
        HashSet<long> taken = [.. plan.Runs.ToArray().Where(run => run.Unit == place && run.Waited is null).Select(run => run.Id.FireTime)];
        foreach (var wait in plan.Waits.ToArray().Where(wait => wait.Unit == place))
        {
            Assert.True(taken.Add(wait.Run.Id.FireTime), "a fire time is taken twice");
        }

        HashSet<long> ends = [.. entries.Where(entry => entry.Replaces is null)
            .Select(entry => entry.Entry.First.ToMicros()), .. entries.Select(entry => entry.Entry.Last.ToMicros())];
        var at = (DateTimeOffset?)Instant.FromMicros(unit.Before.Next);
        for (; at is { } fireTime && fireTime.ToMicros() < unit.After.Next; at = stored.Job.Trigger!.Next(fireTime.JustAfter()))
        {
            Assert.True(fireTime <= plan.At, $"{fireTime:o} was decided before its time");
            var inEntries = entries.Count(entry => entry.Entry.First <= fireTime && fireTime <= entry.Entry.Last);
            var ran = claim.HasRun(stored, fireTime);
            ends.Remove(fireTime.ToMicros());
            if (taken.Remove(fireTime.ToMicros()))
            {
                Assert.True(inEntries == 0
                    && !ran, $"{fireTime:o} of {stored.Job.Id} runs, is in {inEntries} entries{(ran ? " and ran" : "")}");
            }
            else
            {
                Assert.True(inEntries == 1
                || (ran && inEntries == 0), $"{fireTime:o} of {stored.Job.Id} is in {inEntries} entries{(ran ? " and ran" : "")}");
            }
        }

        Assert.True(taken.Count == 0, $"{Instant.FromMicros(taken.FirstOrDefault()):o} of {stored.Job.Id} is no fire time and runs");
        Assert.True(ends.Count == 0,
            $"{Instant.FromMicros(ends.FirstOrDefault()):o} of {stored.Job.Id} is no fire time and an end of an entry");
        Assert.Equal(at?.ToMicros() ?? JobState.Never, unit.After.Next);
    }

    /// <summary>
    /// Checks that the unit is the same for each number of running runs in its range, and for no other number.
    /// </summary>
    static void CheckRange(RandomClaim claim, ClaimPlan plan, int place, List<ClaimItem> handed)
    {
        var unit = plan.Units[place];
        Assert.InRange(unit.Before.Running, unit.MinRunning, unit.MaxRunning);
        var most = (unit.Job.Job.Options.MaxInstances ?? 1) + 2;
        var expected = ShapeOf(plan, place);
        var alone = new ClaimPlan();
        for (var running = 0; running <= most; running++)
        {
            alone.Begin(claim.Now, claim.Request with
            {
                FreePlaces = new Dictionary<string,
                int>
                { [unit.Job.Job.Options.Executor] = 100 }
            }, claim.State, claim.Downtimes);
            foreach (var item in handed)
            {
                if (item.Job.Number == unit.Job.Number) claim.Hand(alone, item, running);
            }

            var same = expected == ShapeOf(alone, 0);
            var named = unit.MinRunning <= running && running <= unit.MaxRunning;
            Assert.True(same == named,
                $"{unit.Job.Job.Id} is right for {unit.MinRunning} to {unit.MaxRunning} running runs, and {(same ? "the same" : "another")} for {running}");
        }
    }

    static string ShapeOf(ClaimPlan plan, int place)
    {
        var text = new System.Text.StringBuilder();
        foreach (var run in plan.Runs) if (run.Unit == place) text.Append(run.Id.FireTime).Append('+').Append(run.Id.Number).Append(' ');
        foreach (var wait in plan.Waits)
        {
            if (wait.Unit == place) text.Append(wait.Run.Id.FireTime).Append('w').Append(wait.Run.Due).Append(' ');
        }

        foreach (var entry in plan.Entries)
        {
            if (entry.Unit == place)
            {
                text.Append(entry.Entry.First.Ticks).Append('-').Append(entry.Entry.Last.Ticks)
                .Append(entry.Entry.Reason).Append(' ');
            }
        }

        foreach (var fate in plan.Fates)
        {
            if (fate.Unit == place)
            {
                text.Append(fate.Run.Id.FireTime).Append(fate.End is null ? 'b' : 'e').Append(fate.Run.Id.Number)
                .Append(' ');
            }
        }

        return text.Append(plan.Units[place].After.Next).ToString();
    }

    /// <summary>
    /// Checks that a second claim at the same instant with the
    /// remaining places finds only items that stay due by design.
    /// </summary>
    static void CheckNothingIsLeft(RandomClaim claim, ClaimPlan plan, List<ClaimItem> left)
    {
        var full = plan.IsFull;
        var nextDue = plan.Answer(new long[plan.Runs.Length]).NextDue;
        var after = claim.After(plan);
        HashSet<long> stayDue = [.. plan.Units.ToArray().Where(unit => unit.Moves && unit.After.Next <= plan.Now)
            .Select(unit => unit.Job.Number)];
        foreach (var wait in plan.Waits)
        {
            if (wait.Run.Due <= plan.Now) stayDue.Add(wait.Run.Id.Job);
        }

        var again = new ClaimPlan();
        Claim(after, again, out _);
        if (full) return;
        Assert.False(again.State.Changed);
        foreach (var unit in again.Units)
        {
            if (!IsBroken(unit.Job))
            {
                Assert.True(stayDue.Contains(unit.Job.Number), $"{unit.Job.Job.Id} is claimed once more at the same instant: {unit}");
            }
        }

        // The prediction of the first claim about the next claim is correct.
        if (after.DueItems(again).Exists(item =>
            again.Units.Length > 0 && stayDue.Contains(item.Job.Number) && after.Request.FreePlaces[item.Job.Job.Options.Executor] > 0))
        {
            Assert.True(nextDue <= plan.At);
        }
        else
        {
            Assert.True(nextDue is null || nextDue > plan.At, $"the next claim is said to be due at {nextDue:o}");
        }
    }
}
