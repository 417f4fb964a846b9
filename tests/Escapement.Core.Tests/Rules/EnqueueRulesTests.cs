using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Xunit;
using static Escapement.Core.Tests.Rules.Arrange;

namespace Escapement.Core.Tests.Rules;

public class EnqueueRulesTests
{
    static readonly RunRequest Request = new() { Job = Id };

    [Fact]
    public void A_job_that_never_was_or_has_ended_is_refused()
    {
        Assert.Throws<JobNotFoundException>(() => EnqueueRules.Check(null, Request));
        Assert.Throws<JobNotFoundException>(() => EnqueueRules.Check(Stored(Job(null)) with { Ended = JobEnd.Removed }, Request));
    }

    [Fact]
    public void A_job_of_another_version_is_refused()
    {
        var stored = Stored(Job(null)) with { Version = 3 };

        Assert.Throws<JobChangedException>(() => EnqueueRules.Check(stored, Request with { IfVersion = 2 }));
        Assert.Same(stored, EnqueueRules.Check(stored, Request with { IfVersion = 3 }));
        Assert.Same(stored, EnqueueRules.Check(stored, Request));
    }

    [Fact]
    public void A_run_is_due_now_or_when_it_was_asked_for()
    {
        Assert.Equal(new() { Id = new(Micros(5), 1, 9), Due = Micros(5), Cause = RunCause.Enqueued }, EnqueueRules.WaitingRun(1, Request, 9, At(5)));
        Assert.Equal(new() { Id = new(Micros(60), 1, 9), Due = Micros(60), Watched = true, Cause = RunCause.Enqueued },
            EnqueueRules.WaitingRun(1, Request with { DueAt = At(60), Watched = true }, 9, At(5)));
        Assert.Equal(Micros(5), EnqueueRules.WaitingRun(1, Request with { DueAt = At(1) }, 9, At(5)).Due);
    }

    [Fact]
    public void A_backfill_has_the_key_of_its_fire_time_and_is_due_now()
    {
        var request = EnqueueRules.Backfill(Id, At(5).AddTicks(3));
        Assert.Equal(At(5), request.FireTime);
        Assert.Equal(new() { Id = new(Micros(5), 1, 0), Due = Micros(90), Cause = RunCause.Backfill },
            EnqueueRules.WaitingRun(1, request, 9, At(90)));
        Assert.Null(Decide.MisfireGraceFrom(EnqueueRules.WaitingRun(1, request, 9, At(90)), At(90)));
    }

    [Fact]
    public void Only_a_decided_fire_time_of_the_record_is_made_up()
    {
        var stored = Stored(Job(Every(10)), next: 50, last: 30) with { TrimmedBefore = At(20) };
        Assert.Same(stored, EnqueueRules.Check(stored, EnqueueRules.Backfill(Id, At(20))));
        Assert.Same(stored, EnqueueRules.Check(stored, EnqueueRules.Backfill(Id, At(40))));
        foreach (var at in (double[])[10, 50, 60])
            Assert.Throws<BackfillRefusedException>(() => EnqueueRules.Check(stored, EnqueueRules.Backfill(Id, At(at))));
        var early = stored with { State = State(50) };
        Assert.Same(early, EnqueueRules.Check(early, EnqueueRules.Backfill(Id, At(10)))); // no run was deleted up to then
    }

    [Fact]
    public void A_job_whose_trigger_is_exhausted_is_made_up_and_not_requested()
    {
        var stored = Stored(Job(Every(10)), next: null, last: 30) with { Ended = JobEnd.Exhausted };
        Assert.Same(stored, EnqueueRules.Check(stored, EnqueueRules.Backfill(Id, At(40))));
        Assert.Throws<JobNotFoundException>(() => EnqueueRules.Check(stored, Request));
    }

    [Fact]
    public void A_backfill_raises_the_last_claimed_fire_time()
    {
        Assert.Equal(Micros(20), EnqueueRules.LastAfter(Micros(10), new(Micros(20), 1, 0)));
        Assert.Equal(Micros(20), EnqueueRules.LastAfter(Micros(20), new(Micros(10), 1, 0)));
        Assert.Equal(Micros(10), EnqueueRules.LastAfter(JobState.Nothing, new(Micros(10), 1, 0)));
    }

    [Fact]
    public void A_key_is_free_once_its_run_has_ended_and_its_time_is_over()
    {
        Assert.False(EnqueueRules.IsKeyFree(null, At(100)));
        Assert.False(EnqueueRules.IsKeyFree(At(10), At(9)));
        Assert.True(EnqueueRules.IsKeyFree(At(10), At(10)));
        Assert.Null(EnqueueRules.KeyUntil(TimeSpan.Zero, End(Outcome.Succeeded)));
        Assert.Equal(EnqueueRules.WithHistory, EnqueueRules.KeyUntil(TimeSpan.MaxValue, End(Outcome.Failed)));
        Assert.Null(EnqueueRules.KeyUntil(TimeSpan.MaxValue, End(Outcome.Missed)));
        Assert.Equal(At(65), EnqueueRules.KeyUntil(TimeSpan.FromMinutes(1), End(Outcome.Interrupted)));

        static RunEnd End(Outcome outcome) => new() { Id = new(0, 1, 1), Attempt = 1, FinishedAt = At(5), Outcome = outcome };
    }
}
