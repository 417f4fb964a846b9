using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Triggers;
using Xunit;
using static Escapement.Core.Tests.Rules.Arrange;

namespace Escapement.Core.Tests.Rules;

/// <summary>A claim asks a bounded number of parts of a trigger, whatever the trigger and the instants; what was asked outside of it leads to the same decision.</summary>
public class SlowJobTests
{
    const int Rounds = 5;

    [Fact]
    public void Any_trigger_at_any_instant_is_decided_as_it_would_be_without_a_bound()
    {
        var random = new Random(17);
        var slow = 0;
        for (var i = 0; i < 20; i++)
        {
            var (now, first) = (HostileTriggers.Instant(random), HostileTriggers.Instant(random));
            var trigger = HostileTriggers.Next(random, most: 6);
            if (random.Next(2) == 0) first = trigger.Next(first) ?? first;
            var job = Job(trigger) with
            {
                Options = new() { Grace = random.Next(3) switch { 0 => Grace.Unlimited, 1 => Grace.UntilNext, _ => GraceOf(random.Next(1, 1_000_000)) }, MaxInstances = random.Next(2) == 0 ? 1 : null },
            };
            var stored = Stored(job) with { State = JobState.None.WithNext(first) with { Running = random.Next(2) } };
            ClaimPlan plan = new();
            var claimed = Claim(plan, stored, now);
            for (var round = 0; claimed.Slow.Count > 0; round++)
            {
                Assert.InRange(round, 0, Rounds);
                slow++;
                foreach (var due in claimed.Slow) due.Prepare();
                claimed = Claim(plan, stored, now);
            }

            if (first > now)
            {
                Assert.True(plan.Units[0].After.Next > now.ToMicros());
                continue;
            }
            var decision = Decide.Due(stored, stored.State, new(now.ToWholeMicros(), GraceLimit, []), RanTimes.Unread);
            Assert.Equal(decision.Next, plan.Units[0].After.NextFireTime);
            Assert.Equal(decision.Skipped.Select(skipped => (skipped.First, skipped.Last, skipped.Reason)), plan.Entries.ToArray().Select(entry => (entry.Entry.First, entry.Entry.Last, entry.Entry.Reason)));
        }
        Assert.InRange(slow, 5, int.MaxValue);
    }

    [Fact]
    public void A_claim_that_has_asked_many_parts_leaves_the_other_jobs_to_the_next_one()
    {
        // Each of them by itself is quick enough.
        var day = DateOnly.FromDateTime(Start.UtcDateTime);
        OrTrigger Heavy() => new(
            [Every(10), new ExceptTrigger(new CalendarIntervalTrigger(new(Days: 1), day, new(6, 0), ZoneClock.Utc, day.AddDays(1_000)), Exclusions.Parse(["05:00-07:00"], null))], ZoneClock.Utc);
        var plan = Plan(0, Request(places: 100));
        var taken = 0;
        for (; plan.Wants("default"); taken++)
            Assert.Equal(Taken.Yes, plan.Take(Stored(Job(Heavy())) with { Number = taken + 1 }, State()));

        Assert.InRange(taken, 5, 15);
        Assert.Equal(At(0), plan.Answer(new long[taken]).NextDue);
    }

    [Fact]
    public void A_trigger_that_throws_while_it_is_prepared_sets_its_own_job_aside()
    {
        var throws = false;
        var trigger = new OrTrigger([Never(), new ThrowingTrigger(Every(10), () => throws)], ZoneClock.Utc);
        ClaimPlan plan = new();
        var stored = Stored(Job(trigger));
        var slow = Assert.Single(Claim(plan, stored, At(5)).Slow);
        throws = true;
        slow.Prepare();

        var claimed = Claim(plan, stored, At(5));

        Assert.Equal((Id, "InvalidOperationException: It broke."), Assert.Single(claimed.SetAside));
        Assert.Empty(claimed.Slow);
    }

    static ExceptTrigger Never() => new(new CalendarIntervalTrigger(new(Days: 1), DateOnly.FromDateTime(Start.UtcDateTime), new(6, 0), ZoneClock.Utc), Exclusions.Parse(["05:00-07:00"], null));

    static Claimed Claim(ClaimPlan plan, StoredJob stored, DateTimeOffset now)
    {
        plan.Begin(now, Request(), new(), []);
        plan.Take(stored, stored.State);
        return plan.Answer(new long[plan.Runs.Length]);
    }

    sealed class ThrowingTrigger(Trigger inner, Func<bool> throws) : Trigger
    {
        public override ZoneClock Zone => inner.Zone;

        public override DateTimeOffset? Next(DateTimeOffset from) => throws() ? throw new InvalidOperationException("It broke.") : inner.Next(from);

        public override DateTimeOffset? Previous(DateTimeOffset before) => throws() ? throw new InvalidOperationException("It broke.") : inner.Previous(before);

        public override long Count(DateTimeOffset from, DateTimeOffset to) => inner.Count(from, to);

        public override string ToString() => inner.ToString();
    }
}
