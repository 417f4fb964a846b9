using Escapement.Ledger;
using Escapement.Rules;
using Xunit;

namespace Escapement.Testing.Stores;

/// <summary>
/// Tests of the end of a run. Its node records the run, or another node settles the run because its node is lost.
/// The later of the two is refused.
/// </summary>
public abstract class SettleContract<TStore> : StoreContract<TStore>
    where TStore : IStoreUnderTest, new()
{
    [Fact]
    public async Task An_outcome_is_recorded_with_all_that_is_known()
    {
        await AddAsync("j", Every(60));
        await BeginAsync("a");
        var run = Assert.Single((await ClaimAsync()).Runs);
        MoveTo(3);

        await Store.RecordAsync([new()
        {
            Id = run.Id, Node = "a", Epoch = 1, Attempt = 1, StartedAt = At(1), FinishedAt = At(2), Outcome = Outcome.Failed,
            Error = "It broke: 火",
        }]);

        var found = await RunAsync(run.Id);
        Assert.Equal((RunState.Ended, 1, At(1), At(2)), (found.State, found.Attempt, found.StartedAt!.Value, found.FinishedAt!.Value));
        Assert.Equal((Outcome.Failed, null, "It broke: 火"), (found.Outcome, found.Reason, found.Error));
        Assert.Equal((Id("j"), Start, "a", 1, run.Token), (found.Job, found.FireTime, found.Node, found.Epoch, found.Token));
        Assert.Equal(0, (await JobAsync("j")).Running);
    }

    [Fact]
    public async Task A_claimed_run_that_never_began_is_missed_without_an_attempt()
    {
        await AddAsync("j", Every(60));
        await BeginAsync("a");
        var run = Assert.Single((await ClaimAsync()).Runs);

        await Store.RecordAsync([new()
        {
            Id = run.Id, Node = "a", Epoch = 1, Attempt = 1, FinishedAt = At(2), Outcome = Outcome.Missed,
            Reason = Reason.ExecutorSaturated,
        }]);

        var found = await RunAsync(run.Id);
        Assert.Equal((Outcome.Missed, Reason.ExecutorSaturated, 0, null), (found.Outcome, found.Reason, found.Attempt, found.StartedAt));
    }

    [Fact]
    public async Task Outcomes_of_others_are_refused()
    {
        await AddAsync("j", Every(60));
        await BeginAsync("a");
        var run = Assert.Single((await ClaimAsync()).Runs);
        var end = End(run);

        Finished[] wrong = [end with { Node = "b" }, end with { Epoch = 2 }, end with { Attempt = 2 },
            end with { Id = new(1, run.Id.Job, run.Id.Number) }];
        Assert.Equal(4, await Store.RecordAsync(wrong));
        Assert.Equal(RunState.Running, (await RunAsync(run.Id)).State);
        Assert.Equal(4, await Store.RecordAsync([.. wrong, end]));
        Assert.Equal(Outcome.Succeeded, (await RunAsync(run.Id)).Outcome);
    }

    [Fact]
    public async Task An_outcome_is_recorded_once()
    {
        await AddAsync("j", Every(60));
        await BeginAsync("a");
        var run = Assert.Single((await ClaimAsync()).Runs);
        await FinishAsync(run);

        Assert.Equal(1, await Store.RecordAsync([End(run, Outcome.Failed)]));
        Assert.Equal((Outcome.Succeeded, 0), ((await RunAsync(run.Id)).Outcome, (await JobAsync("j")).Running));
    }

    [Fact]
    public async Task An_outcome_that_is_sent_again_because_its_answer_was_lost_is_not_refused()
    {
        await AddAsync("j", Every(60));
        await BeginAsync("a");
        var run = Assert.Single((await ClaimAsync()).Runs);
        await FinishAsync(run);

        await FinishAsync(run);

        Assert.Equal((Outcome.Succeeded, 0), ((await RunAsync(run.Id)).Outcome, (await JobAsync("j")).Running));
    }

    [Theory]
    [InlineData(EpochEnd.ProcessGone)]
    [InlineData(EpochEnd.LeaseOver)]
    public async Task The_runs_of_a_node_that_is_replaced_are_settled(EpochEnd why)
    {
        await AddAsync("j", Every(60));
        await BeginAsync("a");
        var run = Assert.Single((await ClaimAsync()).Runs);
        var late = End(run);
        MoveTo(30);

        Assert.Equal(1, (await BeginAsync("b", why)).Settled);

        var found = await RunAsync(run.Id);
        Assert.Equal((RunState.Ended, Outcome.Interrupted, Reason.Interrupted, At(30)),
            (found.State, found.Outcome, found.Reason, found.FinishedAt!.Value));
        Assert.Equal(("a", 1), (found.Node, found.Epoch));
        Assert.Equal(0, (await JobAsync("j")).Running);
        Assert.Equal(1, await Store.RecordAsync([late]));
        Assert.Equal(Outcome.Interrupted, (await RunAsync(run.Id)).Outcome);
    }

    [Fact]
    public async Task Runs_that_nobody_settled_in_between_are_settled_by_the_next()
    {
        await AddAsync("j", Every(60), Options(maxInstances: null));
        await AddAsync("k", Every(60), Options(maxInstances: null));
        await BeginAsync("a");
        await ClaimAsync(places: 1);
        await StepDownAsync(At(25));
        await BeginAsync("b");
        await ClaimAsync();

        Assert.Equal(2, (await BeginAsync("c", lost: ["a"])).Settled);
    }

    [Fact]
    public async Task The_runs_of_a_draining_node_go_on_and_count()
    {
        await AddAsync("j", Every(60));
        await BeginAsync("a");
        var run = Assert.Single((await ClaimAsync()).Runs);
        var end = End(run);
        await StepDownAsync(At(70));
        MoveTo(60);
        Assert.Equal(0, (await BeginAsync("b")).Settled);

        Assert.Empty((await ClaimAsync()).Runs);
        Assert.Equal([(60, 60, Reason.MaxInstancesReached)], await EntriesAsync("j"));
        Assert.Equal(0, await Store.RecordAsync([end]));
        MoveTo(120);
        Assert.Single((await ClaimAsync()).Runs);
    }

    [Fact]
    public async Task The_runs_of_a_draining_node_that_is_lost_are_settled_by_the_next()
    {
        await AddAsync("j", Every(60));
        await BeginAsync("a");
        await ClaimAsync();
        await StepDownAsync(At(25));

        Assert.Equal(1, (await BeginAsync("b", lost: ["a"])).Settled);
    }

    [Fact]
    public async Task The_current_epoch_settles_what_lost_nodes_left_and_forgets_them()
    {
        await AddAsync("j", Every(60));
        await EnterAsync("a");
        await EnterAsync("b");
        await BeginAsync("a");
        var run = Assert.Single((await ClaimAsync()).Runs);
        await StepDownAsync(At(25));
        await BeginAsync("b");

        Assert.False((await Store.ChangeEpochsAsync(new() { Lost = ["a"], By = ("a", 1) }, None)).Done);
        Assert.Equal(RunState.Running, (await RunAsync(run.Id)).State);
        Assert.Equal(1, (await Store.ChangeEpochsAsync(new() { Lost = ["a"], By = ("b", 2) }, None)).Settled);
        Assert.Equal(Outcome.Interrupted, (await RunAsync(run.Id)).Outcome);
        Assert.Equal([Node("b")], (await LookAsync()).Nodes.Select(node => node.Name));
    }

    [Fact]
    public async Task A_settled_run_lets_those_start_that_waited_for_it()
    {
        await AddAsync("j", Every(60));
        await BeginAsync("a");
        await ClaimAsync();
        var asked = await EnqueueAsync("j");
        await ClaimAsync();

        await BeginAsync("b");

        Assert.Equal(asked.Run, Assert.Single((await ClaimAsync()).Runs).Id);
    }

    [Fact]
    public async Task The_end_of_a_watched_run_rings_also_when_it_is_settled()
    {
        await AddAsync("j", null);
        await EnqueueAsync("j", watched: true);
        await BeginAsync("a");
        await ClaimAsync();

        await NotifiedAsync(() => BeginAsync("b"), StoreSignal.RunEnded | StoreSignal.Epoch);
    }

    [Fact]
    public async Task An_interrupted_run_of_a_job_that_asks_for_it_runs_again_as_its_next_attempt()
    {
        await AddAsync("j", Every(60), Options(rerun: true));
        await BeginAsync("a");
        var first = Assert.Single((await ClaimAsync()).Runs);
        await BeginAsync("b");
        Assert.Equal((RunState.Waiting, 0), ((await RunAsync(first.Id)).State, (await JobAsync("j")).Running));

        var second = Assert.Single((await ClaimAsync()).Runs);

        Assert.Equal((first.Id, Start, 2), (second.Id, second.FireTime, second.Attempt));
        Assert.Null(second.MisfireGraceFrom);
        Assert.True(second.Token > first.Token);
        Assert.Equal(1, await Store.RecordAsync([End(first)]));
        await FinishAsync(second);
        var found = await RunAsync(first.Id);
        Assert.Equal((Outcome.Succeeded, 2, "b", 2), (found.Outcome, found.Attempt, found.Node, found.Epoch));
    }

    [Fact]
    public async Task A_run_that_its_own_node_interrupts_runs_again_too_and_notifies()
    {
        await AddAsync("j", null, Options(rerun: true));
        var asked = await EnqueueAsync(new() { Job = Id("j"), Arguments = new("[3]", "{}"), Key = "k" });
        await BeginAsync("a");
        var first = Assert.Single((await ClaimAsync()).Runs);

        await NotifiedAsync(() => FinishAsync(first, Outcome.Interrupted), StoreSignal.Work);

        Assert.True((await EnqueueAsync("j", key: "k")).Existing);
        var second = Assert.Single((await ClaimAsync()).Runs);
        Assert.Equal((asked.Run, 2, new JobArguments("[3]", "{}")), (second.Id, second.Attempt, second.Arguments));
    }

    [Fact]
    public async Task An_interrupted_run_of_a_removed_job_does_not_run_again()
    {
        await AddAsync("j", Every(60), Options(rerun: true));
        await BeginAsync("a");
        var run = Assert.Single((await ClaimAsync()).Runs);
        await EditAsync(JobEdits.Remove(Id("j")));

        await BeginAsync("b");

        Assert.Equal(Outcome.Interrupted, (await RunAsync(run.Id)).Outcome);
    }

    [Fact]
    public async Task Fire_times_of_a_time_without_an_active_node_say_so()
    {
        await AddAsync("j", Every(10), Options(grace: 1));
        await BeginAsync("a");
        await FinishAsync((await ClaimAsync()).Runs[0]);
        MoveTo(15);
        await HeartbeatAsync();
        MoveTo(35);
        await BeginAsync("b");
        MoveTo(45);

        Assert.Empty((await ClaimAsync()).Runs);
        Assert.Equal(
            [(10, 10, Reason.MisfireGraceExceeded), (20, 30, Reason.NoActiveNode), (40, 40, Reason.MisfireGraceExceeded)],
                await EntriesAsync("j"));
    }

    [Fact]
    public async Task Fire_times_of_a_time_when_the_scheduler_was_shut_down_say_so()
    {
        await AddAsync("j", Every(10), Options(grace: 1));
        await BeginAsync("a");
        await FinishAsync((await ClaimAsync()).Runs[0]);
        MoveTo(5);
        await ChangeStateAsync(SchedulerEdits.ShutDown);
        await StepDownAsync(At(30), EpochEnd.ShutDown);
        MoveTo(25);
        await ChangeStateAsync(SchedulerEdits.Start);
        await BeginAsync("b");

        await ClaimAsync();

        Assert.Equal([(10, 20, Reason.ShutDown)], await EntriesAsync("j"));
    }
}
