using Escapement.Ledger;
using Escapement.Rules;
using Xunit;

namespace Escapement.Testing.Stores;

/// <summary>
/// Tests of law 1: a fire time of a job is claimed at most once,
/// regardless of changes to the job, the clock or the history.
/// </summary>
public abstract class OnceContract<TStore> : StoreContract<TStore>
    where TStore : IStoreUnderTest, new()
{
    [Fact]
    public async Task A_job_that_is_removed_and_added_again_does_not_run_a_fire_time_twice()
    {
        var added = await AddAsync("j", Every(60));
        await BeginAsync();
        await FinishAsync((await ClaimAsync()).Runs[0]);
        await EditAsync(JobEdits.Remove(Id("j")));

        var again = await AddAsync("j", Every(60)); // the first fire time of the new job equals the claimed fire time

        Assert.Equal((added.Number, Start), (again.Number, again.Next));
        Assert.Empty((await ClaimAsync()).Runs);
        Assert.Empty(await EntriesAsync("j"));
        MoveTo(60);
        Assert.Equal([60], FireTimes(await ClaimAsync()));
        Assert.Equal("0 ran, 60 running, 120 due", await StoryAsync("j"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_waiting_run_that_is_claimed_before_a_fire_time_of_its_job_does_not_set_the_job_back(bool coalesce)
    {
        await AddAsync("j", Every(10), Options(grace: null, coalesce: coalesce, maxInstances: 5));
        await BeginAsync();
        await WorkAsync(0, 10, 20, 30);
        MoveTo(35);
        await EnqueueAsync("j");
        MoveTo(40);
        var before = await JobAsync("j");

        Assert.Equal([35, 40], FireTimes(await ClaimAsync()));

        var after = await JobAsync("j");
        Assert.Equal(At(50), after.Next);
        Assert.True(after.State.Change > before.State.Change);
        Assert.Empty(await EntriesAsync("j"));
    }

    [Fact]
    public async Task A_fire_time_that_was_trimmed_does_not_run_again_in_another_process()
    {
        await AddAsync("j", Every(10), Options(grace: null, coalesce: false, maxInstances: 100));
        await BeginAsync();
        await WorkAsync(0, 10, 20, 30);

        // The job is moved back by the process that takes over.
        // This process remembers the state of the job before the trim.
        var second = await SecondAsync();
        await second.ChangeAsync(new() { Jobs = [JobEdits.Change(Id("j"), job => job, At(0))] }, None);
        while (await Store.TrimAsync(At(25), None)) { }

        var begun = await second.ChangeEpochsAsync(Beginning("b", (await LookAsync()).Newest, EpochEnd.ProcessGone), None);

        Assert.Empty((await second.ClaimAsync(Request() with { Node = "b", Epoch = begun.Begun!.Number }, None)).Runs);
    }

    [Fact]
    public async Task A_date_that_has_run_does_not_run_again_when_it_is_added_again()
    {
        await AddAsync("j", Once(At(10)), Options(grace: null));
        await BeginAsync();
        MoveTo(10);
        await FinishAsync((await ClaimAsync()).Runs[0]);
        MoveTo(20);

        await AddAsync("j", Once(At(10)), Options(grace: null));

        Assert.Empty((await ClaimAsync()).Runs);
        Assert.Empty(await EntriesAsync("j"));
        Assert.Equal("10 ran", await StoryAsync("j"));
    }

    [Fact]
    public async Task A_job_that_is_moved_back_runs_only_what_has_not_run()
    {
        await AddAsync("j", Every(10), Options(grace: 1, coalesce: false));
        await BeginAsync();
        await FinishAsync((await ClaimAsync()).Runs[0]);
        MoveTo(15); // the fire time at 10 is missed
        await ClaimAsync();
        MoveTo(20);
        await FinishAsync((await ClaimAsync()).Runs[0]);

        await EditAsync(JobEdits.Change(Id("j"), job => job with { Options = Options(grace: null, coalesce: false) }, next: Start));

        Assert.Equal([10], await WorkAsync(20));
        Assert.Equal([(10, 10, Reason.MisfireGraceExceeded)], await EntriesAsync("j"));
        Assert.Equal("0-20 ran, 30 due", await StoryAsync("j"));
        Assert.Equal(At(20), (await JobAsync("j")).LastFireTime);
    }

    [Fact]
    public async Task A_fire_time_that_still_waits_counts_as_run()
    {
        await AddAsync("j", Every(10), Options(grace: null, coalesce: false));
        await BeginAsync();
        MoveTo(15);
        var running = Assert.Single((await ClaimAsync()).Runs); // the run of fire time 10 waits behind this run
        await MoveJobAsync("j", Start);
        await FinishAsync(running);

        Assert.Equal([10], FireTimes(await ClaimAsync()));
        Assert.Empty(await EntriesAsync("j"));
        Assert.Equal("0 ran, 10 running, 20 due", await StoryAsync("j"));
    }

    [Fact]
    public async Task A_clock_that_goes_back_runs_nothing_twice()
    {
        await AddAsync("j", Every(10));
        await BeginAsync();
        MoveTo(30);
        await FinishAsync((await ClaimAsync()).Runs[0]);
        MoveTo(30 - 5);

        await MoveJobAsync("j", At(30));
        Assert.Empty((await ClaimAsync()).Runs);
        MoveTo(30);

        Assert.Empty((await ClaimAsync()).Runs);
        Assert.Equal("0-20 Coalesced, 30 ran, 40 due", await StoryAsync("j"));
    }

    [Fact]
    public async Task A_run_that_was_trimmed_has_run_all_the_same()
    {
        await AddAsync("j", Every(10), Options(grace: null, coalesce: false));
        await BeginAsync();
        await FinishAsync((await ClaimAsync()).Runs[0]);
        MoveTo(5);
        Assert.False(await Store.TrimAsync(At(5), None));

        await MoveJobAsync("j", Start);

        Assert.Empty((await ClaimAsync()).Runs);
    }

    [Fact]
    public async Task Two_jobs_with_the_same_fire_time_both_run()
    {
        await AddAsync("j", Every(60));
        await AddAsync("k", Every(60));
        await BeginAsync();

        Assert.Equal([0, 0], FireTimes(await ClaimAsync()));
    }
}
