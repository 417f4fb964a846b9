using Escapement.Core.Tests.Engine;
using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
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
            .AddEscapementCore(scheduler => scheduler.UseStore(_ => store)).AddSingleton(new HandlerRegistry([
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
        await store.ChangeAsync(new() { Jobs = [JobEdits.Add(new Job { Id = JobId.Parse("job"), Name = "job", Handler = handler })] },
            default);
        return services.GetRequiredService<IScheduler>();
    }

    public static TheoryData<string, Func<IScheduler, Task>> Mistakes => new()
    {
        { "args is Ada; a JSON array is allowed", scheduler => scheduler.AddAsync(new("new", "note") { Arguments = new("Ada", "{}") }) },
        { "kwargs is []; a JSON object is allowed", scheduler => scheduler.ChangeAsync("job", new() { Arguments = new("[]", "[]") }) },
        { "args is {; a JSON array is allowed", scheduler => scheduler.RunAsync("job", new JobArguments("{", "{}")) },
        { "of 1001 characters; at most 1000 are allowed", scheduler => scheduler.PauseAsync("job", new(Why: new('x', 1001))) },
        { "by is 'xxx", scheduler => scheduler.PauseAllAsync(new() { By = new('x', 1001) }) },
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
    public async Task A_process_without_the_handler_can_ask_for_a_run_with_arguments()
    {
        var scheduler = await OpenAsync(handler: "elsewhere");
        var asked = await scheduler.RunAsync("job", new("[1]", "{}"));
        Assert.Equal(RunState.Waiting, Assert.Single((await scheduler.RunsAsync(new() { Id = asked.Id })).Runs).State);
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
        Assert.Equal(new() { IsActive = false, Paused = null, ShutDownSince = null }, await scheduler.StateAsync());
        await scheduler.PauseAllAsync(new(By: "ops"));
        await store.ChangeEpochsAsync(new() { Begin = new("a", 1, "here", Start, null) }, default);
        Assert.Equal(new()
        {
            IsActive = true,
            Paused = new() { Since = Start, Until = null, By = "ops", Why = null },
            ShutDownSince = null
        }, await scheduler.StateAsync());
        Assert.True(await scheduler.ShutdownAsync());
        Assert.Equal((false, Start), ((await scheduler.StateAsync()).IsActive, (await scheduler.StateAsync()).ShutDownSince));
    }
}
