using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Triggers;
using Xunit;
using static Escapement.Core.Tests.Rules.Arrange;

namespace Escapement.Core.Tests.Rules;

public class JobEditsDeclareTests : Editing
{
    public JobEditsDeclareTests() => Edit(JobEdits.Declare(Declared(Every(10))), 0);

    [Fact]
    public void A_job_is_added_from_now_on()
    {
        Now = null;
        Assert.Equal(At(30), Edit(JobEdits.Declare(Declared(Every(10))), 25)!.Next);
    }

    [Fact]
    public void A_job_whose_declaration_is_the_same_stays_as_it_was_changed()
    {
        Edit(JobEdits.Change(Id, job => job with { Name = "changed over REST" }), 5);
        var before = Now;

        Assert.Same(before, Edit(JobEdits.Declare(Declared(Every(10))), 25));
    }

    [Fact]
    public void A_job_whose_declared_trigger_is_another_begins_anew_from_now()
    {
        Edit(JobEdits.Declare(Declared(Every(7), "2")), 25);

        Assert.Equal((At(28), "2"), (Now!.Next, Now.Job.DeclaredHash));
        Assert.Equal(((0, 28), (25, 28)), (Moved, Definitions));
    }

    [Fact]
    public void The_watermark_of_a_job_stays_when_its_declared_trigger_does()
    {
        Edit(JobEdits.Declare(Declared(Every(10), "2") with { Name = "New" }), 25);

        Assert.Equal((At(0), "New"), (Now!.Next, Now.Job.Name));
        Assert.Equal((0, 0), Moved);
    }

    [Fact]
    public void A_changed_job_stays_paused()
    {
        Edit(JobEdits.Pause(Id), 0);
        Assert.NotNull(Edit(JobEdits.Declare(Declared(Every(7), "2")), 25)!.Paused);
    }

    [Fact]
    public void A_job_that_was_removed_stays_so_until_its_declaration_changes()
    {
        Edit(JobEdits.Remove(Id), 5);

        Assert.Equal(JobEnd.Removed, Edit(JobEdits.Declare(Declared(Every(10))), 25)!.Ended);
        Assert.Equal((null, At(30)), (Edit(JobEdits.Declare(Declared(Every(10), "2")), 25)!.Ended, Now!.Next));
    }

    [Fact]
    public void A_job_that_is_exhausted_stays_so()
    {
        Now = null;
        var once = new DateTrigger(At(5), ZoneClock.Utc);
        Edit(JobEdits.Declare(Declared(once)), 0);
        Claim(5);
        Now = Now! with { Ended = JobEnd.Exhausted };

        Assert.Equal(JobEnd.Exhausted, Edit(JobEdits.Declare(Declared(once)), 25)!.Ended);
    }

    [Fact]
    public void A_job_that_was_retired_revives_from_now_on()
    {
        Edit(JobEdits.Retire(Id), 5);
        Assert.Equal((JobEnd.Retired, null), (Now!.Ended, Now.Next));
        Assert.Equal(((0, null), (5, null)), (Moved, Definitions));

        Edit(JobEdits.Declare(Declared(Every(10))), 25);

        Assert.Equal((null, At(30)), (Now!.Ended, Now.Next));
        Assert.Equal(((null, 30), (25, 30)), (Moved, Definitions));
    }

    [Fact]
    public void Retiring_leaves_a_job_that_has_ended_and_a_job_that_never_was()
    {
        Edit(JobEdits.Remove(Id), 5);
        var before = Now;
        Assert.Same(before, Edit(JobEdits.Retire(Id), 6));

        Now = null;
        Assert.Null(Edit(JobEdits.Retire(Id), 6));
    }

    [Fact]
    public void A_job_that_is_switched_off_ends_until_it_is_switched_on_again()
    {
        Edit(JobEdits.SwitchOff(Declared(Every(10))), 0.5);
        Assert.Equal((JobEnd.SwitchedOff, null), (Now!.Ended, Now.Next));
        Assert.Equal((0, null), Moved);
        var before = Now;
        Assert.Same(before, Edit(JobEdits.SwitchOff(Declared(before.Job.Trigger)), 1));

        Edit(JobEdits.Declare(Declared(Every(10))), 25);

        Assert.Equal((null, At(30)), (Now!.Ended, Now.Next));
    }

    [Fact]
    public void A_job_that_never_was_is_kept_switched_off()
    {
        Now = null;
        Edit(JobEdits.SwitchOff(Declared(Every(10))), 5);
        Assert.Equal((JobEnd.SwitchedOff, "j"), (Now!.Ended, Now.Job.Name));
        Assert.Equal((null, null), Definitions);
    }

    [Fact]
    public void A_job_that_was_added_over_REST_is_taken_over()
    {
        Now = null;
        Edit(JobEdits.Add(Job(Every(10))), 0);
        Assert.Equal(JobOrigin.Code, Edit(JobEdits.Declare(Declared(Every(10))), 5)!.Job.Origin);
    }
}

public class JobEditsClockTests : Editing
{
    [Fact]
    public void A_job_fires_from_now_on_again_after_the_clock_was_set_back()
    {
        // The clock showed 1,000, and every fire time until then was passed. Now the clock shows 25.
        Now = Stored(Job(Every(10)), next: 1010, last: 1000);

        Assert.Equal(At(30), Edit(JobEdits.ClockWentBack(Id, At(1000)), 25)!.Next);
        Assert.Equal(At(1000), Now!.LastFireTime);
        Assert.Equal((1010, 30), Moved);
    }

    [Theory]
    [InlineData(5000)] // given by hand
    [InlineData(30)] // not passed
    public void A_next_fire_time_that_was_not_passed_stays(double next)
    {
        Now = Stored(Job(Every(10)), next: next);
        Edit(JobEdits.ClockWentBack(Id, At(1000)), 25);
        Assert.False(Edited.Changed);
    }

    [Fact]
    public void A_pause_that_was_only_to_come_begins_now()
    {
        Now = Stored(Job(Every(10)), next: 1010, last: 30, paused: new() { At = At(1000), By = "me" });

        Edit(JobEdits.ClockWentBack(Id, At(1000)), 25);

        Assert.Equal((At(30), At(25), "me"), (Now!.Next, Now.Paused!.At, Now.Paused.By));
    }

    [Fact]
    public void A_job_that_was_paused_before_stays_as_it_is()
    {
        Now = Stored(Job(Every(10)), next: 20, paused: new() { At = At(15) });
        Assert.Equal((At(20), At(15)), (Edit(JobEdits.ClockWentBack(Id, At(1000)), 25)!.Next, Now!.Paused!.At));
    }

    [Fact]
    public void A_job_that_had_ended_by_the_clock_that_was_ahead_goes_on()
    {
        Now = Stored(Job(Every(10, end: 100)), next: null, last: 100) with { Ended = JobEnd.Exhausted };

        Assert.Equal((null, At(30)), (Edit(JobEdits.ClockWentBack(Id, At(1000)), 25)!.Ended, Now!.Next));
    }

    [Fact]
    public void Nothing_runs_twice_after_the_clock_was_set_back()
    {
        Now = Stored(Job(Every(10)), next: 1010, last: 1000);
        Edit(JobEdits.ClockWentBack(Id, At(1000)), 995);

        var decision = Decided(Now!, Arrange.Claim(1000.5), 1000);

        Assert.Empty(Runs(decision));
        Assert.Empty(decision.Skipped);
        Assert.Equal(At(1010), decision.Next);
    }
}
