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
/// Tests of a node whose store fails, whose scheduler is shut
/// down during its work, or that is stopped at the worst moment.
/// </summary>
public sealed class NodeInTroubleTests : IDisposable
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    static readonly DateTimeOffset Start = new(2030, 1, 1, 8, 0, 0, TimeSpan.Zero);

    readonly string folder = Directory.CreateTempSubdirectory("escapement-trouble-").FullName;
    readonly FakeTimeProvider clock = new(Start);
    readonly SemaphoreSlim runs = new(0);
    readonly TaskCompletionSource release = new(TaskCreationOptions.RunContinuationsAsynchronously);
    bool locksAreForeign;
    int made;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    NodeLifecycle Make(IJobStore store, params Job[] declared)
    {
        var name = $"node-{++made}";
        var locks = FileLocks.Open(Path.Combine(folder, "lock"), name);
        var context = new NodeContext(
            new(name, Environment.ProcessId, "here", clock.GetUtcNow(), locks.LifeLock), store,
            locksAreForeign ? new ForeignLocks(locks) : locks,
            new("tests", TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(25), TimeSpan.FromDays(30), TimeSpan.FromHours(24)),
            clock, TaskScheduler.Default, NullLogger.Instance);
        var handlers = new HandlerRegistry([
            new("note", (_, _, _) => { runs.Release(); return ValueTask.CompletedTask; }, false, false, _ => { }),
            new("long", async (_, _, cancellationToken) => { runs.Release(); await release.Task.WaitAsync(cancellationToken); }, false,
                false, _ => { }),
        ]);
        return new(context, handlers, null, _ => new(declared, new Dictionary<JobId, string>()));
    }

    static Job EverySeconds(string id, double seconds, string handler = "note") => new()
    {
        Id = JobId.Parse(id),
        Name = id,
        Handler = handler,
        Origin = JobOrigin.Code,
        DeclaredHash = id,
        Trigger = new IntervalTrigger(TimeSpan.FromSeconds(seconds), Start + TimeSpan.FromSeconds(seconds), ZoneClock.Utc),

        // The tests let seconds pass between a claim and the start of its run.
        Options = new() { MisfireGrace = MisfireGrace.Unlimited },
    };

    async Task<TroubledStore> OpenAsync(bool shared = true)
    {
        var store = new TroubledStore(clock, shared);
        await store.OpenAsync("tests", CancellationToken.None);
        return store;
    }

    async Task UntilAsync(Func<bool> holds, bool timePasses = false)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (!holds())
        {
            limit.Token.ThrowIfCancellationRequested();
            if (timePasses) clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
    }

    static Task ShutDownAsync(IJobStore store) => ChangeStateAsync(store, (state, now) => state with { ShutDown = now });

    static Task StartAgainAsync(IJobStore store) => ChangeStateAsync(store, (state, _) => state with { ShutDown = null });

    static Task ChangeStateAsync(IJobStore store, Func<SchedulerState, DateTimeOffset, SchedulerState> edit) =>
        store.ChangeAsync(new() { State = new(null, edit) }, default);

    static async Task<Epoch> NewestAsync(IJobStore store) => (await store.LookAsync(Sign.None, default)).Newest!;

    [Fact]
    public async Task A_shutdown_holds_also_at_a_node_that_began_as_a_standby()
    {
        var (first, second) = (await OpenAsync(shared: false), await OpenAsync(shared: false));
        await using var one = Make(first);
        await using var two = Make(second);
        await one.StartAsync(CancellationToken.None).WaitAsync(Limit);
        await two.StartAsync(CancellationToken.None).WaitAsync(Limit);
        await one.StopAsync(CancellationToken.None).WaitAsync(Limit);
        await UntilAsync(() => two.Status is NodeState.Active);
        var looked = false;
        second.Before = method => looked = method is "Look" || (looked && method is not "Enter");
        await ShutDownAsync(second);
        await UntilAsync(() => two.Status is NodeState.Standby { Because: Reason.ShutDown });
        await UntilAsync(() => Volatile.Read(ref looked));
        Assert.NotNull((await second.LookAsync(Sign.None, default)).State.ShutDown);
        await two.StopAsync(CancellationToken.None).WaitAsync(Limit);
        Assert.NotNull((await second.LookAsync(Sign.None, default)).State.ShutDown);
    }

    [Fact]
    public async Task A_refused_claim_that_no_beat_confirms_does_not_end_the_claims()
    {
        var store = await OpenAsync();
        var refuse = 1;
        store.Claims = _ => Interlocked.Exchange(ref refuse, 0) == 1 ? Claimed.Refused : null;
        await using var node = Make(store, EverySeconds("tick", 10));
        await node.StartAsync(CancellationToken.None).WaitAsync(Limit);
        await UntilAsync(() => runs.CurrentCount > 0, timePasses: true);
        await node.StopAsync(CancellationToken.None).WaitAsync(Limit);
    }

    [Fact]
    public async Task A_store_that_is_away_once_it_was_opened_does_not_hold_up_the_start()
    {
        var store = await OpenAsync();
        var calls = 0;
        var away = true;
        store.Before = _ =>
        {
            Interlocked.Increment(ref calls);
            if (away) throw TroubledStore.Away;
        };
        await using var node = Make(store, EverySeconds("tick", 10));
        await node.StartAsync(CancellationToken.None).WaitAsync(Limit);
        Assert.Equal(new NodeState.Standby(Reason.StoreUnavailable, null, "The store is away."), node.Status);
        away = false;
        await UntilAsync(() => runs.CurrentCount > 0, timePasses: true);
        Assert.IsType<NodeState.Active>(node.Status);
        await node.StopAsync(CancellationToken.None).WaitAsync(Limit);
    }

    [Fact]
    public async Task A_store_that_fails_a_new_active_node_is_asked_again_after_a_pause_and_the_node_says_that_it_waits()
    {
        var store = await OpenAsync();
        var (away, failed, raised) = (false, 0, 0);
        store.Before = method =>
        {
            if (method == "Jobs") away = true;
            if (!away) return;
            Interlocked.Increment(ref failed);
            throw TroubledStore.Away;
        };
        store.After = method => raised += method == "Raise" ? 1 : 0;
        await using var node = Make(store, EverySeconds("tick", 10));
        await node.StartAsync(CancellationToken.None).WaitAsync(Limit);
        await UntilAsync(() => node.Status is NodeState.Standby { Because: Reason.StoreUnavailable });

        // The notification of the node's own raise must not cancel the pause.
        for (var i = 0; i < 1_000; i++) await Task.Yield();
        Assert.InRange(Volatile.Read(ref failed), 1, 3);
        Assert.Equal(1, raised);
        store.Before = _ => { };
        await UntilAsync(() => runs.CurrentCount > 0, timePasses: true);
        Assert.IsType<NodeState.Active>(node.Status);
        await node.StopAsync(CancellationToken.None).WaitAsync(Limit);
    }

    [Fact]
    public async Task A_node_that_is_stopped_while_it_raises_ends_the_epoch_that_it_got()
    {
        var store = await OpenAsync();
        Task? leaving = null;
        await using var node = Make(store, EverySeconds("tick", 10));
        store.After = method => leaving ??= method == "Raise" ? node.StepDownAsync() : null;
        await node.StartAsync(CancellationToken.None).WaitAsync(Limit);
        await UntilAsync(() => leaving is not null);
        await leaving!.WaitAsync(Limit);
        Assert.Equal(EpochEnd.SteppedDown, (await NewestAsync(store)).How);
        Assert.Equal("draining", node.Status.Role);
        await node.StopAsync(CancellationToken.None).WaitAsync(Limit);
    }

    [Fact]
    public async Task A_run_that_a_shutdown_left_going_on_is_recorded_although_a_later_epoch_of_its_node_was_fenced()
    {
        var store = await OpenAsync(shared: false);
        await using var node = Make(store, EverySeconds("slow", 10, "long"));
        await node.StartAsync(CancellationToken.None).WaitAsync(Limit);
        clock.Advance(TimeSpan.FromSeconds(10));
        Assert.True(await runs.WaitAsync(Limit));
        await ShutDownAsync(store);
        await UntilAsync(() => node.Status is NodeState.Standby { Because: Reason.ShutDown });
        await StartAgainAsync(store);
        await UntilAsync(() => node.Status is NodeState.Active);
        var other = new NodeName("other", 1, "there", Start, null);
        var seen = EpochSeen.Of(await NewestAsync(store));
        await store.ChangeEpochsAsync(new() { Begin = other, Newest = seen, Ends = [(seen, EpochEnd.LeaseOver)] }, default);
        await UntilAsync(() => node.Status is NodeState.Standby);
        release.SetResult();
        Run run;
        using var limit = new CancellationTokenSource(Limit);
        while ((run = (await store.RunsAsync(new(), limit.Token)).Runs.Single()).State != RunState.Ended) await Task.Delay(1, limit.Token);
        Assert.Equal(Outcome.Succeeded, run.Outcome);
        await node.StopAsync(CancellationToken.None).WaitAsync(Limit);
    }

    [Fact]
    public async Task A_backup_from_before_its_epoch_in_the_stores_place_cancels_nothing_that_runs()
    {
        var store = await OpenAsync();
        await using var node = Make(store, EverySeconds("long", 1, "long"));
        await node.StartAsync(CancellationToken.None).WaitAsync(Limit);
        var epoch = await NewestAsync(store);
        await UntilAsync(() => runs.CurrentCount > 0, timePasses: true);
        var after = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        store.Before = method =>
        {
            if (method == "Enter") after.TrySetResult(node.Status.Sentence);
        };

        store.Beats = look =>
        {
            store.Beats = later => later;
            return new()
            {
                Living = [],
                Newest = epoch with { Number = epoch.Number - 1, Ended = epoch.Begun, How = EpochEnd.StoreReplaced },
                State = look.State,
                Nodes = look.Nodes,
            };
        };

        await UntilAsync(() => after.Task.IsCompleted, timePasses: true);
        Assert.StartsWith("The store's file was replaced", await after.Task, StringComparison.Ordinal);
        release.SetResult();
        await node.StopAsync(CancellationToken.None).WaitAsync(Limit);
    }

    [Fact]
    public async Task Lock_files_whose_time_may_not_be_set_are_no_trouble()
    {
        locksAreForeign = true;
        var trims = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var store = await OpenAsync();
        store.After = method =>
        {
            if (method == "Trim") trims.TrySetResult();
        };
        await using var node = Make(store);
        await node.StartAsync(CancellationToken.None).WaitAsync(Limit);

        // The trim is the last action of a heartbeat.
        await UntilAsync(() => trims.Task.IsCompleted, timePasses: true);
    }

    [Fact]
    public async Task A_leave_that_the_store_fails_lets_the_lock_go_all_the_same()
    {
        var store = await OpenAsync();
        store.Before = method =>
        {
            if (method == "StepDown") throw new InvalidOperationException("no");
        };
        await using var node = Make(store);
        await node.StartAsync(CancellationToken.None).WaitAsync(Limit);
        await UntilAsync(() => node.Status is NodeState.Active);
        await node.StepDownAsync().WaitAsync(Limit);
        using var other = FileLock.Create(Path.Combine(folder, "lock"));
        Assert.True(other.TryTake());
        await node.StopAsync(CancellationToken.None).WaitAsync(Limit);
    }

    [Fact]
    public async Task A_job_whose_notification_is_lost_runs_after_the_next_beat()
    {
        var store = new TroubledStore(clock) { LosesNotifications = true };
        await store.OpenAsync("tests", CancellationToken.None);
        var (claims, beats) = (0, 0);
        store.After = method =>
        {
            if (method == "Claim") Interlocked.Increment(ref claims);
            if (method == "Beat") Interlocked.Increment(ref beats);
        };
        await using var node = Make(store);
        await node.StartAsync(CancellationToken.None).WaitAsync(Limit);
        await UntilAsync(() => Volatile.Read(ref claims) > 0);

        await store.ChangeAsync(new() { Jobs = [JobEdits.Add(new Job { Id = JobId.Parse("asked"), Name = "asked", Handler = "note" })] },
            default);
        await store.EnqueueAsync([new() { Job = JobId.Parse("asked") }], default);
        Interlocked.Exchange(ref beats, 0);
        await UntilAsync(() => Volatile.Read(ref beats) > 0, timePasses: true);
        await UntilAsync(() => runs.CurrentCount > 0);
        await node.StopAsync(CancellationToken.None).WaitAsync(Limit);
    }
}
