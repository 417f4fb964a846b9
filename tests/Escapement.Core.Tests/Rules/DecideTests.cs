using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Triggers;
using Xunit;
using static Escapement.Core.Tests.Rules.JobState;

namespace Escapement.Core.Tests.Rules;

public class A_due_fire_time
{
    [Fact]
    public void Runs_when_it_is_punctual()
    {
        var (runs, entries, next) = Decided(Due(Job(Every(10))), Now(0));

        Assert.Equal([0], runs);
        Assert.Empty(entries);
        Assert.Equal(10, next);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(1.000001, false)]
    public void Runs_up_to_the_end_of_its_grace(double late, bool runs)
    {
        var (ran, entries, next) = Decided(Due(Job(Every(10))), Now(late));

        Assert.Equal(runs ? [0] : [], ran);
        Assert.Equal(runs ? [] : [(0, 0, 1, Reason.MisfireGraceExceeded)], entries);
        Assert.Equal(10, next);
    }

    [Fact]
    public void Runs_however_late_when_the_grace_is_unlimited() =>
        Assert.Equal([0], Decided(Due(Job(new DateTrigger(Start, ZoneClock.Utc), Grace.Unlimited)), Now(1e8)).Runs);

    [Theory]
    [InlineData(3600 * 23, true)]
    [InlineData(3600 * 24, true)]
    [InlineData(3600 * 25, false)]
    public void Runs_until_the_next_one_but_not_beyond_the_limit(double late, bool runs) =>
        Assert.Equal(runs, Decided(Due(Job(Every(7 * 24 * 3600), Grace.UntilNext)), Now(late)).Runs.Count == 1);

    [Fact]
    public void Is_not_taken_a_part_of_a_microsecond_too_early()
    {
        var stored = Due(Job(Every(10)), next: 10);
        var moment = Now(0) with { Now = At(10).AddTicks(-1) };

        Assert.Equal(10, Decided(stored, moment).Next);
        Assert.Empty(Decided(stored, moment).Runs);
        Assert.Empty(Decided(stored, moment).Entries);
    }

    [Fact]
    public void Ends_the_trigger_when_it_is_the_last()
    {
        var (runs, entries, next) = Decided(Due(Job(Every(10, end: 10)), next: 10), Now(10));

        Assert.Equal([10], runs);
        Assert.Empty(entries);
        Assert.Null(next);
    }

    [Fact]
    public void Ends_the_trigger_also_when_it_is_missed()
    {
        var (runs, entries, next) = Decided(Due(Job(Every(10, end: 10))), Now(500));

        Assert.Empty(runs);
        Assert.Equal([(0, 10, 2, Reason.MisfireGraceExceeded)], entries);
        Assert.Null(next);
    }

    [Fact]
    public void Is_nothing_to_decide_when_the_clock_has_gone_back()
    {
        var (runs, entries, next) = Decided(Due(Job(Every(10)), next: 50), Now(20));

        Assert.Empty(runs);
        Assert.Empty(entries);
        Assert.Equal(50, next);
    }

    [Fact]
    public void Keeps_the_offset_of_its_zone()
    {
        var trigger = new CronTrigger(CronDefinition.FromExpression("0 9 * * *"), ZoneClock.Get("Asia/Shanghai"));
        var stored = Due(Job(trigger)) with { Next = trigger.Next(Start) };

        var run = Assert.Single(Decide.Due(stored, Now(0) with { Now = trigger.Next(Start)!.Value }, _ => false).Runs);

        Assert.Equal(TimeSpan.FromHours(8), run.Offset);
    }
}

public class Several_due_fire_times
{
    [Fact]
    public void Become_one_run_of_the_last_when_they_are_coalesced()
    {
        var (runs, entries, next) = Decided(Due(Job(Every(10), Grace.Unlimited)), Now(35));

        Assert.Equal([30], runs);
        Assert.Equal([(0, 20, 3, Reason.Coalesced)], entries);
        Assert.Equal(40, next);
    }

    [Fact]
    public void Are_judged_by_the_last_when_they_are_coalesced()
    {
        var (runs, entries, _) = Decided(Due(Job(Every(10))), Now(30.5));
        Assert.Equal([30], runs);
        Assert.Equal([(0, 20, 3, Reason.Coalesced)], entries);

        (runs, entries, _) = Decided(Due(Job(Every(10))), Now(35));
        Assert.Empty(runs);
        Assert.Equal([(0, 30, 4, Reason.MisfireGraceExceeded)], entries);
    }

    [Fact]
    public void All_run_when_they_are_not_coalesced_and_the_grace_is_unlimited() =>
        Assert.Equal([0, 10, 20, 30], Decided(Due(Job(Every(10), Grace.Unlimited, coalesce: false)), Now(35)).Runs);

    [Theory]
    [InlineData(15, 20.0)]
    [InlineData(14.999999, 30.0)]
    [InlineData(15.000001, 20.0)]
    public void Are_judged_one_by_one_when_they_are_not_coalesced(double grace, double first)
    {
        var (runs, entries, next) = Decided(Due(Job(Every(10), Grace.Of(TimeSpan.FromMicroseconds(Math.Round(grace * 1e6))), coalesce: false)), Now(35));

        Assert.Equal(first == 20 ? [20, 30] : [30], runs);
        Assert.Equal([(0, first - 10, first == 20 ? 2 : 3, Reason.MisfireGraceExceeded)], entries);
        Assert.Equal(40, next);
    }

    [Fact]
    public void Run_until_the_next_one_only_the_last_also_when_they_are_not_coalesced()
    {
        var (runs, entries, _) = Decided(Due(Job(Every(10), Grace.UntilNext, coalesce: false)), Now(35));

        Assert.Equal([30], runs);
        Assert.Equal([(0, 20, 3, Reason.MisfireGraceExceeded)], entries);
    }

    [Fact]
    public void Are_taken_some_at_a_time_and_the_rest_stays_due()
    {
        var (runs, entries, next) = Decided(Due(Job(Every(1), Grace.Unlimited, coalesce: false)), Now(10_000));

        Assert.Equal(Decide.MostRuns, runs.Count);
        Assert.Empty(entries);
        Assert.Equal(Decide.MostRuns, next);
    }

    [Fact]
    public void Of_a_week_are_one_entry_by_arithmetic()
    {
        var trigger = new Counted(Every(1));

        var (runs, entries, next) = Decided(Due(Job(trigger)), Now(7 * 86_400 + 0.5) with { EpochBegun = At(7 * 86_400 + 0.2), LastSignBefore = Start });

        Assert.Equal([604_800], runs);
        Assert.Equal([(0, 604_799, 604_800, Reason.Coalesced)], entries);
        Assert.Equal(604_801, next);
        Assert.InRange(trigger.Asked, 1, 20);
    }

    [Fact]
    public void Of_a_week_that_are_lost_are_one_entry_by_arithmetic()
    {
        var trigger = new Counted(Every(1));

        var (runs, entries, _) = Decided(
            Due(Job(trigger, coalesce: false)), Now(7 * 86_400 + 0.5) with { EpochBegun = At(7 * 86_400 + 0.2), LastSignBefore = Start });

        Assert.Equal([604_800], runs);
        Assert.Equal([(0, 604_799, 604_800, Reason.NoActiveNode)], entries);
        Assert.InRange(trigger.Asked, 1, 30);
    }

    [Fact]
    public void Begin_with_a_watermark_that_was_given_by_hand()
    {
        var (runs, entries, next) = Decided(Due(Job(Every(10), Grace.Unlimited), next: 3), Now(25));
        Assert.Equal([20], runs);
        Assert.Equal([(3, 10, 2, Reason.Coalesced)], entries);
        Assert.Equal(30, next);

        Assert.Equal([3, 10, 20], Decided(Due(Job(Every(10), Grace.Unlimited, coalesce: false), next: 3), Now(25)).Runs);
        Assert.Equal([(3, 3, 1, Reason.MisfireGraceExceeded)], Decided(Due(Job(Every(10)), next: 3), Now(8)).Entries);
    }

    /// <summary>Counts how often it is asked: stepping through a week would show.</summary>
    sealed class Counted(Trigger inner) : Trigger
    {
        public int Asked { get; private set; }

        public override ZoneClock Zone => inner.Zone;

        public override DateTimeOffset? Next(DateTimeOffset from)
        {
            Asked++;
            return inner.Next(from);
        }

        public override DateTimeOffset? Previous(DateTimeOffset before)
        {
            Asked++;
            return inner.Previous(before);
        }

        public override long Count(DateTimeOffset from, DateTimeOffset to)
        {
            Asked++;
            return inner.Count(from, to);
        }

        public override string ToString() => inner.ToString();
    }
}

public class Max_instances
{
    [Theory]
    [InlineData(1, 0, true)]
    [InlineData(1, 1, false)]
    [InlineData(3, 2, true)]
    [InlineData(3, 3, false)]
    [InlineData(3, 4, false)] // the limit was lowered meanwhile
    [InlineData(null, 1000, true)]
    public void Bound_fire_times_and_waiting_runs_alike(int? most, int running, bool starts)
    {
        var stored = Due(Job(Every(10), most: most), running: running);

        var (runs, entries, next) = Decided(stored, Now(0));

        Assert.Equal(starts ? [0] : [], runs);
        Assert.Equal(starts ? [] : [(0, 0, 1, Reason.MaxInstancesReached)], entries);
        Assert.Equal(10, next);
        Assert.Equal(starts, Decide.Waiting(stored));
    }

    [Fact]
    public void Are_the_reason_for_a_whole_coalesced_stretch() =>
        Assert.Equal([(0, 30, 4, Reason.MaxInstancesReached)], Decided(Due(Job(Every(10)), running: 1), Now(30)).Entries);

    [Fact]
    public void Are_not_the_reason_for_what_was_lost_before() => Assert.Equal(
        [(0, 10, 2, Reason.MisfireGraceExceeded), (20, 30, 2, Reason.MaxInstancesReached)],
        Decided(Due(Job(Every(10), Grace.Of(TimeSpan.FromSeconds(15)), coalesce: false), running: 1), Now(35)).Entries);
}

public class A_lost_stretch
{
    [Fact]
    public void Is_split_where_a_node_was_active_again()
    {
        // The node before lived until 25 and was late; nobody was active until 55; this one was late itself.
        var moment = Now(85) with { LastSignBefore = At(25), EpochBegun = At(55) };

        Assert.Equal(
            [(0, 20, 3, Reason.MisfireGraceExceeded), (30, 50, 3, Reason.NoActiveNode), (60, 80, 3, Reason.MisfireGraceExceeded)],
            Decided(Due(Job(Every(10))), moment).Entries);
    }

    [Fact]
    public void Counts_the_instants_of_end_and_beginning_to_the_later_side()
    {
        var moment = Now(45) with { LastSignBefore = At(10), EpochBegun = At(30) };

        Assert.Equal(
            [(0, 0, 1, Reason.MisfireGraceExceeded), (10, 20, 2, Reason.NoActiveNode), (30, 40, 2, Reason.MisfireGraceExceeded)],
            Decided(Due(Job(Every(10))), moment).Entries);
    }

    [Fact]
    public void Has_no_active_node_before_the_first_epoch() => Assert.Equal(
        [(0, 20, 3, Reason.NoActiveNode)], Decided(Due(Job(Every(10))), Now(28) with { EpochBegun = At(25) }).Entries);

    [Fact]
    public void Is_as_asked_after_a_shutdown() => Assert.Equal(
        [(0, 20, 3, Reason.ShutDown)],
        Decided(Due(Job(Every(10))), Now(28) with { LastSignBefore = At(-5), EpochBegun = At(25), WasShutDown = true }).Entries);

    [Fact]
    public void Is_as_asked_in_a_pause_of_the_scheduler() => Assert.Equal(
        [(0, 0, 1, Reason.MisfireGraceExceeded), (10, 20, 2, Reason.SchedulerPaused), (30, 40, 2, Reason.MisfireGraceExceeded)],
        Decided(Due(Job(Every(10))), Now(45) with { Scheduler = new(PausedBefore: new(At(10), At(30))) }).Entries);

    [Fact]
    public void Is_for_want_of_a_place_from_when_the_executor_was_full() => Assert.Equal(
        [(0, 0, 1, Reason.MisfireGraceExceeded), (10, 20, 2, Reason.ExecutorSaturated)],
        Decided(Due(Job(Every(10))), Now(25) with { FullSince = At(5) }).Entries);

    [Fact]
    public void Is_one_entry_where_the_cause_stays_the_same() => Assert.Equal(
        [(0, 40, 5, Reason.SchedulerPaused)],
        Decided(Due(Job(Every(10))), Now(45) with { LastSignBefore = At(15), EpochBegun = At(35), Scheduler = new(PausedBefore: new(At(-5), At(44))) }).Entries);

    [Fact]
    public void Is_read_from_the_epochs()
    {
        var epoch = new Epoch { Number = 2, Node = new("b", 1, "h", Start, null), Begun = At(30), WithLock = true, Beat = 0, LastSign = At(30) };
        var before = epoch with { Number = 1, Begun = At(0), Ended = At(10), How = EpochEnd.ShutDown };

        Assert.Equal(new(At(40), GraceLimit, new(), At(30), At(10)) { WasShutDown = true }, Moment.Of(At(40), GraceLimit, new(), epoch, before));
        Assert.Equal(new(At(40), GraceLimit, new(), At(30), null), Moment.Of(At(40), GraceLimit, new(), epoch, null));
    }
}

public class The_end_of_a_pause
{
    [Fact]
    public void Makes_an_entry_of_what_passed_and_goes_on_from_then()
    {
        var decision = Decide.PauseOver(Due(Job(Every(10)), paused: new(Start)), At(25), _ => false);

        Assert.Equal([(0, 20, 3, Reason.Paused)], Shown(decision.Entries));
        Assert.Equal(At(30), decision.Next);
        Assert.Empty(decision.Runs);
    }

    [Fact]
    public void Leaves_a_fire_time_at_its_very_instant_due()
    {
        var decision = Decide.PauseOver(Due(Job(Every(10)), paused: new(Start)), At(20), _ => false);

        Assert.Equal([(0, 10, 2, Reason.Paused)], Shown(decision.Entries));
        Assert.Equal(At(20), decision.Next);
    }

    [Fact]
    public void Leaves_a_later_watermark()
    {
        var decision = Decide.PauseOver(Due(Job(Every(10)), next: 40, paused: new(Start)), At(25), _ => false);

        Assert.Empty(decision.Entries);
        Assert.Equal(At(40), decision.Next);
    }

    [Fact]
    public void Does_not_excuse_what_was_late_when_it_began()
    {
        var decision = Decide.PauseOver(Due(Job(Every(10)), paused: new(At(25))), At(45), _ => false);

        Assert.Equal([(0, 20, 3, Reason.MisfireGraceExceeded), (30, 40, 2, Reason.Paused)], Shown(decision.Entries));
    }

    [Fact]
    public void Is_the_reason_for_what_was_still_within_its_grace_when_it_began()
    {
        var decision = Decide.PauseOver(Due(Job(Every(10)), paused: new(At(20.5))), At(45), _ => false);

        Assert.Equal([(0, 40, 5, Reason.Paused)], Shown(decision.Entries));
    }

    [Fact]
    public void Ends_a_trigger_that_yields_nothing_more()
    {
        var decision = Decide.PauseOver(Due(Job(Every(10, end: 10)), paused: new(Start)), At(25), _ => false);

        Assert.Equal([(0, 10, 2, Reason.Paused)], Shown(decision.Entries));
        Assert.Null(decision.Next);
    }
}

public class Adjoining_entries
{
    static readonly Entry First = new(Id, At(0), At(20), 3, Reason.Paused);

    [Fact]
    public void Become_one() => Assert.Equal(new(Id, At(0), At(40), 5, Reason.Paused), Decide.Joined(Every(10), First, new(Id, At(30), At(40), 2, Reason.Paused)));

    [Fact]
    public void Stay_apart_when_a_fire_time_lies_between_them_or_they_differ()
    {
        Assert.Null(Decide.Joined(Every(10), First, new(Id, At(40), At(40), 1, Reason.Paused)));
        Assert.Null(Decide.Joined(Every(10), First, new(Id, At(30), At(40), 2, Reason.Coalesced)));
        Assert.Null(Decide.Joined(Every(10), First, new(JobId.Parse("k"), At(30), At(40), 2, Reason.Paused)));
        Assert.Null(Decide.Joined(Every(10), First, new(Id, At(10), At(20), 2, Reason.Paused)));
        Assert.Null(Decide.Joined(null, First, new(Id, At(30), At(30), 1, Reason.Paused)));
    }
}

public class A_run_of_a_lost_node
{
    [Fact]
    public void Runs_again_only_when_its_job_asks_for_it_and_still_exists()
    {
        var job = Due(Job(Every(10)));
        var asking = job with { Job = job.Job with { Options = job.Job.Options with { RerunIfInterrupted = true } } };

        Assert.False(Decide.RunsAgain(job));
        Assert.True(Decide.RunsAgain(asking));
        Assert.True(Decide.RunsAgain(asking with { Ended = JobEnd.Exhausted }));
        Assert.False(Decide.RunsAgain(asking with { Ended = JobEnd.Removed }));
        Assert.False(Decide.RunsAgain(asking with { Ended = JobEnd.Retired }));
        Assert.False(Decide.RunsAgain(asking with { Ended = JobEnd.SwitchedOff }));
    }
}
