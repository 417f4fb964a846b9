using System.Collections.Concurrent;
using Escapement.Engine;
using Escapement.Jobs;
using Escapement.Leadership;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;
using Escapement.Triggers;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Escapement.Core.Tests.Engine;

/// <summary>Tests of the life cycle of a run, with a fake clock, a real lock file and the memory store.</summary>
public sealed class NodeLifecycleTests : IDisposable
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    static readonly DateTimeOffset Start = new(2030, 1, 1, 8, 0, 0, TimeSpan.Zero);

    readonly string folder = Directory.CreateTempSubdirectory("escapement-node-").FullName;
    readonly FakeTimeProvider clock = new(Start);
    readonly ConcurrentQueue<JobContext> ran = new();
    readonly SemaphoreSlim runs = new(0);
    readonly SemaphoreSlim written = new(0);
    readonly TaskCompletionSource release = new(TaskCreationOptions.RunContinuationsAsynchronously);
    int made;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    NodeLifecycle Make(IJobStore store, EngineSettings? settings = null, params Job[] declared)
    {
        var name = $"node-{++made}";
        var locks = FileLocks.Open(Path.Combine(folder, "lock"), name);
        var context = new NodeContext(
            new(name, Environment.ProcessId, "here", clock.GetUtcNow(), locks.LifeLock), store, locks,
            settings ?? new("tests", TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(25), TimeSpan.FromDays(30), TimeSpan.FromHours(24)),
            clock, TaskScheduler.Default, NullLogger.Instance);
        var handlers = new HandlerRegistry([
            new("note", (job, _, _) => { Note(job); return ValueTask.CompletedTask; }, false, false, _ => { }),
            new("throw", (job, _, _) => { Note(job); throw new InvalidOperationException("no"); }, false, false, _ => { }),
            new("long", async (job, _, cancellationToken) => { Note(job); await release.Task.WaitAsync(cancellationToken); },
                false, false, _ => { }),
        ]);
        return new(context, handlers, null, _ => new(declared, new Dictionary<JobId, string>()));
    }

    void Note(JobContext job)
    {
        ran.Enqueue(job);
        runs.Release();
    }

    static Job EverySeconds(string id, double seconds, string handler = "note") => new()
    {
        Id = JobId.Parse(id),
        Name = id,
        Handler = handler,
        Origin = JobOrigin.Code,
        DeclaredHash = id,
        Trigger = new IntervalTrigger(TimeSpan.FromSeconds(seconds), Start + TimeSpan.FromSeconds(seconds), ZoneClock.Utc),
    };

    async Task<TroubledStore> OpenAsync()
    {
        var store = new TroubledStore(clock, shared: false);
        store.After = call =>
        {
            if (call != "Runs") written.Release();
        };
        await store.OpenAsync("tests", CancellationToken.None);
        return store;
    }

    /// <summary>
    /// Waits for outcomes in the store by polling after each call of
    /// the node, because the store notifies only for awaited runs.
    /// </summary>
    async Task<IReadOnlyList<Run>> EndedAsync(IJobStore store, int count)
    {
        while (true)
        {
            var ended = (await store.RunsAsync(new(), default)).Runs.Where(run => run.State == RunState.Ended).ToList();
            if (ended.Count >= count) return ended;
            Assert.True(await written.WaitAsync(Limit), $"{ended.Count} of {count} runs have ended.");
        }
    }

    [Fact]
    public async Task A_due_fire_time_runs_once_and_is_recorded()
    {
        var store = await OpenAsync();
        await using var node = Make(store, null, EverySeconds("tick", 10));
        await node.StartAsync(CancellationToken.None).WaitAsync(Limit);
        Assert.IsType<NodeState.Active>(node.Status);
        for (var i = 1; i <= 3; i++)
        {
            clock.Advance(TimeSpan.FromSeconds(10));
            Assert.True(await runs.WaitAsync(Limit));
            await EndedAsync(store, i);
        }

        Assert.Equal([10, 20, 30], ran.Select(run => (run.FireTime - Start).TotalSeconds));
        Assert.Equal([1, 2, 3], ran.Select(run => run.FencingToken));
        Assert.All(await EndedAsync(store, 3), run => Assert.Equal(Outcome.Succeeded, run.Outcome));
        await node.StopAsync(CancellationToken.None).WaitAsync(Limit);
    }

    [Fact]
    public async Task A_handler_that_throws_fails_its_own_run_only()
    {
        var store = await OpenAsync();
        await using var node = Make(store, null, EverySeconds("bad", 10, "throw"), EverySeconds("good", 10));
        await node.StartAsync(CancellationToken.None).WaitAsync(Limit);
        clock.Advance(TimeSpan.FromSeconds(10));
        var ended = await EndedAsync(store, 2);
        Assert.Equal(Outcome.Failed, ended.Single(run => run.Job.Value == "bad").Outcome);
        Assert.Contains("no", ended.Single(run => run.Job.Value == "bad").Error, StringComparison.Ordinal);
        Assert.Equal(Outcome.Succeeded, ended.Single(run => run.Job.Value == "good").Outcome);
        await node.StopAsync(CancellationToken.None).WaitAsync(Limit);
    }

    [Fact]
    public async Task A_job_added_while_it_sleeps_wakes_it()
    {
        var store = await OpenAsync();
        await using var node = Make(store);
        await node.StartAsync(CancellationToken.None).WaitAsync(Limit);
        var now = new Job { Id = JobId.Parse("now"), Name = "now", Handler = "note", Trigger = new DateTrigger(Start, ZoneClock.Utc) };
        await store.ChangeAsync(new() { Jobs = [JobEdits.Add(now)] }, default);
        Assert.True(await runs.WaitAsync(Limit));
        await node.StopAsync(CancellationToken.None).WaitAsync(Limit);
    }

    [Fact]
    public async Task The_second_process_waits_and_takes_over_when_the_first_ends()
    {
        var first = await OpenAsync();
        var second = await OpenAsync();
        await using var one = Make(first, null, EverySeconds("tick", 10));
        await using var two = Make(second, null, EverySeconds("tick", 10));
        await one.StartAsync(CancellationToken.None).WaitAsync(Limit);
        await two.StartAsync(CancellationToken.None).WaitAsync(Limit);
        Assert.Equal("active", one.Status.Role);
        Assert.Equal("standby", two.Status.Role);
        Assert.Contains($"Process {Environment.ProcessId} on here has held the lock since", two.Status.Sentence, StringComparison.Ordinal);
        await one.StopAsync(CancellationToken.None).WaitAsync(Limit);
        clock.Advance(TimeSpan.FromSeconds(10));
        Assert.True(await runs.WaitAsync(Limit));
        Assert.Equal("active", two.Status.Role);
        await two.StopAsync(CancellationToken.None).WaitAsync(Limit);
    }

    [Fact]
    public async Task At_the_drain_limit_what_still_runs_is_stopped_and_recorded_as_interrupted()
    {
        var store = await OpenAsync();
        await using var node = Make(store, null, EverySeconds("slow", 10, "long"));
        await node.StartAsync(CancellationToken.None).WaitAsync(Limit);
        clock.Advance(TimeSpan.FromSeconds(10));
        Assert.True(await runs.WaitAsync(Limit));
        await node.StepDownAsync().WaitAsync(Limit);
        var stopping = node.StopAsync(CancellationToken.None);
        Assert.Equal("draining", node.Status.Role);
        Assert.False(stopping.IsCompleted);
        using var limit = new CancellationTokenSource(Limit);
        while (!stopping.IsCompleted)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(1, limit.Token);
        }

        await stopping;
        var run = Assert.Single(await EndedAsync(store, 1));
        Assert.Equal((Outcome.Interrupted, Reason.Draining), (run.Outcome, run.Reason));
    }

    [Fact]
    public async Task A_hurried_stop_records_what_still_runs_as_interrupted_at_once()
    {
        var store = await OpenAsync();
        await using var node = Make(store, null, EverySeconds("slow", 10, "long"));
        await node.StartAsync(CancellationToken.None).WaitAsync(Limit);
        clock.Advance(TimeSpan.FromSeconds(10));
        Assert.True(await runs.WaitAsync(Limit));
        await node.StepDownAsync().WaitAsync(Limit);
        var stopping = node.StopAsync(CancellationToken.None);
        Assert.False(stopping.IsCompleted);
        node.Hurry();
        await stopping.WaitAsync(Limit);
        var run = Assert.Single(await EndedAsync(store, 1));
        Assert.Equal((Outcome.Interrupted, Reason.Draining), (run.Outcome, run.Reason));
    }

    [Fact]
    public async Task A_job_may_be_cancelled_at_the_first_signal()
    {
        var store = await OpenAsync();
        var soon = EverySeconds("soon", 10, "long");
        await using var node = Make(store, null, soon with { Options = new() { CancelAtStop = true } }, EverySeconds("slow", 10, "long"));
        await node.StartAsync(CancellationToken.None).WaitAsync(Limit);
        clock.Advance(TimeSpan.FromSeconds(10));
        Assert.True(await runs.WaitAsync(Limit));
        Assert.True(await runs.WaitAsync(Limit));
        await node.StepDownAsync().WaitAsync(Limit);
        var run = Assert.Single(await EndedAsync(store, 1));
        Assert.Equal(("soon", Outcome.Interrupted, Reason.Draining), (run.Job.Value, run.Outcome, run.Reason));
        node.Hurry();
        await node.StopAsync(CancellationToken.None).WaitAsync(Limit);
    }

    [Fact]
    public async Task A_shutdown_ends_the_epoch_and_a_start_begins_another()
    {
        var store = await OpenAsync();
        await using var node = Make(store, null, EverySeconds("tick", 10));
        await node.StartAsync(CancellationToken.None).WaitAsync(Limit);
        await store.ChangeAsync(new() { State = new(null, (state, now) => state with { ShutDown = now }) }, default);
        await UntilAsync(() => node.Status is NodeState.Standby { Because: Reason.ShutDown });
        clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Empty(ran);
        await store.ChangeAsync(new() { State = new(null, (state, _) => state with { ShutDown = null }) }, default);
        await UntilAsync(() => node.Status is NodeState.Active);

        // A fire time at this very instant is not late, so the new epoch takes the fire time first.
        Assert.True(await runs.WaitAsync(Limit));
        await node.StopAsync(CancellationToken.None).WaitAsync(Limit);
    }

    static async Task UntilAsync(Func<bool> holds)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (!holds())
        {
            await Task.Delay(1, limit.Token);
        }
    }
}
