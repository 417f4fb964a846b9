using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Triggers;
using Xunit;
using static Escapement.Core.Tests.Rules.JobState;

namespace Escapement.Core.Tests.Rules;

/// <summary>Applies edits and keeps what they make, as a store does.</summary>
public abstract class Editing
{
    protected List<Entry> Entries { get; } = [];

    protected StoredJob? Stored { get; set; }

    /// <summary>Which fire times have run, in seconds after the start.</summary>
    protected List<double> Ran { get; } = [];

    protected StoredJob? Edit(JobEdit edit, double now)
    {
        var account = new JobAccount(At(now), fireTime => Ran.Contains(Seconds(fireTime)));
        Stored = edit.Edit(Stored, account);
        Write(Entries, account);
        return Stored;
    }

    protected StoredJob? Claim(double now)
    {
        var decision = Decide.Due(Stored!, Now(now), _ => false);
        return Stored = Stored! with { Next = decision.Next, LastFireTime = decision.Runs is [.., var last] ? last : Stored.LastFireTime };
    }
}

public class Adding_a_job : Editing
{
    [Fact]
    public void Fires_from_now_on()
    {
        Edit(JobEdits.Add(Job(Every(10))), 25);

        Assert.Equal((At(30), null, null), (Stored!.Next, Stored.Ended, Stored.Paused));
        Assert.Empty(Entries);
    }

    [Fact]
    public void Fires_at_the_very_instant() => Assert.Equal(At(20), Edit(JobEdits.Add(Job(Every(10))), 20)!.Next);

    [Fact]
    public void Keeps_a_date_that_lies_in_the_past() => Assert.Equal(At(5), Edit(JobEdits.Add(Job(new DateTrigger(At(5), ZoneClock.Utc))), 25)!.Next);

    [Fact]
    public void Has_no_next_fire_time_without_a_trigger()
    {
        Edit(JobEdits.Add(Job(null)), 25);
        Assert.Equal((null, null), (Stored!.Next, Stored.Ended));
    }

    [Fact]
    public void Is_over_at_once_when_the_trigger_yields_nothing_more() =>
        Assert.Equal((null, JobEnd.Exhausted), (Edit(JobEdits.Add(Job(Every(10, end: 20))), 25)!.Next, Stored!.Ended));

    [Fact]
    public void Can_begin_paused()
    {
        Edit(JobEdits.Add(Job(Every(10)), paused: true), 25);
        Assert.Equal((new PauseMark(At(25)), At(30), null), (Stored!.Paused, Stored.Next, Stored.ShownNext));
    }

    [Fact]
    public void Can_begin_at_a_given_time_and_says_what_this_passes_over()
    {
        Edit(JobEdits.Add(Job(Every(10)), next: At(47)), 25);

        Assert.Equal(At(47), Stored!.Next);
        Assert.Equal([(30, 40, 2, Reason.Rescheduled)], Shown(Entries));
    }

    [Fact]
    public void Refuses_a_given_time_for_a_job_without_a_trigger() =>
        Assert.Contains("has no trigger", Assert.Throws<FormatException>(() => Edit(JobEdits.Add(Job(null), next: At(47)), 25)).Message, StringComparison.Ordinal);

    [Fact]
    public void Is_refused_when_the_id_is_taken()
    {
        Edit(JobEdits.Add(Job(Every(10))), 0);
        Assert.Equal(Id, Assert.Throws<JobExistsException>(() => Edit(JobEdits.Add(Job(Every(20))), 5)).Job);
    }

    [Fact]
    public void Replaces_when_that_is_asked_for_and_accounts_for_what_was_due()
    {
        Edit(JobEdits.Add(Job(Every(10), Grace.Of(TimeSpan.FromSeconds(12)), coalesce: false)), 0);

        Edit(JobEdits.Add(Job(Every(7)), replaceExisting: true), 25);

        Assert.Equal(At(28), Stored!.Next);
        Assert.Equal([(0, 10, 2, Reason.MisfireGraceExceeded), (20, 20, 1, Reason.Rescheduled)], Shown(Entries));
    }

    [Fact]
    public void Wakes_a_paused_job_that_it_replaces()
    {
        Edit(JobEdits.Add(Job(Every(10)), paused: true), 0);
        Edit(JobEdits.Add(Job(Every(10)), replaceExisting: true), 25);

        Assert.Null(Stored!.Paused);
        Assert.Equal([(0, 20, 3, Reason.Paused)], Shown(Entries));
    }

    [Fact]
    public void Revives_a_removed_job_with_its_number_and_its_last_fire_time()
    {
        Stored = Due(Job(Every(10)), next: 20, last: 10) with { Number = 7, Running = 1 };
        Edit(JobEdits.Remove(Id), 15);

        Edit(JobEdits.Add(Job(Every(5))), 16);

        Assert.Equal((7L, At(10), 1, At(20), null), (Stored!.Number, Stored.LastFireTime, Stored.Running, Stored.Next, Stored.Ended));
    }

    [Fact]
    public void In_place_of_a_declared_job_holds_until_the_declaration_changes()
    {
        Edit(JobEdits.Declare(Declared(Every(10), "1")), 0);
        Edit(JobEdits.Add(Job(Every(7)) with { Name = "mine" }, replaceExisting: true), 5);

        Edit(JobEdits.Declare(Declared(Every(10), "1")), 6);
        Assert.Equal("mine", Stored!.Job.Name);

        Edit(JobEdits.Declare(Declared(Every(10), "2")), 6);
        Assert.Equal("j", Stored.Job.Name);
    }

    static Job Declared(Trigger trigger, string hash) => Job(trigger) with { Origin = JobOrigin.Code, DeclaredHash = hash };
}

public class Changing_a_job : Editing
{
    public Changing_a_job() => Edit(JobEdits.Add(Job(Every(10))), 0);

    [Fact]
    public void Keeps_the_watermark_when_the_trigger_stays()
    {
        Edit(JobEdits.Change(Id, job => job with { Name = "New", Options = new() { Grace = Grace.Unlimited } }), 25);

        Assert.Equal((At(0), "New"), (Stored!.Next, Stored.Job.Name));
        Assert.Empty(Entries);
    }

    [Fact]
    public void Answers_the_same_object_when_nothing_changes()
    {
        var before = Stored;
        Assert.Same(before, Edit(JobEdits.Change(Id, job => job with { }), 25));
    }

    [Fact]
    public void Schedules_anew_from_now_with_a_new_trigger()
    {
        Edit(JobEdits.Change(Id, job => job with { Trigger = Every(7) }), 20.5);

        Assert.Equal(At(21), Stored!.Next);
        Assert.Equal([(0, 20, 3, Reason.Rescheduled)], Shown(Entries)); // the last was in its grace: the three would have become one run
    }

    [Fact]
    public void Leaves_a_paused_job_paused_with_a_new_trigger()
    {
        Edit(JobEdits.Pause(Id, by: "me"), 0);
        Edit(JobEdits.Change(Id, job => job with { Trigger = Every(7) }), 25);

        Assert.Equal(("me", At(28)), (Stored!.Paused!.By, Stored.Next));
        Assert.Equal([(0, 20, 3, Reason.Paused)], Shown(Entries));

        Edit(JobEdits.Resume(Id), 40);
        Assert.Equal([(0, 20, 3, Reason.Paused), (28, 35, 2, Reason.Paused)], Shown(Entries));
        Assert.Equal(At(42), Stored.Next);
    }

    [Fact]
    public void Can_take_the_trigger_away()
    {
        Edit(JobEdits.Change(Id, job => job with { Trigger = null }), 0);
        Assert.Equal((null, null), (Stored!.Next, Stored.Ended));
    }

    [Fact]
    public void Ends_it_when_the_new_trigger_yields_nothing() =>
        Assert.Equal(JobEnd.Exhausted, Edit(JobEdits.Change(Id, job => job with { Trigger = Every(10, end: 20) }), 25)!.Ended);

    [Fact]
    public void Moves_it_to_a_given_time()
    {
        Claim(0);
        Edit(JobEdits.Change(Id, job => job, next: At(45)), 15);

        Assert.Equal(At(45), Stored!.Next);
        Assert.Equal([(10, 10, 1, Reason.MisfireGraceExceeded), (20, 40, 3, Reason.Rescheduled)], Shown(Entries));
    }

    [Fact]
    public void Moves_it_back_without_an_entry()
    {
        Claim(0);
        Edit(JobEdits.Change(Id, job => job, next: At(-20)), 5);

        Assert.Equal(At(-20), Stored!.Next);
        Assert.Empty(Entries);
    }

    [Fact]
    public void Wakes_a_paused_job_with_a_given_time_unless_it_is_paused_by_the_same_change()
    {
        Edit(JobEdits.Change(Id, job => job, next: At(40), pause: true), 5);
        Assert.Equal((At(5), At(40)), (Stored!.Paused!.At, Stored.Next));

        Edit(JobEdits.Change(Id, job => job, next: At(50)), 6);
        Assert.Equal((null, At(50)), (Stored.Paused, Stored.Next));
    }

    [Fact]
    public void Refuses_another_id() =>
        Assert.Throws<FormatException>(() => Edit(JobEdits.Change(Id, job => job with { Id = JobId.Parse("k") }), 0));

    [Fact]
    public void Needs_a_job()
    {
        Stored = null;
        Assert.Equal("Job j not found", Assert.Throws<JobNotFoundException>(() => Edit(JobEdits.Change(Id, job => job), 0)).Message);
    }

    [Fact]
    public void Needs_one_that_has_not_ended()
    {
        Edit(JobEdits.Remove(Id), 0);
        Assert.Throws<JobNotFoundException>(() => Edit(JobEdits.Change(Id, job => job), 0));
    }
}

public class Pausing_a_job : Editing
{
    public Pausing_a_job() => Edit(JobEdits.Add(Job(Every(10))), 0);

    [Fact]
    public void Marks_it_and_leaves_the_watermark()
    {
        Edit(JobEdits.Pause(Id, At(60), "me", "repairs"), 5);

        Assert.Equal((new PauseMark(At(5), At(60), "me", "repairs"), At(0)), (Stored!.Paused, Stored.Next));
        Assert.Empty(Entries);
    }

    [Fact]
    public void Keeps_its_beginning_when_it_is_paused_already()
    {
        Edit(JobEdits.Pause(Id), 5);
        Edit(JobEdits.Pause(Id, why: "more"), 25);

        Assert.Equal(new PauseMark(At(5), null, null, "more"), Stored!.Paused);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(4)]
    public void Refuses_an_end_that_is_not_in_the_future(double until)
    {
        var refused = Assert.Throws<ArgumentOutOfRangeException>(() => Edit(JobEdits.Pause(Id, At(until)), 5));
        Assert.Contains("Give an instant in the future", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Begins_anew_after_one_whose_end_has_come()
    {
        Edit(JobEdits.Pause(Id, At(15)), 0);
        Edit(JobEdits.Pause(Id), 25);

        Assert.Equal((At(25), At(20)), (Stored!.Paused!.At, Stored.Next));
        Assert.Equal([(0, 10, 2, Reason.Paused)], Shown(Entries));
    }

    [Fact]
    public void Resuming_fires_from_now_on()
    {
        Edit(JobEdits.Pause(Id), 0);
        Edit(JobEdits.Resume(Id), 20);

        Assert.Equal((null, At(20)), (Stored!.Paused, Stored.Next));
        Assert.Equal([(0, 10, 2, Reason.Paused)], Shown(Entries));
    }

    [Fact]
    public void Resuming_what_is_not_paused_changes_nothing()
    {
        var before = Stored;
        Assert.Same(before, Edit(JobEdits.Resume(Id), 25));
    }

    [Fact]
    public void Resuming_after_the_last_fire_time_ends_it()
    {
        Edit(JobEdits.Change(Id, job => job with { Trigger = Every(10, end: 10) }), 0);
        Edit(JobEdits.Pause(Id), 0);
        Edit(JobEdits.Resume(Id), 25);

        Assert.Equal((JobEnd.Exhausted, null), (Stored!.Ended, Stored.Next));
        Assert.Equal([(0, 10, 2, Reason.Paused)], Shown(Entries));
    }
}

public class Removing_a_job : Editing
{
    public Removing_a_job() => Edit(JobEdits.Add(Job(Every(10), Grace.Unlimited)), 0);

    [Fact]
    public void Leaves_a_tombstone_that_says_what_was_due()
    {
        Edit(JobEdits.Remove(Id), 15);

        Assert.Equal((JobEnd.Removed, null), (Stored!.Ended, Stored.Next));
        Assert.Equal([(0, 10, 2, Reason.Removed)], Shown(Entries));
    }

    [Fact]
    public void Says_of_a_paused_one_that_it_was_paused()
    {
        Edit(JobEdits.Pause(Id), 0);
        Edit(JobEdits.Remove(Id), 15);

        Assert.Equal([(0, 10, 2, Reason.Paused)], Shown(Entries));
        Assert.Null(Stored!.Paused);
    }

    [Fact]
    public void Works_once()
    {
        Edit(JobEdits.Remove(Id), 15);
        Assert.Throws<JobNotFoundException>(() => Edit(JobEdits.Remove(Id), 15));
    }
}

public class Declaring_a_job : Editing
{
    static Job Declared(Trigger? trigger, string hash = "1") => Job(trigger) with { Origin = JobOrigin.Code, DeclaredHash = hash };

    public Declaring_a_job() => Edit(JobEdits.Declare(Declared(Every(10))), 0);

    [Fact]
    public void Adds_it_from_now_on()
    {
        Stored = null;
        Assert.Equal(At(30), Edit(JobEdits.Declare(Declared(Every(10))), 25)!.Next);
    }

    [Fact]
    public void Leaves_one_that_is_declared_as_before()
    {
        Edit(JobEdits.Change(Id, job => job with { Name = "changed over REST" }), 5);
        var before = Stored;

        Assert.Same(before, Edit(JobEdits.Declare(Declared(Every(10))), 25));
        Assert.Empty(Entries);
    }

    [Fact]
    public void Schedules_a_changed_one_anew_from_now()
    {
        Edit(JobEdits.Declare(Declared(Every(7), "2")), 25);

        Assert.Equal((At(28), "2"), (Stored!.Next, Stored.Job.DeclaredHash));
        Assert.Equal([(0, 20, 3, Reason.MisfireGraceExceeded)], Shown(Entries));
    }

    [Fact]
    public void Keeps_the_watermark_of_one_whose_trigger_is_declared_as_before()
    {
        Edit(JobEdits.Declare(Declared(Every(10), "2") with { Name = "New" }), 25);

        Assert.Equal((At(0), "New"), (Stored!.Next, Stored.Job.Name));
        Assert.Empty(Entries);
    }

    [Fact]
    public void Leaves_a_changed_one_paused()
    {
        Edit(JobEdits.Pause(Id), 0);
        Assert.NotNull(Edit(JobEdits.Declare(Declared(Every(7), "2")), 25)!.Paused);
    }

    [Fact]
    public void Leaves_one_that_was_removed_until_its_declaration_changes()
    {
        Edit(JobEdits.Remove(Id), 5);

        Assert.Equal(JobEnd.Removed, Edit(JobEdits.Declare(Declared(Every(10))), 25)!.Ended);
        Assert.Equal((null, At(30)), (Edit(JobEdits.Declare(Declared(Every(10), "2")), 25)!.Ended, Stored!.Next));
    }

    [Fact]
    public void Leaves_one_that_is_exhausted()
    {
        Stored = null;
        var once = new DateTrigger(At(5), ZoneClock.Utc);
        Edit(JobEdits.Declare(Declared(once)), 0);
        Claim(5);
        Stored = Stored! with { Ended = JobEnd.Exhausted };

        Assert.Equal(JobEnd.Exhausted, Edit(JobEdits.Declare(Declared(once)), 25)!.Ended);
    }

    [Fact]
    public void Revives_one_that_was_retired_from_now_on()
    {
        Edit(JobEdits.Retire(Id), 5);
        Assert.Equal((JobEnd.Retired, null), (Stored!.Ended, Stored.Next));

        Edit(JobEdits.Declare(Declared(Every(10))), 25);

        Assert.Equal((null, At(30)), (Stored!.Ended, Stored.Next));
    }

    [Fact]
    public void Retiring_leaves_what_has_ended_and_what_never_was()
    {
        Edit(JobEdits.Remove(Id), 5);
        var before = Stored;
        Assert.Same(before, Edit(JobEdits.Retire(Id), 6));

        Stored = null;
        Assert.Null(Edit(JobEdits.Retire(Id), 6));
    }

    [Fact]
    public void Switching_off_ends_it_until_it_is_switched_on_again()
    {
        Edit(JobEdits.SwitchOff(Declared(Every(10))), 0.5);
        Assert.Equal((JobEnd.SwitchedOff, null), (Stored!.Ended, Stored.Next));
        Assert.Equal([(0, 0, 1, Reason.SwitchedOff)], Shown(Entries));
        var before = Stored;
        Assert.Same(before, Edit(JobEdits.SwitchOff(Declared(before.Job.Trigger)), 1));

        Edit(JobEdits.Declare(Declared(Every(10))), 25);

        Assert.Equal((null, At(30)), (Stored!.Ended, Stored.Next));
    }

    [Fact]
    public void Switching_off_what_never_was_keeps_the_definition()
    {
        Stored = null;
        Edit(JobEdits.SwitchOff(Declared(Every(10))), 5);
        Assert.Equal((JobEnd.SwitchedOff, "j"), (Stored!.Ended, Stored.Job.Name));
    }

    [Fact]
    public void Takes_over_one_that_was_added_over_REST()
    {
        Stored = null;
        Edit(JobEdits.Add(Job(Every(10))), 0);
        Assert.Equal(JobOrigin.Code, Edit(JobEdits.Declare(Declared(Every(10))), 5)!.Job.Origin);
    }
}

public class The_marks_of_the_scheduler
{
    [Fact]
    public void Pause_resume_and_remember_the_pause()
    {
        var paused = SchedulerEdits.Pause(At(60), "me", "repairs")(new(), At(5));
        Assert.Equal(new(new PauseMark(At(5), At(60), "me", "repairs")), paused);
        Assert.Equal(At(5), SchedulerEdits.Pause()(paused, At(10)).Paused!.At);

        Assert.Equal(new(PausedBefore: new(At(5), At(20))), SchedulerEdits.Resume(paused, At(20)));
        Assert.Equal(new(PausedBefore: new(At(5), At(60))), SchedulerEdits.Resume(paused, At(70)));
        Assert.Same(paused, SchedulerEdits.PauseOver(paused, At(59)));
        Assert.Equal(new(PausedBefore: new(At(5), At(60))), SchedulerEdits.PauseOver(paused, At(60)));
    }

    [Fact]
    public void Refuse_a_pause_that_is_over_before_it_begins() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => SchedulerEdits.Pause(At(5))(new(), At(5)));

    [Fact]
    public void Shut_down_and_start()
    {
        var down = SchedulerEdits.ShutDown(new(), At(5));

        Assert.Equal(At(5), down.ShutDown);
        Assert.Same(down, SchedulerEdits.ShutDown(down, At(10)));
        Assert.Null(SchedulerEdits.Start(down, At(10)).ShutDown);
    }
}
