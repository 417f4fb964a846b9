using Escapement.Ledger;
using Escapement.Rules;
using Xunit;
using static Escapement.Core.Tests.Rules.Arrange;

namespace Escapement.Core.Tests.Rules;

public class RunEndsTests
{
    static readonly OpenRun Open = new() { Id = new(Micros(10), 1, 0), Node = "a", Epoch = 1, Attempt = 2 };
    static readonly StoredJob Rerunning = Stored(Job(Every(10)) with { Options = new() { RerunIfInterrupted = true } });

    static Finished End(Outcome outcome, Reason? reason = null, string? error = null) => new()
    {
        Id = Open.Id,
        Node = "a",
        Epoch = 1,
        Attempt = 2,
        StartedAt = At(11),
        FinishedAt = At(12),
        Outcome = outcome,
        Reason = reason,
        Error = error,
    };

    [Fact]
    public void Only_the_node_and_the_epoch_that_claimed_the_attempt_can_end_it()
    {
        Assert.True(RunEnds.Takes(Open, End(Outcome.Succeeded)));
        Assert.False(RunEnds.Takes(Open, End(Outcome.Succeeded) with { Node = "b" }));
        Assert.False(RunEnds.Takes(Open, End(Outcome.Succeeded) with { Epoch = 2 }));
        Assert.False(RunEnds.Takes(Open, End(Outcome.Succeeded) with { Attempt = 1 }));
    }

    [Theory]
    [InlineData(Outcome.Succeeded)]
    [InlineData(Outcome.Failed)]
    [InlineData(Outcome.TimedOut)]
    [InlineData(Outcome.Cancelled)]
    [InlineData(Outcome.Interrupted)]
    public void An_attempt_ends_its_run(Outcome outcome)
    {
        var after = RunEnds.After(Stored(Job(Every(10))), Open, End(outcome));

        Assert.Equivalent(new RunEnd { Id = Open.Id, Attempt = 2, StartedAt = At(11), FinishedAt = At(12), Outcome = outcome }, after.End);
        Assert.Equal((null, null, StoreSignal.None), (after.Again, after.Attempt, after.Signal));
    }

    [Fact]
    public void A_run_that_never_began_has_no_attempt() =>
        Assert.Equal(1, RunEnds.After(Stored(Job(Every(10))), Open, End(Outcome.Missed) with { StartedAt = null }).End!.Attempt);

    [Fact]
    public void The_end_of_a_watched_run_notifies() =>
        Assert.Equal(StoreSignal.RunEnded,
            RunEnds.After(Stored(Job(Every(10))), Open with { Watched = true }, End(Outcome.Succeeded)).Signal);

    [Fact]
    public void A_long_error_is_cut() =>
        Assert.Equal(RunEnds.MaxErrorLength,
            RunEnds.After(Stored(Job(null)), Open, End(Outcome.Failed, error: new('x', 10_000))).End!.Error!.Length);

    [Fact]
    public void An_interrupted_run_waits_for_another_attempt_where_its_job_asks_for_it()
    {
        var after = RunEnds.After(Rerunning, Open with { Watched = true }, RunEnds.Lost(Open, At(50)));

        Assert.Null(after.End);
        Assert.Equal(new() { Id = Open.Id, Due = Open.Id.FireTime, Attempt = 3, Watched = true }, after.Again);
        Assert.Equal((Outcome.Interrupted, Reason.Interrupted, 2), (after.Attempt!.Outcome, after.Attempt.Reason, after.Attempt.Attempt));
        Assert.Equal(StoreSignal.Work, after.Signal);
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData(JobEnd.Exhausted, true)]
    [InlineData(JobEnd.Removed, false)]
    [InlineData(JobEnd.Retired, false)]
    [InlineData(JobEnd.SwitchedOff, false)]
    public void An_interrupted_run_is_tried_again_only_while_its_job_exists(JobEnd? ended, bool again) =>
        Assert.Equal(again, RunEnds.After(Rerunning with { Ended = ended }, Open, End(Outcome.Interrupted)).Again is not null);

    [Fact]
    public void A_waiting_run_that_never_starts_is_missed_or_interrupted_where_an_attempt_had_begun()
    {
        Assert.Equivalent(
            new RunEnd { Id = new(Micros(10), 1, 0), Attempt = 0, FinishedAt = At(20), Outcome = Outcome.Missed, Reason = Reason.Removed },
            RunEnds.Unclaimed(Waiting(10), Reason.Removed, At(20)));
        Assert.Equivalent(
            new RunEnd { Id = new(Micros(10), 1, 0), Attempt = 2, FinishedAt = At(20), Outcome = Outcome.Interrupted, Reason = Reason.Removed },
            RunEnds.Unclaimed(Waiting(10) with { Attempt = 3 }, Reason.Removed, At(20)));
    }
}
