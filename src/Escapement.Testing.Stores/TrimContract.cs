using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Triggers;
using Xunit;

namespace Escapement.Testing.Stores;

/// <summary>Tests of the retention: the deleted history, and the guarantees that survive the deletion.</summary>
public abstract class TrimContract<TStore> : StoreContract<TStore>
    where TStore : IStoreUnderTest, new()
{
    [Fact]
    public async Task Old_runs_and_entries_are_trimmed_and_young_ones_stay()
    {
        await AddAsync("j", Every(10), Options(grace: 1));
        await BeginAsync();
        await WorkAsync(0, 10, 20);
        MoveTo(35);
        await ClaimAsync();
        MoveTo(40);
        await FinishAsync((await ClaimAsync()).Runs[0]);
        MoveTo(55);
        await ClaimAsync();

        Assert.False(await Store.TrimAsync(At(35), None));

        Assert.Equal([40], FireTimes(await RunsAsync(new())));
        Assert.Equal([50], (await EntriesAsync("j")).Select(entry => entry.First));
    }

    [Fact]
    public async Task What_runs_or_waits_is_not_trimmed()
    {
        await AddAsync("j", Every(10), Options(grace: null, coalesce: false));
        await BeginAsync();
        MoveTo(10);
        var running = Assert.Single((await ClaimAsync()).Runs);

        Assert.False(await Store.TrimAsync(At(100), None));

        Assert.Equal(RunState.Running, (await RunAsync(running.Id)).State);
        await FinishAsync(running);
        Assert.Single((await ClaimAsync()).Runs);
    }

    [Fact]
    public async Task Trimming_goes_on_until_it_answers_that_nothing_remains()
    {
        await AddAsync("j", Every(10), Options(maxInstances: null));
        await BeginAsync();
        await WorkAsync([.. Enumerable.Range(0, 40).Select(step => step * 10.0)]);

        while (await Store.TrimAsync(At(1000), None)) { }

        Assert.Empty(await RunsAsync(new()));
    }

    [Fact]
    public async Task What_ended_at_the_bound_stays()
    {
        await AddAsync("j", Every(10), Options(grace: 1));
        await BeginAsync();
        await WorkAsync(0, 10, 25, 30);
        await Store.ChangeAsync(new() { Marks = [new() { Kind = MarkKind.StoreOutage, From = At(5), To = At(10), Epoch = 1 }] }, None);

        await TrimAsync(At(10));
        Assert.Equal([30, 10], FireTimes(await RunsAsync(new())));
        Assert.Single((await LedgerAsync()).Marks);
        await TrimAsync(At(11));
        Assert.Equal([30], FireTimes(await RunsAsync(new())));
        Assert.Empty((await LedgerAsync()).Marks);
        await TrimAsync(At(20));
        Assert.Single(await EntriesAsync("j"));
        await TrimAsync(At(21));
        Assert.Empty(await EntriesAsync("j"));
    }

    [Fact]
    public async Task Ended_definitions_pauses_actions_and_epochs_are_trimmed_and_what_holds_stays()
    {
        await AddAsync("j", Every(10));
        await BeginAsync("a");
        await EditAsync(JobEdits.Pause(Id("j")));
        MoveTo(5);
        await EditAsync(JobEdits.Resume(Id("j")));
        await EditAsync(JobEdits.Change(Id("j"), job => job with { Trigger = Every(20) }));
        await StepDownAsync(At(6));
        MoveTo(30);
        await BeginAsync("b");
        await EditAsync(JobEdits.Pause(Id("j")));

        await TrimAsync(At(25));

        var ledger = await LedgerAsync();
        Assert.Equal([(At(20), null)], ledger.Definitions.Select(span => (span.From, span.To)));
        Assert.Equal([At(30)], ledger.Pauses.Select(pause => pause.Pause.At));
        Assert.Equal([ActionKind.Paused], ledger.Actions.Select(action => action.Kind));
        Assert.Equal([2], ledger.Epochs.Select(epoch => epoch.Number));
        await TrimAsync(At(1000));
        Assert.Equal([2], (await LedgerAsync()).Epochs.Select(epoch => epoch.Number));
        Assert.NotNull((await JobAsync("j")).Paused);
    }

    [Fact]
    public async Task An_action_stays_as_long_as_it_covers_fire_times_that_are_not_trimmed()
    {
        await AddAsync("j", Every(10));
        await MoveJobAsync("j", At(100));
        MoveTo(60);

        await TrimAsync(At(50));
        Assert.Equal("0-90 Changed, 100 due", await StoryAsync("j"));
        await TrimAsync(At(101));
        Assert.Empty((await LedgerAsync()).Actions);
    }

    [Fact]
    public async Task A_job_goes_on_after_a_trim_by_a_clock_that_was_a_year_ahead()
    {
        const double year = 365 * 24 * 3600;
        await AddAsync("j", Every(10));
        await BeginAsync();
        await WorkAsync(0, 10, 20);
        await WorkAsync(year);
        await TrimAsync(At(year - (30 * 24 * 3600)));
        MoveTo(25);
        await EditAsync(JobEdits.ClockWentBack(Id("j"), At(year)));

        Assert.Equal([30, 40], await WorkAsync(30, 40));
        await MoveJobAsync("j", Start);
        Assert.Equal([], await WorkAsync(41));
        Assert.Equal(At(50), (await JobAsync("j")).Next);
    }

    [Fact]
    public async Task A_run_that_never_began_frees_the_key_of_its_fire_time()
    {
        await AddAsync("j", Every(10), Options(grace: null, coalesce: false));
        await BeginAsync();
        var missed = Assert.Single((await ClaimAsync()).Runs);
        await Store.RecordAsync([End(missed, Outcome.Missed) with { StartedAt = null, Reason = Reason.ExecutorSaturated }]);
        MoveTo(5);
        await MoveJobAsync("j", Start);

        var again = Assert.Single((await ClaimAsync()).Runs);

        Assert.Equal((missed.Id, 1), (again.Id, again.Attempt));
        Assert.Equal(RunState.Running, (await RunAsync(again.Id)).State);
        await FinishAsync(again);
        Assert.Equal((Outcome.Succeeded, null), ((await RunAsync(again.Id)).Outcome!.Value, (await RunAsync(again.Id)).Reason));
        Assert.Single(await RunsAsync(new()));
    }

    [Fact]
    public async Task The_tombstone_of_a_job_that_was_added_at_run_time_goes_with_the_last_of_its_history()
    {
        var added = await AddAsync("j", Every(10), Options(grace: 1));
        await BeginAsync();
        await WorkAsync(0, 15);
        await EditAsync(JobEdits.Remove(Id("j")));
        MoveTo(100);

        await TrimAsync(At(5));
        Assert.Equal(JobEnd.Removed, (await JobAsync("j")).Ended);
        await TrimAsync(At(50));

        Assert.Empty((await Store.JobsAsync(new() { Id = Id("j"), Ended = true }, None)).Jobs);
        Assert.Empty((await (await SecondAsync()).JobsAsync(new() { Ended = true }, None)).Jobs);
        var ledger = await LedgerAsync();
        Assert.Equal((0, 0, 0, 0), (ledger.Jobs.Count, ledger.Definitions.Count, ledger.Runs.Count, ledger.Entries.Count));
        var again = await AddAsync("j", Every(10));
        Assert.NotEqual(added.Number, again.Number);
        Assert.Equal([100], await WorkAsync(100));
    }

    [Fact]
    public async Task A_fire_time_that_waits_again_after_it_was_missed_is_one_run()
    {
        var trigger = new IntervalTrigger(TimeSpan.FromSeconds(10), Start, ZoneClock.Utc) { Jitter = TimeSpan.FromSeconds(5) };
        var id = new RunId(Start.ToMicros(), (await AddAsync("j", trigger)).Number, 0);
        await BeginAsync();
        await ClaimAsync();
        await EditAsync(JobEdits.Remove(Id("j")));
        Assert.Equal(Outcome.Missed, (await RunAsync(id)).Outcome);
        await AddAsync("j", trigger);
        await ClaimAsync();

        Assert.Equal((RunState.Waiting, null), ((await RunAsync(id)).State, (await RunAsync(id)).Outcome));
        Assert.Empty(await RunsAsync(new()));
        Assert.Equal([id], (await LedgerAsync("j")).Runs.Select(run => run.Id));
        await EditAsync(JobEdits.Remove(Id("j")));
        MoveTo(100);
        await TrimAsync(At(50));
        Assert.Empty((await Store.JobsAsync(new() { Ended = true }, None)).Jobs);
    }

    [Fact]
    public async Task The_tombstone_of_a_declared_job_stays()
    {
        await EditAsync(JobEdits.Declare(NewJob("j", Every(10)) with { Origin = JobOrigin.Code, DeclaredHash = "abc" }));
        await EditAsync(JobEdits.Remove(Id("j")));
        MoveTo(100);

        await TrimAsync(At(50));

        Assert.Equal(JobEnd.Removed, (await JobAsync("j")).Ended);
    }

    [Fact]
    public async Task A_tombstone_stays_as_long_as_a_run_of_its_job_does()
    {
        await AddAsync("j", null, Options(maxInstances: null));
        await AddAsync("k", null);
        var later = await EnqueueAsync("j", At(1000));
        await EnqueueAsync("k");
        await BeginAsync();
        var running = Assert.Single((await ClaimAsync()).Runs);
        foreach (var id in (string[])["j", "k"]) await EditAsync(JobEdits.Remove(Id(id)));
        MoveTo(100);

        await TrimAsync(At(50));

        Assert.Equal(Outcome.Missed, (await RunAsync(later.Run)).Outcome);
        Assert.Equal([later.Run, running.Id], (await RunsAsync(new())).Select(run => run.Id));
        await FinishAsync(running);
        await TrimAsync(At(1001));
        Assert.Empty(await RunsAsync(new()));
        Assert.Empty((await Store.JobsAsync(new() { Ended = true }, None)).Jobs);
    }

    async Task TrimAsync(DateTimeOffset before)
    {
        while (await Store.TrimAsync(before, None))
        {
        }
    }
}
