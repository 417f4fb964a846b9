using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Triggers;
using Xunit;
using static Escapement.Core.Tests.Rules.Arrange;

namespace Escapement.Core.Tests.Rules;

public class DecideTests
{
    [Fact]
    public void A_punctual_fire_time_runs()
    {
        var decision = Decided(Stored(Job(Every(10))), Claim(0));

        Assert.Equal(At(0), decision.Run);
        Assert.Empty(decision.Skipped);
        Assert.Empty(decision.Behind);
        Assert.Equal(At(10), decision.Next);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(1.000001, false)]
    public void A_fire_time_runs_up_to_the_end_of_its_grace(double late, bool runs)
    {
        var decision = Decided(Stored(Job(Every(10))), Claim(late));

        Assert.Equal(runs ? At(0) : null, decision.Run);
        Assert.Equal(runs ? [] : [(0, 0, Reason.MisfireGraceExceeded)], Shown(decision.Skipped));
        Assert.Equal(At(10), decision.Next);
    }

    [Fact]
    public void A_fire_time_runs_however_late_when_the_grace_is_unlimited() =>
        Assert.Equal(At(0), Decided(Stored(Job(new DateTrigger(Start, ZoneClock.Utc), MisfireGrace.Unlimited)), Claim(1e8)).Run);

    [Theory]
    [InlineData(3600 * 23, true)]
    [InlineData(3600 * 24, true)]
    [InlineData(3600 * 25, false)]
    public void A_fire_time_runs_until_the_next_one_but_not_beyond_the_limit(double late, bool runs) =>
        Assert.Equal(runs, Decided(Stored(Job(Every(7 * 24 * 3600), MisfireGrace.UntilNext)), Claim(late)).Run is not null);

    [Fact]
    public void The_last_fire_time_ends_the_trigger()
    {
        var decision = Decided(Stored(Job(Every(10, end: 10)), next: 10), Claim(10));

        Assert.Equal((At(10), null), (decision.Run, decision.Next));
        Assert.Empty(decision.Skipped);
    }

    [Fact]
    public void The_last_fire_time_ends_the_trigger_also_when_it_is_missed()
    {
        var decision = Decided(Stored(Job(Every(10, end: 10))), Claim(500));

        Assert.Equal((null, null), (decision.Run, decision.Next));
        Assert.Equal([(0, 10, Reason.MisfireGraceExceeded)], Shown(decision.Skipped));
    }

    [Fact]
    public void Nothing_is_decided_before_the_watermark()
    {
        var decision = Decided(Stored(Job(Every(10)), next: 50), Claim(20));

        Assert.Equal((null, At(50)), (decision.Run, decision.Next));
        Assert.Empty(decision.Skipped);
    }

    [Fact]
    public void The_next_fire_time_keeps_the_offset_of_its_zone()
    {
        var trigger = new CronTrigger(CronDefinition.FromExpression("0 9 * * *"), ZoneClock.Get("Asia/Shanghai"));
        var due = trigger.Next(Start)!.Value;

        Assert.Equal(TimeSpan.FromHours(8), Decided(Stored(Job(trigger), next: Seconds(due)), Claim(Seconds(due))).Next!.Value.Offset);
    }

    [Fact]
    public void Several_due_fire_times_become_one_run_of_the_last_when_they_are_coalesced()
    {
        var decision = Decided(Stored(Job(Every(10), MisfireGrace.Unlimited)), Claim(35));

        Assert.Equal([30], Runs(decision));
        Assert.Equal([(0, 20, Reason.Coalesced)], Shown(decision.Skipped));
        Assert.Equal(At(40), decision.Next);
    }

    [Fact]
    public void Coalesced_fire_times_are_judged_by_the_last()
    {
        var decision = Decided(Stored(Job(Every(10))), Claim(30.5));
        Assert.Equal([30], Runs(decision));
        Assert.Equal([(0, 20, Reason.Coalesced)], Shown(decision.Skipped));

        decision = Decided(Stored(Job(Every(10))), Claim(35));
        Assert.Empty(Runs(decision));
        Assert.Equal([(0, 30, Reason.MisfireGraceExceeded)], Shown(decision.Skipped));
    }

    [Fact]
    public void All_run_when_they_are_not_coalesced_and_the_grace_is_unlimited() =>
        Assert.Equal([0, 10, 20, 30], Runs(Decided(Stored(Job(Every(10), MisfireGrace.Unlimited, coalesce: false)), Claim(35))));

    [Theory]
    [InlineData(15, 20.0)]
    [InlineData(14.999999, 30.0)]
    [InlineData(15.000001, 20.0)]
    public void Fire_times_that_are_not_coalesced_are_judged_one_by_one(double grace, double first)
    {
        var decision = Decided(Stored(Job(Every(10), GraceOf(grace), coalesce: false)), Claim(35));

        Assert.Equal(first == 20 ? [20, 30] : [30], Runs(decision));
        Assert.Equal([(0, first - 10, Reason.MisfireGraceExceeded)], Shown(decision.Skipped));
        Assert.Equal(At(40), decision.Next);
    }

    [Fact]
    public void Only_the_last_runs_until_the_next_one_also_when_they_are_not_coalesced()
    {
        var decision = Decided(Stored(Job(Every(10), MisfireGrace.UntilNext, coalesce: false)), Claim(35));

        Assert.Equal([30], Runs(decision));
        Assert.Equal([(0, 20, Reason.MisfireGraceExceeded)], Shown(decision.Skipped));
    }

    [Fact]
    public void A_bounded_number_is_taken_at_a_time_and_the_rest_stays_due()
    {
        var decision = Decided(Stored(Job(Every(1), MisfireGrace.Unlimited, coalesce: false)), Claim(10_000));

        Assert.Equal(Decide.MaxTimes, Runs(decision).Count);
        Assert.Empty(decision.Skipped);
        Assert.Equal(At(Decide.MaxTimes), decision.Next);
    }

    [Theory]
    [InlineData(true, Reason.Coalesced)]
    [InlineData(false, Reason.NoActiveNode)]
    public void A_week_of_fire_times_is_one_stretch_and_a_few_questions_to_the_trigger(bool coalesce, Reason reason)
    {
        const double week = 7 * 86_400;
        var trigger = new CountingTrigger(Every(1));

        var decision = Decided(Stored(Job(trigger, coalesce: coalesce)), Claim(week + 0.5, Cause(Reason.NoActiveNode, -100, week + 0.2)));

        Assert.Equal([week], Runs(decision));
        Assert.Equal([(0, week - 1, reason)], Shown(decision.Skipped));
        Assert.Equal(At(week + 1), decision.Next);
        Assert.InRange(trigger.Asked, 1, 20);
    }

    [Fact]
    public void A_watermark_that_was_given_by_hand_is_the_first_fire_time()
    {
        var decision = Decided(Stored(Job(Every(10), MisfireGrace.Unlimited), next: 3), Claim(25));
        Assert.Equal([20], Runs(decision));
        Assert.Equal([(3, 10, Reason.Coalesced)], Shown(decision.Skipped));
        Assert.Equal(At(30), decision.Next);

        Assert.Equal([3, 10, 20], Runs(Decided(Stored(Job(Every(10), MisfireGrace.Unlimited, coalesce: false), next: 3), Claim(25))));
        Assert.Equal([(3, 3, Reason.MisfireGraceExceeded)], Shown(Decided(Stored(Job(Every(10)), next: 3), Claim(8)).Skipped));
    }

    [Theory]
    [InlineData(1, 0, true)]
    [InlineData(1, 1, false)]
    [InlineData(3, 2, true)]
    [InlineData(3, 3, false)]
    [InlineData(3, 4, false)] // the limit was lowered meanwhile
    [InlineData(null, 1000, true)]
    public void Max_instances_bounds_fire_times_and_waiting_runs_alike(int? most, int running, bool starts)
    {
        var stored = Stored(Job(Every(10), most: most), running: running);

        var decision = Decided(stored, Claim(0));

        Assert.Equal(starts ? [0] : [], Runs(decision));
        Assert.Equal(starts ? [] : [(0, 0, Reason.MaxInstancesReached)], Shown(decision.Skipped));
        Assert.Equal((At(10), !starts), (decision.Next, decision.ForWantOfPlace));
        Assert.Equal(starts, Decide.MayStart(stored.Job, stored.State));
    }

    [Fact]
    public void Max_instances_is_the_reason_for_a_whole_coalesced_stretch() =>
        Assert.Equal([(0, 30, Reason.MaxInstancesReached)], Shown(Decided(Stored(Job(Every(10)), running: 1), Claim(30)).Skipped));

    [Fact]
    public void Max_instances_is_not_the_reason_for_fire_times_that_were_lost_before() => Assert.Equal(
        [(0, 10, Reason.MisfireGraceExceeded), (20, 30, Reason.MaxInstancesReached)],
        Shown(Decided(Stored(Job(Every(10), GraceOf(15), coalesce: false), running: 1), Claim(35)).Skipped));

    [Fact]
    public void A_lost_stretch_is_split_where_a_node_was_active_again() => Assert.Equal(
        [(0, 20, Reason.MisfireGraceExceeded), (30, 50, Reason.NoActiveNode), (60, 80, Reason.MisfireGraceExceeded)],
        Shown(Decided(Stored(Job(Every(10))), Claim(85, Cause(Reason.NoActiveNode, 25, 55))).Skipped));

    [Fact]
    public void A_cause_holds_from_its_first_instant_to_before_its_last() => Assert.Equal(
        [(0, 0, Reason.MisfireGraceExceeded), (10, 20, Reason.NoActiveNode), (30, 40, Reason.MisfireGraceExceeded)],
        Shown(Decided(Stored(Job(Every(10))), Claim(45, Cause(Reason.NoActiveNode, 10, 30))).Skipped));

    [Fact]
    public void A_lost_stretch_is_one_where_the_cause_stays_the_same() => Assert.Equal(
        [(0, 40, Reason.SchedulerPaused)],
        Shown(Decided(Stored(Job(Every(10))),
            Claim(45, Cause(Reason.SchedulerPaused, -5, 44), Cause(Reason.NoActiveNode, 15, 35))).Skipped));

    [Fact]
    public void A_cause_of_another_executor_is_not_told() => Assert.Equal(
        [(0, 0, Reason.MisfireGraceExceeded), (10, 20, Reason.ExecutorSaturated)],
        Shown(Decided(Stored(Job(Every(10))),
            Claim(25, Cause(Reason.ExecutorSaturated, -100, 100, "mail"), Cause(Reason.ExecutorSaturated, 5, 100, "default"))).Skipped));

    [Fact]
    public void The_end_of_a_pause_skips_all_that_passed_and_names_the_action()
    {
        var decision = Decide.PauseOver(Job(Every(10)), State(), new() { At = Start, Until = At(25), Action = 7 }, Claim(25));

        Assert.Equal([new(At(0), At(20), Reason.Paused, 7)], decision.Skipped);
        Assert.Equal((null, At(30)), (decision.Run, decision.Next));
    }

    [Fact]
    public void A_fire_time_that_was_due_before_a_pause_keeps_the_cause_of_its_delay() => Assert.Equal(
        [(0, 0, Reason.Paused), (10, 20, Reason.NoActiveNode), (30, 40, Reason.Paused)],
        Shown(Decide.PauseOver(Job(Every(10)), State(), new() { At = At(25), Until = At(45), Action = 7 },
            Claim(45, Cause(Reason.NoActiveNode, 5, 27))).Skipped));

    [Fact]
    public void A_fire_time_at_the_very_end_of_a_pause_stays_due()
    {
        var decision = Decide.PauseOver(Job(Every(10)), State(), new() { At = Start, Until = At(20) }, Claim(25));

        Assert.Equal([(0, 10, Reason.Paused)], Shown(decision.Skipped));
        Assert.Equal(At(20), decision.Next);
    }

    [Fact]
    public void The_end_of_a_pause_leaves_a_later_watermark()
    {
        var decision = Decide.PauseOver(Job(Every(10)), State(next: 40), new() { At = Start, Until = At(25) }, Claim(25));

        Assert.Empty(decision.Skipped);
        Assert.Equal(At(40), decision.Next);
    }

    [Fact]
    public void The_end_of_a_pause_ends_a_trigger_that_yields_nothing_more()
    {
        var decision = Decide.PauseOver(Job(Every(10, end: 10)), State(), new() { At = Start, Until = At(25) }, Claim(25));

        Assert.Equal([(0, 10, Reason.Paused)], Shown(decision.Skipped));
        Assert.Null(decision.Next);
    }
}

/// <summary>A trigger that counts its calls. The count would reveal a rule that steps through a week.</summary>
sealed class CountingTrigger(Trigger inner) : Trigger
{
    public int Asked { get; private set; }

    /// <summary>Gets the number of the call that throws, or 0 for none.</summary>
    public int ThrowsAt { get; init; }

    public override ZoneClock Zone => inner.Zone;

    public override DateTimeOffset? Next(DateTimeOffset from) => Ask().Next(from);

    public override DateTimeOffset? Previous(DateTimeOffset before) => Ask().Previous(before);

    public override long Count(DateTimeOffset from, DateTimeOffset to) => Ask().Count(from, to);

    public override string ToString() => inner.ToString();

    Trigger Ask() => ++Asked == ThrowsAt ? throw new InvalidOperationException("The trigger is broken.") : inner;
}
