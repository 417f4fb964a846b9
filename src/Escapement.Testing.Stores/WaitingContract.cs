using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Xunit;

namespace Escapement.Testing.Stores;

/// <summary>Tests of enqueued runs: the runs wait, become due, and are executed like all runs.</summary>
public abstract class WaitingContract<TStore> : StoreContract<TStore>
    where TStore : IStoreUnderTest, new()
{
    [Fact]
    public async Task An_enqueued_run_is_claimed_as_any_other()
    {
        await AddAsync("j", null);
        var asked = await EnqueueAsync("j");
        await BeginAsync();
        Assert.Equal((RunState.Waiting, 0, Start), await StateOf(asked.Run));

        var run = Assert.Single((await ClaimAsync()).Runs);

        Assert.Equal((asked.Run, Start, 1), (run.Id, run.FireTime, run.Attempt));
        Assert.Null(run.MisfireGraceFrom);
        Assert.True(run.Id.Number > 0);
        Assert.Equal(new("[1]", """{"to":"you"}"""), run.Arguments);
        Assert.Equal((RunState.Running, 1, Start), await StateOf(asked.Run));
        await FinishAsync(run);
        Assert.Equal((RunState.Ended, 1, Start), await StateOf(asked.Run));
    }

    [Fact]
    public async Task Arguments_that_are_given_replace_those_of_the_job()
    {
        await AddAsync("j", null);
        await EnqueueAsync(new() { Job = Id("j"), Arguments = new("[2]", "{}") });
        await BeginAsync();

        Assert.Equal(new("[2]", "{}"), Assert.Single((await ClaimAsync()).Runs).Arguments);
    }

    [Fact]
    public async Task A_run_for_later_is_not_claimed_before()
    {
        await AddAsync("j", null);
        await EnqueueAsync("j", At(10));
        await BeginAsync();

        Assert.Empty((await ClaimAsync()).Runs);
        MoveTo(10);
        Assert.Equal([10], FireTimes(await ClaimAsync()));
    }

    [Fact]
    public async Task A_run_is_not_missed_however_late_it_is_claimed()
    {
        await AddAsync("j", null, Options(grace: 1));
        await EnqueueAsync("j");
        await BeginAsync();
        MoveTo(3600);

        Assert.Single((await ClaimAsync()).Runs);
    }

    [Fact]
    public async Task Of_several_requests_none_is_written_when_one_is_refused()
    {
        await AddAsync("j", null);
        await AddAsync("gone", null);
        await EditAsync(JobEdits.Remove(Id("gone")));
        await BeginAsync();

        await Assert.ThrowsAsync<JobNotFoundException>(() =>
            Store.EnqueueAsync([new() { Job = Id("j") }, new() { Job = Id("nobody") }], None));
        await Assert.ThrowsAsync<JobNotFoundException>(() =>
            Store.EnqueueAsync([new() { Job = Id("j") }, new() { Job = Id("gone") }], None));

        Assert.Empty((await ClaimAsync()).Runs);
    }

    [Fact]
    public async Task A_request_notifies()
    {
        await AddAsync("j", null);
        await NotifiedAsync(() => EnqueueAsync("j"), StoreSignal.Work);
    }

    [Fact]
    public async Task The_end_of_a_watched_run_notifies()
    {
        await AddAsync("j", null, Options(maxInstances: null));
        await EnqueueAsync("j", watched: true);
        await BeginAsync();
        var run = Assert.Single((await ClaimAsync()).Runs);

        await NotifiedAsync(() => FinishAsync(run), StoreSignal.RunEnded);
    }

    [Fact]
    public async Task A_run_becomes_watched_when_it_is_enqueued_again()
    {
        await AddAsync("j", null);
        await EnqueueAsync("j", key: "k");
        await BeginAsync();
        var run = Assert.Single((await ClaimAsync()).Runs);
        await EnqueueAsync("j", key: "k", watched: true);

        await NotifiedAsync(() => FinishAsync(run), StoreSignal.RunEnded);
    }

    [Fact]
    public async Task A_run_of_a_job_at_its_max_instances_waits_until_one_ends()
    {
        await AddAsync("j", Every(60));
        await BeginAsync();
        var running = Assert.Single((await ClaimAsync()).Runs);
        var asked = await EnqueueAsync("j");
        Assert.Empty((await ClaimAsync()).Runs);

        await NotifiedAsync(() => FinishAsync(running), StoreSignal.Work);

        Assert.Equal(asked.Run, Assert.Single((await ClaimAsync()).Runs).Id);
    }

    [Fact]
    public async Task Runs_beyond_max_instances_start_one_after_the_other()
    {
        await AddAsync("j", null, Options(maxInstances: 2));
        foreach (var second in Enumerable.Range(0, 5)) await EnqueueAsync("j", At(second));
        await BeginAsync();
        MoveTo(10);

        List<double> order = [];
        for (var claimed = await ClaimAsync(); claimed.Runs.Count > 0; claimed = await ClaimAsync())
        {
            Assert.True((await JobAsync("j")).Running <= 2);
            order.AddRange(FireTimes(claimed));
            await FinishAsync(claimed.Runs[0]);
            foreach (var other in claimed.Runs.Skip(1)) await FinishAsync(other);
        }

        Assert.Equal([0, 1, 2, 3, 4], order);
    }

    [Fact]
    public async Task A_higher_limit_lets_waiting_runs_start()
    {
        await AddAsync("j", null, Options(maxInstances: 1));
        await EnqueueAsync("j");
        await EnqueueAsync("j");
        await BeginAsync();
        Assert.Single((await ClaimAsync()).Runs);

        await EditAsync(JobEdits.Change(Id("j"), job => job with { Options = Options(maxInstances: 2) }));

        Assert.Single((await ClaimAsync()).Runs);
    }

    [Fact]
    public async Task A_waiting_run_moves_with_its_job_to_another_executor()
    {
        await AddAsync("j", null, Options(executor: "none"));
        await EnqueueAsync("j");
        await BeginAsync();
        Assert.Empty((await ClaimAsync()).Runs);

        await EditAsync(JobEdits.Change(Id("j"), job => job with { Options = Options() }));

        Assert.Single((await ClaimAsync()).Runs);
    }

    [Fact]
    public async Task Fire_times_and_waiting_runs_are_merged_by_due_time()
    {
        await AddAsync("j", Once(At(2)), Options(grace: null));
        await AddAsync("idle", null, Options(maxInstances: null));
        await EnqueueAsync("idle", At(3));
        await EnqueueAsync("idle", At(1));
        await BeginAsync();
        MoveTo(5);

        Assert.Equal([1, 2], FireTimes(await ClaimAsync(places: 2)));
        Assert.Equal([3], FireTimes(await ClaimAsync()));
    }

    [Fact]
    public async Task Enqueued_runs_start_also_while_job_and_scheduler_are_paused()
    {
        await AddAsync("j", Every(60));
        await EditAsync(JobEdits.Pause(Id("j")));
        await ChangeStateAsync(SchedulerEdits.Pause());
        var asked = await EnqueueAsync("j");
        await BeginAsync();

        Assert.Equal(asked.Run, Assert.Single((await ClaimAsync()).Runs).Id);
    }

    [Fact]
    public async Task The_waiting_runs_of_a_removed_job_end_as_missed()
    {
        await AddAsync("j", null);
        var asked = await EnqueueAsync("j", At(10), key: "k", watched: true);
        await BeginAsync();

        await NotifiedAsync(() => EditAsync(JobEdits.Remove(Id("j"))), StoreSignal.RunEnded);

        var run = await RunAsync(asked.Run);
        Assert.Equal((RunState.Ended, Outcome.Missed, Reason.Removed, 0), (run.State, run.Outcome, run.Reason, run.Attempt));
        await AddAsync("j", null);
        Assert.False((await EnqueueAsync("j", At(10), key: "k")).Existing);
        MoveTo(10);
        Assert.Single((await ClaimAsync()).Runs);
    }

    [Fact]
    public async Task The_waiting_runs_of_an_exhausted_job_still_run()
    {
        await AddAsync("j", Once(Start), Options(maxInstances: null));
        var asked = await EnqueueAsync("j", At(10));
        await BeginAsync();
        await ClaimAsync();
        Assert.Equal(JobEnd.Exhausted, (await JobAsync("j")).Ended);
        MoveTo(10);

        Assert.Equal(asked.Run, Assert.Single((await ClaimAsync()).Runs).Id);
    }

    [Fact]
    public async Task A_waiting_run_starts_once_however_often_its_job_changes()
    {
        await AddAsync("j", null);
        await EnqueueAsync("j", At(10));
        await BeginAsync();
        foreach (var options in (JobOptions[])[Options(maxInstances: 3), Options(executor: "none"), Options(priority: 2),
            Options(maxInstances: null)])
        {
            await EditAsync(JobEdits.Change(Id("j"), job => job with { Options = options }));
        }

        MoveTo(10);

        Assert.Equal([10], FireTimes(await ClaimAsync()));
        Assert.Empty((await ClaimAsync()).Runs);
        Assert.Equal(1, (await JobAsync("j")).Running);
    }

    [Fact]
    public async Task A_run_behind_another_moves_with_its_job_and_still_waits()
    {
        await AddAsync("j", null, Options(maxInstances: 1));
        var asked = (First: (await EnqueueAsync("j")).Run, Second: (await EnqueueAsync("j")).Run);
        await BeginAsync();
        var first = Assert.Single((await ClaimAsync()).Runs);
        Assert.Empty((await ClaimAsync()).Runs);

        await EditAsync(JobEdits.Change(Id("j"), job => job with { Options = Options(maxInstances: 1, priority: 3) }));

        Assert.Empty((await ClaimAsync()).Runs);
        await FinishAsync(first);
        Assert.Equal((asked.First, asked.Second), (first.Id, Assert.Single((await ClaimAsync()).Runs).Id));
    }

    [Fact]
    public async Task The_end_of_a_watched_run_that_never_began_notifies_too()
    {
        await AddAsync("j", null);
        var asked = await EnqueueAsync("j", watched: true);
        await BeginAsync();
        var run = Assert.Single((await ClaimAsync()).Runs);

        var notified = await NotifiedAsync(() => FinishAsync(run, Outcome.Missed), StoreSignal.RunEnded);

        Assert.True(notified.MayEnd(asked.Run));
    }

    [Fact]
    public async Task The_end_of_a_watched_run_names_the_run()
    {
        await AddAsync("j", null, Options(maxInstances: null));
        var watched = await EnqueueAsync("j", watched: true);
        var other = await EnqueueAsync("j");
        await BeginAsync();
        var runs = (await ClaimAsync()).Runs;

        var notified = await NotifiedAsync(() => Store.RecordAsync([.. runs.Select(run => End(run))]), StoreSignal.RunEnded);

        Assert.True(notified.MayEnd(watched.Run));
        Assert.NotEqual(watched.Run, other.Run);
    }

    [Fact]
    public async Task A_request_for_another_version_of_the_job_is_refused_and_changes_nothing()
    {
        var added = await AddAsync("j", null);
        var request = new RunRequest { Job = Id("j"), IfVersion = added.Version };
        await EditAsync(JobEdits.Change(Id("j"), job => job with { Name = "New" }));

        await Assert.ThrowsAsync<JobChangedException>(() => Store.EnqueueAsync([request with { IfVersion = null }, request], None));

        await BeginAsync();
        Assert.Empty((await ClaimAsync()).Runs);
        Assert.False((await EnqueueAsync(request with { IfVersion = added.Version + 1 })).Existing);
    }

    async Task<(RunState, int, DateTimeOffset)> StateOf(RunId id)
    {
        var run = await RunAsync(id);
        return (run.State, run.Attempt, run.FireTime);
    }
}
