using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Xunit;

namespace Escapement.Testing.Stores;

/// <summary>Tests of backfills: a fire time that did not run becomes a run under its own key, at most once.</summary>
public abstract class BackfillContract<TStore> : StoreContract<TStore>
    where TStore : IStoreUnderTest, new()
{
    [Fact]
    public async Task A_missed_fire_time_becomes_a_waiting_run_under_its_own_key()
    {
        var job = await MissAsync();

        var enqueued = await BackfillAsync(20);

        Assert.False(enqueued.Existing);
        Assert.Equal(new(At(20).ToMicros(), job.Number, 0), enqueued.Run);
        var waiting = await RunAsync(enqueued.Run);
        Assert.Equal((RunState.Waiting, RunCause.Backfill, At(20), 0), (waiting.State, waiting.Cause, waiting.FireTime, waiting.Attempt));
        Assert.Equal("0-10 MisfireGraceExceeded, 20 waiting, 30-50 MisfireGraceExceeded, 60 running, 70 due", await StoryAsync("j"));
    }

    [Fact]
    public async Task A_backfill_keeps_its_cause_until_its_end()
    {
        await MissAsync(Options(grace: 1, maxInstances: null));
        var id = (await BackfillAsync(20)).Run;

        var run = Assert.Single((await ClaimAsync()).Runs);
        Assert.Equal((id, At(20), null), (run.Id, run.FireTime, run.MisfireGraceFrom));
        Assert.Equal((RunState.Running, RunCause.Backfill), ((await RunAsync(id)).State, (await RunAsync(id)).Cause));
        Assert.Equal([RunCause.FireTime, RunCause.Backfill], (await RunsAsync(new())).Select(found => found.Cause));
        await FinishAsync(run);
        Assert.Equal((RunState.Ended, RunCause.Backfill), ((await RunAsync(id)).State, (await RunAsync(id)).Cause));
        Assert.Equal("0-10 MisfireGraceExceeded, 20 ran, 30-50 MisfireGraceExceeded, 60 running, 70 due", await StoryAsync("j"));
        Assert.Equal([RunCause.Backfill, RunCause.FireTime], (await LedgerAsync("j")).Runs.Select(found => found.Cause));
    }

    [Fact]
    public async Task A_backfill_leaves_the_watermark_and_the_entries_as_they_are()
    {
        var before = await MissAsync();
        var entries = await EntriesAsync("j");

        await BackfillAsync(0);
        await BackfillAsync(50);

        var after = await JobAsync("j");
        Assert.Equal((before.Next, before.Version, before.LastFireTime), (after.Next, after.Version, after.LastFireTime));
        Assert.Equal(entries, await EntriesAsync("j"));
    }

    [Fact]
    public async Task The_same_backfill_twice_gives_a_single_run()
    {
        await MissAsync(Options(grace: 1, maxInstances: null));
        var first = await BackfillAsync(20);
        var again = await BackfillAsync(20);
        var run = Assert.Single((await ClaimAsync()).Runs);
        var whileRunning = await BackfillAsync(20);
        await FinishAsync(run, Outcome.Failed);
        var afterwards = await BackfillAsync(20);

        Assert.False(first.Existing);
        Assert.Equal([new(first.Run, true), new(first.Run, true), new(first.Run, true)], new[] { again, whileRunning, afterwards });
        Assert.Empty((await ClaimAsync()).Runs);
        Assert.Equal(Outcome.Failed, (await RunAsync(first.Run)).Outcome);
    }

    [Fact]
    public async Task A_fire_time_requested_twice_in_a_request_has_a_single_run()
    {
        await MissAsync();

        var both = await Store.EnqueueAsync([Request(20), Request(20)], None);

        Assert.Equal([false, true], both.Select(run => run.Existing));
        Assert.Equal(both[0].Run, both[1].Run);
    }

    [Fact]
    public async Task Fire_times_that_run_or_ran_are_answered_with_their_run()
    {
        await AddAsync("j", Every(10), Options(grace: 1, maxInstances: null));
        await BeginAsync();
        await WorkAsync(0);
        MoveTo(10);
        var running = Assert.Single((await ClaimAsync()).Runs);

        var asked = await Store.EnqueueAsync([Request(0), Request(10)], None);

        Assert.Equal([true, true], asked.Select(run => run.Existing));
        Assert.Equal(running.Id, asked[1].Run);
        Assert.Empty((await ClaimAsync()).Runs);
    }

    [Fact]
    public async Task A_fire_time_that_waits_behind_another_run_is_answered_with_its_run()
    {
        await AddAsync("j", Every(10), Options(grace: null, coalesce: false));
        await BeginAsync();
        MoveTo(10);
        await FinishAsync(Assert.Single((await ClaimAsync()).Runs));

        Assert.True((await BackfillAsync(10)).Existing);
        Assert.Equal(RunCause.FireTime, (await RunAsync((await BackfillAsync(10)).Run)).Cause);
        Assert.Single((await ClaimAsync()).Runs);
    }

    [Fact]
    public async Task A_missed_run_is_replaced_and_its_reason_becomes_an_entry()
    {
        await AddAsync("j", Every(10), Options(grace: 1, coalesce: false));
        await BeginAsync();
        var missed = Assert.Single((await ClaimAsync()).Runs);
        await Store.RecordAsync([End(missed, Outcome.Missed) with { StartedAt = null, Reason = Reason.ExecutorSaturated }]);

        var enqueued = await BackfillAsync(0);

        Assert.Equal(new(missed.Id, false), enqueued);
        Assert.Empty(await RunsAsync(new()));
        Assert.Equal([(0, 0, Reason.ExecutorSaturated)], await EntriesAsync("j"));
        var again = Assert.Single((await ClaimAsync()).Runs);
        await FinishAsync(again);
        Assert.Equal((Outcome.Succeeded, RunCause.Backfill), ((await RunAsync(missed.Id)).Outcome, (await RunAsync(missed.Id)).Cause));
        Assert.Equal("0 ran, 10 due", await StoryAsync("j"));
    }

    [Fact]
    public async Task A_job_that_is_moved_back_does_not_run_a_backfill_again()
    {
        await AddAsync("j", Every(10), Options(grace: 1));
        await BeginAsync();
        MoveTo(35);
        Assert.Empty((await ClaimAsync()).Runs); // no fire time was ever claimed
        var run = (await BackfillAsync(20)).Run;
        await EditAsync(JobEdits.Change(Id("j"), job => job with { Options = Options(grace: null, coalesce: false) }, next: Start));

        Assert.Equal([0, 10, 20, 30], await WorkAsync(36));
        Assert.Equal(At(30), (await JobAsync("j")).LastFireTime);
        await MoveJobAsync("j", Start);
        Assert.Equal([], await WorkAsync(37));
        Assert.Equal(RunCause.Backfill, (await RunAsync(run)).Cause);
    }

    [Fact]
    public async Task A_paused_job_that_is_resumed_and_moved_back_does_not_run_a_backfill_again()
    {
        await AddAsync("j", Every(10), Options(grace: 1));
        await BeginAsync();
        MoveTo(35);
        await ClaimAsync();
        await EditAsync(JobEdits.Pause(Id("j")));
        await BackfillAsync(30);
        Assert.Equal([30], await WorkAsync(36));
        await EditAsync(JobEdits.Resume(Id("j")));
        await EditAsync(JobEdits.Change(Id("j"), job => job with { Options = Options(grace: null, coalesce: false) }, next: At(20)));

        Assert.Equal([20], await WorkAsync(37));
    }

    [Fact]
    public async Task Runs_of_a_backfill_start_in_the_order_of_their_fire_times_within_max_instances()
    {
        await MissAsync(Options(grace: 1, maxInstances: 1));
        await FinishAsync(Assert.Single(claimed));
        await Store.EnqueueAsync([Request(50), Request(0), Request(30), Request(20)], None);

        List<double> ran = [];
        while ((await ClaimAsync()).Runs is [var run])
        {
            ran.Add(Seconds(run.FireTime));
            Assert.Empty((await ClaimAsync()).Runs);
            await FinishAsync(run);
        }

        Assert.Equal([0, 20, 30, 50], ran);
    }

    [Fact]
    public async Task A_backfill_waits_behind_runs_for_however_long()
    {
        await MissAsync(Options(grace: 1, maxInstances: 1));
        await BackfillAsync(20);
        Assert.Empty((await ClaimAsync(fireTimes: false)).Runs);
        MoveTo(100_000);
        await FinishAsync(Assert.Single(claimed));

        var run = Assert.Single((await ClaimAsync(fireTimes: false)).Runs);

        Assert.Equal((At(20), null), (run.FireTime, run.MisfireGraceFrom));
    }

    [Fact]
    public async Task A_backfill_waits_for_a_program_that_knows_the_handler()
    {
        await AddAsync("j", Every(10), Options(grace: 1), handler: "other");
        await BeginAsync();
        MoveTo(35);
        await ClaimAsync();
        var id = (await BackfillAsync(20)).Run;
        MoveTo(100_000);

        Assert.Empty((await ClaimAsync()).Runs);
        Assert.Equal(RunState.Waiting, (await RunAsync(id)).State);
        Assert.Equal([20], FireTimes(await Store.ClaimAsync(
            Request() with { Handlers = new HashSet<string> { "other" }, FireTimes = false }, None)));
    }

    [Fact]
    public async Task An_interrupted_backfill_is_tried_again_as_a_backfill()
    {
        await MissAsync(Options(grace: 1, maxInstances: null, rerun: true));
        var id = (await BackfillAsync(20)).Run;
        await ClaimAsync(fireTimes: false);
        MoveTo(69);
        await BeginAsync("b", lost: ["a"]);

        Assert.Equal((RunState.Waiting, RunCause.Backfill), ((await RunAsync(id)).State, (await RunAsync(id)).Cause));
        var again = (await ClaimAsync(fireTimes: false)).Runs.Single(run => run.Id == id);
        Assert.Equal(2, again.Attempt);
        await FinishAsync(again);
        Assert.Equal((Outcome.Succeeded, RunCause.Backfill), ((await RunAsync(id)).Outcome, (await RunAsync(id)).Cause));
        Assert.Single((await RunAsync(id)).Attempts);
    }

    [Fact]
    public async Task Concurrent_backfills_through_two_handles_give_a_single_run()
    {
        await AddAsync("j", Every(10), Options(grace: 1));
        await BeginAsync();
        MoveTo(505);
        await ClaimAsync();
        var second = await SecondAsync();

        for (var i = 0; i < 50; i++)
        {
            RunRequest[] request = [Request(i * 10)];
            var both = await Task.WhenAll(
                Task.Run(() => Store.EnqueueAsync(request, None), None), Task.Run(() => second.EnqueueAsync(request, None), None));
            Assert.Equal(both[0][0].Run, both[1][0].Run);
            Assert.NotEqual(both[0][0].Existing, both[1][0].Existing);
        }
    }

    [Fact]
    public async Task A_fire_time_that_is_not_decided_is_refused_and_nothing_is_enqueued()
    {
        await MissAsync();

        await Assert.ThrowsAsync<BackfillRefusedException>(() => Store.EnqueueAsync(
            [Request(20), Request(70)], None));

        Assert.False((await BackfillAsync(20)).Existing);
    }

    [Fact]
    public async Task A_fire_time_before_the_beginning_of_the_record_is_refused()
    {
        await AddAsync("j", Every(10), Options(grace: 1));
        await BeginAsync();
        MoveTo(15);
        await ClaimAsync();
        await WorkAsync(20, 30);
        await WorkAsync(50);
        while (await Store.TrimAsync(At(25), None)) { }

        await Assert.ThrowsAsync<BackfillRefusedException>(() => BackfillAsync(10));
        await Assert.ThrowsAsync<BackfillRefusedException>(() => BackfillAsync(20));
        Assert.False((await BackfillAsync(40)).Existing);
    }

    [Fact]
    public async Task A_removed_job_is_refused_and_an_exhausted_job_is_not()
    {
        await AddAsync("once", Once(At(10)), Options(grace: 1));
        await AddAsync("gone", Every(10), Options(grace: 1));
        await BeginAsync();
        MoveTo(15);
        await ClaimAsync();
        Assert.Equal(JobEnd.Exhausted, (await JobAsync("once")).Ended);
        await EditAsync(JobEdits.Remove(Id("gone")));

        Assert.False((await BackfillAsync(10, "once")).Existing);
        await Assert.ThrowsAsync<JobNotFoundException>(() => BackfillAsync(10, "gone"));
        await Assert.ThrowsAsync<JobNotFoundException>(() => BackfillAsync(10, "never"));
        Assert.Equal([10], FireTimes(await ClaimAsync(fireTimes: false)));
        Assert.True((await BackfillAsync(10, "once")).Existing);
    }

    [Fact]
    public async Task A_backfill_of_a_job_that_is_removed_is_missed_and_can_be_made_up_again()
    {
        await MissAsync();
        var id = (await BackfillAsync(20)).Run;
        await EditAsync(JobEdits.Remove(Id("j")));
        var ended = await RunAsync(id);
        Assert.Equal((Outcome.Missed, Reason.Removed, RunCause.Backfill), (ended.Outcome, ended.Reason, ended.Cause));
        MoveTo(75);
        await AddAsync("j", Every(10), Options(grace: 1, maxInstances: null));
        MoveTo(85);
        await ClaimAsync();

        Assert.Equal(new(id, false), await BackfillAsync(20));
        Assert.Equal([20], FireTimes(await ClaimAsync()));
    }

    [Fact]
    public async Task A_backfill_with_an_author_is_recorded_once_for_each_job()
    {
        await MissAsync();
        await AddAsync("k", Every(10), Options(grace: 1));
        var author = new ChangeAuthor { By = "li", Why = "db move", Origin = "REST 127.0.0.1" };
        await BackfillAsync(0);
        Assert.Empty(await BackfillsAsync());

        await Store.EnqueueAsync([Of(0), Of(10), Of(20), Of(20), Of(30)], None);
        await Store.EnqueueAsync([Of(0), Of(10), Of(20)], None);

        var action = Assert.Single(await BackfillsAsync());
        Assert.Equal((Id("j"), At(60), At(70), At(70), "li", "db move", "REST 127.0.0.1"),
            (action.Job!.Value, action.At, action.From, action.To, action.By, action.Why, action.Origin));
        Assert.Equal("0-30 waiting, 40-50 MisfireGraceExceeded, 60 running, 70 due", await StoryAsync("j"));
        await Store.EnqueueAsync([Of(40)], None);
        Assert.Equal(2, (await BackfillsAsync()).Count);

        RunRequest Of(double at) => EnqueueRules.Backfill(Id("j"), At(at), author);

        async Task<List<JobAction>> BackfillsAsync() =>
            [.. (await LedgerAsync()).Actions.Where(action => action.Kind == ActionKind.Backfilled)];
    }

    [Fact]
    public async Task A_backfill_that_is_missed_and_made_up_again_leaves_only_the_last_reason()
    {
        await AddAsync("j", Every(10), Options(grace: 1, coalesce: false));
        await BeginAsync();
        var run = Assert.Single((await ClaimAsync()).Runs);
        foreach (var reason in (Reason[])[Reason.ExecutorSaturated, Reason.Fenced])
        {
            await Store.RecordAsync([End(run, Outcome.Missed) with { StartedAt = null, Reason = reason }]);
            Assert.False((await BackfillAsync(0)).Existing);
            Assert.Equal([(0, 0, reason)], await EntriesAsync("j"));
            run = Assert.Single((await ClaimAsync()).Runs);
        }
    }

    IReadOnlyList<ClaimedRun> claimed = [];

    /// <summary>Adds a job that missed its fire times from 0 to 50, and whose fire time of 60 runs.</summary>
    async Task<StoredJob> MissAsync(JobOptions? options = null)
    {
        await AddAsync("j", Every(10), options ?? Options(grace: 1));
        await BeginAsync();
        MoveTo(55);
        Assert.Empty((await ClaimAsync()).Runs);
        MoveTo(60);
        claimed = (await ClaimAsync()).Runs;
        Assert.Equal([60], claimed.Select(run => Seconds(run.FireTime)));
        return await JobAsync("j");
    }

    Task<Enqueued> BackfillAsync(double fireTime, string job = "j") => EnqueueAsync(Request(fireTime, job));

    static RunRequest Request(double fireTime, string job = "j") => EnqueueRules.Backfill(Id(job), At(fireTime));
}
