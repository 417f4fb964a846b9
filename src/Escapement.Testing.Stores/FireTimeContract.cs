using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Triggers;
using Xunit;

namespace Escapement.Testing.Stores;

/// <summary>
/// Tests of fire times that a trigger excludes, delays or limits: the claimed fire times and the reports of the rest.
/// </summary>
public abstract class FireTimeContract<TStore> : StoreContract<TStore>
    where TStore : IStoreUnderTest, new()
{
    /// <summary>Returns a trigger that fires every ten seconds, except from 30 to 90 seconds after the start.</summary>
    static ExcludingTrigger Pausing() => new ExcludingTrigger(Every(10), ExclusionCalendar.Parse(["00:00:30-00:01:00"], null));

    static IntervalTrigger Delayed(double seconds) =>
        new IntervalTrigger(TimeSpan.FromSeconds(10), Start, ZoneClock.Utc) { Jitter = TimeSpan.FromSeconds(seconds) };

    [Fact]
    public async Task Excluded_fire_times_need_no_row()
    {
        await AddAsync("j", Pausing(), Options(maxInstances: null));
        await BeginAsync();
        foreach (var at in (double[])[0, 10, 20])
        {
            MoveTo(at);
            Assert.Equal([at], FireTimes(await ClaimAsync()));
        }

        Assert.Equal(At(60), (await JobAsync("j")).Next);
        MoveTo(60);
        Assert.Equal([60], FireTimes(await ClaimAsync()));
        Assert.Empty(await EntriesAsync("j"));
        Assert.Equal(LedgerLayer.Definition, new LedgerReader(await LedgerAsync("j")).FateOf(Id("j"), At(40)).Layer);
    }

    [Fact]
    public async Task An_excluded_fire_time_that_is_given_by_hand_runs()
    {
        await AddAsync("j", Pausing());
        await BeginAsync();
        await WorkAsync(0, 10, 20);
        await MoveJobAsync("j", At(40));

        Assert.Equal([40, 60], await WorkAsync(40, 60));
        Assert.Empty(await EntriesAsync("j"));
        Assert.Equal("0-60 ran, 70 due", await StoryAsync("j"));
    }

    [Fact]
    public async Task A_clock_that_is_set_back_into_what_is_excluded_runs_nothing_twice()
    {
        await AddAsync("j", Pausing());
        await BeginAsync();
        await WorkAsync(0, 10, 20, 60);
        MoveTo(25);
        await EditAsync(JobEdits.ClockWentBack(Id("j"), At(60)));

        Assert.Equal([], await WorkAsync(60));
        Assert.Empty(await EntriesAsync("j"));
        Assert.Equal("0-60 ran, 70 due", await StoryAsync("j"));
    }

    [Fact]
    public async Task A_pause_over_excluded_fire_times_is_one_entry()
    {
        await AddAsync("j", Pausing());
        await BeginAsync();
        await WorkAsync(0);
        await EditAsync(JobEdits.Pause(Id("j"), until: At(65)));

        Assert.Equal([70], await WorkAsync(70));
        Assert.Equal([(10, 60, Reason.Paused)], await EntriesAsync("j"));
        Assert.Equal("0 ran, 10-60 Paused, 70 ran, 80 due", await StoryAsync("j"));
        Assert.Equal(LedgerLayer.Definition, new LedgerReader(await LedgerAsync("j")).FateOf(Id("j"), At(40)).Layer);
    }

    [Fact]
    public async Task What_a_trigger_excludes_is_kept_with_the_job()
    {
        var holidays = new Dictionary<string, NamedDates> { ["holidays"] = new("holidays", ["2030-01-02", "12-25"]) };
        await AddAsync("j", new LimitedTrigger(
            new ExcludingTrigger(Every(60), ExclusionCalendar.Parse(["holidays", "22:00-06:00"], holidays)), 5, Start));

        var again = Assert.Single((await (await SecondAsync()).JobsAsync(new() { Id = Id("j") }, None)).Jobs);

        Assert.Equal("every 1 minute from 2030-01-01T00:00:00+00:00 except holidays, 22:00-06:00 times 5 since 2030-01-01T00:00:00+00:00",
            again.Job.Trigger!.ToString());
        Assert.Equal(At(6 * 3600), again.Next);
    }

    [Fact]
    public async Task After_its_number_of_times_a_job_ends()
    {
        await AddAsync("j", new LimitedTrigger(Every(10), 2, Start), Options(maxInstances: null));
        await BeginAsync();
        Assert.Equal([0], FireTimes(await ClaimAsync()));
        MoveTo(10);
        Assert.Equal([10], FireTimes(await ClaimAsync()));
        Assert.Equal((JobEnd.Exhausted, null), ((await JobAsync("j")).Ended!.Value, (await JobAsync("j")).Next));
    }

    [Fact]
    public async Task A_delayed_fire_time_is_claimed_as_itself_and_starts_when_its_jitter_says()
    {
        var job = await AddAsync("j", Delayed(5));
        await BeginAsync();
        var start = Jitter.StartOf(job.Job, Start);
        Assert.InRange(start, At(0.001), At(5));

        var first = await ClaimAsync();
        Assert.Empty(first.Runs);
        Assert.Equal(start, first.NextDue);
        Assert.Equal((At(10), Start), ((await JobAsync("j")).Next, (await JobAsync("j")).LastFireTime));
        var id = new RunId(Start.ToMicros(), job.Number, 0);
        Assert.Equal(RunState.Waiting, (await RunAsync(id)).State);

        Clock.Move(start - Clock.GetUtcNow() - TimeSpan.FromMicroseconds(1));
        Assert.Empty((await ClaimAsync()).Runs);
        Clock.Move(TimeSpan.FromMicroseconds(1));
        var run = Assert.Single((await ClaimAsync()).Runs);
        Assert.Equal((id, Start, start), (run.Id, run.FireTime, run.MisfireGraceFrom));
        await FinishAsync(run);
        Assert.Equal(Outcome.Succeeded, (await RunAsync(id)).Outcome);
        Assert.Empty(await EntriesAsync("j"));
    }

    [Fact]
    public async Task A_delayed_run_that_has_to_wait_behind_its_own_jobs_runs_has_its_grace_when_they_end()
    {
        var job = await AddAsync("j", Delayed(5));
        await BeginAsync();
        await ClaimAsync();
        await EnqueueAsync("j");
        var asked = Assert.Single((await ClaimAsync()).Runs);
        Clock.Move(Jitter.StartOf(job.Job, Start) - Clock.GetUtcNow());
        Assert.Empty((await ClaimAsync()).Runs);
        MoveTo(9);
        await FinishAsync(asked);

        Assert.Equal((Start, At(9)), await ClaimAsync() is { Runs: [var run] } ? (run.FireTime, run.MisfireGraceFrom) : default);
        Assert.Empty(await EntriesAsync("j"));
    }

    [Fact]
    public async Task So_has_one_whose_jitter_is_over_when_it_has_to_wait()
    {
        await AddAsync("j", Delayed(5), Options(grace: 20, coalesce: false));
        await BeginAsync();
        MoveTo(29);
        var first = Assert.Single((await ClaimAsync()).Runs);
        Assert.Equal(At(10), first.FireTime);
        MoveTo(60);
        await FinishAsync(first);

        Assert.Equal((At(20), At(60)), await ClaimAsync() is { Runs: [var run] } ? (run.FireTime, run.MisfireGraceFrom) : default);
    }

    [Fact]
    public async Task The_grace_of_a_delayed_fire_time_counts_from_when_it_is_to_start()
    {
        var job = await AddAsync("j", Delayed(9), Options(grace: 1));
        var start = Jitter.StartOf(job.Job, Start);
        Assert.InRange(start, At(1.5), At(9));
        await BeginAsync();

        Clock.Move(start + TimeSpan.FromSeconds(0.5) - Start);
        Assert.Equal((Start, start), await ClaimAsync() is { Runs: [var run] } ? (run.FireTime, run.MisfireGraceFrom) : default);
        Assert.Empty(await EntriesAsync("j"));
    }

    [Fact]
    public async Task A_delayed_run_that_is_found_beyond_its_grace_is_missed_and_says_why()
    {
        var job = await AddAsync("j", Delayed(5));
        await BeginAsync("a");
        await ClaimAsync();
        MoveTo(8);
        await BeginAsync("b");

        Assert.Empty((await ClaimAsync()).Runs);
        var run = await RunAsync(new(Start.ToMicros(), job.Number, 0));
        Assert.Equal((RunState.Ended, Outcome.Missed, Reason.NoActiveNode, 0), (run.State, run.Outcome, run.Reason, run.Attempt));
    }

    [Fact]
    public async Task A_fire_time_that_is_later_than_its_jitter_starts_at_once()
    {
        var job = await AddAsync("j", Delayed(5), Options(grace: null));
        await BeginAsync();
        MoveTo(9);

        var run = Assert.Single((await ClaimAsync()).Runs);

        Assert.Equal((Start, job.Number), (run.FireTime, run.Id.Job));
    }
}
