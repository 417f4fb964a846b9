using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;
using Escapement.Triggers;
using Xunit;

namespace Escapement.Testing.Stores;

/// <summary>Tests of the limits of a job's history: by age, by number and by outcome.</summary>
public abstract class HistoryContract<TStore> : StoreContract<TStore>
    where TStore : IStoreUnderTest, new()
{
    const double Day = 24 * 3600;

    [Fact]
    public async Task Runs_older_than_the_days_of_their_job_are_deleted()
    {
        await AddAsync("j", Every(Day), Limited(days: 2));
        await AddAsync("k", Every(Day), Options());
        await BeginAsync();
        await WorkAsync(0, Day, 2 * Day, 3 * Day);

        await TrimAsync();

        Assert.Equal([3, 2, 1], Days(await RunsAsync(new() { Job = Id("j") })));
        Assert.Equal([3, 2, 1, 0], Days(await RunsAsync(new() { Job = Id("k") })));
        MoveTo((3 * Day) + 1);
        await TrimAsync();
        Assert.Equal([3, 2], Days(await RunsAsync(new() { Job = Id("j") })));
    }

    [Fact]
    public async Task Only_the_newest_runs_of_a_job_are_kept()
    {
        await AddAsync("j", Every(10), Limited(runs: 3));
        await AddAsync("k", Every(10), Limited(runs: 1));
        await AddAsync("l", Every(10), Options());
        await BeginAsync();
        await WorkAsync([.. Enumerable.Range(0, 6).Select(step => step * 10.0)]);

        await TrimAsync();

        Assert.Equal([50, 40, 30], FireTimes(await RunsAsync(new() { Job = Id("j") })));
        Assert.Equal([50], FireTimes(await RunsAsync(new() { Job = Id("k") })));
        Assert.Equal(6, (await RunsAsync(new() { Job = Id("l") })).Count);
        await TrimAsync();
        Assert.Equal(3 + 1 + 6, (await RunsAsync(new())).Count);
    }

    [Fact]
    public async Task A_run_that_makes_up_for_a_missed_fire_time_is_kept()
    {
        await AddAsync("j", Every(10), Limited(runs: 1));
        await BeginAsync();
        await WorkAsync(5);
        await EnqueueAsync(EnqueueRules.Backfill(Id("j"), At(0)));
        await WorkAsync(6, 10, 20);

        await TrimAsync();

        Assert.Equal([20, 0], FireTimes(await RunsAsync(new() { Job = Id("j") })));
        var why = await Store.WhyAsync(Id("j"), At(0), At(25), Language.English, None);
        Assert.Equal(("3 due = 3 ran + 0 running + 0 skipped + 0 missed. Balanced.", 1), (why.Account.Sentence, why.Account.MadeUp));
    }

    [Fact]
    public async Task Runs_that_did_not_succeed_are_kept_for_their_own_days_whatever_their_number()
    {
        await AddAsync("j", Every(Day / 2), Limited(days: 1, runs: 1, failedDays: 2));
        await AddAsync("k", Every(Day / 2), Limited(failedDays: 1));
        await BeginAsync();
        for (var half = 0; half < 8; half++)
        {
            MoveTo(half * Day / 2);
            foreach (var run in (await ClaimAsync()).Runs) await FinishAsync(run, half % 2 == 0 ? Outcome.Succeeded : Outcome.Failed);
        }

        await TrimAsync();

        Assert.Equal([3.5, 3, 2.5, 1.5], Days(await RunsAsync(new() { Job = Id("j") })));
        Assert.Equal([3.5, 3, 2.5, 2, 1, 0], Days(await RunsAsync(new() { Job = Id("k") })));
    }

    [Fact]
    public async Task All_runs_are_counted_without_days_for_runs_that_did_not_succeed()
    {
        await AddAsync("j", Every(10), Limited(runs: 2));
        await BeginAsync();
        for (var step = 0; step < 5; step++)
        {
            MoveTo(step * 10);
            await FinishAsync(Assert.Single((await ClaimAsync()).Runs), step % 2 == 0 ? Outcome.Succeeded : Outcome.Failed);
        }

        await TrimAsync();

        Assert.Equal([40, 30], FireTimes(await RunsAsync(new())));
    }

    [Fact]
    public async Task A_deleted_run_still_counts_as_run()
    {
        await AddAsync("j", Every(10), Limited(runs: 1, grace: null, coalesce: false));
        await BeginAsync();
        await WorkAsync(0, 10, 20, 30);
        await TrimAsync();
        MoveTo(35);
        await MoveJobAsync("j", Start);

        Assert.Equal([], await WorkAsync(36));
        Assert.Equal([40], await WorkAsync(40));
        Assert.Equal("5 due = 5 ran + 0 running + 0 skipped + 0 missed. Balanced.",
            (await Store.WhyAsync(Id("j"), At(0), At(45), Language.English, None)).Account.Sentence);
        Assert.Equal(At(20).AddMicroseconds(1), (await JobAsync("j")).TrimmedBefore);
    }

    [Fact]
    public async Task Missed_runs_and_entries_are_kept()
    {
        await AddAsync("j", Every(10), Limited(runs: 1, grace: 1));
        await BeginAsync();
        var missed = Assert.Single((await ClaimAsync()).Runs);
        await Store.RecordAsync([End(missed, Outcome.Missed) with { StartedAt = null, Reason = Reason.ExecutorSaturated }]);
        await WorkAsync(15, 20, 30, 40);

        await TrimAsync();

        Assert.Equal([40, 0], FireTimes(await RunsAsync(new())));
        Assert.Equal("0 Missed, 10 MisfireGraceExceeded, 20-30 Uncovered, 40 ran, 50 due", await StoryAsync("j"));
        Assert.Equal("5 due = 3 ran + 0 running + 0 skipped + 2 missed. Balanced.",
            (await Store.WhyAsync(Id("j"), At(0), At(45), Language.English, None)).Account.Sentence);
    }

    [Fact]
    public async Task Requested_runs_are_limited_and_their_keys_and_records_follow()
    {
        await AddAsync("j", null, Limited(runs: 1, maxInstances: null) with { KeyLasts = TimeSpan.MaxValue, RerunIfInterrupted = true });
        await BeginAsync();
        var first = await EnqueueAsync(new RunRequest { Job = Id("j"), Key = "first", Arguments = new("[7]", "{}") });
        await FinishAsync(Assert.Single((await ClaimAsync()).Runs), Outcome.Interrupted);
        await FinishAsync(Assert.Single((await ClaimAsync()).Runs));
        MoveTo(10);
        var second = await EnqueueAsync("j", key: "second");
        await WorkAsync(10);

        await TrimAsync();

        Assert.Equal([second.Run], (await RunsAsync(new())).Select(run => run.Id));
        Assert.Empty(await RunsAsync(new() { Id = first.Run }));
        Assert.Equal(new(second.Run, true), await EnqueueAsync("j", key: "second"));
        Assert.False((await EnqueueAsync("j", key: "first")).Existing);
        Assert.Null((await JobAsync("j")).TrimmedBefore);
    }

    [Fact]
    public async Task Waiting_and_running_runs_are_kept_and_not_counted()
    {
        await AddAsync("j", null, Limited(runs: 1, maxInstances: null));
        await BeginAsync();
        await EnqueueAsync("j");
        await FinishAsync(Assert.Single((await ClaimAsync()).Runs));
        MoveTo(10);
        await EnqueueAsync("j");
        var running = Assert.Single((await ClaimAsync()).Runs);
        var later = await EnqueueAsync("j", At(100));

        await TrimAsync();

        Assert.Equal([10, 0], FireTimes(await RunsAsync(new())));
        Assert.Equal(RunState.Waiting, (await RunAsync(later.Run)).State);
        await FinishAsync(running);
        await TrimAsync();
        Assert.Equal([10], FireTimes(await RunsAsync(new())));
    }

    [Fact]
    public async Task Trimming_goes_on_until_no_run_beyond_a_limit_remains()
    {
        foreach (var job in (string[])["j", "k"]) await AddAsync(job, null, Limited(runs: 2, maxInstances: null));
        await BeginAsync();
        for (var batch = 0; batch < 10; batch++)
        {
            MoveTo(batch);
            await Store.EnqueueAsync([.. Enumerable.Range(0, 150).Select(i => new RunRequest { Job = Id(i % 2 == 0 ? "j" : "k") })], None);
            foreach (var run in (await ClaimAsync(places: 500)).Runs) await FinishAsync(run);
        }

        await TrimAsync();

        Assert.Equal(2, (await RunsAsync(new() { Job = Id("j") })).Count);
        Assert.Equal(2, (await RunsAsync(new() { Job = Id("k") })).Count);
        Assert.All(await RunsAsync(new()), run => Assert.Equal(At(9), run.FireTime));
    }

    [Fact]
    public async Task The_present_limits_of_a_job_hold()
    {
        await AddAsync("j", Every(10), Limited(runs: 5));
        await BeginAsync();
        await WorkAsync([.. Enumerable.Range(0, 6).Select(step => step * 10.0)]);
        await EditAsync(JobEdits.Change(Id("j"), job => job with { Options = Limited(runs: 2) }));
        await TrimAsync();
        Assert.Equal([50, 40], FireTimes(await RunsAsync(new())));
        await EditAsync(JobEdits.Change(Id("j"), job => job with { Options = Options() }));
        await WorkAsync(60, 70);

        await TrimAsync();

        Assert.Equal([70, 60, 50, 40], FireTimes(await RunsAsync(new())));
    }

    [Fact]
    public async Task A_run_that_makes_up_for_a_fire_time_is_kept_and_its_fire_time_stays_made_up()
    {
        await AddAsync("j", Every(10), Limited(days: 1, runs: 1, failedDays: 1, grace: 1));
        await BeginAsync();
        MoveTo(25);
        await ClaimAsync();
        await Store.EnqueueAsync([EnqueueRules.Backfill(Id("j"), At(10)), EnqueueRules.Backfill(Id("j"), At(20))], None);
        await FinishAsync(Assert.Single((await ClaimAsync()).Runs), Outcome.Failed);
        await FinishAsync(Assert.Single((await ClaimAsync()).Runs));
        await WorkAsync(30, 40);
        MoveTo(3 * Day);

        await TrimAsync();

        Assert.Equal([20, 10], FireTimes(await RunsAsync(new())));
        var account = (await Store.WhyAsync(Id("j"), At(0), At(45), Language.English, None)).Account;
        Assert.Equal("5 due = 4 ran + 0 running + 0 skipped + 1 missed. Balanced.", account.Sentence);
    }

    [Fact]
    public async Task A_run_keeps_the_limit_that_its_job_had_at_its_end()
    {
        await AddAsync("j", Every(10), Limited(runs: 1, failedDays: 2));
        await AddAsync("k", Every(10), Options());
        await BeginAsync();
        for (var step = 0; step < 4; step++)
        {
            MoveTo(step * 10);
            foreach (var run in (await ClaimAsync()).Runs) await FinishAsync(run, step % 2 == 0 ? Outcome.Failed : Outcome.Succeeded);
        }

        foreach (var job in (string[])["j", "k"])
            await EditAsync(JobEdits.Change(Id(job), before => before with { Options = Limited(runs: 1) }));
        await WorkAsync(40, 50);
        await TrimAsync();

        Assert.Equal([50, 20, 0], FireTimes(await RunsAsync(new() { Job = Id("j") })));
        Assert.Equal([50, 30, 20, 10, 0], FireTimes(await RunsAsync(new() { Job = Id("k") })));
    }

    static List<double> Days(IEnumerable<Run> runs) => [.. runs.Select(run => Seconds(run.FireTime) / Day)];

    static JobOptions Limited(int days = 0, int runs = 0, int failedDays = 0, double? grace = 1, bool coalesce = true, int? maxInstances = 1) =>
        Options(grace, coalesce, maxInstances) with { HistoryDays = days, HistoryRuns = runs, HistoryFailedDays = failedDays };

    async Task TrimAsync()
    {
        while (await Store.TrimAsync(At(-1), None))
        {
        }
    }
}
