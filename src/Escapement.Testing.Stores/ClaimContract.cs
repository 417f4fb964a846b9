using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Triggers;
using Xunit;

namespace Escapement.Testing.Stores;

/// <summary>Tests of a claim: the runs and nodes it assigns, and the rows it writes.</summary>
public abstract class ClaimContract<TStore> : StoreContract<TStore>
    where TStore : IStoreUnderTest, new()
{
    [Fact]
    public async Task A_due_fire_time_is_handed_out_with_its_definition()
    {
        var job = await AddAsync("j", Every(60));
        await BeginAsync();

        var run = Assert.Single((await ClaimAsync()).Runs);

        Assert.Equal(new RunId(Start.ToMicros(), job.Number, 0), run.Id);
        Assert.Equal(Start, run.FireTime);
        Assert.Equal(Start, run.MisfireGraceFrom);
        Assert.Equal(1, run.Attempt);
        Assert.Equal(Handler, run.Job.Handler);
        Assert.Equal(Id("j"), run.Job.Id);
        Assert.Equal(job.Job.Options, run.Job.Options);
        Assert.Equal(new("[1]", """{"to":"you"}"""), run.Arguments);
    }

    [Fact]
    public async Task A_claim_moves_the_watermark_and_counts_the_run()
    {
        await AddAsync("j", Every(60));
        await BeginAsync();

        await ClaimAsync();

        var job = await JobAsync("j");
        Assert.Equal((At(60), Start, 1), (job.Next, job.LastFireTime, job.Running));
    }

    [Fact]
    public async Task A_fire_time_is_handed_out_once()
    {
        await AddAsync("j", Every(60), Options(maxInstances: null));
        await BeginAsync();

        Assert.Equal([0], FireTimes(await ClaimAsync()));
        Assert.Empty((await ClaimAsync()).Runs);
        MoveTo(60);
        Assert.Equal([60], FireTimes(await ClaimAsync()));
    }

    [Fact]
    public async Task A_fire_time_in_the_future_is_not_handed_out()
    {
        await AddAsync("j", Once(At(0.000002)));
        await BeginAsync();

        Clock.Move(TimeSpan.FromTicks(19)); // 0.1 µs early, so a rounded clock would reach the fire time
        Assert.Empty((await ClaimAsync()).Runs);
        Clock.Move(TimeSpan.FromTicks(1));
        Assert.Single((await ClaimAsync()).Runs);
    }

    [Fact]
    public async Task Every_kind_of_trigger_fires()
    {
        await AddAsync("interval", Every(1800), Options(maxInstances: null));
        await AddAsync("date", Once(At(3600)));
        await AddAsync("cron", new CronTrigger(CronDefinition.FromExpression("0 * * * *"), ZoneClock.Get("Europe/Berlin")),
            Options(maxInstances: null));
        await BeginAsync();
        Assert.Equal(["cron", "interval"], (await ClaimAsync()).Runs.Select(run => run.Job.Id.Value).Order());
        MoveTo(3600);

        Assert.Equal(["cron", "date", "interval"], (await ClaimAsync()).Runs.Select(run => run.Job.Id.Value).Order());

        Assert.Equal((At(7200), At(5400)), ((await JobAsync("cron")).Next, (await JobAsync("interval")).Next));
        Assert.Equal(JobEnd.Exhausted, (await JobAsync("date")).Ended);
    }

    [Fact]
    public async Task Tokens_grow_by_one_for_each_run_over_all_epochs()
    {
        await AddAsync("j", Every(60), Options(maxInstances: null));
        await AddAsync("k", Every(60), Options(maxInstances: null));
        await BeginAsync("a");
        var first = await ClaimAsync();
        MoveTo(60);
        await BeginAsync("b");
        var second = await ClaimAsync();

        var tokens = first.Runs.Concat(second.Runs).Select(run => run.Token).ToList();
        Assert.Equal([tokens[0], tokens[0] + 1, tokens[0] + 2, tokens[0] + 3], tokens);
    }

    [Fact]
    public async Task The_oldest_are_handed_out_first_up_to_the_free_places()
    {
        await AddAsync("late", Once(At(3)), Options(grace: null));
        await AddAsync("early", Once(At(1)), Options(grace: null));
        await AddAsync("middle", Once(At(2)), Options(grace: null));
        await BeginAsync();
        MoveTo(5);

        Assert.Equal([1, 2], FireTimes(await ClaimAsync(places: 2)));
        Assert.Equal([3], FireTimes(await ClaimAsync(places: 2)));
    }

    [Fact]
    public async Task Without_free_places_nothing_is_handed_out_and_everything_stays_due()
    {
        await AddAsync("j", Every(60));
        await BeginAsync();

        Assert.Empty((await ClaimAsync(places: 0)).Runs);
        Assert.Equal(Start, (await JobAsync("j")).Next);
    }

    [Fact]
    public async Task Each_executor_has_its_own_places()
    {
        await AddAsync("a1", Once(At(1)), Options(grace: null));
        await AddAsync("a2", Once(At(2)), Options(grace: null));
        await AddAsync("b1", Once(At(3)), Options(grace: null, executor: "slow"));
        await AddAsync("c1", Once(At(4)), Options(grace: null, executor: "unknown"));
        await BeginAsync();
        MoveTo(5);

        var claimed = await Store.ClaimAsync(Request() with { FreePlaces = new Dictionary<string, int> { ["default"] = 1, ["slow"] = 5 } },
            None);

        Assert.Equal(["a1", "b1"], claimed.Runs.Select(run => run.Job.Id.Value));
    }

    [Fact]
    public async Task At_most_500_runs_are_handed_out_at_once_and_the_answer_says_that_more_are_due()
    {
        await Store.ChangeAsync(new() { Jobs = [.. Enumerable.Range(0, 510).Select(i => JobEdits.Add(NewJob($"j{i:d3}", Every(60))))] },
            None);
        await BeginAsync();

        var first = await ClaimAsync(places: 1000);
        var second = await ClaimAsync(places: 1000);

        Assert.Equal((500, 10), (first.Runs.Count, second.Runs.Count));
        Assert.True(first.NextDue <= Clock.GetUtcNow());
        Assert.Equal(At(60), second.NextDue);
    }

    [Fact]
    public async Task Jobs_of_handlers_that_the_node_does_not_know_are_passed_over()
    {
        await AddAsync("foreign", Once(At(1)), Options(grace: null), handler: "foreign");
        await AddAsync("j", Once(At(2)), Options(grace: null));
        await AddAsync("idle", null, Options(maxInstances: null), handler: "foreign");
        await EnqueueAsync("idle", At(0));
        await BeginAsync();
        MoveTo(3);

        var claimed = await ClaimAsync();

        Assert.Equal([2], FireTimes(claimed));
        Assert.Null(claimed.NextDue);
        Assert.Equal(At(1), (await JobAsync("foreign")).Next);
        var knowing = await Store.ClaimAsync(Request() with { Handlers = new HashSet<string> { "foreign" } }, None);
        Assert.Equal([0, 1], FireTimes(knowing));
    }

    [Fact]
    public async Task The_answer_says_when_something_is_due_next()
    {
        await AddAsync("j", Every(60));
        await AddAsync("k", Once(At(30)));
        await AddAsync("paused", Once(At(10)));
        await EditAsync(JobEdits.Pause(Id("paused")));
        await AddAsync("idle", null);
        await BeginAsync();

        Assert.Equal(At(30), (await ClaimAsync()).NextDue);
        await EnqueueAsync("idle", At(20));
        Assert.Equal(At(20), (await ClaimAsync()).NextDue);
        await EditAsync(JobEdits.Pause(Id("paused"), until: At(15)));
        Assert.Equal(At(15), (await ClaimAsync()).NextDue);
        Assert.Equal(At(20), (await ClaimAsync(fireTimes: false)).NextDue);
        await ChangeStateAsync(SchedulerEdits.Pause(until: At(12)));
        Assert.Equal(At(12), (await ClaimAsync()).NextDue);
    }

    [Fact]
    public async Task Nothing_is_due_next_when_there_is_nothing()
    {
        await BeginAsync();
        Assert.Null((await ClaimAsync()).NextDue);
    }

    [Fact]
    public async Task A_node_that_takes_no_fire_times_takes_waiting_runs_alone()
    {
        await AddAsync("j", Every(60));
        await AddAsync("idle", null);
        var asked = await EnqueueAsync("idle");
        await BeginAsync();

        Assert.Equal(asked.Run, Assert.Single((await ClaimAsync(fireTimes: false)).Runs).Id);
        Assert.Equal(Start, (await JobAsync("j")).Next);
    }

    [Fact]
    public async Task A_fire_time_beyond_its_grace_becomes_an_entry()
    {
        await AddAsync("j", Every(10), Options(grace: 1));
        await BeginAsync();
        await FinishAsync((await ClaimAsync()).Runs[0]);
        MoveTo(12);

        Assert.Empty((await ClaimAsync()).Runs);
        Assert.Equal([(10, 10, Reason.MisfireGraceExceeded)], await EntriesAsync("j"));
        Assert.Equal(At(20), (await JobAsync("j")).Next);
    }

    [Fact]
    public async Task Entries_that_adjoin_are_one()
    {
        await AddAsync("j", Every(10), Options(grace: 1));
        await BeginAsync();
        await FinishAsync((await ClaimAsync()).Runs[0]);
        foreach (var late in (double[])[12, 22, 37])
        {
            MoveTo(late);
            await ClaimAsync();
        }

        MoveTo(40);
        await ClaimAsync();
        MoveTo(52);
        await ClaimAsync();

        Assert.Equal([(10, 30, Reason.MisfireGraceExceeded), (50, 50, Reason.MisfireGraceExceeded)], await EntriesAsync("j"));
    }

    [Fact]
    public async Task Several_due_fire_times_become_one_run_when_they_are_coalesced()
    {
        await AddAsync("j", Every(10), Options(grace: null));
        await BeginAsync();
        MoveTo(35);

        Assert.Equal([30], FireTimes(await ClaimAsync()));
        Assert.Equal([(0, 20, Reason.Coalesced)], await EntriesAsync("j"));
    }

    [Fact]
    public async Task Without_coalescing_the_first_is_claimed_and_the_others_wait_behind_it()
    {
        await AddAsync("j", Every(10), Options(grace: null, coalesce: false));
        await BeginAsync();
        MoveTo(25);

        var first = Assert.Single((await ClaimAsync()).Runs);
        Assert.Equal((Start, Start), (first.FireTime, first.MisfireGraceFrom));
        var behind = new RunId(At(10).ToMicros(), first.Id.Job, 0);
        Assert.Equal(RunState.Waiting, (await RunAsync(behind)).State);
        Assert.Empty((await ClaimAsync()).Runs);

        MoveTo(27);
        await FinishAsync(first);
        var second = Assert.Single((await ClaimAsync()).Runs);
        Assert.Equal((behind, At(10), At(27)), (second.Id, second.FireTime, second.MisfireGraceFrom));
        await FinishAsync(second);
        Assert.Equal([20], FireTimes(await ClaimAsync()));
        Assert.Empty(await EntriesAsync("j"));
    }

    [Fact]
    public async Task A_fire_time_that_would_exceed_max_instances_becomes_an_entry()
    {
        await AddAsync("j", Every(10), Options(maxInstances: 2));
        await BeginAsync();
        await ClaimAsync();
        MoveTo(10);
        await ClaimAsync();
        MoveTo(20);

        Assert.Empty((await ClaimAsync()).Runs);
        Assert.Equal([(20, 20, Reason.MaxInstancesReached)], await EntriesAsync("j"));
        Assert.Equal(2, (await JobAsync("j")).Running);
    }

    [Fact]
    public async Task A_trigger_without_a_further_fire_time_ends_its_job()
    {
        await AddAsync("j", Every(10, end: At(10)));
        await BeginAsync();
        var first = (await ClaimAsync()).Runs[0];
        await FinishAsync(first);
        MoveTo(10);

        var last = (await ClaimAsync()).Runs[0];

        Assert.Empty((await Store.JobsAsync(new() { Id = Id("j") }, None)).Jobs);
        Assert.Equal((JobEnd.Exhausted, null, 1),
            ((await JobAsync("j")).Ended!.Value, (await JobAsync("j")).Next, (await JobAsync("j")).Running));
        await FinishAsync(last);
        Assert.Equal(Outcome.Succeeded, (await RunAsync(last.Id)).Outcome);
    }

    [Fact]
    public async Task Fire_times_lost_for_want_of_a_place_say_so()
    {
        await AddAsync("j", Every(10), Options(grace: 1));
        await BeginAsync();
        MoveTo(8);
        await ClaimAsync();
        MoveTo(25);

        await Store.ClaimAsync(Request() with { Causes = [new(Reason.ExecutorSaturated, At(15), At(25.000001), JobOptions.Default)] },
            None);

        Assert.Equal([(0, 10, Reason.MisfireGraceExceeded), (20, 20, Reason.ExecutorSaturated)], await EntriesAsync("j"));
    }

    [Fact]
    public async Task A_claim_that_hands_out_or_writes_is_a_heartbeat_and_another_is_none()
    {
        await AddAsync("j", Every(10), Options(grace: 1));
        await BeginAsync();
        var raised = Current.Heartbeat;

        await FinishAsync((await ClaimAsync()).Runs[0]);
        var handedOut = (await LookAsync()).Newest!;
        MoveTo(12);
        await ClaimAsync();
        var wrote = (await LookAsync()).Newest!;
        MoveTo(13);
        await ClaimAsync();
        var idle = (await LookAsync()).Newest!;

        Assert.True(handedOut.Heartbeat > raised);
        Assert.True(wrote.Heartbeat > handedOut.Heartbeat);
        Assert.Equal((At(12), wrote.Heartbeat, At(12)), (wrote.LastSign, idle.Heartbeat, idle.LastSign));
    }
}
