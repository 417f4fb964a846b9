using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;
using Escapement.Triggers;
using Xunit;

namespace Escapement.Testing.Stores;

/// <summary>Tests of jobs that pause themselves after failures in a row.</summary>
public abstract class FailureContract<TStore> : StoreContract<TStore>
    where TStore : IStoreUnderTest, new()
{
    [Fact]
    public async Task The_last_allowed_failure_pauses_the_job()
    {
        await AddAsync("j", Every(10), Options() with { PauseAfterFailures = 2 });
        await BeginAsync();
        await RunAsync(0, Outcome.Failed, "boom");
        Assert.Equal((1, null), ((await JobAsync("j")).Failures, (await JobAsync("j")).Paused));
        await NotifiedAsync(() => RunAsync(10, Outcome.TimedOut, " boom again \r\n   at X.Y()"), StoreSignal.Work);

        Assert.Empty(await WorkAsync(20, 30));

        var job = await JobAsync("j");
        var action = (await LedgerAsync("j")).Actions[^1];
        var why = "2 failures in a row, the last at 2030-01-01 00:00:10Z: boom again";
        Assert.Equal((2, At(20)), (job.Failures, job.Next));
        Assert.Equal(new() { At = At(10), By = "escapement", Why = why, Action = action.Number, AfterFailures = 2 }, job.Paused);
        Assert.Equal((ActionKind.PausedAfterFailures, "escapement", why), (action.Kind, action.By, action.Why));
        Assert.Equal(2, (await LedgerAsync("j")).Pauses.Single().Pause.AfterFailures);
    }

    [Fact]
    public async Task A_success_resets_the_count_and_other_outcomes_do_not_count()
    {
        await AddAsync("j", Every(10), Options() with { PauseAfterFailures = 2 });
        await BeginAsync();
        await RunAsync(0, Outcome.Failed);
        await RunAsync(10, Outcome.Cancelled);
        await RunAsync(20, Outcome.Succeeded);
        await RunAsync(30, Outcome.Failed);

        Assert.Equal((1, null), ((await JobAsync("j")).Failures, (await JobAsync("j")).Paused));
        await RunAsync(40, Outcome.Failed);
        Assert.NotNull((await JobAsync("j")).Paused);
    }

    [Fact]
    public async Task A_job_without_the_option_is_not_counted()
    {
        await AddAsync("j", Every(10));
        await BeginAsync();
        await RunAsync(0, Outcome.Failed);
        Assert.Equal(0, (await JobAsync("j")).Failures);
    }

    [Fact]
    public async Task A_resume_resets_the_count_and_its_action_covers_what_passed()
    {
        await AddAsync("j", Every(10), Options() with { PauseAfterFailures = 1 });
        await BeginAsync();
        await RunAsync(0, Outcome.Failed);
        MoveTo(25);
        await EditAsync(JobEdits.Resume(Id("j")));

        Assert.Equal((0, null), ((await JobAsync("j")).Failures, (await JobAsync("j")).Paused));
        Assert.Equal("0 Failed, 10-20 Resumed, 30 due", await StoryAsync("j"));
    }

    [Fact]
    public async Task A_pause_by_hand_ends_the_pause_after_failures_and_begins_anew()
    {
        await AddAsync("j", Every(10), Options() with { PauseAfterFailures = 1 });
        await BeginAsync();
        await RunAsync(0, Outcome.Failed);
        MoveTo(25);
        await EditAsync(JobEdits.Pause(Id("j"), At(40), "li", "waits for the fix"));

        var job = await JobAsync("j");
        Assert.Equal((At(25), At(40), "li", "waits for the fix", null),
            (job.Paused!.At, job.Paused.Until, job.Paused.By, job.Paused.Why, job.Paused.AfterFailures));
        Assert.Equal((0, At(30)), (job.Failures, job.Next));
        Assert.Equal([40], await WorkAsync(35, 40));
        Assert.Equal([(0, 25, 1), (25, 40, null)], (await LedgerAsync("j")).Pauses.Select(pause =>
            (Seconds(pause.Pause.At), Seconds(pause.Ended!.Value), pause.Pause.AfterFailures)));
        var why = await Store.WhyAsync(Id("j"), At(0), At(45), Language.English, None);
        Assert.Equal([(Reason.CircuitOpen, 2), (Reason.Paused, 1)], why.Items.Select(item => (item.Reason, (int)item.Count)));
        Assert.Equal("5 due = 2 ran + 0 running + 1 skipped + 2 missed. Balanced.", why.Account.Sentence);
    }

    [Fact]
    public async Task A_change_that_pauses_ends_the_pause_after_failures_too()
    {
        await AddAsync("j", Every(10), Options() with { PauseAfterFailures = 1 });
        await BeginAsync();
        await RunAsync(0, Outcome.Failed);
        MoveTo(25);
        await EditAsync(JobEdits.Change(Id("j"), job => job with { Name = "other" }));
        Assert.Equal((Start, 1), ((await JobAsync("j")).Paused!.At, (await JobAsync("j")).Paused!.AfterFailures));

        await EditAsync(JobEdits.Change(Id("j"), job => job, pause: true));

        Assert.Equal((At(25), null, 0),
            ((await JobAsync("j")).Paused!.At, (await JobAsync("j")).Paused!.AfterFailures, (await JobAsync("j")).Failures));
    }

    [Fact]
    public async Task A_pause_by_hand_ends_a_job_whose_last_fire_time_passed_in_the_pause_after_failures()
    {
        await AddAsync("j", Every(10, end: At(10)), Options() with { PauseAfterFailures = 1 });
        await BeginAsync();
        await RunAsync(0, Outcome.Failed);
        MoveTo(25);
        await EditAsync(JobEdits.Pause(Id("j"), by: "li"));

        Assert.Equal((JobEnd.Exhausted, null), ((await JobAsync("j")).Ended, (await JobAsync("j")).Paused));
        Assert.Equal("0 Failed, 10 Paused", await StoryAsync("j"));
    }

    [Fact]
    public async Task A_paused_job_counts_the_failures_of_requested_runs_and_keeps_its_pause()
    {
        await AddAsync("j", Every(10), Options() with { PauseAfterFailures = 1 });
        await BeginAsync();
        await EditAsync(JobEdits.Pause(Id("j"), by: "li"));
        await EnqueueAsync("j");
        await RunAsync(0, Outcome.Failed);

        Assert.Equal((1, "li", null),
            ((await JobAsync("j")).Failures, (await JobAsync("j")).Paused!.By, (await JobAsync("j")).Paused!.AfterFailures));
    }

    [Fact]
    public async Task A_job_without_a_trigger_is_not_paused()
    {
        await AddAsync("j", null, Options() with { PauseAfterFailures = 1 });
        await BeginAsync();
        await EnqueueAsync("j");
        await RunAsync(0, Outcome.Failed);
        Assert.Equal((1, null), ((await JobAsync("j")).Failures, (await JobAsync("j")).Paused));
    }

    [Fact]
    public async Task Failures_are_counted_over_all_processes_and_a_batch()
    {
        await AddAsync("j", Every(10), Options(grace: null, coalesce: false, maxInstances: null) with { PauseAfterFailures = 4 });
        await BeginAsync();
        MoveTo(20);
        var runs = (await ClaimAsync()).Runs;
        Assert.Equal(0, await (await SecondAsync()).RecordAsync([End(runs[0], Outcome.Failed)]));
        await EditAsync(JobEdits.Change(Id("j"), job => job with { Name = "other" }));
        runs = [.. runs, .. (await ClaimAsync()).Runs];
        Assert.Equal(0, await Store.RecordAsync([.. runs.Skip(1).Select(run => End(run, Outcome.Failed))]));
        Assert.Equal(3, (await JobAsync("j")).Failures);

        MoveTo(30);
        Assert.Equal(0, await (await SecondAsync()).RecordAsync([End((await ClaimAsync()).Runs[0], Outcome.Failed)]));
        Assert.Equal(4, (await JobAsync("j")).Paused!.AfterFailures);
    }

    /// <summary>Claims the only due run at an instant, and ends the run.</summary>
    async Task RunAsync(double second, Outcome outcome, string? error = null)
    {
        MoveTo(second);
        var run = Assert.Single((await ClaimAsync()).Runs);
        Assert.Equal(0, await Store.RecordAsync([End(run, outcome) with { Error = error }]));
    }
}
