using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Triggers;
using Xunit;

namespace Escapement.Testing.Stores;

/// <summary>
/// Tests of stored, changed and listed definitions. The decisions of the editors are tested elsewhere.
/// These tests check how a store applies them.
/// </summary>
public abstract class JobContract<TStore> : StoreContract<TStore>
    where TStore : IStoreUnderTest, new()
{
    [Fact]
    public async Task A_job_is_kept_as_it_was_added()
    {
        var options = new JobOptions
        {
            MisfireGrace = MisfireGrace.UntilNext,
            Coalesce = false,
            MaxInstances = 3,
            Executor = "slow",
            RerunIfInterrupted = true,
            Description = "Druckt 火",
            Tags = ["a", "b"],
            Priority = -5,
        };
        var job = NewJob("Bericht 火",
            new CronTrigger(CronDefinition.FromExpression("0 9 * * mon-fri"), ZoneClock.Get("Asia/Shanghai"))) with
        {
            Name = "The report",
            Options = options,
            Origin = JobOrigin.Code,
            DeclaredHash = "abc",
        };

        var added = await EditAsync(JobEdits.Add(job));

        var read = await JobAsync("Bericht 火");
        Assert.Equal(added with { Job = job }, read with { Job = job });
        Assert.Equal(job with { Trigger = null }, read.Job with { Trigger = null });
        Assert.Equal("Asia/Shanghai", read.Job.Trigger!.Zone.Name);
        Assert.Equal(job.Trigger!.ToString(), read.Job.Trigger.ToString());
        Assert.Equal(new(2030, 1, 1, 1, 0, 0, TimeSpan.Zero), read.Next);
        Assert.Equal((0, null, null, null), (read.Running, read.LastFireTime, read.Paused, read.Ended));
        Assert.True(read.Number > 0);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(1.0)]
    public async Task Every_kind_of_grace_and_no_limit_of_runs_are_kept(double? grace)
    {
        await AddAsync("j", null, Options(grace, maxInstances: null));
        Assert.Equal(Options(grace, maxInstances: null), (await JobAsync("j")).Job.Options);
    }

    [Fact]
    public async Task Every_kind_of_trigger_is_kept()
    {
        Trigger[] triggers =
        [
            new IntervalTrigger(TimeSpan.FromSeconds(90), At(0.25), ZoneClock.Get("Europe/Berlin"), At(1000)),
            new DateTrigger(At(77.000001), ZoneClock.Utc),
            new CronTrigger(CronDefinition.FromExpression("*/5 * * * *"), ZoneClock.Get("America/New_York"), At(50), At(5000)),
        ];
        for (var i = 0; i < triggers.Length; i++)
        {
            await AddAsync($"j{i}", triggers[i]);
            var read = (await JobAsync($"j{i}")).Job.Trigger!;
            Assert.Equal(FireTimes(triggers[i]), FireTimes(read));
            Assert.Equal(triggers[i].Next(Start)!.Value.Offset, read.Next(Start)!.Value.Offset);
        }

        static List<DateTimeOffset> FireTimes(Trigger trigger)
        {
            List<DateTimeOffset> found = [];
            for (var next = trigger.Next(Start); next is { } at && found.Count < 20; next = trigger.Next(at.AddMicroseconds(1)))
            {
                found.Add(at);
            }

            return found;
        }
    }

    [Fact]
    public async Task Jobs_are_listed_by_next_fire_time_with_those_that_have_none_last_and_then_by_id()
    {
        await AddAsync("d", null);
        await AddAsync("c", Once(At(20)));
        await AddAsync("B", Once(At(10)));
        await AddAsync("a", Once(At(20)));
        await AddAsync("paused", Once(At(5)));
        await EditAsync(JobEdits.Pause(Id("paused")));

        Assert.Equal(["B", "a", "c", "d", "paused"], await ListedAsync());
    }

    [Fact]
    public async Task Ended_jobs_are_read_only_when_they_are_asked_for()
    {
        await AddAsync("a", null);
        await AddAsync("b", null);
        await EditAsync(JobEdits.Remove(Id("b")));

        Assert.Equal(["a"], await ListedAsync());
        Assert.Equal(["a", "b"], await ListedAsync(ended: true));
        Assert.Empty((await Store.JobsAsync(new() { Id = Id("b") }, None)).Jobs);
        Assert.Equal(JobEnd.Removed, (await JobAsync("b")).Ended);
        Assert.Empty((await Store.JobsAsync(new() { Id = Id("never"), Ended = true }, None)).Jobs);
    }

    [Fact]
    public async Task Ids_differ_in_case()
    {
        await AddAsync("j", null);
        await AddAsync("J", null);

        Assert.Equal(["J", "j"], await ListedAsync());
    }

    [Fact]
    public async Task A_job_keeps_its_number_and_each_change_counts_its_version_up()
    {
        var added = await AddAsync("j", Every(10));
        var other = await AddAsync("k", Every(10));
        var changed = await EditAsync(JobEdits.Change(Id("j"), job => job with { Name = "New" }));
        await EditAsync(JobEdits.Remove(Id("j")));
        var again = await AddAsync("j", Every(10));

        Assert.NotEqual(added.Number, other.Number);
        Assert.Equal(added.Number, changed.Number);
        Assert.Equal(added.Number, again.Number);
        Assert.True(changed.Version > added.Version);
        Assert.True(again.Version > changed.Version + 1);
    }

    [Fact]
    public async Task A_change_that_changes_nothing_leaves_the_version_and_does_not_notification()
    {
        var added = await AddAsync("j", Every(10));

        var notified = await NotifiedAsync(() => EditAsync(JobEdits.Change(Id("j"), job => job)));

        Assert.Equal(added.Version, (await JobAsync("j")).Version);
        Assert.Equal(StoreSignal.None, notified.Signal & StoreSignal.Work);
        Assert.Equal([ActionKind.Added], (await ActionsAsync("j")).Select(action => action.Kind));
    }

    [Fact]
    public async Task A_claim_leaves_the_version()
    {
        var added = await AddAsync("j", Every(10));
        await BeginAsync();
        await ClaimAsync();

        Assert.Equal(added.Version, (await JobAsync("j")).Version);
    }

    [Fact]
    public async Task A_change_notifies()
    {
        await NotifiedAsync(() => AddAsync("j", Every(10)), StoreSignal.Work);
        await NotifiedAsync(() => EditAsync(JobEdits.Change(Id("j"), job => job with { Name = "New" })), StoreSignal.Work);
    }

    [Fact]
    public async Task Of_several_changes_none_is_made_when_one_is_refused()
    {
        await AddAsync("j", Every(10));
        MoveTo(5);

        await Assert.ThrowsAsync<JobExistsException>(() => Store.ChangeAsync(new()
        {
            Jobs = [JobEdits.Add(NewJob("k", null)), JobEdits.Remove(Id("j")), JobEdits.Add(NewJob("l", null)),
                JobEdits.Add(NewJob("k", null))],
            Marks = [new() { Kind = MarkKind.ClockJump, From = At(1), To = At(2), Epoch = 1 }],
        }, None));

        Assert.Equal(["j"], await ListedAsync(ended: true));
        Assert.Null((await JobAsync("j")).Ended);
        var ledger = await LedgerAsync();
        Assert.Equal([ActionKind.Added], ledger.Actions.Select(action => action.Kind));
        Assert.Empty(ledger.Marks);
    }

    [Fact]
    public async Task Of_several_changes_of_a_job_each_sees_the_one_before()
    {
        var answers = (await Store.ChangeAsync(new()
        {
            Jobs = [JobEdits.Add(NewJob("j", Every(10))), JobEdits.Pause(Id("j"), by: "me"),
                JobEdits.Change(Id("j"), job => job with { Name = "New" })],
        }, None)).Jobs;

        Assert.Equal(3, answers.Count);
        Assert.Null(answers[0]!.Paused);
        var job = await JobAsync("j");
        Assert.Equal(("New", "me", answers[0]!.Number), (job.Job.Name, job.Paused!.By, job.Number));
        Assert.Equal(job.Version, answers[2]!.Version);
    }

    [Fact]
    public async Task An_editor_that_answers_null_adds_nothing()
    {
        var changed = await Store.ChangeAsync(new() { Jobs = [JobEdits.Retire(Id("nobody"))] }, None);

        Assert.Equal([null], changed.Jobs);
        Assert.Empty((await LedgerAsync()).Actions);
        Assert.Empty(await ListedAsync(ended: true));
    }

    [Fact]
    public async Task Editors_get_the_time_of_the_store_and_tombstones()
    {
        await AddAsync("j", null);
        await EditAsync(JobEdits.Remove(Id("j")));
        MoveTo(7);
        (StoredJob? Stored, DateTimeOffset Now) seen = default;

        await EditAsync(new(Id("j"), ActionKind.Changed, (stored, now) => (seen = (stored, now)).Stored));

        Assert.Equal((JobEnd.Removed, At(7)), (seen.Stored!.Ended, seen.Now));
    }

    [Fact]
    public async Task A_changed_job_is_claimed_under_its_new_definition()
    {
        await AddAsync("j", Every(10));
        await EditAsync(JobEdits.Change(Id("j"), job => job with { Arguments = new("[9]", "{}"), Options = Options(grace: 7) }));
        await BeginAsync();

        var run = Assert.Single((await ClaimAsync()).Runs);

        Assert.Equal((new JobArguments("[9]", "{}"), MisfireGrace.Of(TimeSpan.FromSeconds(7))),
            (run.Arguments, run.Job.Options.MisfireGrace));
    }

    [Fact]
    public async Task A_changed_trigger_fires_from_now_on()
    {
        await AddAsync("j", Every(1000));
        await BeginAsync();
        await FinishAsync((await ClaimAsync()).Runs[0]);
        MoveTo(5);

        await EditAsync(JobEdits.Change(Id("j"), job => job with { Trigger = Every(10) }));

        Assert.Equal(At(10), (await ClaimAsync()).NextDue);
        MoveTo(10);
        Assert.Equal([10], FireTimes(await ClaimAsync()));
    }

    [Fact]
    public async Task A_removed_job_does_not_fire_and_its_action_covers_the_unclaimed_fire_times()
    {
        await AddAsync("j", Every(10), Options(grace: null));
        await BeginAsync();
        MoveTo(15);
        await EditAsync(JobEdits.Remove(Id("j")));

        var claimed = await ClaimAsync();

        Assert.Empty(claimed.Runs);
        Assert.Null(claimed.NextDue);
        Assert.Empty(await EntriesAsync("j"));
        Assert.Equal("0-10 Removed", await StoryAsync("j"));
    }

    [Fact]
    public async Task Running_counts_stay_when_a_job_is_removed_and_added_again()
    {
        await AddAsync("j", Every(10));
        await BeginAsync();
        var run = Assert.Single((await ClaimAsync()).Runs);
        await EditAsync(JobEdits.Remove(Id("j")));
        MoveTo(5);
        await AddAsync("j", Every(10));
        MoveTo(10);

        Assert.Empty((await ClaimAsync()).Runs);
        Assert.Equal(Reason.MaxInstancesReached, Assert.Single(await EntriesAsync("j")).Reason);
        await FinishAsync(run);
        Assert.Equal(0, (await JobAsync("j")).Running);
    }

    async Task<List<string>> ListedAsync(bool ended = false) =>
        [.. (await Store.JobsAsync(new() { Ended = ended }, None)).Jobs.Select(job => job.Job.Id.Value)];
}
