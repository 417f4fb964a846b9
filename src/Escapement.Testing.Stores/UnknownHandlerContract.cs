using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Triggers;
using Xunit;

namespace Escapement.Testing.Stores;

/// <summary>Tests of claims for jobs whose handler the claiming program does not know.</summary>
public abstract class UnknownHandlerContract<TStore> : StoreContract<TStore>
    where TStore : IStoreUnderTest, new()
{
    [Fact]
    public async Task Without_a_handler_a_fire_time_is_missed_once_its_misfire_grace_is_over()
    {
        await AddAsync("foreign", Every(10), Options(grace: 15), handler: "foreign");
        await BeginAsync();

        MoveTo(15);
        var within = await ClaimAsync();
        Assert.Empty(await EntriesAsync("foreign"));
        Assert.InRange(within.NextDue!.Value, At(15).AddTicks(1), At(15.001));

        MoveTo(38);
        var beyond = await ClaimAsync();
        Assert.Equal([(0, 20, Reason.HandlerNotRegistered)], await EntriesAsync("foreign"));
        Assert.Equal(At(30), (await JobAsync("foreign")).Next);
        Assert.InRange(beyond.NextDue!.Value, At(45), At(45.001));
        Assert.Empty(beyond.Runs);

        MoveTo(50);
        Assert.InRange((await ClaimAsync()).NextDue!.Value, At(55), At(55.001));
        Assert.Equal([(0, 30, Reason.HandlerNotRegistered)], await EntriesAsync("foreign"));
        var knowing = await Store.ClaimAsync(Request() with { Handlers = new HashSet<string> { "foreign" } }, None);
        Assert.Equal([50], FireTimes(knowing));
    }

    [Fact]
    public async Task Without_a_handler_the_last_fire_time_ends_the_job_once_its_misfire_grace_is_over()
    {
        await AddAsync("foreign", Once(At(1)), Options(grace: 5), handler: "foreign");
        await BeginAsync();

        MoveTo(7);
        Assert.Null((await ClaimAsync()).NextDue);
        Assert.Equal([(1, 1, Reason.HandlerNotRegistered)], await EntriesAsync("foreign"));
        Assert.Equal(JobEnd.Exhausted, (await JobAsync("foreign")).Ended);
    }

    [Fact]
    public async Task Without_a_handler_a_fire_time_keeps_a_cause_that_the_store_knows()
    {
        await AddAsync("foreign", Every(10), Options(grace: 1), handler: "foreign");
        await BeginAsync();
        await StepDownAsync(At(0));
        MoveTo(25);
        await BeginAsync();
        MoveTo(45);
        await ClaimAsync();

        Assert.Equal([(0, 20, Reason.NoActiveNode), (30, 40, Reason.HandlerNotRegistered)], await EntriesAsync("foreign"));
    }

    [Fact]
    public async Task Without_a_handler_a_run_delayed_by_its_jitter_is_missed_once_its_misfire_grace_is_over()
    {
        var trigger = new IntervalTrigger(TimeSpan.FromHours(1), Start, ZoneClock.Utc) { Jitter = TimeSpan.FromSeconds(30) };
        var job = await AddAsync("foreign", trigger, Options(grace: 5), handler: "foreign");
        var start = Jitter.StartOf(job.Job, Start);
        await BeginAsync();
        await Store.ClaimAsync(Request() with { Handlers = new HashSet<string> { "foreign" } }, None);

        Clock.Move(start.AddSeconds(1) - Clock.GetUtcNow());
        Assert.InRange((await ClaimAsync()).NextDue!.Value, start.AddSeconds(5), start.AddSeconds(5.001));
        Clock.Move(start.AddSeconds(6) - Clock.GetUtcNow());
        await ClaimAsync();

        var run = Assert.Single(await RunsAsync(new()));
        Assert.Equal((Outcome.Missed, Reason.HandlerNotRegistered), (run.Outcome, run.Reason));
    }

    [Fact]
    public async Task Many_jobs_without_a_handler_hold_up_no_other_job()
    {
        for (var i = 0; i < 200; i++) await AddAsync($"foreign-{i}", Once(At(1)), Options(grace: 60), handler: "foreign");
        await AddAsync("j", Once(At(2)), Options(grace: 60));
        await BeginAsync();
        MoveTo(3);

        var claimed = await ClaimAsync();
        Assert.Equal([2], FireTimes(claimed));
        Assert.InRange(claimed.NextDue!.Value, At(61), At(61.001));
    }

    [Fact]
    public async Task Where_another_node_may_know_the_handler_its_fire_times_are_left_alone()
    {
        await AddAsync("foreign", Every(10), Options(grace: 1), handler: "foreign");
        await BeginAsync();
        MoveTo(45);
        await Store.ClaimAsync(Request() with { RecordsUnknownHandlers = false }, None);

        Assert.Empty(await EntriesAsync("foreign"));
        Assert.Equal(At(0), (await JobAsync("foreign")).Next);
    }

    [Fact]
    public async Task A_run_whose_arguments_one_version_cannot_read_is_left_to_another()
    {
        await AddAsync("mail", null);
        await BeginAsync();
        var run = (await EnqueueAsync(new() { Job = Id("mail"), Arguments = new("[\"new\"]", "{}") })).Run;

        var old = await Store.ClaimAsync(Request() with { Mismatch = Mismatch, MismatchGrace = TimeSpan.FromHours(1) }, None);

        Assert.Empty(old.Runs);
        Assert.Equal((Id("mail"), "The argument to is \"new\""), Assert.Single(old.SetAside.Distinct()));
        Assert.InRange(old.NextDue!.Value, At(3_600), At(3_600.001));
        Assert.Equal(run, Assert.Single((await ClaimAsync()).Runs).Id);
    }

    [Fact]
    public async Task A_run_whose_arguments_no_version_reads_is_claimed_after_their_grace()
    {
        await AddAsync("mail", null);
        await BeginAsync();
        await EnqueueAsync(new() { Job = Id("mail"), Arguments = new("[\"new\"]", "{}") });
        MoveTo(3_600.001);

        Assert.Single((await Store.ClaimAsync(Request() with { Mismatch = Mismatch, MismatchGrace = TimeSpan.FromHours(1) }, None)).Runs);
    }

    [Fact]
    public async Task A_fire_time_whose_arguments_one_version_cannot_read_is_left_to_another()
    {
        await AddAsync("new", Every(10), Options(grace: 60));
        await AddAsync("job", Every(10), Options(grace: 60));
        await BeginAsync();
        MoveTo(10);

        var old = await Store.ClaimAsync(Request() with
        {
            Mismatch = (job, _) => job.Id == Id("new") ? "unread" : null,
            MismatchGrace = TimeSpan.FromHours(1),
        }, None);

        Assert.Equal("job", Assert.Single(old.Runs).Job.Id.Value);
        Assert.Equal(At(0), (await JobAsync("new")).Next);
        Assert.Equal("new", Assert.Single((await ClaimAsync()).Runs).Job.Id.Value);
    }

    static string? Mismatch(Job job, JobArguments arguments) =>
        arguments.Args.Contains("new", StringComparison.Ordinal) ? "The argument to is \"new\"" : null;
}
