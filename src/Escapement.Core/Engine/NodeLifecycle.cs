using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;
using Microsoft.Extensions.DependencyInjection;

namespace Escapement.Engine;

/// <summary>
/// Runs a node, a process with the scheduler in it: starts, waits to become active, is active, and repeats both until
/// the node steps down, drains and stops.
/// </summary>
sealed class NodeLifecycle : IAsyncDisposable
{
    readonly NodeContext context;
    readonly NodeResources node;
    readonly Recorder recorder;
    readonly Candidate candidate;
    readonly ColdStart coldStart;
    readonly TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly Lock gate = new();
    IDisposable? listening;
    ActiveSession? session;
    NodeState.Standby? waiting = new(Reason.NoActiveNode, null);
    Task life = Task.CompletedTask;
    Task? leaving;
    (Reason, int?, string?, bool)? told;
    bool draining, warmedUp;
    int stopsRuns;

    /// <summary>Makes a node. Nothing runs yet.</summary>
    /// <param name="context">Shared by all parts of the node.</param>
    /// <param name="handlers">The handlers of the program.</param>
    /// <param name="services">The source of the handlers' services.</param>
    /// <param name="declared">
    /// Returns the declarations of the program, with the values that depend on an instant.
    /// </param>
    public NodeLifecycle(NodeContext context, HandlerRegistry handlers, IServiceScopeFactory? services,
        Func<DateTimeOffset, Declarations> declared)
    {
        this.context = context;
        recorder = new(context.Store, context.Clock, context.Scheduler, context.Log);
        candidate = new(context, Show);
        coldStart = new(context);
        var wakeUp = new WakeUp(context.Clock, context.Settings.Lease / 3);
        var executors = new Executors(context.Settings.Executors,
            new(handlers, services, recorder, context.Clock, context.Scheduler, context.Log), wakeUp.Signal);
        node = new(executors, new(context, handlers.Names, declared), wakeUp, new(context, executors),
            new(context.Clock, context.Settings.Drain));
    }

    /// <summary>The state of the node, computed from its wait, its session and its stop.</summary>
    public NodeState Status => (waiting, session) switch
    {
        ({ } standby, _) => standby,
        (null, { NotInLine: { } message }) => new NodeState.Standby(Reason.StoreUnavailable, null, message),
        (null, { Epoch: var epoch }) when draining => new NodeState.Draining(epoch.Number, node.Stop.DrainUntil!.Value),
        (null, { Epoch: var epoch, Outage: var outage }) => new NodeState.Active(epoch.Number, epoch.Begun, outage),
        _ => new NodeState.Standby(Reason.NoActiveNode, null),
    };

    /// <summary>Completes when the node is active or standby for the first time.</summary>
    public Task Ready => ready.Task;

    /// <summary>The name of the node.</summary>
    public NodeName Name => context.Name;

    /// <summary>
    /// Starts the node: registers the node in the store and begins to wait for the epoch. The store must be open and
    /// the life lock held.
    /// </summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        // The lock is tried at once, so that the first state of the node is already true. The candidate waits for the
        // lock.
        try
        {
            if (!context.EveryNodeIsActive) _ = context.Locks.Main.TryTake();
        }
        catch (IOException)
        {
            // The file is out of reach: the candidate's lease remains.
        }

        listening = context.Store.Notifier.Subscribe(Notified);
        life = Task.Factory.StartNew(LiveAsync, CancellationToken.None, TaskCreationOptions.None, context.Scheduler).Unwrap();
        return WhenReadyAsync().WaitAsync(cancellationToken);
    }

    // A separate method, because a wait for the bare task would continue on the thread pool instead of the engine's
    // scheduler.
    async Task WhenReadyAsync() => await ready.Task;

    async Task LiveAsync()
    {
        while (!node.Stop.IsGiven)
        {
            try
            {
                await context.Store.LookAsync(Enter, node.Stop.Token);
                await coldStart.ClearAsync(node.Stop.Token);
                if (await candidate.BecomeActiveAsync(node.Stop.Token) is { } raise) await ActAsync(raise);
            }
            catch (OperationCanceledException) when (node.Stop.IsGiven)
            {
                break;
            }
            catch (ApplicationNotStartedException)
            {
                await YieldAsync();
            }
            catch (Exception e)
            {
                await FailedAsync(e);

                // Without the reset, an earlier signal such as the signal of the raise would end the pause at once.
                node.WakeUp.Reset();
                await node.WakeUp.WaitAsync(EngineSettings.RetryPause, node.Stop.Token);
            }
        }

        ready.TrySetResult();
    }

    async Task ActAsync(Raise raise)
    {
        using var active = session = new ActiveSession(context, node, raise) { Ready = () => ready.TrySetResult() };
        waiting = null;
        told = null;
        switch (await active.RunAsync())
        {
            case SessionEnd.Fenced:
                waiting = active.Fenced;
                break;
            case SessionEnd.ShutDown:
                Show(new(Reason.ShutDown, null));
                break;
        }
    }

    /// <summary>
    /// Logs a failure. If a loop of the session failed, its epoch ends, because a node that sends heartbeats without
    /// claiming would keep all other nodes from claiming.
    /// </summary>
    async Task FailedAsync(Exception e)
    {
        var message = Failure.MessageOf(e);
        var unavailable = e is StoreUnavailableException;
        if (!unavailable) Log.LoopFailed(context.Log, message, Failure.Loggable(e));
        else if (Status is not NodeState.Standby { Because: Reason.StoreUnavailable }) Log.StoreDown(context.Log, message);
        Show(unavailable ? new(Reason.StoreUnavailable, null, message) : new(Reason.NoActiveNode, null));
        await LeaveEpochAsync();
    }

    /// <summary>Ends the epoch of a node whose application has not started, so that another process can take over, and waits
    /// for the application.</summary>
    async Task YieldAsync()
    {
        await LeaveEpochAsync();
        Show(new(Reason.NoActiveNode, null, ReasonText.ApplicationNotStarted()));
        using var started = context.MayStartJobs.Register(node.WakeUp.Signal);
        while (!context.MayStartJobs.IsCancellationRequested && !node.Stop.IsGiven)
        {
            node.WakeUp.Reset();
            if (!context.MayStartJobs.IsCancellationRequested) await node.WakeUp.WaitAsync(context.Settings.Lease, node.Stop.Token);
        }
    }

    async Task LeaveEpochAsync()
    {
        if (session is not { IsLive: true } failed) return;

        // The runs go on and are recorded by this node, as after a shutdown.
        // If the epoch could not be ended, the next raise ends the epoch and settles its runs.
        if (!await EndEpochAsync()) node.Executors.Fence(failed.Epoch.Number);

        // No other node can see the jobs of a memory store.
        if (context.Store.Place.Shared) context.Locks.Main.Release();
    }

    /// <summary>Applies changed declarations: registers the declarations of this node, and lets an active node bring the
    /// stored jobs in line.</summary>
    public void Redeclare()
    {
        node.Reconciler.Redeclare();
        _ = Task.Factory.StartNew(RegisterAsync, CancellationToken.None, TaskCreationOptions.None, context.Scheduler);
    }

    // The other nodes decide by the registered declarations whether a job is still declared.
    async Task RegisterAsync()
    {
        while (!node.Stop.IsGiven)
        {
            try
            {
                await context.Store.LookAsync(Enter, node.Stop.Token);
                return;
            }
            catch (OperationCanceledException) when (node.Stop.IsGiven)
            {
                return;
            }
            catch (StoreUnavailableException)
            {
                await Task.Delay(EngineSettings.RetryPause, context.Clock, CancellationToken.None);
            }
            catch (Exception e)
            {
                Log.NotInLine(context.Log, Failure.MessageOf(e), Failure.Loggable(e));
                return;
            }
        }
    }

    Sign.Enter Enter => new(context.Name, node.Reconciler.Ids(), node.Executors.Handlers);

    /// <summary>
    /// Steps down at the host's first sign of stopping: ends the epoch and then releases the lock, so that the next
    /// node is active while this node drains.
    /// </summary>
    /// <remarks>
    /// The claims end on the caller's own thread first, because the thread pool may have no free thread.
    /// </remarks>
    public Task StepDownAsync()
    {
        lock (gate)
        {
            if (leaving is not null) return leaving;
            node.Stop.Give();
            _ = Task.Factory.StartNew(node.Executors.CancelAtStop, CancellationToken.None, TaskCreationOptions.None, context.Scheduler);
            return leaving = Task.Factory.StartNew(LeaveOnceAsync, CancellationToken.None, TaskCreationOptions.None, context.Scheduler)
                .Unwrap();
        }
    }

    async Task LeaveOnceAsync()
    {
        node.WakeUp.Signal();

        // Work under way ends first: an epoch raised at this moment is left like any other, and no claim follows.
        await life;

        // No other node can see the runs of a memory store. With such a store, the node drains first and releases the
        // lock at its end.
        if (context.Store.Place.Shared) await EndEpochAsync();
        draining = true;
        if (context.Store.Place.Shared) context.Locks.Main.Release();
        if (node.Executors.Taken > 0) Log.StillRunning(context.Log, node.Executors.Names(), node.Stop.DrainUntil!.Value);
    }

    /// <summary>Stops the runs of a stopping node at once, and records the runs as interrupted.</summary>
    public void Hurry()
    {
        if (!node.Stop.IsGiven || node.Stop.HurryToken.IsCancellationRequested) return;
        _ = Task.Factory.StartNew(StopRuns, CancellationToken.None, TaskCreationOptions.None, context.Scheduler);
        node.Stop.Hurry();
    }

    void StopRuns()
    {
        if (node.Executors.Taken == 0) return;
        if (Interlocked.Exchange(ref stopsRuns, 1) == 0) Log.StopsRuns(context.Log, node.Executors.Names());
        node.Executors.StopAll();
    }

    /// <returns>False if the store could not be asked.</returns>
    async Task<bool> EndEpochAsync()
    {
        if (session is null) return true;
        var answer = await session.EndAsync(EpochEnd.SteppedDown);
        if (answer == EpochAnswer.Fenced) waiting = session.Fenced;
        return answer != EpochAnswer.None;
    }

    /// <summary>Waits for the runs up to the drain limit, stops and records the rest, and releases the lock.</summary>
    /// <param name="cancellationToken">
    /// Cancelled when the host stops waiting. Runs still under way are then stopped at once.
    /// </param>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await StepDownAsync();
        var left = node.Stop.DrainUntil!.Value - context.Clock.GetUtcNow();
        using var hurry = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, node.Stop.HurryToken);
        try
        {
            await node.Executors.IdleAsync().WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, context.Clock, hurry.Token);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            // The drain limit has passed. Runs still under way are stopped and recorded below.
        }

        StopRuns();
        await FlushAsync();
        if (!context.Store.Place.Shared) await EndEpochAsync();

        // If the epoch could not be ended, no code needs its permit any more.
        session?.GiveUp();
        context.Locks.Main.Release();
        Log.Stopped(context.Log);
    }

    async Task FlushAsync()
    {
        try
        {
            await recorder.FlushAsync().WaitAsync(TimeSpan.FromSeconds(3), context.Clock);
        }
        catch (TimeoutException)
        {
            // The store is unavailable: the next epoch settles these runs as interrupted.
        }
    }

    void Show(NodeState.Standby state)
    {
        var before = Status;
        if (node.Stop.IsGiven) return;
        waiting = state;

        // An unavailable store has its own line in the log. A standby first knows the holder of the lock, and then the
        // epoch of the same process, with another instant.
        var holder = (state.Because, state.Holder?.Pid, state.Holder?.Host, state.Trouble is null);
        if (state != before && state.Reason != Reason.StoreUnavailable && holder != told) Log.Standby(context.Log, state.Sentence);
        told = holder;
        ready.TrySetResult();
        if (state.Because == Reason.Standby && context.Store.Place.Shared) WarmUp();
    }

    /// <summary>Warms up a standby, once.</summary>
    void WarmUp()
    {
        if (warmedUp || context.Settings.WarmUps == 0) return;
        warmedUp = true;
        var warmUp = new EngineWarmUp(context, node.Executors.Handlers, () => node.Reconciler.Hash, PlayAsync);
        var cancellationToken = node.Stop.Token;
        _ = Task.Factory.StartNew(() =>
            warmUp.TryAsync(cancellationToken), CancellationToken.None, TaskCreationOptions.None, context.Scheduler);
    }

    static async Task PlayAsync(NodeContext stage, HandlerRegistry handlers, Func<Task> act, CancellationToken cancellationToken)
    {
        await using var node = new NodeLifecycle(stage, handlers, null, _ => Declarations.None);
        await node.StartAsync(cancellationToken);
        await act();
        await node.StopAsync(cancellationToken);
    }

    void Notified(Notification notification)
    {
        var signal = notification.Signal;
        if ((signal & (StoreSignal.Work | StoreSignal.Epoch)) != 0)
        {
            node.WakeUp.Signal();
            candidate.Signal();
        }

        if ((signal & (StoreSignal.Probe | StoreSignal.Epoch)) != 0) session?.Signal();
        if ((signal & StoreSignal.Probe) != 0) node.DrainHeartbeats.Signal();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        listening?.Dispose();
        await StepDownAsync(); // A host whose start failed disposes the node without a stop. The epoch still ends.
        await life;

        // When the life lock is free, other nodes settle the runs that this node still has. None of these runs may
        // start any more.
        session?.GiveUp();
        node.DrainHeartbeats.End();
        node.Executors.Fence(null);
        context.Locks.Main.Dispose();
        context.Locks.Life.Dispose();
        node.Stop.Dispose();
        node.DrainHeartbeats.Dispose();
    }
}
