using Escapement.Ledger;
using Escapement.Rules;
using Xunit;

namespace Escapement.Testing.Stores;

/// <summary>Tests of due fire times that nobody claims although a process is active.</summary>
public abstract partial class AccountContract<TStore>
{
    [Theory]
    [InlineData("gone", Handler, true, "handler work, executor gone")]
    [InlineData("default", "old", true, "handler old, executor default")]
    [InlineData("default", Handler, false, "handler work, executor default")]
    public async Task A_fire_time_that_no_active_process_claims_for_a_lease_is_not_running(
        string executor, string handler, bool fireTimes, string names)
    {
        await AddAsync("j", Every(10), Options(grace: null, executor: executor), handler);
        await BeginAsync(lease: TimeSpan.FromSeconds(15));
        MoveTo(12);
        await HeartbeatAsync();
        Assert.Empty((await ClaimAsync(fireTimes: fireTimes)).Runs);
        Assert.Equal("2 due = 0 ran + 2 running + 0 skipped + 0 missed. Balanced.", (await WhyAsync("j", At(0), At(60))).Account.Sentence);

        MoveTo(25);
        await HeartbeatAsync();
        Assert.Empty((await ClaimAsync(fireTimes: fireTimes)).Runs);
        var why = await WhyAsync("j", At(0), At(60));

        Assert.Equal("3 due = 0 ran + 0 running + 0 skipped + 3 missed. Balanced.", why.Account.Sentence);
        Assert.Equal((Reason.NotClaimed, false,
            $"00:00 to 00:00:20 have not run yet (3 fire times): the active process 4711 on web-1 has not claimed the job since 00:00 ({names})."),
            Single(why));
        Assert.Contains("EXECUTORS, RUN_JOBS", why.Items[0].Advice, StringComparison.Ordinal);
        Assert.Equal(
            [$"3 fire times of job j have not run yet: the active process 4711 on web-1 has not claimed the job since 00:00 ({names})."],
            (await AuditAsync(At(0), At(60))).Causes.Select(cause => cause.Sentence));
    }

    [Fact]
    public async Task A_late_fire_time_is_about_to_be_claimed_for_a_lease_after_a_takeover_a_pause_or_a_change()
    {
        await AddAsync("j", Every(10), Options(grace: null));
        MoveTo(100);
        await BeginAsync();
        MoveTo(114);
        Assert.Empty((await WhyAsync("j", At(0), At(400))).Items);

        await ChangeStateAsync(SchedulerEdits.Pause());
        MoveTo(200);
        await ChangeStateAsync(SchedulerEdits.Resume);
        MoveTo(214);
        Assert.Empty((await WhyAsync("j", At(0), At(400))).Items);

        await MoveJobAsync("j", At(50));
        MoveTo(228);
        Assert.Empty((await WhyAsync("j", At(50), At(400))).Items);

        MoveTo(230);
        Assert.Equal(Reason.NotClaimed, Assert.Single((await WhyAsync("j", At(50), At(400))).Items).Reason);
    }

    [Fact]
    public async Task Jobs_of_a_missing_executor_have_one_cause()
    {
        foreach (var job in new[] { "a", "b", "c" }) await AddAsync(job, Every(10), Options(grace: null, executor: job == "c" ? "default" : "gone"));
        await BeginAsync();
        MoveTo(25);

        Assert.Equal([(Reason.NotClaimed, 6, 2), (Reason.NotClaimed, 3, 1)],
            (await AuditAsync(At(0), At(60))).Causes.Select(cause => (cause.Reason, (int)cause.Count, cause.JobCount)));
    }
}
