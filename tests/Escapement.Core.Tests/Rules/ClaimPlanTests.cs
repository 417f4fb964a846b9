using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Xunit;
using static Escapement.Core.Tests.Rules.Arrange;

namespace Escapement.Core.Tests.Rules;

public class ClaimPlanTests
{
    static StoredJob Another(string id, long number, Job job) => Stored(job with { Id = JobId.Parse(id) }) with { Number = number };

    [Fact]
    public void A_due_fire_time_takes_a_place_and_moves_the_watermark()
    {
        var plan = Plan(0, Request(places: 1));
        var stored = Stored(Job(Every(10)));

        Assert.Equal(Taken.Yes, plan.Take(stored, stored.State));

        Assert.Equal(new(0, new(Micros(0), 1, 0), At(0), 1, At(0), null), plan.Runs[0]);
        Assert.Equal(new JobState(Micros(10), Micros(0), 1, 2), plan.Units[0].After);
        Assert.Equal((0, 0), (plan.Units[0].MinRunning, plan.Units[0].MaxRunning));
        Assert.False(plan.Wants("default"));
    }

    [Fact]
    public void The_answer_names_the_runs_by_their_tokens_and_when_something_is_due()
    {
        var plan = Plan(0);
        var stored = Stored(Job(Every(10)));
        plan.Take(stored, stored.State);

        var claimed = plan.Answer([42]);

        Assert.Equal((42, At(0), At(10)), (Assert.Single(claimed.Runs).Token, claimed.Runs[0].FireTime, claimed.NextDue));
        Assert.Empty(plan.Answer([0]).Runs);
    }

    [Fact]
    public void A_handler_that_the_node_does_not_know_is_passed_over()
    {
        var plan = Plan(0);
        var stored = Stored(Job(Every(10)) with { Handler = "another" });

        Assert.Equal(Taken.No, plan.Take(stored, stored.State));
        Assert.Equal(Taken.No, plan.Take(stored, stored.State, Waiting(0, number: 1)));
        Assert.False(plan.Writes);
    }

    [Fact]
    public void A_fire_time_that_finds_its_job_running_is_skipped_while_a_waiting_run_is_blocked()
    {
        var plan = Plan(0);
        var stored = Stored(Job(Every(10)), running: 1);
        plan.Take(stored, stored.State);
        plan.Take(stored, stored.State, Waiting(0, number: 1));

        Assert.Equal([(0, 0, Reason.MaxInstancesReached)], Shown(plan.Entries));
        Assert.Null(plan.Fates[0].End);
        Assert.Equal((1, int.MaxValue), (plan.Units[0].MinRunning, plan.Units[0].MaxRunning));
    }

    [Fact]
    public void A_job_that_was_handed_in_before_goes_on_from_what_the_plan_made_of_it()
    {
        var plan = Plan(0);
        var stored = Stored(Job(Every(10), most: 2));
        plan.Take(stored, stored.State);
        plan.Take(stored, stored.State, Waiting(0, number: 1));
        plan.Take(stored, stored.State, Waiting(0, number: 2));

        Assert.Equal((1, 2, 1), (plan.Units.Length, plan.Runs.Length, plan.Fates.Length));
        Assert.Equal((2, 0, 0), (plan.Units[0].After.Running, plan.Units[0].MinRunning, plan.Units[0].MaxRunning));
    }

    [Fact]
    public void Fire_times_behind_the_first_wait()
    {
        var plan = Plan(25);
        var stored = Stored(Job(Every(10), MisfireGrace.Unlimited, coalesce: false));
        plan.Take(stored, stored.State);

        Assert.Equal(new(Micros(0), 1, 0), plan.Runs[0].Id);
        Assert.Equal([Micros(10), Micros(20)], plan.Waits.ToArray().Select(wait => wait.Run.Id.FireTime));
        Assert.Equal(Micros(20), plan.Units[0].After.Last);
    }

    [Fact]
    public void A_fire_time_that_jitter_delays_waits_and_is_right_only_while_it_would_not_be_skipped()
    {
        var plan = Plan(0);
        var stored = Stored(Job(Every(10).WithJitter(TimeSpan.FromSeconds(5)), most: 2), running: 1);
        plan.Take(stored, stored.State);

        Assert.Equal(Jitter.StartOf(stored.Job, At(0)).ToMicros(), plan.Waits[0].Run.Due);
        Assert.Equal((0, 0, 1), (plan.Runs.Length, plan.Units[0].MinRunning, plan.Units[0].MaxRunning));
    }

    [Fact]
    public void An_entry_that_adjoins_the_last_one_takes_its_place()
    {
        var plan = Plan(15);
        var stored = Stored(Job(Every(10)), next: 10);
        var before = new Entry { Job = Id, First = At(-10), Last = At(0), Reason = Reason.MisfireGraceExceeded, Change = 1 };
        plan.Take(stored, stored.State, before);

        Assert.Equal((0, before with { Last = At(10), Change = 2 }, before), plan.Entries[0]);
    }

    [Fact]
    public void An_entry_of_a_job_that_was_handed_in_before_has_the_change_that_the_claim_gives_the_job()
    {
        var plan = Plan(15);
        var stored = Stored(Job(Every(10)), next: 10);
        plan.Take(stored, stored.State, Waiting(0, number: 1));
        plan.Take(stored, stored.State);

        Assert.Equal((2, 2), (plan.Entries[0].Entry.Change, plan.Units[0].After.Change));
    }

    [Fact]
    public void An_entry_of_another_reason_or_beyond_a_gap_stands_alone()
    {
        var stored = Stored(Job(Every(10)), next: 10);
        var before = new Entry { Job = Id, First = At(-10), Last = At(0), Reason = Reason.Coalesced };
        foreach (var other in new[] { before, before with { Reason = Reason.MisfireGraceExceeded, Last = At(-10) },
            before with { Reason = Reason.MisfireGraceExceeded, Cause = 4 } })
        {
            var plan = Plan(15);
            plan.Take(stored, stored.State, other);
            Assert.Equal((At(10), null), (plan.Entries[0].Entry.First, plan.Entries[0].Replaces));
        }
    }

    [Fact]
    public void The_end_of_a_pause_and_what_follows_are_one_unit()
    {
        var plan = Plan(30);
        var stored = Stored(Job(Every(10)), paused: new() { At = At(0), Until = At(25), Action = 7 });
        plan.Take(stored, stored.State);

        Assert.Equal([(0, 20, Reason.Paused)], Shown(plan.Entries));
        Assert.Equal(7, plan.Entries[0].Entry.Cause);
        Assert.Equal(Micros(30), plan.Runs[0].Id.FireTime);
        var marked = plan.Units[0].Marked(plan.At);
        Assert.Equal((null, 2, At(30)), (marked.Paused, marked.Version, marked.MarkedAt));
    }

    [Fact]
    public void A_trigger_that_yields_nothing_more_ends_the_job()
    {
        var plan = Plan(10);
        var stored = Stored(Job(Every(10, end: 10)), next: 10);
        plan.Take(stored, stored.State);

        Assert.Equal((true, JobEnd.Exhausted), (plan.Units[0].Marks, plan.Units[0].Marked(plan.At).Ended));
    }

    [Fact]
    public void A_waiting_run_beyond_its_grace_is_missed()
    {
        var plan = Plan(15);
        var stored = Stored(Job(Every(10)), next: 20);
        plan.Take(stored, stored.State, Waiting(0, due: 5) with { Watched = true });

        Assert.Equal((Outcome.Missed, Reason.MisfireGraceExceeded), (plan.Fates[0].End!.Outcome, plan.Fates[0].End!.Reason));
        Assert.Equal(StoreSignal.RunEnded, plan.Signal);
    }

    [Fact]
    public void What_ran_is_asked_for_before_anything_is_decided()
    {
        var plan = Plan(15);
        var stored = Stored(Job(Every(10), MisfireGrace.Unlimited, coalesce: false), last: 10);

        Assert.Equal(Taken.ReadRan, plan.Take(stored, stored.State));
        Assert.False(plan.Writes);
        Assert.Equal([0, 10], plan.Lookups.Select(Seconds));

        Assert.Equal(Taken.Yes, plan.Take(stored, stored.State, ran: Ran(0)));
        Assert.Equal(Micros(10), plan.Runs[0].Id.FireTime);
    }

    [Fact]
    public void No_fire_times_are_taken_while_the_scheduler_is_paused()
    {
        Assert.False(Plan(10, state: new() { Paused = new PauseRecord { At = At(0) } }).TakesFireTimes);

        var over = Plan(10, state: new() { Paused = new PauseRecord { At = At(0), Until = At(10) } });
        Assert.True(over is { TakesFireTimes: true, State.Changed: true, Writes: true });
    }

    [Fact]
    public void Nothing_is_wanted_of_an_executor_without_a_place()
    {
        var plan = Plan(0, Request(places: 0, ("mail", 2)));
        Assert.Equal((false, true, false), (plan.Wants("default"), plan.Wants("mail"), plan.Wants("unknown")));
    }

    [Fact]
    public void Items_come_by_priority_then_the_longest_due_first()
    {
        (int Priority, long Due, long Job, long Number, long FireTime)[] items = [(1, 0, 1, -1, 0), (0, 9, 1, -1, 0), (0, 5, 2, -1, 0),
            (0, 5, 1, 3, 2), (0, 5, 1, 0, 4), (0, 5, 1, 0, 3), (0, 5, 1, -1, 0)];
        Array.Sort(items, ClaimPlan.Order);
        Assert.Equal([(0, 5, 1, -1, 0), (0, 5, 1, 0, 3), (0, 5, 1, 0, 4), (0, 5, 1, 3, 2), (0, 5, 2, -1, 0), (0, 9, 1, -1, 0), (1, 0, 1, -1, 0)], items);
    }

    [Fact]
    public void A_job_that_throws_is_set_aside_and_the_others_are_claimed()
    {
        var plan = Plan(0);
        var broken = Another("broken", 2, Job(new CountingTrigger(Every(10)) { ThrowsAt = 1 }));
        var stored = Stored(Job(Every(10)));

        Assert.Equal(Taken.No, plan.Take(broken, broken.State));
        Assert.Equal(Taken.Yes, plan.Take(stored, stored.State));

        var claimed = plan.Answer([1]);
        Assert.Equal(Id, Assert.Single(claimed.Runs).Job.Id);
        Assert.Equal((broken.Job.Id, "InvalidOperationException: The trigger is broken."), Assert.Single(claimed.SetAside));
    }

    [Fact]
    public void A_job_that_throws_where_its_entry_is_compared_with_the_last_one_leaves_no_trace()
    {
        var before = new Entry { Job = Id, First = At(-10), Last = At(0), Reason = Reason.MisfireGraceExceeded };
        for (var call = 1; ; call++)
        {
            var plan = Plan(15);
            var broken = Stored(Job(new CountingTrigger(Every(10)) { ThrowsAt = call }), next: 10);
            if (plan.Take(broken, broken.State, before) == Taken.Yes) break;
            Assert.Equal((0, 0, false), (plan.Units.Length, plan.Entries.Length, plan.Writes));
        }
    }
}
