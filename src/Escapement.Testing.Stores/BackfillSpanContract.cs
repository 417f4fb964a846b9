using Escapement.Hosting;
using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;
using Escapement.Triggers;
using Xunit;

namespace Escapement.Testing.Stores;

/// <summary>Tests of <see cref="IScheduler.BackfillAsync"/> over the ledger of a store: the fire times of a span.</summary>
public abstract class BackfillSpanContract<TStore> : StoreContract<TStore>
    where TStore : IStoreUnderTest, new()
{
    [Fact]
    public async Task The_missed_fire_times_of_a_span_become_runs()
    {
        await MissAsync();

        var planned = await BackfillAsync(10, 45, dryRun: true);
        Assert.True(planned.IsDryRun);
        Assert.Empty((await ClaimAsync(fireTimes: false)).Runs);
        var done = await BackfillAsync(10, 45);

        Assert.Equal((At(10), At(45), 0, false), (done.From, done.To, done.AlreadyRun, done.IsDryRun));
        Assert.Equal([10, 20, 30, 40], done.Runs.Select(run => Seconds(run.FireTime)));
        Assert.Equal(planned.Runs, done.Runs);
        Assert.Equal([10, 20, 30, 40], await WorkAsync(61));
        var why = await Store.WhyAsync(Id("j"), At(0), At(65), Language.English, None);
        Assert.Equal(("7 due = 5 ran + 0 running + 0 skipped + 2 missed. Balanced.", 4), (why.Account.Sentence, why.Account.MadeUp));
    }

    [Fact]
    public async Task The_answer_names_what_was_made_up_by_whom_and_why_it_did_not_run()
    {
        await MissAsync();
        await Scheduler(Store).As(new() { By = "li" }).BackfillAsync("j", At(10), At(45));
        await WorkAsync(61);

        var why = await Store.WhyAsync(Id("j"), At(0), At(65), Language.English, None);
        var made = Assert.Single(why.MadeUp);
        Assert.Equal((At(10), At(40), 4, "li"), (made.First, made.Last, made.Count, made.By));
        Assert.NotNull(made.At);
        Assert.Equal(why.Items[0].Reason, made.Reason);
        Assert.Contains("(4 fire times) were made up by li at ", made.Sentence, StringComparison.Ordinal);
        Assert.Contains(". At their time they did not run: ", made.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fire_times_that_merged_are_made_up_for_the_reason_of_their_delay()
    {
        await AddAsync("j", Every(10), Options(grace: null));
        await BeginAsync("a");
        await WorkAsync(0);
        MoveTo(45);
        await BeginAsync("b");
        await WorkAsync(45); // 10, 20 and 30 merge into the run of 40

        Assert.Empty((await BackfillAsync(0, 45)).Runs);
        Assert.Empty((await BackfillAsync(0, 45, Reason.Paused)).Runs);
        Assert.Equal([10, 20, 30], (await BackfillAsync(0, 45, Reason.NoActiveNode)).Runs.Select(run => Seconds(run.FireTime)));
    }

    [Fact]
    public async Task Fire_times_of_a_pause_that_lasts_are_counted_as_undecided()
    {
        await AddAsync("j", Every(10), Options(grace: null));
        await BeginAsync();
        await WorkAsync(0);
        await EditAsync(JobEdits.Pause(Id("j")));
        MoveTo(25);

        var made = await BackfillAsync(0, 25, Reason.Paused);
        Assert.Equal((0, 2), (made.Runs.Count, made.Undecided));
        await EditAsync(JobEdits.Resume(Id("j")));
        made = await BackfillAsync(0, 25, Reason.Paused);
        Assert.Equal([10, 20], made.Runs.Select(run => Seconds(run.FireTime)));
        Assert.Equal(0, made.Undecided);
    }

    [Fact]
    public async Task A_backfill_a_second_time_finds_nothing_to_make_up()
    {
        await MissAsync();
        await BackfillAsync(0, 60);

        Assert.Empty((await BackfillAsync(0, 60)).Runs);
        await WorkAsync(61);
        var again = await BackfillAsync(0, 100);
        Assert.Equal((0, 0, At(61)), (again.Runs.Count, again.AlreadyRun, again.To));
    }

    [Fact]
    public async Task Concurrent_backfills_of_a_span_give_a_single_run_for_each_fire_time()
    {
        await MissAsync();
        var (one, other) = (Scheduler(Store), Scheduler(await SecondAsync()));

        var both = await Task.WhenAll(
            Task.Run(() => one.BackfillAsync("j", At(0), At(60)), None), Task.Run(() => other.BackfillAsync("j", At(0), At(60)), None));

        Assert.Equal([0, 10, 20, 30, 40, 50], both.SelectMany(result => result.Runs).Select(run => Seconds(run.FireTime)).Order());
        Assert.Equal([0, 10, 20, 30, 40, 50], await WorkAsync(61));
    }

    [Fact]
    public async Task Skipped_fire_times_are_made_up_for_a_given_reason_alone()
    {
        await AddAsync("j", Every(10), Options(grace: null));
        await BeginAsync();
        await WorkAsync(0);
        await EditAsync(JobEdits.Pause(Id("j")));
        MoveTo(25);
        await EditAsync(JobEdits.Resume(Id("j")));
        await WorkAsync(55); // 30 and 40 merge into the run of 50

        Assert.Empty((await BackfillAsync(0, 60)).Runs);
        Assert.Empty((await BackfillAsync(0, 60, Reason.NoActiveNode)).Runs);
        Assert.Equal((0, 0), ((await BackfillAsync(0, 60, Reason.SchedulerPaused)).Runs.Count, (await BackfillAsync(0, 60)).Undecided));
        Assert.Equal([30, 40], (await BackfillAsync(0, 60, Reason.Coalesced)).Runs.Select(run => Seconds(run.FireTime)));
        Assert.Equal([10, 20], (await BackfillAsync(0, 60, Reason.Paused, Reason.Coalesced)).Runs.Select(run => Seconds(run.FireTime)));
        Assert.Equal([10, 20, 30, 40], await WorkAsync(56));
    }

    [Fact]
    public async Task Runs_that_never_began_are_made_up_with_the_stretches()
    {
        await AddAsync("j", Every(10), Options(grace: 1, coalesce: false));
        await BeginAsync();
        var missed = Assert.Single((await ClaimAsync()).Runs);
        await Store.RecordAsync([End(missed, Outcome.Missed) with { StartedAt = null, Reason = Reason.ExecutorSaturated }]);
        MoveTo(15);
        await ClaimAsync();

        Assert.Equal([10], (await BackfillAsync(0, 20, Reason.MisfireGraceExceeded)).Runs.Select(run => Seconds(run.FireTime)));
        Assert.Equal([missed.Id], (await BackfillAsync(0, 20)).Runs.Select(run => run.Id));
        Assert.Equal([0, 10], (await WorkAsync(15)).Order());
    }

    [Fact]
    public async Task A_missed_run_that_a_later_definition_does_not_yield_is_made_up_and_the_account_balances()
    {
        await AddAsync("j", Every(10), Options(grace: 1));
        await BeginAsync();
        MoveTo(0);
        var missed = Assert.Single((await ClaimAsync()).Runs);
        await Store.RecordAsync([End(missed, Outcome.Missed) with { StartedAt = null, Reason = Reason.ExecutorSaturated }]);
        MoveTo(5);
        await EditAsync(JobEdits.Change(Id("j"), job => job with { Trigger = new IntervalTrigger(TimeSpan.FromSeconds(10), At(3), ZoneClock.Utc) },
            next: At(-7)));
        await WorkAsync(5);
        await AssertAccountAsync("0 running + 0 skipped + 1 missed");

        Assert.Equal([missed.Id], (await BackfillAsync(0, 1)).Runs.Select(run => run.Id));

        await AssertAccountAsync("1 running + 0 skipped + 0 missed");
        Assert.Equal([0], await WorkAsync(5));
        await AssertAccountAsync("0 running + 0 skipped + 0 missed");

        async Task AssertAccountAsync(string numbers)
        {
            var audit = await Store.AuditAsync(At(0), At(1), Language.English, None);
            Assert.Empty(audit.Imbalances);
            Assert.Contains(numbers, audit.Account.Sentence, StringComparison.Ordinal);
            Assert.EndsWith("Balanced.", audit.Account.Sentence, StringComparison.Ordinal);
            Assert.DoesNotContain("Not", audit.Account.Sentence, StringComparison.Ordinal);
            Assert.Equal(audit.Account, (await Store.WhyAsync(Id("j"), At(0), At(1), Language.English, None)).Account);
        }
    }

    [Fact]
    public async Task A_run_that_missed_its_delayed_start_is_made_up_and_the_account_balances()
    {
        await AddAsync("j", new IntervalTrigger(TimeSpan.FromSeconds(1000), Start, ZoneClock.Utc) { Jitter = TimeSpan.FromSeconds(900) },
            Options(grace: 1));
        await BeginAsync("a");
        Assert.Empty((await ClaimAsync()).Runs); // the start is delayed
        MoveTo(999);
        await BeginAsync("b");
        await ClaimAsync();
        var missed = Assert.Single(await RunsAsync(new()));
        Assert.Equal((Outcome.Missed, Reason.NoActiveNode), (missed.Outcome!.Value, missed.Reason));
        Assert.True((await Store.AuditAsync(At(0), At(999), Language.English, None)).Account.Balanced);

        Assert.Equal([missed.Id], (await BackfillAsync(0, 999)).Runs.Select(run => run.Id));

        Assert.True((await Store.AuditAsync(At(0), At(999), Language.English, None)).Account.Balanced);
        Assert.Equal([0], await WorkAsync(999.5));
        var audit = await Store.AuditAsync(At(0), At(999), Language.English, None);
        Assert.Equal(("1 due = 1 ran + 0 running + 0 skipped + 0 missed. Balanced.", 1), (audit.Account.Sentence, audit.Account.MadeUp));
    }

    [Fact]
    public async Task A_backfill_runs_the_present_definition()
    {
        await MissAsync();
        await EditAsync(JobEdits.Change(Id("j"), job => job with { Arguments = new("[2]", "{}") }));
        await BackfillAsync(20, 21);

        Assert.Equal(new("[2]", "{}"), Assert.Single((await ClaimAsync(fireTimes: false)).Runs).Arguments);
    }

    [Fact]
    public async Task Fire_times_of_an_earlier_trigger_are_made_up()
    {
        await MissAsync();
        await EditAsync(JobEdits.Change(Id("j"), job => job with { Trigger = Every(60) }));

        Assert.Equal([10, 20], (await BackfillAsync(5, 25)).Runs.Select(run => Seconds(run.FireTime)));
        Assert.Equal([10, 20], await WorkAsync(61));
    }

    [Fact]
    public async Task Too_many_fire_times_are_refused_with_their_number_and_the_most_are_made_up()
    {
        await AddAsync("j", Every(1), Options(grace: 0.5));
        await BeginAsync();
        MoveTo(1_000_000.7);
        await ClaimAsync();

        foreach (var (from, to) in ((DateTimeOffset, DateTimeOffset)[])[(At(0), At(2_000_000)), (DateTimeOffset.MinValue, DateTimeOffset.MaxValue)])
        {
            var refused = await Assert.ThrowsAsync<BackfillRefusedException>(() => Scheduler(Store).BackfillAsync("j", from, to));
            Assert.Equal(
                "The span has 1,000,001 fire times of job j that did not run, and a backfill makes up at most 10,000. Narrow the span, or select some of the reasons: MisfireGraceExceeded (1,000,001).",
                refused.Message);
        }

        await Assert.ThrowsAsync<BackfillRefusedException>(() => BackfillAsync(100, 10_101));
        var done = await BackfillAsync(100, 10_100);
        Assert.Equal((BackfillResult.MaxRuns, At(100), At(10_099)), (done.Runs.Count, done.Runs[0].FireTime, done.Runs[^1].FireTime));
    }

    [Fact]
    public async Task Too_many_runs_between_the_fire_times_are_named_as_the_obstacle()
    {
        await AddAsync("j", Every(1), Options(grace: 0.5));
        await BeginAsync();
        MoveTo(15_000.7);
        await ClaimAsync();
        await BackfillAsync(0, 10_000);
        await BackfillAsync(10_000, 10_001);

        var refused = await Assert.ThrowsAsync<BackfillRefusedException>(() => BackfillAsync(0, 15_001));

        Assert.Equal("More than 10,000 runs of job j lie between the fire times that did not run. Narrow the span.", refused.Message);
        Assert.Equal(5_000, (await BackfillAsync(10_001, 15_001)).Runs.Count);
    }

    [Fact]
    public async Task A_backfill_records_its_author_once_and_a_dry_run_records_nothing()
    {
        await MissAsync();
        var author = new ChangeAuthor { By = "li", Why = "db move", Origin = "REST 127.0.0.1" };
        await BackfillAsync(0, 60, dryRun: true);
        await Scheduler(Store).As(author).BackfillAsync("j", At(0), At(45));
        await Scheduler(Store).As(author).BackfillAsync("j", At(0), At(45));
        await BackfillAsync(0, 60);

        var actions = (await LedgerAsync()).Actions.Where(action => action.Kind == ActionKind.Backfilled).ToList();

        Assert.Equal([(Id("j"), "li", "db move"), (Id("j"), null, null)],
            actions.Select(action => (action.Job!.Value, action.By, action.Why)));
        Assert.Equal("REST 127.0.0.1", actions[0].Origin);
        Assert.StartsWith("process ", actions[1].Origin, StringComparison.Ordinal);
        Assert.True((await Store.AuditAsync(At(0), At(65), Language.English, None)).Account.Balanced);
    }

    [Fact]
    public async Task Fire_times_before_the_beginning_of_the_record_are_left_out()
    {
        await AddAsync("j", Every(10), Options(grace: 1));
        await BeginAsync();
        MoveTo(15);
        await ClaimAsync();
        await WorkAsync(20, 35, 40, 55);
        while (await Store.TrimAsync(At(25), None)) { }

        var refused = await Assert.ThrowsAsync<BackfillRefusedException>(() => BackfillAsync(0, 20));
        Assert.StartsWith("The record of job j begins at 2030-01-01 00:00:20Z, after the span.", refused.Message, StringComparison.Ordinal);
        var done = await BackfillAsync(0, 60);
        Assert.Equal(At(20).AddMicroseconds(1), done.From);
        Assert.Equal([30, 50], done.Runs.Select(run => Seconds(run.FireTime)));
    }

    [Fact]
    public async Task A_backfill_that_cannot_be_says_why()
    {
        await MissAsync();
        await AddAsync("asked", null);
        await AddAsync("gone", Every(10));
        await EditAsync(JobEdits.Remove(Id("gone")));
        var scheduler = Scheduler(Store);

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => scheduler.BackfillAsync("j", At(20), At(20)));
        await Assert.ThrowsAsync<JobNotFoundException>(() => scheduler.BackfillAsync("never", At(0), At(20)));
        await Assert.ThrowsAsync<JobNotFoundException>(() => scheduler.BackfillAsync("gone", At(0), At(20)));
        await Assert.ThrowsAsync<FormatException>(() => scheduler.BackfillAsync("", At(0), At(20)));
        Assert.StartsWith("The list of reasons is empty.", (await Assert.ThrowsAsync<ArgumentException>(() =>
            scheduler.BackfillAsync("j", At(0), At(20), []))).Message, StringComparison.Ordinal);
        Assert.StartsWith("Job asked has no trigger,", (await Assert.ThrowsAsync<BackfillRefusedException>(() =>
            scheduler.BackfillAsync("asked", At(0), At(20)))).Message, StringComparison.Ordinal);
        Assert.StartsWith("The span begins at 2030-01-01 00:16:40Z, which is in the future",
            (await Assert.ThrowsAsync<BackfillRefusedException>(() => scheduler.BackfillAsync("j", At(1000), At(2000)))).Message,
            StringComparison.Ordinal);
        Assert.StartsWith("A request has a fire time.", (await Assert.ThrowsAsync<ArgumentException>(() =>
            scheduler.RunManyAsync([EnqueueRules.Backfill(Id("j"), At(20))]))).Message, StringComparison.Ordinal);
        Assert.Equal([60], (await RunsAsync(new())).Select(run => Seconds(run.FireTime)));
    }

    /// <summary>Adds a job that missed its fire times from 0 to 50, and whose fire time of 60 ran.</summary>
    async Task MissAsync()
    {
        await AddAsync("j", Every(10), Options(grace: 1));
        await BeginAsync();
        MoveTo(55);
        await ClaimAsync();
        Assert.Equal([60], await WorkAsync(60));
    }

    IScheduler Scheduler(IJobStore store) => GuestScheduler.Over(store, Clock);

    Task<BackfillResult> BackfillAsync(double from, double to, params Reason[] reasons) =>
        Scheduler(Store).BackfillAsync("j", At(from), At(to), reasons is [] ? null : reasons, dryRun: false, None);

    Task<BackfillResult> BackfillAsync(double from, double to, bool dryRun) =>
        Scheduler(Store).BackfillAsync("j", At(from), At(to), null, dryRun, None);
}
