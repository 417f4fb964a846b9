using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;
using Xunit;

namespace Escapement.Testing;

/// <summary>Runs that are asked for: they wait, come due, and take the way of all runs.</summary>
public abstract class WaitingContract<TStore> : StoreContract<TStore>
    where TStore : IStoreUnderTest, new()
{
    [Fact]
    public async Task A_run_that_is_asked_for_is_claimed_as_any_other()
    {
        await AddAsync("j", null);
        var asked = await AskAsync("j");
        await RaiseAsync();
        Assert.Equal((RunState.Waiting, 0, Start), await StateOf(asked.Run));

        var run = Assert.Single((await ClaimAsync()).Runs);

        Assert.Equal((asked.Run, Start, 1), (run.Id, run.FireTime, run.Attempt));
        Assert.Null(run.GraceFrom);
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
        await Store.AskAsync([new(Id("j"), new JobArguments("[2]", "{}"))], None);
        await RaiseAsync();

        Assert.Equal(new("[2]", "{}"), Assert.Single((await ClaimAsync()).Runs).Arguments);
    }

    [Fact]
    public async Task A_run_for_later_is_not_claimed_before()
    {
        await AddAsync("j", null);
        await AskAsync("j", At(10));
        await RaiseAsync();

        Assert.Empty((await ClaimAsync()).Runs);
        MoveTo(10);
        Assert.Equal([10], FireTimes(await ClaimAsync()));
    }

    [Fact]
    public async Task A_run_is_not_missed_however_late_it_is_claimed()
    {
        await AddAsync("j", null, Options(grace: 1));
        await AskAsync("j");
        await RaiseAsync();
        MoveTo(3600);

        Assert.Single((await ClaimAsync()).Runs);
    }

    [Fact]
    public async Task Asking_again_with_the_same_key_answers_the_run_that_stands()
    {
        await AddAsync("j", null, Options(maxInstances: null));
        var first = await AskAsync("j", key: "k");
        var whileWaiting = await AskAsync("j", key: "k");
        await RaiseAsync();
        var run = Assert.Single((await ClaimAsync()).Runs);
        var whileRunning = await AskAsync("j", key: "k");
        await FinishAsync(run);
        var afterwards = await AskAsync("j", key: "k");

        Assert.False(first.Existing);
        Assert.Equal(new(first.Run, true), whileWaiting);
        Assert.Equal(new(first.Run, true), whileRunning);
        Assert.False(afterwards.Existing);
        Assert.NotEqual(first.Run, afterwards.Run);
    }

    [Fact]
    public async Task Keys_hold_for_one_job_and_within_one_request()
    {
        await AddAsync("j", null);
        await AddAsync("k", null);

        var asked = await Store.AskAsync([new(Id("j"), Key: "x"), new(Id("j"), Key: "x"), new(Id("k"), Key: "x"), new(Id("j")), new(Id("j"))], None);

        Assert.Equal([false, true, false, false, false], asked.Select(run => run.Existing));
        Assert.Equal(4, asked.Select(run => run.Run).Distinct().Count());
    }

    [Fact]
    public async Task Of_several_requests_none_is_written_when_one_is_refused()
    {
        await AddAsync("j", null);
        await AddAsync("gone", null);
        await EditAsync(JobEdits.Remove(Id("gone")));
        await RaiseAsync();

        await Assert.ThrowsAsync<JobNotFoundException>(() => Store.AskAsync([new(Id("j")), new(Id("nobody"))], None));
        await Assert.ThrowsAsync<JobNotFoundException>(() => Store.AskAsync([new(Id("j")), new(Id("gone"))], None));

        Assert.Empty((await ClaimAsync()).Runs);
    }

    [Fact]
    public async Task Asking_rings()
    {
        await AddAsync("j", null);
        await RungAsync(() => AskAsync("j"), Bell.Work);
    }

    [Fact]
    public async Task The_end_of_a_watched_run_rings()
    {
        await AddAsync("j", null, Options(maxInstances: null));
        await AskAsync("j", watched: true);
        await RaiseAsync();
        var run = Assert.Single((await ClaimAsync()).Runs);

        await RungAsync(() => FinishAsync(run), Bell.RunEnded);
    }

    [Fact]
    public async Task A_run_becomes_watched_when_it_is_asked_for_again()
    {
        await AddAsync("j", null);
        await AskAsync("j", key: "k");
        await RaiseAsync();
        var run = Assert.Single((await ClaimAsync()).Runs);
        await AskAsync("j", key: "k", watched: true);

        await RungAsync(() => FinishAsync(run), Bell.RunEnded);
    }

    [Fact]
    public async Task A_run_of_a_job_at_its_max_instances_waits_until_one_ends()
    {
        await AddAsync("j", Every(60));
        await RaiseAsync();
        var running = Assert.Single((await ClaimAsync()).Runs);
        var asked = await AskAsync("j");
        Assert.Empty((await ClaimAsync()).Runs);

        await RungAsync(() => FinishAsync(running), Bell.Work);

        Assert.Equal(asked.Run, Assert.Single((await ClaimAsync()).Runs).Id);
    }

    [Fact]
    public async Task Runs_beyond_max_instances_start_one_after_the_other()
    {
        await AddAsync("j", null, Options(maxInstances: 2));
        foreach (var second in Enumerable.Range(0, 5)) await AskAsync("j", At(second));
        await RaiseAsync();
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
        await AskAsync("j");
        await AskAsync("j");
        await RaiseAsync();
        Assert.Single((await ClaimAsync()).Runs);

        await EditAsync(JobEdits.Change(Id("j"), job => job with { Options = Options(maxInstances: 2) }));

        Assert.Single((await ClaimAsync()).Runs);
    }

    [Fact]
    public async Task A_waiting_run_moves_with_its_job_to_another_executor()
    {
        await AddAsync("j", null, Options(executor: "none"));
        await AskAsync("j");
        await RaiseAsync();
        Assert.Empty((await ClaimAsync()).Runs);

        await EditAsync(JobEdits.Change(Id("j"), job => job with { Options = Options() }));

        Assert.Single((await ClaimAsync()).Runs);
    }

    [Fact]
    public async Task Fire_times_and_waiting_runs_are_merged_by_due_time()
    {
        await AddAsync("j", Once(At(2)), Options(grace: null));
        await AddAsync("idle", null, Options(maxInstances: null));
        await AskAsync("idle", At(3));
        await AskAsync("idle", At(1));
        await RaiseAsync();
        MoveTo(5);

        Assert.Equal([1, 2], FireTimes(await ClaimAsync(places: 2)));
        Assert.Equal([3], FireTimes(await ClaimAsync()));
    }

    [Fact]
    public async Task Asked_for_runs_start_also_while_job_and_scheduler_are_paused()
    {
        await AddAsync("j", Every(60));
        await EditAsync(JobEdits.Pause(Id("j")));
        await Store.ChangeStateAsync(SchedulerEdits.Pause(), None);
        var asked = await AskAsync("j");
        await RaiseAsync();

        Assert.Equal(asked.Run, Assert.Single((await ClaimAsync()).Runs).Id);
    }

    [Fact]
    public async Task The_waiting_runs_of_a_removed_job_end_as_missed()
    {
        await AddAsync("j", null);
        var asked = await AskAsync("j", At(10), key: "k", watched: true);
        await RaiseAsync();

        await RungAsync(() => EditAsync(JobEdits.Remove(Id("j"))), Bell.RunEnded);

        var run = await RunAsync(asked.Run);
        Assert.Equal((RunState.Ended, Outcome.Missed, Reason.Removed, 0), (run.State, run.Outcome, run.Reason, run.Attempt));
        await AddAsync("j", null);
        Assert.False((await AskAsync("j", At(10), key: "k")).Existing);
        MoveTo(10);
        Assert.Single((await ClaimAsync()).Runs);
    }

    [Fact]
    public async Task The_waiting_runs_of_an_exhausted_job_still_run()
    {
        await AddAsync("j", Once(Start), Options(maxInstances: null));
        var asked = await AskAsync("j", At(10));
        await RaiseAsync();
        await ClaimAsync();
        Assert.Equal(JobEnd.Exhausted, (await JobAsync("j")).Ended);
        MoveTo(10);

        Assert.Equal(asked.Run, Assert.Single((await ClaimAsync()).Runs).Id);
    }

    async Task<(RunState, int, DateTimeOffset)> StateOf(RunId id)
    {
        var run = await RunAsync(id);
        return (run.State, run.Attempt, run.FireTime);
    }
}
