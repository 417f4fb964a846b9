using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;
using Escapement.Triggers;
using Xunit;

namespace Escapement.Testing;

/// <summary>Fire times that a trigger excludes, delays or limits: what is handed out, and what is told of the others.</summary>
public abstract class FireTimeContract<TStore> : StoreContract<TStore>
    where TStore : IStoreUnderTest, new()
{
    /// <summary>Each ten seconds, but not from 30 seconds after the start until a minute after it.</summary>
    static ExceptTrigger Pausing() => new ExceptTrigger(Every(10), Exclusions.Parse(["00:00:30-00:01:00"], null));

    static IntervalTrigger Delayed(double seconds) => new IntervalTrigger(TimeSpan.FromSeconds(10), Start, ZoneClock.Utc) { Jitter = TimeSpan.FromSeconds(seconds) };

    [Fact]
    public async Task Excluded_fire_times_are_one_entry_once_the_next_one_is_claimed()
    {
        await AddAsync("j", Pausing(), Options(maxInstances: null));
        await RaiseAsync();
        foreach (var at in (double[])[0, 10, 20])
        {
            MoveTo(at);
            Assert.Equal([at], FireTimes(await ClaimAsync()));
        }

        Assert.Equal(At(60), (await JobAsync("j")).Next);
        Assert.Empty(await EntriesAsync("j"));
        MoveTo(60);
        Assert.Equal([60], FireTimes(await ClaimAsync()));
        Assert.Equal([(30, 50, 3, Reason.ExcludedDate)], await EntriesAsync("j"));
        Assert.True(Reason.ExcludedDate.IsAsked());
    }

    [Fact]
    public async Task A_job_that_is_removed_meanwhile_tells_those_that_have_passed()
    {
        await AddAsync("j", Pausing());
        await RaiseAsync();
        foreach (var at in (double[])[0, 10, 20])
        {
            MoveTo(at);
            await FinishAsync((await ClaimAsync()).Runs[0]);
        }
        MoveTo(45);

        await EditAsync(JobEdits.Remove(Id("j")));

        Assert.Equal([(30, 40, 2, Reason.ExcludedDate)], await EntriesAsync("j"));
    }

    [Fact]
    public async Task Those_before_the_job_existed_are_not_told()
    {
        MoveTo(45);
        await AddAsync("j", Pausing());
        await RaiseAsync();
        MoveTo(60);

        Assert.Equal([60], FireTimes(await ClaimAsync()));
        Assert.Equal([(50, 50, 1, Reason.ExcludedDate)], await EntriesAsync("j"));
    }

    [Fact]
    public async Task One_that_is_given_by_hand_runs_and_is_not_told()
    {
        await AddAsync("j", Pausing());
        await RaiseAsync();
        foreach (var at in (double[])[0, 10, 20])
        {
            MoveTo(at);
            await FinishAsync((await ClaimAsync()).Runs[0]);
        }
        await EditAsync(JobEdits.Change(Id("j"), job => job, next: At(40)));

        MoveTo(40);
        await FinishAsync(Assert.Single((await ClaimAsync()).Runs));
        MoveTo(60);
        await ClaimAsync();
        Assert.Equal(2, (await EntriesAsync("j")).Sum(entry => entry.Count));
    }

    [Fact]
    public async Task Those_that_were_told_by_a_clock_that_was_ahead_are_told_once()
    {
        await AddAsync("j", Pausing());
        await RaiseAsync();
        foreach (var at in (double[])[0, 10, 20, 60])
        {
            MoveTo(at);
            await FinishAsync((await ClaimAsync()).Runs[0]);
        }
        MoveTo(25);
        await EditAsync(JobEdits.ClockWentBack(Id("j"), At(60)));

        MoveTo(60);
        Assert.Empty((await ClaimAsync()).Runs);
        Assert.Equal([(30, 50, 3, Reason.ExcludedDate), (60, 60, 1, Reason.AlreadyRan)], await EntriesAsync("j"));
    }

    [Fact]
    public async Task Those_within_a_pause_are_told_as_excluded_and_the_others_as_paused()
    {
        await AddAsync("j", Pausing());
        await RaiseAsync();
        await FinishAsync((await ClaimAsync()).Runs[0]);
        await EditAsync(JobEdits.Pause(Id("j"), until: At(65)));
        MoveTo(70);

        Assert.Equal([70], FireTimes(await ClaimAsync()));
        Assert.Equal(3, (await EntriesAsync("j")).Where(entry => entry.Reason == Reason.ExcludedDate).Sum(entry => entry.Count));
        Assert.Equal(3, (await EntriesAsync("j")).Where(entry => entry.Reason == Reason.Paused).Sum(entry => entry.Count));
    }

    [Fact]
    public async Task What_a_trigger_excludes_is_kept_with_the_job()
    {
        var holidays = new Dictionary<string, ExcludedDates> { ["holidays"] = new("holidays", ["2030-01-02", "12-25"]) };
        await AddAsync("j", new TimesTrigger(new ExceptTrigger(Every(60), Exclusions.Parse(["holidays", "22:00-06:00"], holidays)), 5, Start));

        var again = (await OpenAsync())?.JobsAsync(Id("j"), ended: true, None) is { } other ? (await other)[0] : await JobAsync("j");

        Assert.Equal("every 1 minute from 2030-01-01T00:00:00+00:00 except holidays, 22:00-06:00 times 5 since 2030-01-01T00:00:00+00:00", again.Job.Trigger!.ToString());
        Assert.Equal(At(6 * 3600), again.Next);
        Assert.Equal(Start, again.Job.Since);
    }

    [Fact]
    public async Task After_its_number_of_times_a_job_ends()
    {
        await AddAsync("j", new TimesTrigger(Every(10), 2, Start), Options(maxInstances: null));
        await RaiseAsync();
        Assert.Equal([0], FireTimes(await ClaimAsync()));
        MoveTo(10);
        Assert.Equal([10], FireTimes(await ClaimAsync()));
        Assert.Equal((JobEnd.Exhausted, null), ((await JobAsync("j")).Ended!.Value, (await JobAsync("j")).Next));
    }

    [Fact]
    public async Task A_delayed_fire_time_is_claimed_as_itself_and_starts_when_its_jitter_says()
    {
        var job = await AddAsync("j", Delayed(5));
        await RaiseAsync();
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
        Assert.Equal((id, Start, start), (run.Id, run.FireTime, run.GraceFrom));
        await FinishAsync(run);
        Assert.Equal(Outcome.Succeeded, (await RunAsync(id)).Outcome);
        Assert.Empty(await EntriesAsync("j"));
    }

    [Fact]
    public async Task A_delayed_run_that_has_to_wait_behind_its_own_jobs_runs_has_its_grace_when_they_end()
    {
        var job = await AddAsync("j", Delayed(5));
        await RaiseAsync();
        await ClaimAsync();
        await AskAsync("j");
        var asked = Assert.Single((await ClaimAsync()).Runs);
        Clock.Move(Jitter.StartOf(job.Job, Start) - Clock.GetUtcNow());
        Assert.Empty((await ClaimAsync()).Runs);
        MoveTo(9);
        await FinishAsync(asked);

        Assert.Equal((Start, At(9)), await ClaimAsync() is { Runs: [var run] } ? (run.FireTime, run.GraceFrom) : default);
        Assert.Empty(await EntriesAsync("j"));
    }

    [Fact]
    public async Task So_has_one_whose_jitter_is_over_when_it_has_to_wait()
    {
        await AddAsync("j", Delayed(5), Options(grace: 20, coalesce: false));
        await RaiseAsync();
        MoveTo(29);
        var first = Assert.Single((await ClaimAsync()).Runs);
        Assert.Equal(At(10), first.FireTime);
        MoveTo(60);
        await FinishAsync(first);

        Assert.Equal((At(20), At(60)), await ClaimAsync() is { Runs: [var run] } ? (run.FireTime, run.GraceFrom) : default);
    }

    [Fact]
    public async Task The_grace_of_a_delayed_fire_time_counts_from_when_it_is_to_start()
    {
        var job = await AddAsync("j", Delayed(9), Options(grace: 1));
        var start = Jitter.StartOf(job.Job, Start);
        Assert.InRange(start, At(1.5), At(9));
        await RaiseAsync();

        Clock.Move(start + TimeSpan.FromSeconds(0.5) - Start);
        Assert.Equal((Start, start), await ClaimAsync() is { Runs: [var run] } ? (run.FireTime, run.GraceFrom) : default);
        Assert.Empty(await EntriesAsync("j"));
    }

    [Fact]
    public async Task A_delayed_run_that_is_found_beyond_its_grace_is_missed_and_says_why()
    {
        var job = await AddAsync("j", Delayed(5));
        await RaiseAsync("a");
        await ClaimAsync();
        MoveTo(8);
        await RaiseAsync("b");

        Assert.Empty((await ClaimAsync()).Runs);
        var run = await RunAsync(new(Start.ToMicros(), job.Number, 0));
        Assert.Equal((RunState.Ended, Outcome.Missed, Reason.NoActiveNode, 0), (run.State, run.Outcome, run.Reason, run.Attempt));
    }

    [Fact]
    public async Task A_fire_time_that_is_later_than_its_jitter_starts_at_once()
    {
        var job = await AddAsync("j", Delayed(5), Options(grace: null));
        await RaiseAsync();
        MoveTo(9);

        var run = Assert.Single((await ClaimAsync()).Runs);

        Assert.Equal((Start, job.Number), (run.FireTime, run.Id.Job));
    }
}
