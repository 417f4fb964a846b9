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
