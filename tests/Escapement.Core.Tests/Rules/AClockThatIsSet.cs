using Escapement.Ledger;
using Escapement.Rules;
using Xunit;
using static Escapement.Core.Tests.Rules.JobState;

namespace Escapement.Core.Tests.Rules;

public class A_clock_that_is_set : Editing
{
    [Fact]
    public void Back_lets_the_job_fire_from_now_on_again()
    {
        // The clock said 1,000 and every fire time up to there was passed; it is 25.
        Stored = Due(Job(Every(10)), next: 1010, last: 1000);
        Assert.Equal(At(30), Edit(JobEdits.ClockWentBack(Id, At(1000)), 25)!.Next);
        Assert.Equal(At(1000), Stored.LastFireTime);
        Assert.Empty(Entries);
    }

    [Fact]
    public void Back_leaves_a_next_fire_time_that_was_given_by_hand()
    {
        Stored = Due(Job(Every(10)), next: 5000);
        Assert.Equal(At(5000), Edit(JobEdits.ClockWentBack(Id, At(1000)), 25)!.Next);
    }

    [Fact]
    public void Back_leaves_what_was_not_passed()
    {
        Stored = Due(Job(Every(10)), next: 30);
        Assert.Equal(At(30), Edit(JobEdits.ClockWentBack(Id, At(1000)), 25)!.Next);
    }

    [Fact]
    public void Back_leaves_a_job_paused_from_then_on()
    {
        Stored = Due(Job(Every(10)), next: 1010, last: 30, paused: new(At(1000), By: "me"));
        Ran.Add(30);
        Edit(JobEdits.ClockWentBack(Id, At(1000)), 25);
        Assert.Equal((At(30), new PauseMark(At(25), By: "me")), (Stored.Next, Stored.Paused));

        Edit(JobEdits.Resume(Id), 55);
        Assert.Equal(At(60), Stored.Next);
        Assert.Equal([(30, 30, 1, Reason.AlreadyRan), (40, 50, 2, Reason.Paused)], Shown(Entries));
    }

    [Fact]
    public void Back_leaves_what_a_job_that_was_paused_before_has_to_tell()
    {
        Stored = Due(Job(Every(10)), next: 20, paused: new(At(15)));
        Assert.Equal((At(20), At(15)), (Edit(JobEdits.ClockWentBack(Id, At(1000)), 25)!.Next, Stored.Paused!.At));
    }

    [Fact]
    public void Back_runs_nothing_twice()
    {
        Stored = Due(Job(Every(10)), next: 1010, last: 1000);
        Edit(JobEdits.ClockWentBack(Id, At(1000)), 995);
        var (runs, entries, next) = Decided(Stored!, Now(1000.5), 1000);
        Assert.Empty(runs);
        Assert.Equal([(1000, 1000, 1, Reason.AlreadyRan)], entries);
        Assert.Equal(1010, next);
    }

    [Fact]
    public void Forward_is_the_cause_of_what_it_jumped_past()
    {
        var stored = Due(Job(Every(10), coalesce: false), next: 20);
        var (runs, entries, _) = Decided(stored, Now(1005) with { ClockJumpedFrom = At(35) });
        Assert.Empty(runs);
        Assert.Equal([(20, 30, 2, Reason.MisfireGraceExceeded), (40, 1000, 97, Reason.ClockJump)], entries);
    }
}
