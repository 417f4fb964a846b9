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

/// <summary>
/// Tests of the end of a node's loops: by an unexpected failure, and by a stop without a free pool thread.
/// </summary>
public sealed class NodeLoopTests : IDisposable
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    static readonly DateTimeOffset Start = new(2030, 1, 1, 8, 0, 0, TimeSpan.Zero);

    static readonly Trigger Tick = new IntervalTrigger(TimeSpan.FromSeconds(10), Start + TimeSpan.FromSeconds(10), ZoneClock.Utc);

    readonly string folder = Directory.CreateTempSubdirectory("escapement-loop-").FullName;
    readonly FakeTimeProvider clock = new(Start);
    int made, runs, claims;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    NodeContext Context(IJobStore store, TaskScheduler scheduler)
    {
        var name = $"node-{++made}";
        var locks = FileLocks.Open(Path.Combine(folder, "lock"), name);
        return new(
            new(name, Environment.ProcessId, "here", clock.GetUtcNow(), locks.LifeLock), store, locks,
            new("tests", TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(25), TimeSpan.FromDays(30), TimeSpan.FromHours(24)),
            clock, scheduler, NullLogger.Instance);
    }

    NodeLifecycle Make(NodeContext context, Trigger? trigger = null)
    {
        var handlers = new HandlerRegistry(
            [new("note", (_, _, _) => { Interlocked.Increment(ref runs); return default; }, false, false, _ => { })]);
        var tick = new Job
        {
            Id = JobId.Parse("tick"),
            Name = "tick",
            Handler = "note",
            Origin = JobOrigin.Code,
            DeclaredHash = "tick",
            Trigger = trigger ?? Tick,

            // The tests let seconds pass between a claim and the start of its run.
            Options = new() { MisfireGrace = MisfireGrace.Unlimited },
        };
        return new(context, handlers, null, _ => new([tick], new Dictionary<JobId, string>()));
    }

    async Task<TroubledStore> OpenAsync()
    {
        var store = new TroubledStore(clock) { After = method => claims += method == "Claim" ? 1 : 0 };
        await store.OpenAsync("tests", CancellationToken.None);
        return store;
    }

    async Task UntilAsync(Func<bool> holds, bool timePasses = true)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (!holds())
        {
            limit.Token.ThrowIfCancellationRequested();
            if (timePasses) clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
    }

    [Fact]
    public async Task A_node_whose_claims_end_by_a_failure_ends_its_epoch_and_another_takes_over()
    {
        var store = await OpenAsync();
        await using var one = Make(Context(store, TaskScheduler.Default));
        await using var two = Make(Context(store, TaskScheduler.Default));
        await one.StartAsync(CancellationToken.None).WaitAsync(Limit);
        await two.StartAsync(CancellationToken.None).WaitAsync(Limit);
        Assert.IsType<NodeState.Standby>(two.Status);

        // The store returns a run of an unknown executor.
        // No real store does so, and the planner does not handle this case.
        var failed = false;
        var job = new Job { Id = JobId.Parse("lost"), Name = "lost", Handler = "note", Options = new() { Executor = "nowhere" } };
        store.Claims = request =>
        {
            if (request.Node != "node-1") return null;
            store.Claims = _ => null;
            Volatile.Write(ref failed, true);
            return new([new() { Id = new(0, 1, 0), Job = job, FireTime = Start, Arguments = JobArguments.None, Attempt = 1, Token = 1 }],
                null);
        };
        clock.Advance(TimeSpan.FromSeconds(10));

        // No time passes from here on, so no lease ends, and the second node learns about the end at once.
        await UntilAsync(() => Volatile.Read(ref failed), timePasses: false);
        await UntilAsync(() => two.Status is NodeState.Active, timePasses: false);
        Assert.IsType<NodeState.Standby>(one.Status);
        var before = Volatile.Read(ref runs);
        await UntilAsync(() => Volatile.Read(ref runs) > before);
        await two.StopAsync(CancellationToken.None).WaitAsync(Limit);
        await UntilAsync(() => one.Status is NodeState.Active);
        await one.StopAsync(CancellationToken.None).WaitAsync(Limit);
    }

    [Fact]
    public async Task A_stop_ends_the_claims_although_no_pool_thread_is_free_for_it()
    {
        var store = await OpenAsync();
        var pump = new PumpScheduler();
        await using var node = Make(Context(store, pump));
        var started = node.StartAsync(CancellationToken.None);
        pump.RunAll();
        await started.WaitAsync(Limit);
        Assert.IsType<NodeState.Active>(node.Status);
        var before = claims;

        // The pool does not execute the requests of the stop, but executes the requests of the planner.
        var leaving = node.StepDownAsync();
        var held = pump.TakeQueued();
        clock.Advance(TimeSpan.FromSeconds(30));
        pump.RunAll();
        pump.Return(held);
        pump.RunAll();
        await leaving.WaitAsync(Limit);
        Assert.Equal((before, 0), (claims, runs));
        Assert.Equal(EpochEnd.SteppedDown, (await store.LookAsync(Sign.None, default)).Newest!.How);
        await StopAsync(node, pump);
    }

    [Fact]
    public async Task The_hosts_sign_of_stopping_ends_the_claims_before_its_callbacks_are_called()
    {
        var store = await OpenAsync();
        var pump = new PumpScheduler();
        using var stopping = new CancellationTokenSource();
        await using var node = Make(Context(store, pump) with { Stopping = stopping.Token });
        var started = node.StartAsync(CancellationToken.None);
        pump.RunAll();
        await started.WaitAsync(Limit);
        var before = claims;
        await stopping.CancelAsync();
        clock.Advance(TimeSpan.FromSeconds(30));
        pump.RunAll();
        Assert.Equal((before, 0), (claims, runs));
        await StopAsync(node, pump);
    }

    [Fact]
    public async Task A_job_whose_trigger_takes_long_to_ask_runs_all_the_same()
    {
        Trigger Set(double seconds) => new OrTrigger(
            [.. Enumerable.Repeat(new IntervalTrigger(TimeSpan.FromSeconds(seconds), Start, ZoneClock.Utc), 40)], ZoneClock.Utc);
        Trigger Both() => new AndTrigger([Set(0.016), Set(0.625)], ZoneClock.Utc);
        var left = TriggerSearch.MaxOfJob;
        Both().Next(Start + TimeSpan.FromMilliseconds(1), ref left);
        Assert.True(left <= 0, "The search for the second fire time fits into a claim: this test needs one that does not.");
        var store = await OpenAsync();
        await using var node = Make(Context(store, TaskScheduler.Default), Both());
        await node.StartAsync(CancellationToken.None).WaitAsync(Limit);

        // The first fire time is the start, and no time passes: the end of the search wakes the planner.
        await UntilAsync(() => Volatile.Read(ref runs) > 0, timePasses: false);

        await node.StopAsync(CancellationToken.None).WaitAsync(Limit);
    }

    static async Task StopAsync(NodeLifecycle node, PumpScheduler pump)
    {
        var stopping = node.StopAsync(CancellationToken.None);
        using var limit = new CancellationTokenSource(Limit);
        while (!stopping.IsCompleted)
        {
            pump.RunAll();
            await Task.Delay(1, limit.Token);
        }

        await stopping;
    }
}
