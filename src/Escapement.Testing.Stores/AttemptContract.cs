using Escapement.Ledger;
using Escapement.Rules;
using Xunit;

namespace Escapement.Testing.Stores;

/// <summary>
/// Tests of the attempts of a run: the stored history of attempts and the due time of the next attempt.
/// </summary>
public abstract class AttemptContract<TStore> : StoreContract<TStore>
    where TStore : IStoreUnderTest, new()
{
    [Fact]
    public async Task An_attempt_that_another_followed_is_kept_with_the_run()
    {
        await AddAsync("j", Every(60), Options(rerun: true));
        await BeginAsync("a");
        var first = Assert.Single((await ClaimAsync()).Runs);
        MoveTo(3);
        Assert.Equal(0, await Store.RecordAsync([new()
        {
            Id = first.Id, Node = "a", Epoch = 1, Attempt = 1, StartedAt = At(1), FinishedAt = At(2), Outcome = Outcome.Interrupted,
            Reason = Reason.Interrupted, Error = "It stopped.",
        }]));
        Assert.Equal(0, (await JobAsync("j")).Running);
        var second = Assert.Single((await ClaimAsync()).Runs);
        MoveTo(30);
        await BeginAsync("b");

        Attempt[] attempts =
        [
            new()
            {
                Number = 1, Node = "a", Epoch = 1, StartedAt = At(1), FinishedAt = At(2), Outcome = Outcome.Interrupted,
                Reason = Reason.Interrupted,
                Error = "It stopped.",
            },
            new() { Number = 2, Node = "a", Epoch = 1, FinishedAt = At(30), Outcome = Outcome.Interrupted, Reason = Reason.Interrupted },
        ];
        var waiting = await RunAsync(first.Id);
        Assert.Equal((RunState.Waiting, 2), (waiting.State, waiting.Attempt));
        Assert.Equal([1, 2], waiting.Attempts.Select(attempt => attempt.Number));
        Assert.Equivalent(attempts, waiting.Attempts, strict: true);

        var third = Assert.Single((await ClaimAsync()).Runs);
        Assert.Equal((first.Id, second.Id, 3), (third.Id, third.Id, third.Attempt));
        Assert.Equivalent(attempts, (await RunAsync(first.Id)).Attempts, strict: true);
        await FinishAsync(third);
        var ended = await RunAsync(first.Id);
        Assert.Equal((Outcome.Succeeded, 3, "b"), (ended.Outcome, ended.Attempt, ended.Node));
        Assert.Equivalent(attempts, ended.Attempts, strict: true);
        Assert.Empty((await RunsAsync(new()))[0].Attempts);
    }

    [Fact]
    public async Task Another_attempt_is_due_at_the_fire_time_of_its_run()
    {
        await AddAsync("j", Once(At(1)), Options(rerun: true));
        await AddAsync("k", Once(At(20)), Options(grace: null));
        await BeginAsync("a");
        MoveTo(1);
        await ClaimAsync();
        MoveTo(30);
        await BeginAsync("b");

        Assert.Equal([1], FireTimes(await ClaimAsync(places: 1)));
    }

    [Fact]
    public async Task Another_attempt_does_not_wait_for_a_clock_that_was_ahead()
    {
        await AddAsync("j", Once(At(1)), Options(rerun: true));
        await BeginAsync("a");
        MoveTo(1);
        var first = Assert.Single((await ClaimAsync()).Runs);
        MoveTo(3600);
        await FinishAsync(first, Outcome.Interrupted);
        MoveTo(2);

        Assert.Equal(2, Assert.Single((await ClaimAsync()).Runs).Attempt);
    }

    [Fact]
    public async Task An_attempt_after_another_that_never_began_does_not_count()
    {
        await AddAsync("j", Every(60), Options(rerun: true));
        await BeginAsync("a");
        await FinishAsync(Assert.Single((await ClaimAsync()).Runs), Outcome.Interrupted);
        var second = Assert.Single((await ClaimAsync()).Runs);

        await Store.RecordAsync([End(second, Outcome.Missed) with { StartedAt = null, Reason = Reason.ExecutorSaturated }]);

        var run = await RunAsync(second.Id);
        Assert.Equal((Outcome.Missed, 1, Reason.ExecutorSaturated), (run.Outcome, run.Attempt, run.Reason));
        Assert.Single(run.Attempts);
    }

    [Fact]
    public async Task A_run_that_waits_for_another_attempt_ends_as_interrupted_when_its_job_is_removed()
    {
        await AddAsync("j", Every(60), Options(rerun: true));
        await BeginAsync("a");
        var first = Assert.Single((await ClaimAsync()).Runs);
        await FinishAsync(first, Outcome.Interrupted);

        await EditAsync(JobEdits.Remove(Id("j")));

        var run = await RunAsync(first.Id);
        Assert.Equal((RunState.Ended, Outcome.Interrupted, Reason.Removed, 1), (run.State, run.Outcome, run.Reason, run.Attempt));
        Assert.Equal([1], run.Attempts.Select(attempt => attempt.Number));
    }

    [Fact]
    public async Task What_a_handler_threw_is_cut()
    {
        await AddAsync("j", Every(60));
        await BeginAsync();
        var run = Assert.Single((await ClaimAsync()).Runs);
        var error = new string('火', RunEnds.MaxErrorLength) + "and more";

        await Store.RecordAsync([End(run, Outcome.Failed) with { Error = error }]);

        Assert.Equal(error[..RunEnds.MaxErrorLength], (await RunAsync(run.Id)).Error);
    }

    [Fact]
    public async Task The_arguments_of_a_run_outlive_it()
    {
        var given = new JobArguments("[3]", """{"a":"b"}""");
        await AddAsync("j", null);
        var asked = await EnqueueAsync(new() { Job = Id("j"), Arguments = given });
        var own = await EnqueueAsync("j");
        await BeginAsync();
        Assert.Equal(given, (await RunAsync(asked.Run)).Arguments);
        var runs = (await ClaimAsync()).Runs;
        Assert.Equal(given, (await RunAsync(asked.Run)).Arguments);
        foreach (var run in runs) await FinishAsync(run);
        foreach (var run in (await ClaimAsync()).Runs) await FinishAsync(run);

        var ended = await RunAsync(asked.Run);
        Assert.Equal((RunState.Ended, given), (ended.State, ended.Arguments));
        Assert.Null((await RunAsync(own.Run)).Arguments);
        Assert.All(await RunsAsync(new()), run => Assert.Null(run.Arguments));
    }

    [Fact]
    public async Task A_run_shows_when_it_was_claimed()
    {
        await AddAsync("j", Every(60), Options(grace: 5));
        await AddAsync("idle", null);
        var asked = await EnqueueAsync("idle", At(100));
        await BeginAsync();
        MoveTo(2);

        var run = Assert.Single((await ClaimAsync()).Runs);

        Assert.Equal((At(2), null), ((await RunAsync(run.Id)).ClaimedAt!.Value, (await RunAsync(run.Id)).StartedAt));
        MoveTo(4);
        await FinishAsync(run);
        Assert.Equal(At(2), (await RunAsync(run.Id)).ClaimedAt);
        Assert.Equal([(DateTimeOffset?)At(2)], (await RunsAsync(new())).Select(ended => ended.ClaimedAt));
        Assert.Null((await RunAsync(asked.Run)).ClaimedAt);
        await EditAsync(JobEdits.Remove(Id("idle")));
        Assert.Null((await RunAsync(asked.Run)).ClaimedAt);
    }
}
