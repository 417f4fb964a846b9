using System.Text.Json;
using Escapement.Core.Tests.Engine;
using Escapement.Hosting;
using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;
using Escapement.Triggers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Escapement.Core.Tests.Hosting;

/// <summary>Tests of <see cref="IScheduler"/> over a store with concurrent changes to jobs and runs.</summary>
public sealed class StoreSchedulerTests : IAsyncDisposable
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    static readonly DateTimeOffset Start = new(2030, 1, 1, 8, 0, 0, TimeSpan.Zero);

    readonly FakeTimeProvider clock = new(Start);
    readonly TroubledStore store;
    readonly ServiceProvider services;
    bool writing;
    bool? checkedWhileWriting;

    public StoreSchedulerTests()
    {
        store = new(clock) { Before = method => writing = method == "Change", After = _ => writing = false };
        services = new ServiceCollection().AddSingleton<TimeProvider>(clock).AddSingleton(Configured.By())
            .AddEscapementCore(scheduler => scheduler.UseStore(_ => store).ExcludedDates("holidays", "2030-12-25")).AddSingleton(new HandlerRegistry([
                new Handler("note", (_, _, _) => default, false, false, arguments =>
                {
                    checkedWhileWriting = writing;
                    if (arguments.Args == "[0]") throw new ArgumentMismatchException("0 is no count.");
                })])).BuildServiceProvider();
    }

    public async ValueTask DisposeAsync()
    {
        await services.DisposeAsync();
        await store.DisposeAsync();
    }

    async Task<IScheduler> OpenAsync(string handler = "note")
    {
        await store.OpenAsync("tests", default);
        services.GetRequiredService<ThisNode>().StoreOutage = null;
        await store.ChangeAsync(new() { Jobs = [JobEdits.Add(new Job { Id = JobId.Parse("job"), Name = "job", Handler = handler })] },
            default);
        return services.GetRequiredService<IScheduler>();
    }

    [Fact]
    public async Task Before_the_start_of_the_host_every_call_says_so()
    {
        var scheduler = services.GetRequiredService<IScheduler>();
        Func<Task>[] calls =
        [
            () => scheduler.JobsAsync(), () => scheduler.RunsAsync(new()), () => scheduler.RunAsync("job"), () => scheduler.StateAsync(),
            () => scheduler.AddAsync(new("new", "note")), () => scheduler.PauseAllAsync(),
        ];
        foreach (var call in calls)
        {
            var error = await Assert.ThrowsAsync<StoreUnavailableException>(call);
            Assert.StartsWith("The host has not started,", error.Message, StringComparison.Ordinal);
        }
    }

    public static TheoryData<string, Func<IScheduler, Task>> Mistakes => new()
    {
        { "args is Ada; a JSON array is allowed", scheduler => scheduler.AddAsync(new("new", "note") { Arguments = new("Ada", "{}") }) },
        { "kwargs is []; a JSON object is allowed", scheduler => scheduler.ChangeAsync("job", new() { Arguments = new("[]", "[]") }) },
        { "args is {; a JSON array is allowed", scheduler => scheduler.RunAsync("job", new JobArguments("{", "{}")) },
        { "of 1001 characters; at most 1000 are allowed", scheduler => scheduler.PauseAsync("job", new(why: new('x', 1001))) },
        { "by is 'xxx", scheduler => scheduler.PauseAllAsync(new(new('x', 1001))) },
        { "at most 255 are allowed", scheduler => scheduler.PauseAsync("job", new(by: new('x', 256))) },
        { "with the character U+202E", scheduler => scheduler.SkipNextAsync("job", new() { Why = "\u202e" }) },
        { "has no trigger, so it has no fire time to skip", scheduler => scheduler.SkipNextAsync("job") },
        { "Parameter 'author'", scheduler => Task.FromResult(scheduler.As(null!)) },
        { "Parameter 'query'", scheduler => scheduler.ActionsAsync(null!) },
        { "Parameter 'job'", scheduler => scheduler.AddAsync(null!) },
        { "Parameter 'change'", scheduler => scheduler.ChangeAsync("job", null!) },
        { "Parameter 'requests'", scheduler => scheduler.RunManyAsync(null!) },
        { "Parameter 'query'", scheduler => scheduler.RunsAsync(null!) },
    };

    [Theory]
    [MemberData(nameof(Mistakes), DisableDiscoveryEnumeration = true)]
    public async Task What_is_wrong_in_a_call_is_named(string said, Func<IScheduler, Task> call)
    {
        var scheduler = await OpenAsync();
        var error = await Assert.ThrowsAnyAsync<Exception>(() => call(scheduler));
        Assert.True(error is FormatException or ArgumentNullException, error.ToString());
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
        Assert.Single(await scheduler.JobsAsync());
        Assert.Null((await scheduler.JobAsync("job")).Paused);
    }

    [Fact]
    public async Task Changes_record_their_author_and_by_default_this_process()
    {
        var scheduler = await OpenAsync();
        var li = scheduler.As(new() { By = "li", Why = "db move", Origin = "REST 127.0.0.1" });
        await scheduler.AddAsync(new("daily", "note") { Trigger = "every 1 day" });
        await li.PauseAsync("job", new(why: "audit"));
        await li.RunAsync("job");
        await scheduler.RunAsync("job");
        var skipped = await li.SkipNextAsync("daily", new() { By = "wang" });
        await scheduler.PauseAllAsync();
        await li.ResumeAllAsync();

        var page = await scheduler.ActionsAsync(new() { Limit = 5 });

        var origin = $"process {Environment.ProcessId} on {Environment.MachineName}";
        Assert.Equal(
            [
                (ActionKind.SchedulerResumed, "li", "db move", "REST 127.0.0.1"), (ActionKind.SchedulerPaused, null, null, origin),
                (ActionKind.SkippedNext, "wang", "db move", "REST 127.0.0.1"), (ActionKind.RunRequested, "li", "db move", "REST 127.0.0.1"),
                (ActionKind.Paused, "li", "audit", "REST 127.0.0.1"),
            ],
            page.Actions.Select(action => (action.Kind, action.By, action.Why, action.Origin)));
        Assert.Equal([ActionKind.Added, ActionKind.Added],
            (await scheduler.ActionsAsync(new() { Before = page.Next })).Actions.Select(action => action.Kind));
        Assert.Equal(("li", "audit"), ((await scheduler.JobAsync("job")).Paused!.By, (await scheduler.JobAsync("job")).Paused!.Why));
        Assert.Equal(Start.AddDays(2), skipped!.NextFireTime);
    }

    [Fact]
    public async Task Awaiting_a_run_that_was_deleted_with_the_old_history_ends_with_an_error_that_says_so()
    {
        var scheduler = await OpenAsync();
        var asked = await scheduler.RunAsync("job");
        await store.ChangeAsync(new() { Jobs = [JobEdits.Remove(JobId.Parse("job"))] }, default);
        Assert.Equal(Outcome.Missed, (await asked.EndAsync().WaitAsync(Limit)).Outcome);
        while (await store.TrimAsync(Start.AddHours(1), default))
        {
        }

        var error = await Assert.ThrowsAnyAsync<Exception>(() => asked.EndAsync().WaitAsync(Limit));
        Assert.Contains("is not in the store", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_of_a_job_without_its_handler_is_refused_with_the_nearest_name()
    {
        var scheduler = await OpenAsync(handler: "notes");
        var error = await Assert.ThrowsAsync<HandlerNotFoundException>(() => scheduler.RunAsync("job"));
        Assert.StartsWith("No handler is registered as 'notes'. The nearest is 'note'.", error.Message, StringComparison.Ordinal);
        Assert.Empty((await scheduler.RunsAsync(new())).Runs);
    }

    [Fact]
    public async Task The_arguments_of_a_run_are_an_object_a_dictionary_or_complete_arguments()
    {
        var scheduler = await OpenAsync();
        (object Given, string Stored)[] forms =
        [
            (new { orderId = 7, To = "ada" }, """{"orderId":7,"To":"ada"}"""),
            (new Dictionary<string, object?> { ["orderId"] = 7, ["To"] = null }, """{"orderId":7,"To":null}"""),
            (new OrderMail(7, "ada"), """{"OrderId":7,"To":"ada"}"""),
            (JsonSerializer.SerializeToElement(new { a = 1 }), """{"a":1}"""),
            (new JobArguments("[1]", """{"a":2}"""), """{"a":2}"""),
        ];
        foreach (var (given, stored) in forms)
        {
            var run = await scheduler.RunAsync("job", given);
            Assert.Equal(stored, Assert.Single((await store.RunsAsync(new() { Id = run.Id }, default)).Runs).Arguments!.Kwargs);
        }
    }

    sealed record OrderMail(int OrderId, string To);

    sealed class Ring
    {
        public Ring Next => this;
    }

    public static TheoryData<string, object> NoArguments => new()
    {
        { "The arguments are 7, of type Int32; an object with the arguments as members is allowed", 7 },
        { "The arguments are \"ada\", of type String", "ada" },
        { "The arguments are [1,2], of type Int32[]", new[] { 1, 2 } },
        { "The arguments cannot be written as JSON: an object refers to itself", new Ring() },
        { "The arguments cannot be written as JSON", new { action = (Action)(() => { }) } },
    };

    [Theory]
    [MemberData(nameof(NoArguments), DisableDiscoveryEnumeration = true)]
    public async Task Arguments_that_are_no_object_are_refused(string said, object args)
    {
        var scheduler = await OpenAsync();
        var error = await Assert.ThrowsAsync<FormatException>(() => scheduler.RunAsync("job", args));
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
        Assert.Empty((await scheduler.RunsAsync(new())).Runs);
    }

    [Theory]
    [InlineData("", "The key is empty")]
    [InlineData("a\u0007b", "key is 'a\\u0007b'")]
    [InlineData(null, "1000000 characters; at most 255 are allowed")]
    public async Task A_key_has_1_to_255_printable_characters(string? key, string said)
    {
        var scheduler = await OpenAsync();
        var error = await Assert.ThrowsAsync<FormatException>(() => scheduler.RunAsync("job", key: key ?? new('k', 1_000_000)));
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
        Assert.InRange(error.Message.Length, 1, 200);
    }

    [Fact]
    public async Task A_run_is_found_by_its_text()
    {
        var scheduler = await OpenAsync();
        var run = await scheduler.RunAsync("job");
        Assert.Equal(RunState.Waiting, (await scheduler.FindRunAsync(run.Id.ToString()))!.State);
        Assert.Null(await scheduler.FindRunAsync("1-1-999"));
        var error = await Assert.ThrowsAsync<FormatException>(() => scheduler.FindRunAsync("order 7"));
        Assert.Contains("The run id is 'order 7'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ids_are_texts_in_JSON()
    {
        var scheduler = await OpenAsync();
        var run = (await scheduler.FindRunAsync((await scheduler.RunAsync("job")).Id.ToString()))!;
        var json = JsonSerializer.SerializeToElement(run);
        Assert.Equal((run.Id.ToString(), "job"), (json.GetProperty("Id").GetString(), json.GetProperty("Job").GetString()));
        Assert.Equivalent(run, json.Deserialize<RunInfo>());
        Dictionary<RunId, JobId> map = new() { [run.Id] = run.Job };
        Assert.Equal(map, JsonSerializer.Deserialize<Dictionary<RunId, JobId>>(JsonSerializer.Serialize(map)));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<RunId>("\"7\""));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<JobId>("\"\""));
    }

    public static TheoryData<TriggerBuilder, string> Triggers => new()
    {
        { Every.Minutes(20), "interval" },
        { TriggerBuilder.Cron("0 9 * * *", "Asia/Shanghai"), "cron" },
        { "every 20 minutes except holidays", "excluding" },
        { new DateTrigger(Start.AddDays(1), ZoneClock.Utc), "date" },
    };

    [Theory]
    [MemberData(nameof(Triggers), DisableDiscoveryEnumeration = true)]
    public async Task A_job_added_at_run_time_takes_the_triggers_of_a_declared_job(TriggerBuilder trigger, string kind)
    {
        var scheduler = await OpenAsync();
        var added = await scheduler.AddAsync(new("new", "note") { Trigger = trigger });
        Assert.Contains(kind, added.TriggerValue!.GetType().Name, StringComparison.OrdinalIgnoreCase);
        Assert.NotNull(added.NextFireTime);
        var changed = await scheduler.ChangeAsync("new", new() { Trigger = "0 0 * * *" });
        Assert.Equal(Start.Date.AddDays(1), changed.NextFireTime!.Value.UtcDateTime);
        var error = await Assert.ThrowsAnyAsync<FormatException>(() => scheduler.ChangeAsync("new", new() { Trigger = "evry 5 minutes" }));
        Assert.Contains("evry", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_history_that_is_kept_for_longer_than_everything_else_is_refused()
    {
        var scheduler = await OpenAsync();
        const string said = "history_failed_days is 31; at most 30 is allowed, because RETENTION is 30d. A longer RETENTION keeps runs for longer.";
        JobPolicies policies = new() { HistoryFailedDays = 31 };
        Assert.Equal(said, (await Assert.ThrowsAsync<FormatException>(() =>
            scheduler.AddAsync(new("new", "note") { Policies = policies }))).Message);
        Assert.Equal(said, (await Assert.ThrowsAsync<FormatException>(() =>
            scheduler.ChangeAsync("job", new() { Policies = policies }))).Message);
        await scheduler.ChangeAsync("job", new() { Policies = new() { HistoryFailedDays = 30, HistoryRuns = 7 } });
        Assert.Equal((0, 7, 30), (await scheduler.JobAsync("job")).Options is var options
            ? (options.HistoryDays, options.HistoryRuns, options.HistoryFailedDays) : default);
    }

    [Fact]
    public async Task The_key_of_a_run_that_never_started_is_free()
    {
        var scheduler = await OpenAsync();
        await scheduler.ChangeAsync("job", new() { Policies = new() { KeyLasts = TimeSpan.MaxValue } });
        var first = await scheduler.RunAsync("job", key: "order-7");
        await store.ChangeAsync(new() { Jobs = [JobEdits.Remove(JobId.Parse("job"))] }, default);
        Assert.Equal(Outcome.Missed, (await first.EndAsync().WaitAsync(Limit)).Outcome);
        await scheduler.AddAsync(new("job", "note") { Policies = new() { KeyLasts = TimeSpan.MaxValue } });
        Assert.False((await scheduler.RunAsync("job", key: "order-7")).Existing);
    }

    [Fact]
    public async Task A_new_trigger_is_checked_as_the_trigger_of_a_new_job()
    {
        var scheduler = await OpenAsync();
        var error = await Assert.ThrowsAsync<FormatException>(() => scheduler.ChangeAsync("job", new() { Trigger = "0 0 30 2 *" }));
        Assert.Contains("no future fire time", error.Message, StringComparison.Ordinal);
        await store.ChangeAsync(
            new() { Jobs = [JobEdits.Change(JobId.Parse("job"), job => job with { Arguments = new("[0]", "{}") })] }, default);
        await Assert.ThrowsAsync<ArgumentMismatchException>(() => scheduler.ChangeAsync("job", new() { Trigger = "@daily" }));
        Assert.Null((await scheduler.JobAsync("job")).Trigger);
    }

    [Fact]
    public async Task Arguments_of_a_change_are_checked_before_the_stores_transaction()
    {
        var scheduler = await OpenAsync();
        Assert.Equal("[1]", (await scheduler.ChangeAsync("job", new() { Arguments = new("[1]", "{}") })).Arguments.Args);
        Assert.False(checkedWhileWriting);
        await Assert.ThrowsAsync<ArgumentMismatchException>(() => scheduler.ChangeAsync("job", new() { Arguments = new("[0]", "{}") }));
    }

    [Fact]
    public async Task A_change_whose_job_was_changed_after_the_check_is_checked_and_made_again()
    {
        var scheduler = await OpenAsync();
        store.Before = method =>
        {
            if (method != "Change") return;
            store.Before = _ => { };
            store.ChangeAsync(new() { Jobs = [JobEdits.Change(JobId.Parse("job"), job => job with { Name = "renamed" })] }, default);
        };
        var changed = await scheduler.ChangeAsync("job", new() { Arguments = new("[1]", "{}") });
        Assert.Equal(("renamed", "[1]"), (changed.Name, changed.Arguments.Args));
    }

    [Fact]
    public async Task A_change_for_one_version_is_refused_when_the_job_was_changed_after_the_check()
    {
        var scheduler = await OpenAsync();
        var version = (await scheduler.JobAsync("job")).Version;
        store.Before = method =>
        {
            if (method != "Change") return;
            store.Before = _ => { };
            store.ChangeAsync(new() { Jobs = [JobEdits.Change(JobId.Parse("job"), job => job with { Name = "renamed" })] }, default);
        };
        await Assert.ThrowsAsync<JobChangedException>(() =>
            scheduler.ChangeAsync("job", new() { Arguments = new("[1]", "{}"), IfVersion = version }));
        await Assert.ThrowsAsync<JobNotFoundException>(() => scheduler.ChangeAsync("none", new() { Arguments = new("[1]", "{}") }));
    }

    [Fact]
    public async Task The_state_tells_whether_a_process_is_active_and_of_a_pause_and_a_shutdown()
    {
        var scheduler = await OpenAsync();
        Assert.Equivalent(new SchedulerInfo { IsActive = false, Paused = null, ShutDownSince = null }, await scheduler.StateAsync());
        await scheduler.PauseAllAsync(new(by: "ops"));
        await store.ChangeEpochsAsync(new() { Begin = new("a", 1, "here", Start, null) }, default);
        Assert.Equivalent(new SchedulerInfo
        {
            IsActive = true,
            Paused = new() { Since = Start, Until = null, By = "ops", Why = null },
            ShutDownSince = null
        }, await scheduler.StateAsync());
        Assert.True(await scheduler.ShutdownAsync());
        Assert.Equal((false, Start), ((await scheduler.StateAsync()).IsActive, (await scheduler.StateAsync()).ShutDownSince));
    }
}
