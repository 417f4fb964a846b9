using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Triggers;
using Xunit;
using static Escapement.Core.Tests.Rules.Arrange;

namespace Escapement.Core.Tests.Rules;

public class JobEditsAddTests : Editing
{
    [Fact]
    public void A_job_fires_from_now_on()
    {
        Edit(JobEdits.Add(Job(Every(10))), 25);

        Assert.Equal((At(30), null, null, 1L), (Now!.Next, Now.Ended, Now.Paused, Now.Version));
        Assert.Equal(((null, 30), (null, 30)), (Moved, Definitions));
        Assert.True(Edited is { Changed: true, DefinitionChanged: true, Waiting: WaitingFate.Stay, Signal: StoreSignal.Work });
    }

    [Fact]
    public void A_job_fires_at_the_very_instant() => Assert.Equal(At(20), Edit(JobEdits.Add(Job(Every(10))), 20)!.Next);

    [Fact]
    public void A_date_that_lies_in_the_past_is_kept_and_accounted_for()
    {
        Assert.Equal(At(5), Edit(JobEdits.Add(Job(new DateTrigger(At(5), ZoneClock.Utc))), 25)!.Next);
        Assert.Equal((null, 5), Definitions);
    }

    [Fact]
    public void A_job_without_a_trigger_has_no_next_fire_time()
    {
        Edit(JobEdits.Add(Job(null)), 25);
        Assert.Equal((null, null), (Now!.Next, Now.Ended));
    }

    [Fact]
    public void A_job_is_over_at_once_when_the_trigger_yields_nothing_more() =>
        Assert.Equal((null, JobEnd.Exhausted), (Edit(JobEdits.Add(Job(Every(10, end: 20))), 25)!.Next, Now!.Ended));

    [Fact]
    public void A_job_can_begin_paused()
    {
        Edit(JobEdits.Add(Job(Every(10)), paused: true), 25);

        Assert.Equal((new PauseRecord { At = At(25), Action = 9 }, At(30), null), (Now!.Paused, Now.Next, Now.ShownNext));
        Assert.Equal(new PauseRecord { At = At(25) }, Edited.OpensPause);
    }

    [Fact]
    public void A_job_can_begin_at_a_given_time()
    {
        Edit(JobEdits.Add(Job(Every(10)), next: At(47)), 25);

        Assert.Equal(((null, 47), (null, 47)), (Moved, Definitions));
    }

    [Fact]
    public void A_given_time_is_refused_for_a_job_without_a_trigger() =>
        Assert.Contains("has no trigger", Assert.Throws<FormatException>(() => Edit(JobEdits.Add(Job(null), next: At(47)), 25)).Message,
            StringComparison.Ordinal);

    [Fact]
    public void A_job_is_refused_when_the_id_is_taken()
    {
        Edit(JobEdits.Add(Job(Every(10))), 0);
        Assert.Equal(Id, Assert.Throws<JobExistsException>(() => Edit(JobEdits.Add(Job(Every(20))), 5)).Job);
    }

    [Fact]
    public void A_job_is_replaced_when_that_is_asked_for_and_the_action_accounts_for_what_was_due()
    {
        Edit(JobEdits.Add(Job(Every(10))), 0);

        Edit(JobEdits.Add(Job(Every(7)), replaceExisting: true), 25);

        Assert.Equal(((0, 28), (25, 28)), (Moved, Definitions));
    }

    [Fact]
    public void A_paused_job_that_is_replaced_is_not_paused()
    {
        Edit(JobEdits.Add(Job(Every(10)), paused: true), 0);
        Edit(JobEdits.Add(Job(Every(10)), replaceExisting: true), 25);

        Assert.Null(Now!.Paused);
        Assert.Equal(At(0), Edited.ClosesPause!.At);
    }

    [Fact]
    public void A_removed_job_revives_with_its_number_and_its_last_fire_time()
    {
        Now = Stored(Job(Every(10)), next: 20, running: 1, last: 10) with { Number = 7 };
        Edit(JobEdits.Remove(Id), 15);

        Edit(JobEdits.Add(Job(Every(5))), 16);

        Assert.Equal((7L, At(10), 1, At(20), null), (Now!.Number, Now.LastFireTime, Now.Running, Now.Next, Now.Ended));
        Assert.Equal(((null, 20), (16, 20)), (Moved, Definitions));
    }

    [Fact]
    public void A_job_in_place_of_a_declared_one_holds_until_the_declaration_changes()
    {
        Edit(JobEdits.Declare(Declared(Every(10))), 0);
        Edit(JobEdits.Add(Job(Every(7)) with { Name = "mine" }, replaceExisting: true), 5);

        Edit(JobEdits.Declare(Declared(Every(10))), 6);
        Assert.Equal("mine", Now!.Job.Name);

        Edit(JobEdits.Declare(Declared(Every(10), "2")), 6);
        Assert.Equal("j", Now.Job.Name);
    }
}

public class JobEditsChangeTests : Editing
{
    public JobEditsChangeTests() => Edit(JobEdits.Add(Job(Every(10))), 0);

    [Fact]
    public void The_watermark_stays_when_the_trigger_does()
    {
        Edit(JobEdits.Change(Id, job => job with { Name = "New", Options = new() { MisfireGrace = MisfireGrace.Unlimited } }), 25);

        Assert.Equal((At(0), "New"), (Now!.Next, Now.Job.Name));
        Assert.Equal(((0, 0), (0, 0)), (Moved, Definitions));
    }

    [Fact]
    public void A_definition_with_the_same_trigger_accounts_from_the_watermark_on()
    {
        Edit(JobEdits.Change(Id, job => job, next: At(45)), 15);
        Edit(JobEdits.Change(Id, job => job with { Name = "New" }), 16);
        Assert.Equal((45, 45), Definitions);

        Edit(JobEdits.Change(Id, job => job with { Name = "Newer" }, next: At(30)), 17);
        Assert.Equal((30, 30), Definitions);
    }

    [Fact]
    public void Nothing_is_written_when_nothing_changes()
    {
        var before = Now;
        Assert.Same(before, Edit(JobEdits.Change(Id, job => job with { }), 25));
        Assert.False(Edited.Changed);
        Assert.Null(Edited.Action);
    }

    [Fact]
    public void A_new_trigger_begins_anew_from_now()
    {
        Edit(JobEdits.Change(Id, job => job with { Trigger = Every(7) }), 20.5);

        Assert.Equal(((0, 21), (20.5, 21)), (Moved, Definitions));
    }

    [Fact]
    public void A_new_trigger_leaves_a_paused_job_paused()
    {
        Edit(JobEdits.Pause(Id, by: "me"), 0);
        Edit(JobEdits.Change(Id, job => job with { Trigger = Every(7) }), 25);

        Assert.Equal(("me", At(28)), (Now!.Paused!.By, Now.Next));
        Assert.Equal((null, null), (Edited.ClosesPause, Edited.OpensPause));

        Edit(JobEdits.Resume(Id), 40);
        Assert.Equal((28, 42), Moved);
    }

    [Fact]
    public void The_trigger_can_be_taken_away()
    {
        Edit(JobEdits.Change(Id, job => job with { Trigger = null }), 0);
        Assert.Equal((null, null), (Now!.Next, Now.Ended));
    }

    [Fact]
    public void A_new_trigger_that_yields_nothing_ends_the_job() =>
        Assert.Equal(JobEnd.Exhausted, Edit(JobEdits.Change(Id, job => job with { Trigger = Every(10, end: 20) }), 25)!.Ended);

    [Fact]
    public void A_job_is_moved_to_a_given_time_forward_and_back()
    {
        Claim(0);
        Edit(JobEdits.Change(Id, job => job, next: At(45)), 15);
        Assert.Equal((10, 45), Moved);
        Assert.Equal((null, null), Definitions);

        Edit(JobEdits.Change(Id, job => job, next: At(-20)), 16);
        Assert.Equal(((45, -20), (-20, -20)), (Moved, Definitions));
    }

    [Fact]
    public void A_given_time_wakes_a_paused_job_unless_it_is_paused_by_the_same_change()
    {
        Edit(JobEdits.Change(Id, job => job, next: At(40), pause: true), 5);
        Assert.Equal((At(5), At(40)), (Now!.Paused!.At, Now.Next));

        Edit(JobEdits.Change(Id, job => job, next: At(50)), 6);
        Assert.Equal((null, At(50)), (Now.Paused, Now.Next));
        Assert.NotNull(Edited.ClosesPause);
    }

    [Theory]
    [InlineData("mail", 1)]
    [InlineData("default", 2)]
    public void Waiting_runs_follow_a_change_of_executor_or_max_instances(string executor, int most)
    {
        Edit(JobEdits.Change(Id, job => job with { Options = job.Options with { Executor = executor, MaxInstances = most } }), 5);
        Assert.Equal(WaitingFate.Follow, Edited.Waiting);
    }

    [Fact]
    public void Waiting_runs_follow_a_change_of_priority()
    {
        Edit(JobEdits.Change(Id, job => job with { Options = job.Options with { Priority = 3 } }), 5);
        Assert.Equal(WaitingFate.Follow, Edited.Waiting);
    }

    [Fact]
    public void Another_id_is_refused() =>
        Assert.Throws<FormatException>(() => Edit(JobEdits.Change(Id, job => job with { Id = JobId.Parse("k") }), 0));

    [Fact]
    public void A_job_that_never_was_or_has_ended_is_refused()
    {
        Edit(JobEdits.Remove(Id), 0);
        Assert.Throws<JobNotFoundException>(() => Edit(JobEdits.Change(Id, job => job), 0));

        Now = null;
        Assert.Equal("Job j not found", Assert.Throws<JobNotFoundException>(() => Edit(JobEdits.Change(Id, job => job), 0)).Message);
    }

    [Fact]
    public void A_change_for_another_version_is_refused()
    {
        Assert.Throws<JobChangedException>(() => Edit(JobEdits.Remove(Id).IfVersion(7), 0));
        Assert.Equal(JobEnd.Removed, Edit(JobEdits.Remove(Id).IfVersion(1), 0)!.Ended);
    }
}

public class JobEditsPauseTests : Editing
{
    public JobEditsPauseTests() => Edit(JobEdits.Add(Job(Every(10))), 0);

    [Fact]
    public void A_pause_is_a_mark_and_leaves_the_watermark()
    {
        Edit(JobEdits.Pause(Id, At(60), "me", "repairs"), 5);

        Assert.Equal((new PauseRecord { At = At(5), Until = At(60), By = "me", Why = "repairs", Action = 9 }, At(0)),
            (Now!.Paused, Now.Next));
        Assert.Equal((ActionKind.Paused, "me", "repairs", At(60)),
            (Edited.Action!.Kind, Edited.Action.By, Edited.Action.Why, Edited.Action.Until));
        Assert.Equal((null, null), Definitions);
    }

    [Fact]
    public void A_second_pause_ends_the_first_and_accounts_for_its_fire_times()
    {
        Edit(JobEdits.Pause(Id, by: "me"), 5);
        var first = Now!.Paused;
        Edit(JobEdits.Pause(Id, why: "more"), 25);

        Assert.Equal(new PauseRecord { At = At(25), Why = "more", Action = 9 }, Now!.Paused);
        Assert.Equal((first, At(25)), (Edited.ClosesPause, Edited.OpensPause!.At));
        Assert.Equal((0, 30), Moved);
    }

    [Fact]
    public void A_second_pause_with_the_same_note_and_end_changes_nothing()
    {
        Edit(JobEdits.Pause(Id, At(60), "me", "repairs"), 5);
        var before = Now;
        Assert.Same(before, Edit(JobEdits.Pause(Id, At(60), "me", "repairs"), 25));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(4)]
    public void An_end_that_is_not_in_the_future_is_refused(double until)
    {
        var refused = Assert.Throws<ArgumentOutOfRangeException>(() => Edit(JobEdits.Pause(Id, At(until)), 5));
        Assert.Contains("Set an instant in the future", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pause_begins_anew_after_one_whose_end_has_come()
    {
        Edit(JobEdits.Pause(Id, At(15)), 0);
        Edit(JobEdits.Pause(Id), 25);

        Assert.Equal((At(25), At(20)), (Now!.Paused!.At, Now.Next));
        Assert.Equal((0, 20), Moved);
        Assert.Equal((At(0), At(25)), (Edited.ClosesPause!.At, Edited.OpensPause!.At));
    }

    [Fact]
    public void A_resumed_job_fires_from_now_on()
    {
        Edit(JobEdits.Pause(Id), 0);
        Edit(JobEdits.Resume(Id), 20);

        Assert.Equal((null, At(20)), (Now!.Paused, Now.Next));
        Assert.Equal((0, 20), Moved);
    }

    [Fact]
    public void Resuming_a_job_that_is_not_paused_changes_nothing()
    {
        var before = Now;
        Assert.Same(before, Edit(JobEdits.Resume(Id), 25));
    }

    [Fact]
    public void Resuming_after_the_last_fire_time_ends_the_job()
    {
        Edit(JobEdits.Change(Id, job => job with { Trigger = Every(10, end: 10) }), 0);
        Edit(JobEdits.Pause(Id), 0);
        Edit(JobEdits.Resume(Id), 25);

        Assert.Equal((JobEnd.Exhausted, null), (Now!.Ended, Now.Next));
        Assert.Equal((0, null), Moved);
    }
}

public class JobEditsRemoveTests : Editing
{
    public JobEditsRemoveTests() => Edit(JobEdits.Add(Job(Every(10), MisfireGrace.Unlimited)), 0);

    [Fact]
    public void A_removed_job_is_a_tombstone_and_its_definition_ends()
    {
        Edit(JobEdits.Remove(Id), 15);

        Assert.Equal((JobEnd.Removed, null), (Now!.Ended, Now.Next));
        Assert.Equal(((0, null), (15, null)), (Moved, Definitions));
        Assert.Equal((WaitingFate.End, Reason.Removed), (Edited.Waiting, Edited.EndsWaiting));
    }

    [Fact]
    public void The_pause_of_a_removed_job_ends()
    {
        Edit(JobEdits.Pause(Id), 0);
        Edit(JobEdits.Remove(Id), 15);

        Assert.Null(Now!.Paused);
        Assert.NotNull(Edited.ClosesPause);
    }

    [Fact]
    public void A_job_is_removed_once()
    {
        Edit(JobEdits.Remove(Id), 15);
        Assert.Throws<JobNotFoundException>(() => Edit(JobEdits.Remove(Id), 15));
    }
}
