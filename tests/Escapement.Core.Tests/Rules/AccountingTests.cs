using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Triggers;
using Xunit;
using static Escapement.Core.Tests.Rules.JobState;

namespace Escapement.Core.Tests.Rules;

/// <summary>Law 3 as a property of random jobs and moments; a failure names its seed.</summary>
public class Every_fire_time_is_accounted_for_exactly_once
{
    const int Cases = 3_000;

    [Fact]
    public void By_a_claim()
    {
        for (var seed = 0; seed < Cases; seed++)
        {
            var random = new Random(seed);
            var stored = RandomJob(random);
            var moment = RandomMoment(random);

            var decision = Decide.Due(stored, moment, fireTime => fireTime.ToMicros() % 3 == 0);

            AssertAccounted(seed, stored, decision, decision.Next ?? DateTimeOffset.MaxValue);
            Assert.True(decision.Next is null || decision.Next > moment.Now || decision.Runs.Count + decision.Entries.Count > 0, $"Seed {seed}: no progress");
            Assert.All(decision.Runs, run => Assert.True(run <= moment.Now, $"Seed {seed}: a run before its time"));
        }
    }

    [Fact]
    public void By_claims_that_follow_one_another()
    {
        for (var seed = 0; seed < Cases / 10; seed++)
        {
            var random = new Random(seed);
            var stored = RandomJob(random) with { LastFireTime = null };
            var begin = stored.Next!.Value;
            List<DateTimeOffset> runs = [];
            var accounted = 0L;
            var now = RandomMoment(random);
            for (var step = 0; step < 20 && stored.Next is not null; step++)
            {
                now = now with { Now = now.Now.AddMicroseconds(random.NextInt64(0, 40_000_000)) };
                if (stored.Next > now.Now) continue;
                var decision = Decide.Due(stored with { Running = random.Next(2) }, now, runs.Contains);
                runs.AddRange(decision.Runs);
                accounted += decision.Entries.Sum(entry => entry.Count);
                stored = stored with { Next = decision.Next, LastFireTime = runs.Count > 0 ? runs.Max() : null };
            }
            var trigger = stored.Job.Trigger!;
            var expected = trigger.Count(begin, stored.Next ?? DateTimeOffset.MaxValue) + (trigger.Next(begin) == begin ? 0 : 1);
            Assert.True(expected == runs.Count + accounted, $"Seed {seed}: {expected} due, {runs.Count} ran, {accounted} in entries");
            Assert.True(runs.Distinct().Count() == runs.Count, $"Seed {seed}: one ran twice");
        }
    }

    [Fact]
    public void By_the_end_of_a_pause()
    {
        for (var seed = 0; seed < Cases; seed++)
        {
            var random = new Random(seed);
            var stored = RandomJob(random) with { Paused = new(At(random.NextDouble() * 100)) };
            var end = stored.Paused.At.AddMicroseconds(random.NextInt64(0, 200_000_000));

            var decision = Decide.PauseOver(stored, end, fireTime => fireTime.ToMicros() % 3 == 0);

            AssertAccounted(seed, stored, decision, decision.Next is { } next ? next : DateTimeOffset.MaxValue);
        }
    }

    [Fact]
    public void By_a_change_of_the_job()
    {
        for (var seed = 0; seed < Cases; seed++)
        {
            var random = new Random(seed);
            var stored = RandomJob(random);
            if (random.Next(2) == 0) stored = stored with { Paused = new(At(random.NextDouble() * 100), random.Next(2) == 0 ? At(100 + random.Next(100)) : null) };
            var now = At(100 + random.NextDouble() * 200);
            DateTimeOffset? given = random.Next(2) == 0 ? At(Math.Round(random.NextDouble() * 400, 3)) : null;
            var account = new JobAccount(now, fireTime => fireTime.ToMicros() % 3 == 0);

            var changed = random.Next(3) switch
            {
                0 => JobEdits.Change(Id, job => job, given).Edit(stored, account),
                1 => JobEdits.Remove(Id).Edit(stored, account),
                _ => JobEdits.Resume(Id).Edit(stored, account),
            };

            // A job that has ended existed until the change.
            var end = changed!.Next ?? (changed.Ended == JobEnd.Exhausted ? DateTimeOffset.MaxValue : now);
            AssertAccounted(seed, stored, new([], account.Entries, end), end);
        }
    }

    [Fact]
    public void And_each_that_its_trigger_excludes_by_claims_pauses_and_changes_that_follow_one_another()
    {
        for (var seed = 0; seed < Cases / 10; seed++)
        {
            var random = new Random(seed);
            var inner = Every(random.Next(1, 30));
            Trigger trigger = new ExceptTrigger(inner, Exclusions.Parse(["00:00:20-00:00:45", "00:01:10-00:02:00", "00:02:00-00:02:07"], null));
            List<Entry> entries = [];
            List<DateTimeOffset> runs = [];
            var now = At(random.Next(60));
            var begun = now;
            var stored = JobEdits.Add(Job(trigger, Grace.Unlimited, random.Next(2) == 0, random.Next(2) == 0 ? null : 1)).Edit(null, new(now, _ => false))!;
            while (now < At(200))
            {
                now = now.AddMicroseconds(random.NextInt64(0, 40_000_000));
                if (stored.Paused is not null) stored = Edited(JobEdits.Resume(Id));
                else if (random.Next(6) == 0) stored = Edited(JobEdits.Pause(Id));
                else if (stored.Next <= now)
                {
                    var decision = Decide.Due(stored with { Running = random.Next(2) }, Now(Seconds(now)), runs.Contains);
                    runs.AddRange(decision.Runs);
                    entries.AddRange(decision.Entries);
                    stored = stored with { Next = decision.Next, LastFireTime = runs.Count > 0 ? runs.Max() : null };
                }
            }
            if (stored.Paused is not null) stored = Edited(JobEdits.Resume(Id));
            Edited(JobEdits.Remove(Id));

            var excluded = entries.Where(entry => entry.Reason == Reason.ExcludedDate).Sum(entry => entry.Count);
            var others = entries.Where(entry => entry.Reason != Reason.ExcludedDate).Sum(entry => entry.Count) + runs.Count;
            // What is due and unclaimed is told by the removal: only before now.
            Assert.True(others == trigger.Count(begun, now), $"Seed {seed}: {others} of {trigger.Count(begun, now)}");
            Assert.True(excluded == inner.Count(begun, now) - trigger.Count(begun, now), $"Seed {seed}: {excluded} excluded of {inner.Count(begun, now) - trigger.Count(begun, now)}");

            StoredJob Edited(JobEdit edit)
            {
                var account = new JobAccount(now, runs.Contains);
                var after = edit.Edit(stored, account)!;
                Write(entries, account);
                return after;
            }
        }
    }

    static void AssertAccounted(int seed, StoredJob before, Decision decision, DateTimeOffset end)
    {
        var (trigger, first) = (before.Job.Trigger!, before.Next!.Value);
        var expected = end <= first ? 0 : trigger.Count(first, end) + (trigger.Next(first) == first ? 0 : 1);
        var accounted = decision.Runs.Count + decision.Entries.Sum(entry => entry.Count);
        Assert.True(expected == accounted, $"Seed {seed}: {expected} due in [{first:o}, {end:o}), {accounted} accounted for: {string.Join("; ", decision.Entries)}");

        // Stretches are in order, lie apart, hold what they say, and hold no run.
        var at = first;
        foreach (var entry in decision.Entries.OrderBy(entry => entry.First))
        {
            Assert.True(at <= entry.First && entry.First <= entry.Last && entry.Last < end, $"Seed {seed}: {entry} is out of place");
            var held = trigger.Count(entry.First, entry.Last.AddMicroseconds(1)) + (entry.First == first && trigger.Next(first) != first ? 1 : 0);
            Assert.True(held == entry.Count, $"Seed {seed}: {entry} holds {held}");
            Assert.DoesNotContain(decision.Runs, run => run >= entry.First && run <= entry.Last);
            at = entry.Last.AddMicroseconds(1);
        }
    }

    static StoredJob RandomJob(Random random)
    {
        Trigger trigger = random.Next(4) switch
        {
            0 => new CronTrigger(CronDefinition.FromExpression(random.Next(2) == 0 ? "* * * * *" : "*/7 * * * * *"), ZoneClock.Get("Europe/Berlin")),
            1 => new DateTrigger(At(random.Next(200)), ZoneClock.Utc),
            2 => new IntervalTrigger(TimeSpan.FromSeconds(random.Next(1, 30)), Start, ZoneClock.Utc, At(random.Next(60, 400))) { Jitter = TimeSpan.FromSeconds(random.Next(2) * random.Next(60)) },
            _ => Every(Math.Round(0.25 + random.NextDouble() * 20, 6)),
        };
        var grace = random.Next(4) switch
        {
            0 => Grace.Unlimited,
            1 => Grace.UntilNext,
            _ => Grace.Of(TimeSpan.FromMicroseconds(random.Next(1, 60_000_000))),
        };
        var from = At(Math.Round(random.NextDouble() * 100, 3));
        return Due(Job(trigger, grace, random.Next(2) == 0, random.Next(3) == 0 ? null : random.Next(1, 3)), running: random.Next(3)) with
        {
            // Now and then by hand.
            Next = random.Next(5) == 0 ? from : trigger.Next(from) ?? from,
            LastFireTime = random.Next(2) == 0 ? At(random.Next(300)) : null,
        };
    }

    static Moment RandomMoment(Random random)
    {
        var now = At(100 + random.NextDouble() * 200).AddTicks(random.Next(10));
        var begun = At(random.NextDouble() * 100);
        var pause = At(random.NextDouble() * 100);
        return new(now, TimeSpan.FromSeconds(random.Next(1, 100)),
            random.Next(2) == 0 ? new() : new(PausedBefore: new(pause, pause.AddSeconds(random.Next(100)))),
            begun, random.Next(2) == 0 ? null : begun.AddSeconds(-random.Next(100)))
        {
            WasShutDown = random.Next(2) == 0,
            FullSince = random.Next(2) == 0 ? null : At(random.Next(100)),
        };
    }
}
