using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Xunit;
using static Escapement.Core.Tests.Rules.Arrange;

namespace Escapement.Core.Tests.Rules;

public class TrimRulesTests
{
    static readonly StoredJob Tombstone = Stored(Job(Every(10)), next: null, last: 20) with { Ended = JobEnd.Removed, MarkedAt = At(30) };

    [Fact]
    public void A_tombstone_of_which_nothing_is_kept_is_forgotten() => Assert.True(TrimRules.IsExpired(Tombstone, At(31)));

    [Fact]
    public void A_tombstone_stays_while_anything_of_it_is_kept()
    {
        Assert.False(TrimRules.IsExpired(Tombstone, At(30)));
        Assert.False(TrimRules.IsExpired(Tombstone with { State = State(null, last: 40) }, At(31)));
        Assert.False(TrimRules.IsExpired(Tombstone with { State = State(null, running: 1, last: 20) }, At(31)));
    }

    [Fact]
    public void A_job_that_lives_or_is_declared_stays()
    {
        Assert.False(TrimRules.IsExpired(Tombstone with { Ended = null }, At(31)));
        Assert.False(TrimRules.IsExpired(Tombstone with { Job = Tombstone.Job with { Origin = JobOrigin.Code } }, At(31)));
    }

    [Theory]
    [InlineData(0, 0, 0, Outcome.Succeeded, RunCause.FireTime, HistoryLimit.None)]
    [InlineData(0, 0, 0, Outcome.Failed, RunCause.FireTime, HistoryLimit.None)]
    [InlineData(1, 0, 0, Outcome.Failed, RunCause.FireTime, HistoryLimit.Runs)]
    [InlineData(0, 5, 0, Outcome.Interrupted, RunCause.FireTime, HistoryLimit.Runs)]
    [InlineData(1, 5, 2, Outcome.Succeeded, RunCause.FireTime, HistoryLimit.Runs)]
    [InlineData(1, 5, 2, Outcome.TimedOut, RunCause.FireTime, HistoryLimit.Failed)]
    [InlineData(0, 0, 2, Outcome.Succeeded, RunCause.FireTime, HistoryLimit.None)]
    [InlineData(1, 5, 2, Outcome.Missed, RunCause.FireTime, HistoryLimit.None)]
    [InlineData(1, 5, 2, Outcome.Succeeded, RunCause.Enqueued, HistoryLimit.Runs)]
    [InlineData(1, 5, 2, Outcome.Succeeded, RunCause.Backfill, HistoryLimit.None)]
    [InlineData(1, 5, 2, Outcome.Failed, RunCause.Backfill, HistoryLimit.None)]
    public void A_limit_follows_the_options_of_the_job_the_outcome_and_the_cause(int days, int runs, int failedDays, Outcome outcome,
        RunCause cause, HistoryLimit limit)
    {
        JobOptions options = new() { HistoryDays = days, HistoryRuns = runs, HistoryFailedDays = failedDays };
        Assert.Equal(limit, TrimRules.LimitOf(options, outcome, cause));
    }

    [Fact]
    public void A_limit_gives_the_age_and_the_number_of_the_runs_to_keep()
    {
        const double day = 24 * 3600;
        JobOptions options = new() { HistoryDays = 2, HistoryRuns = 5, HistoryFailedDays = 3 };
        Assert.Equal((At(8 * day), 5), (TrimRules.HistoryBefore(options, HistoryLimit.Runs, At(10 * day)),
            TrimRules.HistoryRuns(options, HistoryLimit.Runs)));
        Assert.Equal((At(7 * day), null), (TrimRules.HistoryBefore(options, HistoryLimit.Failed, At(10 * day)),
            TrimRules.HistoryRuns(options, HistoryLimit.Failed)));
        Assert.Equal(At(8 * day),
            TrimRules.HistoryBefore(options with { HistoryFailedDays = 0 }, HistoryLimit.Failed, At(10 * day)));
        Assert.Null(TrimRules.HistoryBefore(new(), HistoryLimit.Runs, At(10 * day)));
        Assert.Null(TrimRules.HistoryRuns(new(), HistoryLimit.Runs));
        Assert.Equal(DateTimeOffset.MinValue, TrimRules.HistoryBefore(options, HistoryLimit.Runs, DateTimeOffset.MinValue));
    }

    [Fact]
    public void An_epoch_is_forgotten_once_it_ended_before()
    {
        Assert.True(TrimRules.IsExpired(Epoch(1, 0, 10), At(11)));
        Assert.False(TrimRules.IsExpired(Epoch(1, 0, 10), At(10)));
        Assert.False(TrimRules.IsExpired(Epoch(1, 0), At(1000)));
    }

    [Theory]
    [InlineData(null, null, true)]
    [InlineData(20.0, 30.0, true)]
    [InlineData(20.0, 1000.0, false)]
    [InlineData(1000.0, 20.0, false)]
    public void An_action_stays_while_a_fire_time_that_it_accounts_for_is_kept(double? from, double? to, bool forgotten)
    {
        var action = new JobAction
        {
            At = At(10),
            Kind = ActionKind.Changed,
            Job = Id,
            From = from is { } had
            ? At(had)
            : null,
            To = to is { } has ? At(has) : null
        };

        Assert.Equal(forgotten, TrimRules.IsExpired(action, At(500)));
        Assert.False(TrimRules.IsExpired(action, At(10)));
    }
}
