using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Triggers;
using Xunit;

namespace Escapement.Testing.Stores;

/// <summary>
/// Tests of due work: the order and size of a claim, and the time at which the next claim is worthwhile.
/// </summary>
public abstract class DueContract<TStore> : StoreContract<TStore>
    where TStore : IStoreUnderTest, new()
{
    [Fact]
    public async Task A_smaller_priority_starts_first_where_more_is_due_than_there_are_places()
    {
        await AddAsync("low", Once(At(1)), Options(grace: null, priority: 5));
        await AddAsync("normal", Once(At(2)), Options(grace: null));
        await AddAsync("high", Once(At(3)), Options(grace: null, priority: -5));
        await AddAsync("asked", null, Options(priority: -5));
        await EnqueueAsync("asked", At(4));
        await BeginAsync();
        MoveTo(5);

        Assert.Equal([3, 4], FireTimes(await ClaimAsync(places: 2)));
        Assert.Equal([2], FireTimes(await ClaimAsync(places: 1)));
        Assert.Equal([1], FireTimes(await ClaimAsync(places: 1)));
    }

    [Fact]
    public async Task A_priority_holds_among_what_is_due_only()
    {
        await AddAsync("low", Once(At(1)), Options(grace: null, priority: 5));
        await AddAsync("high", Once(At(3)), Options(grace: null, priority: -5));
        await BeginAsync();
        MoveTo(2);

        Assert.Equal([1], FireTimes(await ClaimAsync()));
    }

    [Fact]
    public async Task A_job_that_is_given_another_priority_is_claimed_by_it()
    {
        await AddAsync("a", Once(At(1)), Options(grace: null));
        await AddAsync("b", null);
        await EnqueueAsync("b", At(2));
        await AddAsync("c", Once(At(3)), Options(grace: null));
        await BeginAsync();
        await ClaimAsync();
        await EditAsync(JobEdits.Change(Id("b"), job => job with { Options = Options(priority: -1) }));
        await EditAsync(JobEdits.Change(Id("a"), job => job with { Options = Options(grace: null, priority: 1) }));
        MoveTo(5);

        Assert.Equal(["b", "c", "a"], (await ClaimAsync()).Runs.Select(run => run.Job.Id.Value));
    }

    [Fact]
    public async Task What_is_due_at_one_instant_is_claimed_in_the_order_of_the_jobs_and_a_fire_time_before_waiting_runs()
    {
        foreach (var id in (string[])["c", "a", "b"]) await AddAsync(id, Once(At(5)), Options(grace: null, maxInstances: null));
        foreach (var id in (string[])["b", "c", "a", "c"]) await EnqueueAsync(id, At(5));
        await BeginAsync();
        MoveTo(5);

        List<(string Job, bool Enqueued)> order = [];
        while (await ClaimAsync(places: 1) is { Runs: [var run] }) order.Add((run.Job.Id.Value, run.Id.Number > 0));

        Assert.Equal([("c", false), ("c", true), ("c", true), ("a", false), ("a", true), ("b", false), ("b", true)], order);
    }

    [Fact]
    public async Task Waiting_runs_of_one_job_that_are_due_at_one_instant_start_in_the_order_in_which_they_were_enqueued()
    {
        await AddAsync("j", null, Options(maxInstances: 1));
        List<RunId> asked = [];
        for (var i = 0; i < 5; i++) asked.Add((await EnqueueAsync("j", At(1))).Run);
        await BeginAsync();
        MoveTo(2);

        List<RunId> started = [];
        while (await ClaimAsync() is { Runs: [var run] })
        {
            started.Add(run.Id);
            await FinishAsync(run);
        }

        Assert.Equal(asked, started);
    }

    [Fact]
    public async Task A_claim_decides_a_bounded_number_of_jobs_that_yield_no_run()
    {
        const int jobs = ClaimPlan.MaxItems + 10;
        await Store.ChangeAsync(new() { Jobs = [.. Enumerable.Range(0, jobs).Select(i => JobEdits.Add(NewJob($"j{i:d4}", Once(At(1)))))] },
            None);
        await BeginAsync();
        MoveTo(60);

        var (before, claims) = (0, 0);
        for (var due = (DateTimeOffset?)Clock.GetUtcNow(); due <= Clock.GetUtcNow(); claims++)
        {
            var claimed = await ClaimAsync();
            var decided = (await LedgerAsync()).Entries.Count;
            Assert.Empty(claimed.Runs);
            Assert.InRange(decided - before, 1, ClaimPlan.MaxItems);
            (before, due) = (decided, claimed.NextDue);
        }

        Assert.Equal(jobs, before);
        Assert.True(claims >= 2);
    }

    [Fact]
    public async Task What_a_claim_makes_due_is_left_to_the_next()
    {
        await AddAsync("j", Every(10), Options(grace: null, coalesce: false, maxInstances: null));
        await BeginAsync();
        MoveTo(25);

        var first = await ClaimAsync();
        var second = await ClaimAsync();

        Assert.Equal([0], FireTimes(first));
        Assert.True(first.NextDue <= Clock.GetUtcNow());
        Assert.Equal([10, 20], FireTimes(second));
        Assert.Equal(At(30), second.NextDue);
    }

    [Fact]
    public async Task A_claim_looks_at_a_bounded_number_of_fire_times_of_one_job_and_the_rest_stays_due()
    {
        await AddAsync("j", Every(1), Options(grace: null, coalesce: false));
        await BeginAsync();
        MoveTo(2 * ClaimPlan.MaxTimes);

        var claimed = await ClaimAsync();

        Assert.Equal([0], FireTimes(claimed));
        Assert.True(claimed.NextDue <= Clock.GetUtcNow());
        Assert.InRange((await JobAsync("j")).Next!.Value, At(2), At(ClaimPlan.MaxTimes + 1));
    }

    [Fact]
    public async Task Fire_times_within_their_grace_start_with_the_first_of_them()
    {
        await AddAsync("j", Every(10), Options(grace: 15, coalesce: false));
        await BeginAsync();
        MoveTo(37);

        Assert.Equal([30], FireTimes(await ClaimAsync()));
        Assert.Equal([(0, 20, Reason.MisfireGraceExceeded)], await EntriesAsync("j"));
    }

    [Fact]
    public async Task The_end_of_a_pause_and_the_fire_times_after_it_are_decided_in_one_claim()
    {
        await AddAsync("j", Every(10), Options(grace: 5, coalesce: false));
        await BeginAsync();
        await EditAsync(JobEdits.Pause(Id("j"), until: At(20)));
        MoveTo(41);

        Assert.Equal([40], FireTimes(await ClaimAsync()));
        Assert.Equal([(0, 10, Reason.Paused), (20, 30, Reason.MisfireGraceExceeded)], await EntriesAsync("j"));
        Assert.Equal("0-10 Paused, 20-30 MisfireGraceExceeded, 40 running, 50 due", await StoryAsync("j"));
    }

    [Fact]
    public async Task Nothing_is_due_next_for_an_executor_without_free_places()
    {
        await AddAsync("j", Every(60));
        await AddAsync("paused", Every(10));
        await EditAsync(JobEdits.Pause(Id("paused"), until: At(15)));
        await AddAsync("slow", Once(At(40)), Options(executor: "slow"));
        await BeginAsync();

        Assert.Null((await ClaimAsync(places: 0)).NextDue);
        Assert.Null((await ClaimAsync(places: 1)).NextDue);
        var both = new Dictionary<string, int> { [JobOptions.Default] = 0, ["slow"] = 1 };
        Assert.Equal(At(40), (await Store.ClaimAsync(Request() with { FreePlaces = both }, None)).NextDue);
    }

    [Fact]
    public async Task The_end_of_a_pause_of_the_scheduler_is_due_next_only_where_a_place_is_free()
    {
        await AddAsync("j", Every(60));
        await BeginAsync();
        await ChangeStateAsync(SchedulerEdits.Pause(At(12)));

        Assert.Equal(At(12), (await ClaimAsync(places: 1)).NextDue);
        Assert.Null((await ClaimAsync(places: 0)).NextDue);
        Assert.Null((await ClaimAsync(fireTimes: false)).NextDue);
    }

    [Fact]
    public async Task A_fire_time_is_shown_in_the_zone_of_its_trigger()
    {
        var eight = TimeSpan.FromHours(8);
        await AddAsync("j", new CronTrigger(CronDefinition.FromExpression("0 * * * *"), ZoneClock.Get("Asia/Shanghai")),
            Options(maxInstances: null));
        var asked = await EnqueueAsync("j");
        await BeginAsync();

        var runs = (await ClaimAsync()).Runs;
        Assert.Equal([eight, TimeSpan.Zero], runs.Select(run => run.FireTime.Offset));
        Assert.Equal((eight, TimeSpan.Zero), ((await RunAsync(runs[0].Id)).FireTime.Offset, (await RunAsync(asked.Run)).FireTime.Offset));
        foreach (var run in runs) await FinishAsync(run);

        Assert.Equal((eight, TimeSpan.Zero), ((await RunAsync(runs[0].Id)).FireTime.Offset, (await RunAsync(asked.Run)).FireTime.Offset));
        Assert.Equal([eight, TimeSpan.Zero], (await RunsAsync(new())).Select(run => run.FireTime.Offset).OrderDescending());
        Assert.Equal([eight, TimeSpan.Zero], (await LedgerAsync("j")).Runs.Select(run => run.FireTime.Offset).OrderDescending());
    }

    [Fact]
    public async Task A_claim_whose_number_is_not_above_the_last_one_writes_nothing()
    {
        await AddAsync("j", Every(10), Options(maxInstances: null));
        await BeginAsync();
        Assert.Equal([0], FireTimes(await Store.ClaimAsync(Request() with { Number = 2 }, None)));
        MoveTo(10);

        foreach (var number in (long[])[1, 2])
        {
            var refused = await Store.ClaimAsync(Request() with { Number = number }, None);
            Assert.True(refused.Fenced);
            Assert.Empty(refused.Runs);
        }

        Assert.Equal((At(10), 2), ((await JobAsync("j")).Next, (await LookAsync()).Newest!.Claims));
        Assert.Equal([10], FireTimes(await Store.ClaimAsync(Request() with { Number = 3 }, None)));
    }

    [Fact]
    public async Task Runs_whose_answer_did_not_arrive_are_handed_out_again()
    {
        await AddAsync("j", Every(10), Options(maxInstances: null));
        await AddAsync("k", null);
        await EnqueueAsync(new() { Job = Id("k"), Arguments = new("[7]", "{}") });
        await BeginAsync();
        var lost = (await Store.ClaimAsync(Request() with { Number = 1 }, None)).Runs;
        MoveTo(10);

        var again = (await Store.ClaimAsync(Request() with { Number = 2, Unanswered = 1 }, None)).Runs;

        Assert.Equal(lost.Select(Compared), again.Take(lost.Count).Select(Compared));
        Assert.Equal([10], again.Skip(lost.Count).Select(run => Seconds(run.FireTime)));
        Assert.Equal((2, 1), ((await JobAsync("j")).Running, (await JobAsync("k")).Running));

        static (RunId, DateTimeOffset, JobArguments, int, long, DateTimeOffset?) Compared(ClaimedRun run) =>
            (run.Id, run.FireTime, run.Arguments, run.Attempt, run.Token, run.MisfireGraceFrom);
    }
}
