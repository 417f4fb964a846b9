using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;
using Escapement.Triggers;
using Xunit;

namespace Escapement.Testing.Stores;

/// <summary>Tests of the answers of why and audit over the ledger of a store.</summary>
public abstract partial class AccountContract<TStore> : StoreContract<TStore>
    where TStore : IStoreUnderTest, new()
{
    [Fact]
    public async Task Fire_times_without_an_active_node_name_the_processes()
    {
        await AddAsync("j", Every(10), Options(grace: 1));
        await BeginAsync("a");
        await WorkAsync(0, 10, 20);
        MoveTo(22);
        await HeartbeatAsync();
        MoveTo(52);
        await BeginAsync("b");
        await WorkAsync(52, 60);

        var why = await WhyAsync("j", At(0), At(65));

        Assert.Equal("7 due = 4 ran + 0 running + 0 skipped + 3 missed. Balanced.", why.Account.Sentence);
        var item = Assert.Single(why.Items);
        Assert.Equal((At(30), At(50), 3, Reason.NoActiveNode, ItemKind.Missed, true),
            (item.First, item.Last, item.Count, item.Reason, item.Kind, item.IsDecided));
        Assert.Equal(
            "00:00:30 to 00:00:50 did not run (3 fire times): no process was active from 00:00:22 (last sign of life of process 4711 on web-1, which was killed) to 00:00:52 (process 4711 on web-1 became active).",
            item.Sentence);
        Assert.Equal([EpochEnd.ProcessGone, null], why.Activations.Select(activation => activation.How));
        Assert.Equal([null, TimeSpan.FromSeconds(30)], why.Activations.Select(activation => activation.Gap));
        Assert.Equal(why.Account.Sentence, (await AuditAsync(At(0), At(65))).Account.Sentence);
    }

    [Fact]
    public async Task A_change_of_the_definition_and_a_removal_are_named_in_the_span()
    {
        await AddAsync("j", Every(10), Options(grace: 1));
        await BeginAsync();
        await WorkAsync(0);
        MoveTo(5);
        await EditAsync(JobEdits.Change(Id("j"), job => job with { Trigger = Every(20), Name = "other" })
            with
        { By = "li", Why = "too often" });
        await EditAsync(JobEdits.Pause(Id("j")));
        MoveTo(8);
        await EditAsync(JobEdits.Remove(Id("j")) with { By = "ann" });
        MoveTo(12);
        await AddAsync("j", Every(20), Options(grace: 1));
        MoveTo(20);

        Assert.Equal(
            ["The job was added at 00:00.",
                "The definition was changed by li at 00:00:05 (name \"j\" -> \"other\", seconds 10 -> 20): too often.",
                "The job was removed by ann at 00:00:08.",
                "The job was added at 00:00:12 (name \"other\" -> \"j\")."],
            (await WhyAsync("j", At(0), At(20))).Changes.Select(change => change.Sentence));
        Assert.Equal([ActionKind.Removed, ActionKind.Added], (await WhyAsync("j", At(6), At(20))).Changes.Select(change => change.Action.Kind));
    }

    [Fact]
    public async Task A_span_must_begin_before_it_ends()
    {
        await AddAsync("j", Every(10));
        var refused = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => WhyAsync("j", At(10), At(0)));
        Assert.StartsWith("The span begins at 2030-01-01 00:00:10Z and ends at 2030-01-01 00:00:00Z.", refused.Message,
            StringComparison.Ordinal);
        await Assert.ThrowsAsync<JobNotFoundException>(() => WhyAsync("nobody", At(0), At(10)));
    }

    [Fact]
    public async Task A_pause_names_its_author_its_end_and_its_purpose()
    {
        await AddAsync("j", Every(600), Options(grace: 1));
        await BeginAsync();
        await WorkAsync(0);
        MoveTo(300);
        await EditAsync(JobEdits.Pause(Id("j"), until: At(1500), by: "li", why: "db move"));
        MoveTo(1300);

        var open = await WhyAsync("j", At(0), At(2000));

        Assert.Equal("3 due = 1 ran + 0 running + 2 skipped + 0 missed. Balanced.", open.Account.Sentence);
        Assert.Equal((Reason.Paused, false, "00:10 to 00:20 have not run yet (2 fire times): paused by li since 00:05 until 00:25: db move."),
            Single(open));

        await WorkAsync(1500);
        var over = await WhyAsync("j", At(0), At(2000));
        Assert.Equal((Reason.Paused, true, "00:10 to 00:20 were skipped (2 fire times): paused by li since 00:05 until 00:25: db move."),
            Single(over));
    }

    [Fact]
    public async Task A_pause_that_somebody_ends_is_named_by_its_span()
    {
        await AddAsync("j", Every(600), Options(grace: 1));
        await BeginAsync();
        await WorkAsync(0);
        await EditAsync(JobEdits.Pause(Id("j"), by: "li"));
        MoveTo(700);
        await EditAsync(JobEdits.Resume(Id("j")));

        Assert.Equal((Reason.Paused, true, "00:10 was skipped: paused by li since 00:00 until 00:11:40."), Single(await WhyAsync("j", At(0), At(900))));
    }

    [Fact]
    public async Task A_pause_of_the_scheduler_is_named()
    {
        await AddAsync("j", Every(10), Options(grace: 1));
        await BeginAsync();
        await WorkAsync(0);
        MoveTo(5);
        await ChangeStateAsync(SchedulerEdits.Pause(by: "li", why: "db move"));
        MoveTo(25);
        Assert.Equal((Reason.SchedulerPaused, false,
            "00:00:10 to 00:00:20 have not run yet (2 fire times): the whole scheduler was paused by li since 00:00:05: db move."),
            Single(await WhyAsync("j", At(0), At(30))));

        await ChangeStateAsync(SchedulerEdits.Resume);
        await WorkAsync(26);
        Assert.Equal((Reason.SchedulerPaused, true,
            "00:00:10 to 00:00:20 were skipped (2 fire times): the whole scheduler was paused by li since 00:00:05 until 00:00:25: db move."),
            Single(await WhyAsync("j", At(0), At(30))));
    }

    [Fact]
    public async Task A_shutdown_is_named_with_its_author()
    {
        await AddAsync("j", Every(10), Options(grace: 1));
        await BeginAsync();
        await WorkAsync(0);
        MoveTo(5);
        await ChangeStateAsync(new(ActionKind.SchedulerShutDown, (state, now) => state with { ShutDown = now }) { By = "li" });
        await StepDownAsync(At(6), EpochEnd.ShutDown);
        MoveTo(15);
        Assert.Equal((Reason.ShutDown, false, "00:00:10 has not run yet: the scheduler has been shut down by li since 00:00:05."),
            Single(await WhyAsync("j", At(0), At(30))));

        await ChangeStateAsync(SchedulerEdits.Start);
        await BeginAsync("b");
        await WorkAsync(18);
        Assert.Equal((Reason.ShutDown, true, "00:00:10 was skipped: the scheduler was shut down by li from 00:00:05 to 00:00:15."),
            Single(await WhyAsync("j", At(0), At(19))));
    }

    [Fact]
    public async Task Nobody_active_leaves_fire_times_open()
    {
        await AddAsync("j", Every(10), Options(grace: 1));
        MoveTo(15);
        Assert.Equal((Reason.NoActiveNode, false, "00:00 to 00:00:10 have not run yet (2 fire times): no process has ever been active."),
            Single(await WhyAsync("j", At(0), At(16))));

        await BeginAsync();
        Assert.Equal("2 due = 0 ran + 2 running + 0 skipped + 0 missed. Balanced.", (await WhyAsync("j", At(0), At(16))).Account.Sentence);

        await WorkAsync(16);
        Assert.Equal((Reason.NoActiveNode, true,
            "00:00 to 00:00:10 did not run (2 fire times): no process was active before 00:00:15 (process 4711 on web-1 started)."),
            Single(await WhyAsync("j", At(0), At(16))));
    }

    [Fact]
    public async Task Runs_are_counted_and_the_unsuccessful_are_listed()
    {
        await AddAsync("j", Every(10), Options(grace: 60));
        await BeginAsync();
        foreach (var (second, outcome) in new[] { (0, Outcome.Succeeded), (10, Outcome.Failed), (20, Outcome.Succeeded), (30, Outcome.TimedOut) })
        {
            MoveTo(second);
            await FinishAsync(Assert.Single((await ClaimAsync()).Runs), outcome);
        }

        MoveTo(40);
        await ClaimAsync();
        var why = await WhyAsync("j", At(0), At(45));

        Assert.Equal("5 due = 4 ran + 1 running + 0 skipped + 0 missed. Balanced.", why.Account.Sentence);
        Assert.Equal(2, why.Account.Unsuccessful);
        Assert.Equal([At(10), At(30)], why.Unsuccessful.Select(run => run.FireTime));
        Assert.Equal("1 due = 1 ran + 0 running + 0 skipped + 0 missed. Balanced.", (await WhyAsync("j", At(20), At(30))).Account.Sentence);
    }

    [Fact]
    public async Task The_record_begins_where_the_retention_ends()
    {
        await AddAsync("j", Every(10), Options(grace: 1));
        await BeginAsync();
        await WorkAsync(0, 10, 20, 45, 50, 60);
        Assert.Null((await LedgerAsync()).State.CompleteSince);
        while (await Store.TrimAsync(At(45), None))
        {
        }

        Assert.Equal(At(45), (await LedgerAsync()).State.CompleteSince);
        var why = await WhyAsync("j", At(0), At(65));
        Assert.Equal(At(45), why.CompleteSince);
        Assert.True(why.Account.Balanced);
        Assert.Null((await WhyAsync("j", At(0), At(30))).CompleteSince);
        Assert.Equal(At(45), (await AuditAsync(At(0), At(65))).CompleteSince);
        Assert.Null((await WhyAsync("j", At(45), At(65))).CompleteSince);
        await Store.TrimAsync(At(30), None);
        Assert.Equal(At(45), (await LedgerAsync()).State.CompleteSince);
        await AssertBalancedAsync();
    }

    [Fact]
    public async Task The_same_answer_is_given_in_Chinese()
    {
        await AddAsync("j", Every(10), Options(grace: 1));
        await BeginAsync("a");
        await WorkAsync(0, 10, 20);
        MoveTo(22);
        await HeartbeatAsync();
        MoveTo(52);
        await BeginAsync("b");
        await WorkAsync(52, 60);

        var why = await Store.WhyAsync(Id("j"), At(0), At(65), Language.Chinese, None);

        Assert.Equal("应触发 7 次 = 已运行 4 + 运行中 0 + 跳过 0 + 错过 3。账目平衡。", why.Account.Sentence);
        Assert.Equal("00:00:30 至 00:00:50 未运行（共 3 次）：00:00:22（web-1 上的进程 4711 最后一次响应，之后被终止）至 00:00:52（web-1 上的进程 4711 转为活动）之间没有活动的进程。",
            Assert.Single(why.Items).Sentence);
    }

    [Fact]
    public async Task A_process_without_a_sign_of_life_for_a_lease_and_without_a_successor_is_named()
    {
        await AddAsync("j", Every(10), Options(grace: 1));
        await BeginAsync("a", lease: TimeSpan.FromSeconds(15));
        await WorkAsync(0, 10);
        MoveTo(12);
        await HeartbeatAsync();
        MoveTo(26);
        Assert.Equal((0, 1), await PendingAsync());

        MoveTo(28);
        Assert.Equal((1, 0), await PendingAsync());
        var why = await WhyAsync("j", At(0), At(28));
        Assert.Equal((Reason.NoActiveNode, false,
            "00:00:20 has not run yet: no process has been active since 00:00:12 (process 4711 on web-1 gave no sign of life after that)."),
            Single(why));
        Assert.Equal((At(12), EpochEnd.LeaseOver), (Assert.Single(why.Activations).Ended, why.Activations[0].How));

        async Task<(long, long)> PendingAsync() => await WhyAsync("j", At(0), At(28)) is { Account: { Balanced: true } account }
            ? (account.Missed, account.Running)
            : default;
    }

    [Fact]
    public async Task A_span_of_all_time_is_answered_and_a_composed_trigger_says_how_far_it_came()
    {
        await AddAsync("j", Every(10), Options(grace: 1));
        await BeginAsync();
        await WorkAsync(0, 10);
        var why = await WhyAsync("j", DateTimeOffset.MinValue, DateTimeOffset.MaxValue);
        Assert.Equal("2 due = 2 ran + 0 running + 0 skipped + 0 missed. Balanced.", why.Account.Sentence);
        Assert.Equal(Start, why.CompleteSince);

        await AddAsync("composed", new OrTrigger([Every(1), Every(7)], ZoneClock.Utc));
        MoveTo(100_000_000);
        var tooLong = await Assert.ThrowsAsync<SpanTooLongException>(() => WhyAsync("composed", DateTimeOffset.MinValue, DateTimeOffset.MaxValue));
        Assert.Equal(Id("composed"), tooLong.Job);
        Assert.True(tooLong.Reached > At(1_000_000));
        Assert.Equal(100, (await WhyAsync("composed", At(1_000), At(1_100))).Account.Due);

        // The activations are known without counting a fire time.
        var (activations, isCut) =
            await Store.ActivationsAsync(DateTimeOffset.MinValue, DateTimeOffset.MaxValue, Language.English, ZoneClock.Utc, None);
        Assert.False(isCut);
        Assert.Equal(why.Activations[0].Begun, Assert.Single(activations).Begun);
    }

    static (Reason Reason, bool IsDecided, string Sentence) Single(WhyReport why) =>
        Assert.Single(why.Items) is var item ? (item.Reason, item.IsDecided, item.Sentence) : default;

    static IEnumerable<(Reason Reason, bool IsDecided, string Sentence)> Told(WhyReport why) =>
        why.Items.Select(item => (item.Reason, item.IsDecided, item.Sentence));

    /// <summary>Asks both handles of the store why fire times of a job did not run. The answers are the same.</summary>
    protected async Task<WhyReport> WhyAsync(string job, DateTimeOffset? from = null, DateTimeOffset? to = null)
    {
        var why = await Store.WhyAsync(Id(job), from, to, Language.English, None);
        var other = await (await SecondAsync()).WhyAsync(Id(job), from, to, Language.English, None);
        Assert.Equal(why.Account, other.Account);
        Assert.Equal(why.Items, other.Items);
        return why;
    }

    /// <summary>Returns the audit of a span.</summary>
    protected Task<AuditReport> AuditAsync(DateTimeOffset? from = null, DateTimeOffset? to = null) =>
        Store.AuditAsync(from, to, Language.English, None);
}
