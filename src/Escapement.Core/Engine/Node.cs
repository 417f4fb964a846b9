using System.Collections.Concurrent;
using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;
using Microsoft.Extensions.DependencyInjection;

namespace Escapement.Engine;

/// <summary>One process that has the scheduler in it: standby, active, draining, in this order or round again.</summary>
sealed class Node : IAsyncDisposable
{
    readonly NodeContext context;
    readonly HandlerRegistry handlers;
    readonly Reconciler reconciler;
    readonly Recorder recorder;
    readonly Dictionary<string, Executor> executors;
    readonly WakeUp wakeUp;
    readonly Candidate candidate;
    readonly ColdStart marks;
    readonly CancellationTokenSource stopping = new();
    readonly TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly Lock gate = new();
    readonly CancellationTokenSource drained = new();
    readonly ConcurrentDictionary<long, DrainHeartbeats> drains = [];
    IDisposable? listening;
    ActiveSession? active;
    Planner? planner;
    Epoch? epoch;
    Task life = Task.CompletedTask;
    Task? leaving;
    bool warmedUp;
    long drainUntil;

    /// <summary>Puts a node together; nothing runs yet.</summary>
    /// <param name="context">Who, where and by which clock.</param>
    /// <param name="handlers">The code that can run.</param>
    /// <param name="services">Where handlers' services come from.</param>
    /// <param name="declared">What the program declares, given an instant for what is filled in.</param>
    public Node(NodeContext context, HandlerRegistry handlers, IServiceScopeFactory? services, Func<DateTimeOffset, Declarations> declared)
    {
        (this.context, this.handlers) = (context, handlers);
        reconciler = new(context, handlers.Names, declared);
        recorder = new(context.Store, context.Clock, context.Scheduler, context.Log);
        wakeUp = new(context.Clock, context.Settings.Lease / 3);
        candidate = new(context, Show);
        marks = new(context);
        var shared = new ExecutorContext(handlers, services, recorder, context.Clock, context.Scheduler, context.Log);
        executors = context.Settings.Executors.ToDictionary(e => e.Key, e => new Executor(e.Key, e.Value, shared, wakeUp.Signal));
        if (handlers.AnyBlocks) Executor.AskForThreads(context.Settings.Executors.Values.Sum());
        State = new NodeState.Standby(Reason.NoActiveNode, null);
    }

    /// <summary>What it is now.</summary>
    public NodeState State { get; private set; }

    /// <summary>Ends when it is active or standby for the first time.</summary>
    public Task Ready => ready.Task;

    /// <summary>Who it is.</summary>
    public NodeName Name => context.Name;

    /// <summary>Starts it: names it in the store and lets it ask for the epoch. The store is open, the life lock held.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        // Tried at once, so that its first word about itself is already true; the wait is the candidate's.
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

    /// <summary>The host's first sign of stopping: ends the epoch, and only then lets the lock go, so that the next one is active while this one drains.</summary>
    /// <remarks>The claims end on the caller's own thread, before anything is asked of the pool: it may have no thread to spare.</remarks>
    public Task StepDownAsync()
    {
        lock (gate)
        {
            if (leaving is not null) return leaving;
            Volatile.Write(ref drainUntil, (context.Clock.GetUtcNow() + context.Settings.Drain).UtcTicks);
            stopping.Cancel();
            return leaving = Task.Factory.StartNew(LeaveOnceAsync, CancellationToken.None, TaskCreationOptions.None, context.Scheduler)
                .Unwrap();
        }
    }

    /// <summary>Waits for its runs up to the drain limit, stops and records the rest, and lets go of everything.</summary>
    /// <param name="cancellationToken">The host no longer waits: runs that still go on are stopped at once.</param>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await StepDownAsync();
        var left = DrainUntil!.Value - context.Clock.GetUtcNow();
        try
        {
            await IdleAsync().WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, context.Clock, cancellationToken);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            // The limit: what still runs is stopped and recorded below.
        }

        var stopped = executors.Values.Sum(executor => executor.Taken);
        if (stopped > 0) foreach (var executor in executors.Values) executor.StopAll();
        await FlushAsync();
        if (!context.Store.Place.Shared) await EndEpochAsync(EpochEnd.SteppedDown);

        // Where the epoch could not be ended, nobody need ask for its right any longer.
        active?.Fence();
        context.Locks.Main.Release();
        Log.Stopped(context.Log, stopped);
    }

    // A method of its own: the wait for the bare task would be called back on the pool, and not on the engine's scheduler.
    async Task WhenReadyAsync() => await ready.Task;

    // One after the other: WhenAll would be called back on the pool, and not on the engine's scheduler.
    async Task IdleAsync()
    {
        foreach (var executor in executors.Values) await executor.IdleAsync();
    }

    /// <summary>Until when runs may go on; <see langword="null"/> until the node leaves.</summary>
    DateTimeOffset? DrainUntil => Volatile.Read(ref drainUntil) is > 0 and var ticks ? new(ticks, TimeSpan.Zero) : null;

    async Task LeaveOnceAsync()
    {
        wakeUp.Signal();

        // What is under way ends first: an epoch that was raised in this very moment is left like any other, and no claim comes after.
        await life;

        // Nobody else can see the runs of a memory store: there the node drains first, and lets the lock go at its end.
        if (context.Store.Place.Shared) await EndEpochAsync(EpochEnd.SteppedDown);
        if (epoch is { } mine && State is NodeState.Active) State = new NodeState.Draining(mine.Number, DrainUntil!.Value);
        if (context.Store.Place.Shared) context.Locks.Main.Release();
    }

    /// <returns>False when the store could not be asked.</returns>
    async Task<bool> EndEpochAsync(EpochEnd how)
    {
        if (active is not { IsFenced: false } time || epoch is not { } mine) return true;
        var until = DrainUntil ?? DateTimeOffset.MaxValue;
        try
        {
            var change = new EpochChange
            {
                By = (context.Name.Id, mine.Number),
                StepDown = new(until, how) { Unanswered = planner?.Unanswered }
            };
            if ((await context.Store.ChangeEpochsAsync(change, CancellationToken.None)).Done)
            {
                time.SteppedDown(until);
                active = null;
                if (context.EveryNodeIsActive) HeartbeatOn(time);
                if (DrainUntil is not null && how == EpochEnd.SteppedDown)
                {
                    Log.Leaving(context.Log, mine.Number, executors.Values.Sum(executor => executor.Taken), until);
                }

                return true;
            }
        }
        catch (Exception e)
        {
            // Not left, and not fenced either: its lease or its end will tell the others. The answer alone may be lost.
            Log.StoreDown(context.Log, Failure.MessageOf(e));
            if (context.EveryNodeIsActive) HeartbeatOn(time);
            return false;
        }

        FenceAll();
        return true;
    }

    /// <summary>The runs of an epoch that this node has ended go on: so do its beats.</summary>
    void HeartbeatOn(ActiveSession time)
    {
        var beats = new DrainHeartbeats(context, time, executors.Values);
        if (drains.TryAdd(time.Epoch.Number, beats)) _ = beats.RunAsync(drained.Token);
    }

    async Task FlushAsync()
    {
        try
        {
            await recorder.FlushAsync().WaitAsync(TimeSpan.FromSeconds(3), context.Clock);
        }
        catch (TimeoutException)
        {
            // The store is away: the next epoch settles these runs as interrupted.
        }
    }

    async Task LiveAsync()
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await context.Store.LookAsync(new Sign.Enter(context.Name, reconciler.Ids(), handlers.Names), stopping.Token);
                await marks.ClearAsync(stopping.Token);
                if (await candidate.BecomeActiveAsync(stopping.Token) is { } activation) await ActAsync(activation);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e)
            {
                await FailedAsync(e);

                // Without the reset an earlier signal, such as that of its own raise, would make the pause void.
                wakeUp.Reset();
                await wakeUp.WaitAsync(EngineSettings.RetryPause, stopping.Token);
            }
        }

        ready.TrySetResult();
    }

    /// <summary>Tells of a failure. One of a loop of the active node ends its epoch: a node that beats and does not claim would keep all others from claiming.</summary>
    async Task FailedAsync(Exception e)
    {
        var message = Failure.MessageOf(e);
        var unavailable = e is StoreUnavailableException;
        NodeState state = unavailable
            ? new NodeState.Standby(Reason.StoreUnavailable, null, message)
            : new NodeState.Standby(Reason.NoActiveNode, null);
        if (!unavailable) Log.LoopFailed(context.Log, message, Failure.Loggable(e));
        else if (State is not NodeState.Standby { Because: Reason.StoreUnavailable }) Log.StoreDown(context.Log, message);
        Show(state);
        if (active is not { IsFenced: false } || epoch is not { } mine) return;

        // What runs goes on and is recorded by this node, as after a shutdown.
        if (!await EndEpochAsync(EpochEnd.SteppedDown))
        {
            // Its epoch goes on without it: the next raise goes over it, and settles what it has claimed.
            foreach (var executor in executors.Values) executor.Fence(mine.Number);
        }

        // Nobody else can see the jobs of a memory store.
        if (context.Store.Place.Shared) context.Locks.Main.Release();
    }

    async Task ActAsync(Activation activation)
    {
        epoch = activation.Epoch;
        var outage = new StoreOutage(context.Clock, context.Log, why =>
        {
            if (State is NodeState.Active state) State = state with { Trouble = why };
        });
        using var time = active = new ActiveSession(context, activation, wakeUp.Signal, outage)
        {
            Looked = (look, cancellationToken) =>
                context.EveryNodeIsActive ? reconciler.FollowNodesAsync(look, cancellationToken) : Task.CompletedTask,
        };
        planner = new(context, executors, wakeUp, outage, time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stopping.Token);
        State = new NodeState.Active(epoch.Number, epoch.Begun);
        Task claims = Task.CompletedTask, beats = Task.CompletedTask;
        SessionEnd how;
        try
        {
            // A takeover by another process of the same program finds the jobs as it declares them, and claims at once.
            var inLine = activation.Declared == reconciler.Hash;
            var beating = inLine ? null : time.RunAsync(end.Token);
            beats = beating ?? beats;
            if (!inLine) await BringInLineAsync(time, end.Token);
            claims = planner.RunAsync(handlers.Names, () => DrainUntil, end);
            activation.Tell(context.Log);
            ready.TrySetResult();
            beats = beating ??= time.RunAsync(end.Token);

            // A job that only an older version declared is retired once none of its processes lives: the process before may have been too early for that.
            if (inLine) await BringInLineAsync(time, end.Token);
            how = await beating;
        }
        finally
        {
            end.Cancel();
            wakeUp.Signal();
            await Task.WhenAll(claims, beats);
        }

        await FinishAsync(how);
    }

    /// <summary>Brings the stored jobs in line with the declared ones: as soon as the store is back, if it is away. What cannot be done leaves the jobs as they stand, and harms nothing else.</summary>
    async Task BringInLineAsync(ActiveSession time, CancellationToken cancellationToken)
    {
        var told = false;
        while (!cancellationToken.IsCancellationRequested && !time.IsFenced)
        {
            try
            {
                await reconciler.RunAsync(cancellationToken);
                if (told) State = new NodeState.Active(epoch!.Number, epoch.Begun);
                return;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (StoreUnavailableException e)
            {
                var message = Failure.MessageOf(e);
                if (!told) Log.StoreDown(context.Log, message);
                told = true;
                State = new NodeState.Standby(Reason.StoreUnavailable, null, message);
                ready.TrySetResult();

                // An earlier signal, such as that of its own raise, would make the pause void.
                wakeUp.Reset();
                await wakeUp.WaitAsync(EngineSettings.RetryPause, cancellationToken);
            }
            catch (Exception e)
            {
                Log.NotInLine(context.Log, Failure.MessageOf(e), Failure.Loggable(e));
                if (told) State = new NodeState.Active(epoch!.Number, epoch.Begun);
                return;
            }
        }
    }

    async Task FinishAsync(SessionEnd how)
    {
        switch (how)
        {
            case SessionEnd.ShutDown:
                Log.ShutDown(context.Log);
                while (!await EndEpochAsync(EpochEnd.ShutDown))
                {
                    // An epoch that is not ended would be raised over later, and its runs with it.
                    if (stopping.IsCancellationRequested) return;
                    wakeUp.Reset();
                    await wakeUp.WaitAsync(EngineSettings.RetryPause, stopping.Token);
                }

                Show(new NodeState.Standby(Reason.ShutDown, null));
                break;
            case SessionEnd.Fenced:
                FenceAll();
                break;
        }
    }

    void FenceAll()
    {
        active?.Fence();
        var replaced = active is { StoreWasReplaced: true };
        if (!replaced && context.ProtocolOverrides.DropsWhenFenced) foreach (var executor in executors.Values) executor.Fence(epoch!.Number);
        State = new NodeState.Standby(Reason.Fenced, null, replaced ? ReasonText.StoreReplaced(context.Store.Place.Name) : null);
        Log.Fenced(context.Log, State.Sentence);
    }

    void Show(NodeState state)
    {
        var before = State;
        if (stopping.IsCancellationRequested) return;
        State = state;
        // Of a store that is away its own line tells.
        if (state != before && state.Reason != Reason.StoreUnavailable)
        {
            Log.Standby(context.Log, state.Sentence);
        }

        ready.TrySetResult();
        if (warmedUp || context.Settings.WarmUps == 0 || !context.Store.Place.Shared
            || state is not NodeState.Standby { Because: Reason.Standby })
        {
            return;
        }

        warmedUp = true;
        var (rehearsal, cancellationToken) = (new EngineWarmUp(context, handlers.Names, () => reconciler.Hash), stopping.Token);
        _ = Task.Factory.StartNew(() =>
            rehearsal.TryAsync(cancellationToken), CancellationToken.None, TaskCreationOptions.None, context.Scheduler);
    }

    void Notified(Notification notification)
    {
        var signal = notification.Signal;
        if ((signal & (StoreSignal.Work | StoreSignal.Epoch)) != 0) wakeUp.Signal();
        if ((signal & (StoreSignal.Epoch | StoreSignal.Work)) != 0) candidate.Signal();
        if ((signal & (StoreSignal.Probe | StoreSignal.Epoch)) != 0) active?.Signal();
        if ((signal & StoreSignal.Probe) != 0) foreach (var beats in drains.Values) beats.Signal();
    }

    // CancelAsync calls back on the pool and not on the engine's scheduler.
    void EndDrains() => drained.Cancel();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        listening?.Dispose();
        await StepDownAsync(); // A host whose start failed disposes what it never stopped: its epoch ends all the same.
        await life;

        // Once the life lock is free others settle what this node still has: none of it may start any more.
        active?.Fence();
        EndDrains();
        foreach (var executor in executors.Values) executor.Fence(null);
        context.Locks.Main.Dispose();
        context.Locks.Life.Dispose();
        stopping.Dispose();
        drained.Dispose();
    }
}
