using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;
using Xunit;

namespace Escapement.Testing;

/// <summary>Law 3: each fire time that was due is one run or in one entry, also when its job, or the clock, was set back.</summary>
public abstract class AccountContract<TStore> : StoreContract<TStore>
    where TStore : IStoreUnderTest, new()
{
    [Fact]
    public async Task A_job_that_is_moved_back_over_what_it_missed_runs_that_in_place_of_its_entry()
    {
        await AddAsync("j", Every(10), Options(grace: 1));
        await RaiseAsync();
        await WorkAsync(0, 35);
        Assert.Equal([(10, 30, 3, Reason.MisfireGraceExceeded)], await EntriesAsync("j"));

        await EditAsync(JobEdits.Change(Id("j"), job => job with { Options = Options(grace: null, coalesce: false) }, next: At(20)));

        Assert.Equal([20, 30], await WorkAsync(35));
        Assert.Equal([(10, 10, 1, Reason.MisfireGraceExceeded)], await EntriesAsync("j"));
        await BalancesAsync();
    }

    [Fact]
    public async Task A_job_that_is_moved_back_into_its_pause_runs_that_in_place_of_its_entry()
    {
        await AddAsync("j", Every(10), Options(grace: null, coalesce: false));
        await RaiseAsync();
        await EditAsync(JobEdits.Pause(Id("j")));
        MoveTo(35);
        await EditAsync(JobEdits.Resume(Id("j")));
        Assert.Equal([(0, 30, 4, Reason.Paused)], await EntriesAsync("j"));

        await EditAsync(JobEdits.Change(Id("j"), job => job, next: At(20)));

        Assert.Equal([20, 30], await WorkAsync(35));
        Assert.Equal([(0, 10, 2, Reason.Paused)], await EntriesAsync("j"));
        await BalancesAsync();
    }

    [Fact]
    public async Task A_pause_that_is_over_and_a_move_back_in_one_change_leave_one_account()
    {
        await AddAsync("j", Every(10), Options(grace: null, coalesce: false));
        await RaiseAsync();
        await EditAsync(JobEdits.Pause(Id("j"), until: At(30)));
        MoveTo(35);

        await EditAsync(JobEdits.Change(Id("j"), job => job, next: At(20)));

        Assert.Equal([20, 30], await WorkAsync(35));
        Assert.Equal([(0, 10, 2, Reason.Paused)], await EntriesAsync("j"));
        await BalancesAsync();
    }

    [Fact]
    public async Task What_was_moved_past_is_due_again_when_the_job_is_moved_back()
    {
        await AddAsync("j", Every(10));
        await RaiseAsync();
        await WorkAsync(0, 5);
        await EditAsync(JobEdits.Change(Id("j"), job => job, next: At(60)));
        Assert.Equal([(10, 50, 5, Reason.Rescheduled)], await EntriesAsync("j"));

        await EditAsync(JobEdits.Change(Id("j"), job => job, next: At(30)));

        Assert.Equal([30, 40], await WorkAsync(30, 40));
        Assert.Equal([(10, 20, 2, Reason.Rescheduled)], await EntriesAsync("j"));
        await BalancesAsync();
    }

    [Fact]
    public async Task What_was_moved_past_and_is_not_due_before_the_job_is_changed_or_removed_was_never_due()
    {
        foreach (var id in (string[])["j", "k", "l"]) await AddAsync(id, Every(10));
        await RaiseAsync();
        await WorkAsync(0, 5);
        foreach (var id in (string[])["j", "k", "l"]) await EditAsync(JobEdits.Change(Id(id), job => job, next: At(100)));
        MoveTo(35);

        await EditAsync(JobEdits.Change(Id("j"), job => job with { Trigger = Every(7) }));
        await EditAsync(JobEdits.Remove(Id("k")));
        await EditAsync(JobEdits.Add(NewJob("l", Every(10)), replaceExisting: true, next: At(100)));

        Assert.Equal([(10, 30, 3, Reason.Rescheduled)], await EntriesAsync("j"));
        Assert.Equal([(10, 30, 3, Reason.Rescheduled)], await EntriesAsync("k"));
        Assert.Equal(9, (await EntriesAsync("l")).Sum(entry => entry.Count));
    }

    [Fact]
    public async Task A_next_fire_time_that_was_given_between_two_others_stays_in_the_account_when_the_job_is_moved_back_behind_it()
    {
        await AddAsync("j", Every(10), Options(grace: 1));
        await RaiseAsync();
        await WorkAsync(0, 5);
        await EditAsync(JobEdits.Change(Id("j"), job => job, next: At(15)));
        await WorkAsync(35);
        Assert.Equal((15, 30, 3, Reason.MisfireGraceExceeded), (await EntriesAsync("j"))[^1]);

        await EditAsync(JobEdits.Change(Id("j"), job => job, next: At(25)));
        Assert.Equal((15, 20, 2, Reason.MisfireGraceExceeded), (await EntriesAsync("j"))[^1]);
        await EditAsync(JobEdits.Change(Id("j"), job => job, next: At(17)));
        Assert.Equal((15, 15, 1, Reason.MisfireGraceExceeded), (await EntriesAsync("j"))[^1]);
    }

    [Fact]
    public async Task A_pause_over_fire_times_that_have_run_tells_them_apart()
    {
        await AddAsync("j", Every(10));
        await RaiseAsync();
        await WorkAsync(0, 10, 20, 30);
        MoveTo(15);
        await EditAsync(JobEdits.ClockWentBack(Id("j"), At(30)));
        await EditAsync(JobEdits.Pause(Id("j")));
        MoveTo(55);

        await EditAsync(JobEdits.Resume(Id("j")));

        Assert.Equal([(20, 30, 2, Reason.AlreadyRan), (40, 50, 2, Reason.Paused)], await EntriesAsync("j"));
        await BalancesAsync();
    }

    [Fact]
    public async Task So_does_a_pause_that_a_claim_ends()
    {
        await AddAsync("j", Every(10));
        await RaiseAsync();
        await WorkAsync(0, 10, 20, 30);
        MoveTo(15);
        await EditAsync(JobEdits.ClockWentBack(Id("j"), At(30)));
        await EditAsync(JobEdits.Pause(Id("j"), until: At(55)));

        Assert.Equal([60], await WorkAsync(57, 60));

        Assert.Equal([(20, 30, 2, Reason.AlreadyRan), (40, 50, 2, Reason.Paused)], await EntriesAsync("j"));
        await BalancesAsync();
    }

    [Fact]
    public async Task So_does_a_change_that_passes_over_them()
    {
        foreach (var id in (string[])["j", "k", "l"]) await AddAsync(id, Every(10), Options(grace: null));
        await RaiseAsync();
        await WorkAsync(0, 10, 30);
        MoveTo(5);
        foreach (var id in (string[])["j", "k", "l"]) await EditAsync(JobEdits.ClockWentBack(Id(id), At(30)));
        MoveTo(25);

        await EditAsync(JobEdits.Change(Id("j"), job => job, next: At(60)));
        await EditAsync(JobEdits.Remove(Id("k")));
        await EditAsync(JobEdits.Change(Id("l"), job => job with { Trigger = Every(7) }));

        Assert.Equal(
            [(10, 10, 1, Reason.AlreadyRan), (20, 20, 1, Reason.Rescheduled), (30, 30, 1, Reason.AlreadyRan), (40, 50, 2, Reason.Rescheduled)],
            await EntriesAsync("j"));
        Assert.Equal([(10, 10, 1, Reason.AlreadyRan), (20, 20, 1, Reason.Removed)], await EntriesAsync("k"));
        Assert.Equal([(10, 10, 1, Reason.AlreadyRan), (20, 20, 1, Reason.Rescheduled)], await EntriesAsync("l"));
        await BalancesAsync();
    }

    [Fact]
    public async Task A_job_that_was_paused_while_the_clock_was_ahead_goes_on_from_the_right_time()
    {
        await AddAsync("j", Every(10), Options(grace: 1));
        await RaiseAsync();
        await WorkAsync(0, 1005);
        await EditAsync(JobEdits.Pause(Id("j")));
        MoveTo(25);
        await EditAsync(JobEdits.ClockWentBack(Id("j"), At(1005)));
        Assert.Equal((At(30), At(25)), ((await JobAsync("j")).Next, (await JobAsync("j")).Paused!.At));
        MoveTo(45);

        await EditAsync(JobEdits.Resume(Id("j")));

        Assert.Equal([50], await WorkAsync(50));
        Assert.Equal([(10, 20, 2, Reason.MisfireGraceExceeded), (30, 40, 2, Reason.Paused)], await EntriesAsync("j"));
        await BalancesAsync();
    }

    [Fact]
    public async Task A_job_whose_trigger_had_ended_by_a_clock_that_was_ahead_goes_on()
    {
        await AddAsync("j", Every(10, end: At(60)), Options(grace: 1));
        await AddAsync("once", Once(At(50)), Options(grace: 1));
        await RaiseAsync();
        await WorkAsync(0, 60, 1005);
        Assert.Equal((JobEnd.Exhausted, JobEnd.Exhausted), ((await JobAsync("j")).Ended!.Value, (await JobAsync("once")).Ended!.Value));
        MoveTo(25);

        foreach (var id in (string[])["j", "once"]) await EditAsync(JobEdits.ClockWentBack(Id(id), At(1005)));

        Assert.Equal([30, 40, 50, 50], await WorkAsync(30, 40, 50, 60));
        Assert.Equal(JobEnd.Exhausted, (await JobAsync("j")).Ended);
        Assert.Equal([(10, 20, 2, Reason.Coalesced), (60, 60, 1, Reason.AlreadyRan)], await EntriesAsync("j"));
        Assert.Empty(await EntriesAsync("once"));
        await BalancesAsync();
    }

    [Fact]
    public async Task One_that_had_ended_before_or_for_another_cause_stays_ended()
    {
        foreach (var id in (string[])["j", "k"]) await AddAsync(id, Every(10, end: At(20)));
        await RaiseAsync();
        await WorkAsync(0, 10);
        await EditAsync(JobEdits.Remove(Id("k")));
        await WorkAsync(20, 1005);
        MoveTo(25);
        await EditAsync(JobEdits.ClockWentBack(Id("j"), At(1005)));
        MoveTo(15);
        await EditAsync(JobEdits.ClockWentBack(Id("k"), At(1005)));

        Assert.Equal((JobEnd.Exhausted, JobEnd.Removed), ((await JobAsync("j")).Ended!.Value, (await JobAsync("k")).Ended!.Value));
    }

    /// <summary>Claims at each of these instants all that is due, and lets it end.</summary>
    /// <returns>The fire times that ran, in seconds after the start.</returns>
    protected async Task<List<double>> WorkAsync(params double[] instants)
    {
        List<double> ran = [];
        foreach (var instant in instants)
        {
            MoveTo(instant);
            for (var due = (DateTimeOffset?)Clock.GetUtcNow(); due <= Clock.GetUtcNow();)
            {
                var claimed = await ClaimAsync();
                ran.AddRange(FireTimes(claimed));
                foreach (var run in claimed.Runs) await FinishAsync(run);
                due = claimed.Runs.Count > 0 ? Clock.GetUtcNow() : claimed.NextDue;
            }
        }
        return ran;
    }

    /// <summary>Each fire time up to the job's next one is one run or in one entry, and is only said to have run already where it has.</summary>
    protected async Task BalancesAsync(string id = "j")
    {
        var job = await JobAsync(id);
        var entries = await Store.EntriesAsync(Id(id), DateTimeOffset.MinValue, None);
        for (var at = Start; at < (job.Next ?? DateTimeOffset.MaxValue); at = job.Job.Trigger!.Next(at.AddTicks(10)) ?? DateTimeOffset.MaxValue)
        {
            var runs = (await Store.RunsAsync(new(Id: new(at.ToMicros(), job.Number, 0)), None)).Count;
            var its = entries.Where(entry => entry.First <= at && at <= entry.Last).ToLookup(entry => entry.Reason == Reason.AlreadyRan);
            Assert.True(runs + its[false].Count() == 1, $"{(at - Start).TotalSeconds} is {runs} runs and in {string.Join(", ", its[false])}");
            Assert.True(its[true].Count() <= runs, $"{(at - Start).TotalSeconds} is said to have run");
        }
    }
}
