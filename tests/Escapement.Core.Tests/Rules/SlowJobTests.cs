using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Triggers;
using Xunit;
using static Escapement.Core.Tests.Rules.Arrange;

namespace Escapement.Core.Tests.Rules;

/// <summary>
/// Tests that a claim evaluates a bounded number of parts of any trigger at any instant.
/// An evaluation outside the claim leads to the same decision.
/// </summary>
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
                Options = new()
                {
                    MisfireGrace = random.Next(3) switch
                    {
                        0 => MisfireGrace.Unlimited,
                        1 => MisfireGrace.UntilNext,
                        _ =>
                    GraceOf(random.Next(1, 1_000_000))
                    },
                    MaxInstances = random.Next(2) == 0 ? 1 : null
                },
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
            Assert.Equal(decision.Skipped.Select(skipped => (skipped.First, skipped.Last, skipped.Reason)), plan.Entries.ToArray()
                .Select(entry => (entry.Entry.First, entry.Entry.Last, entry.Entry.Reason)));
        }

        Assert.InRange(slow, 5, int.MaxValue);
    }

    [Fact]
    public void A_claim_that_has_asked_many_parts_leaves_the_other_jobs_to_the_next_one()
    {
        // Each trigger alone is fast enough.
        OrTrigger Heavy() => new([.. Enumerable.Repeat(Every(10), TriggerSearch.MaxOfJob - 10)], ZoneClock.Utc);
        var plan = Plan(0, Request(places: 100));
        var taken = 0;
        for (; plan.Wants("default"); taken++)
            Assert.Equal(Taken.Yes, plan.Take(Stored(Job(Heavy())) with { Number = taken + 1 }, State()));

        Assert.Equal(5, taken);
        Assert.Equal(At(0), plan.Answer(new long[taken]).NextDue);
    }

    [Fact]
    public void A_trigger_that_throws_while_it_is_prepared_sets_its_own_job_aside()
    {
        var throws = false;
        var trigger = new OrTrigger([Never(), new ThrowingTrigger(Every(10), () => throws)], ZoneClock.Utc);
        ClaimPlan plan = new();
        var stored = Stored(Job(trigger));
        var slow = Assert.Single(Claim(plan, stored, At(0)).Slow);
        throws = true;
        slow.Prepare();

        var claimed = Claim(plan, stored, At(0));

        Assert.Equal((Id, "InvalidOperationException: It broke."), Assert.Single(claimed.SetAside));
        Assert.Empty(claimed.Slow);

        // The trigger is evaluated again, like a trigger that throws at once.
        throws = false;
        Assert.Single(Claim(plan, stored, At(0)).Runs);
    }

    [Fact]
    public void Thousands_of_slow_jobs_that_are_due_at_once_are_all_claimed()
    {
        const int many = 3_000;
        OrTrigger slow = new([.. Enumerable.Repeat(Every(10), TriggerSearch.MaxOfJob + 1)], ZoneClock.Utc);
        List<StoredJob> jobs = [.. Enumerable.Range(1, many).Select(number => Stored(Job(slow)) with { Number = number })];
        HashSet<long> ran = [];
        ClaimPlan plan = new();
        var searches = 0;
        for (var claims = 0; ran.Count < many; claims++)
        {
            Assert.InRange(claims, 0, many);
            plan.Begin(At(0), Request(places: 500), new(), []);
            foreach (var job in jobs)
                if (plan.Wants("default") && !ran.Contains(job.Number)) plan.Take(job, job.State);
            foreach (ref readonly var run in plan.Runs) ran.Add(run.Id.Job);
            foreach (var found in plan.Answer(new long[plan.Runs.Length]).Slow)
            {
                searches++;
                found.Prepare();
            }
        }

        Assert.Equal(many, searches);
    }

    [Fact]
    public void A_slow_job_that_was_changed_meanwhile_needs_no_search()
    {
        OrTrigger slow = new([.. Enumerable.Repeat(Every(10), TriggerSearch.MaxOfJob + 1)], ZoneClock.Utc);
        ClaimPlan plan = new();
        var stored = Stored(Job(slow));
        var first = Assert.Single(Claim(plan, stored, At(0)).Slow);
        first.Reserve();
        var second = Assert.Single(Claim(plan, stored with { Version = 2 }, At(0)).Slow);

        Assert.Equal((true, false), (first.IsReplaced, second.IsReplaced));
    }

    static ExcludingTrigger Never() => new(new CalendarIntervalTrigger(new(Days: 1), DateOnly.FromDateTime(Start.UtcDateTime), new(6, 0),
        ZoneClock.Utc), ExclusionCalendar.Parse(["05:00-07:00"], null));

    static Claimed Claim(ClaimPlan plan, StoredJob stored, DateTimeOffset now)
    {
        plan.Begin(now, Request(), new(), []);
        plan.Take(stored, stored.State);
        return plan.Answer([.. Enumerable.Range(1, plan.Runs.Length).Select(token => (long)token)]);
    }

    sealed class ThrowingTrigger(Trigger inner, Func<bool> throws) : Trigger
    {
        public override ZoneClock Zone => inner.Zone;

        public override DateTimeOffset? Next(DateTimeOffset from) =>
            throws() ? throw new InvalidOperationException("It broke.") : inner.Next(from);

        public override DateTimeOffset? Previous(DateTimeOffset before) =>
            throws() ? throw new InvalidOperationException("It broke.") : inner.Previous(before);

        public override long Count(DateTimeOffset from, DateTimeOffset to) => inner.Count(from, to);

        public override string ToString() => inner.ToString();
    }
}
