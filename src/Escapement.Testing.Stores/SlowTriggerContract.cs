using Escapement.Rules;
using Escapement.Triggers;
using Xunit;

namespace Escapement.Testing.Stores;

/// <summary>
/// Tests of slow triggers. A slow trigger holds no transaction: the claim skips its job, the trigger is evaluated
/// outside the transaction, and a later claim takes the job.
/// </summary>
public abstract class SlowTriggerContract<TStore> : StoreContract<TStore>
    where TStore : IStoreUnderTest, new()
{
    [Fact]
    public async Task A_job_whose_trigger_takes_long_is_passed_over_until_it_is_prepared()
    {
        await AddAsync("quick", Every(10));
        await AddAsync("slow", Slow());
        await BeginAsync();
        var before = await JobAsync("slow");

        var claimed = await ClaimAsync();

        Assert.Equal("quick", Assert.Single(claimed.Runs).Job.Id.Value);
        Assert.Empty(claimed.SetAside);
        Assert.Equal(At(10), claimed.NextDue);
        Assert.Equal(before, await JobAsync("slow") with { Job = before.Job });

        MoveTo(7);
        Assert.Single(claimed.Slow).Prepare();
        claimed = await ClaimAsync();

        // The search takes longer than the grace, and its duration does not count towards the grace.
        Assert.Equal(("slow", Start), Assert.Single(claimed.Runs) is var run ? (run.Job.Id.Value, run.FireTime) : default);
        Assert.Equal(Clock.GetUtcNow(), run.MisfireGraceFrom);
        Assert.Empty(claimed.Slow);
        Assert.Equal(At(10), claimed.NextDue);
    }

    [Fact]
    public async Task A_job_is_answered_by_each_claim_until_somebody_says_that_it_will_be_prepared()
    {
        await AddAsync("slow", Slow());
        await BeginAsync();
        var lost = await ClaimAsync();
        var second = Assert.Single((await ClaimAsync()).Slow);
        Assert.Single(lost.Slow);

        second.Reserve();

        Assert.Equal((0, 0, null), await ClaimAsync() is var claimed ? (claimed.Runs.Count, claimed.Slow.Count, claimed.NextDue) : default);
        second.Prepare();
        Assert.Equal([0], FireTimes(await ClaimAsync()));
    }

    [Fact]
    public async Task An_epoch_that_begins_does_not_wait_for_what_the_one_before_was_to_prepare()
    {
        await AddAsync("slow", Slow());
        await BeginAsync();
        Assert.Single((await ClaimAsync()).Slow).Reserve();

        await BeginAsync("b");

        Assert.Single((await ClaimAsync()).Slow).Prepare();
        Assert.Equal([0], FireTimes(await ClaimAsync()));
    }

    [Fact]
    public async Task Answers_hold_for_what_was_due_when_they_were_asked_for()
    {
        await AddAsync("slow", Slow(), Options(grace: null, coalesce: false, maxInstances: null));
        await BeginAsync();
        MoveTo(15);
        var slow = Assert.Single((await ClaimAsync()).Slow);
        MoveTo(45);
        slow.Prepare();

        var claimed = await ClaimAsync();

        Assert.Equal([0], FireTimes(claimed));
        Assert.InRange(claimed.NextDue!.Value, DateTimeOffset.MinValue, At(45));
        Assert.Equal([10, 20, 30, 40], (await WorkSlowAsync(45)).Order());
    }

    [Fact]
    public async Task Answers_for_a_definition_that_was_changed_are_not_used()
    {
        await AddAsync("slow", Slow());
        await BeginAsync();
        var slow = Assert.Single((await ClaimAsync()).Slow);
        MoveTo(5);
        await EditAsync(JobEdits.Change(Id("slow"), job => job with { Trigger = Every(7) }));
        slow.Prepare();

        Assert.Equal([7], await WorkAsync(7));
        Assert.Equal(At(14), (await JobAsync("slow")).Next);
    }

    [Fact]
    public async Task A_waiting_run_of_a_job_that_is_being_prepared_starts()
    {
        await AddAsync("slow", Slow(), Options(maxInstances: null));
        await BeginAsync();
        Assert.Single((await ClaimAsync()).Slow).Reserve();
        var asked = await EnqueueAsync("slow");

        Assert.Equal(asked.Run, Assert.Single((await ClaimAsync()).Runs).Id);
    }

    [Theory]
    [InlineData(null, true, 1)]
    [InlineData(null, false, null)]
    [InlineData(15.0, true, 1)]
    [InlineData(15.0, false, 2)]
    [InlineData(1.0, true, 1)]
    public async Task A_slow_trigger_decides_as_a_quick_one(double? grace, bool coalesce, int? maxInstances)
    {
        var options = Options(grace, coalesce, maxInstances);
        await AddAsync("quick", Every(10), options);
        await AddAsync("slow", Slow(), options);
        await BeginAsync();
        await WorkSlowAsync(0, 12, 20, 60);
        foreach (var job in new[] { "quick", "slow" }) await EditAsync(JobEdits.Pause(Id(job), At(95)));
        await WorkSlowAsync(70, 100, 110);
        foreach (var job in new[] { "quick", "slow" }) await MoveJobAsync(job, At(30));
        await WorkSlowAsync(115, 130, 135);

        Assert.Equal(await StoryAsync("quick"), await StoryAsync("slow"));
        Assert.Equal(await EntriesAsync("quick"), await EntriesAsync("slow"));
        Assert.Equal((await RunsAsync(new() { Job = Id("quick") })).Select(run => (run.FireTime, run.Outcome)),
            (await RunsAsync(new() { Job = Id("slow") })).Select(run => (run.FireTime, run.Outcome)));
    }

    /// <summary>
    /// Returns a trigger that fires every ten seconds where two sets of 40 intervals meet.
    /// Each search queries thousands of parts.
    /// </summary>
    static AndTrigger Slow()
    {
        OrTrigger Set(double seconds) => new([.. Enumerable.Repeat(Every(seconds), 40)], ZoneClock.Utc);
        return new([Set(0.016), Set(0.625)], ZoneClock.Utc);
    }

    /// <summary>Works like a node: slow triggers are prepared before their jobs are claimed.</summary>
    async Task<List<double>> WorkSlowAsync(params double[] instants)
    {
        List<double> ran = [];
        foreach (var instant in instants)
        {
            MoveTo(instant);
            while (await ClaimAsync() is var claimed)
            {
                ran.AddRange(FireTimes(claimed));
                foreach (var run in claimed.Runs) await FinishAsync(run);
                foreach (var slow in claimed.Slow) slow.Prepare();
                if (claimed.Runs.Count == 0 && claimed.Slow.Count == 0 && !(claimed.NextDue <= Clock.GetUtcNow())) break;
            }
        }

        return ran;
    }
}
