using Escapement.Leadership;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;
using Escapement.Triggers;

namespace Escapement.Engine;

/// <summary>How the session of an active node ended.</summary>
enum SessionEnd
{
    /// <summary>The node is stopping.</summary>
    Stopping,

    /// <summary>The epoch was ended by another node: a heartbeat, a claim or the step-down was refused.</summary>
    Fenced,

    /// <summary>The scheduler was shut down over the API.</summary>
    ShutDown,
}

/// <summary>The heartbeats of an active node, and the upkeep that follows each heartbeat: lost nodes, the lock, the clocks, the marks and the length of the ledger.</summary>
sealed class SessionHeartbeat : IDisposable
{
    /// <summary>The most jobs that one transaction changes after the clock was set back.</summary>
    const int MaxEdits = 100;

    readonly NodeContext context;
    readonly Raise raise;
    readonly WakeUp plannerWakeUp;
    readonly StoreOutage outage;
    readonly LeaseGuard lease;
    readonly WakeUp wakeUp;
    readonly ClockWatch clocks;
    readonly Trimming trimming;
    readonly OtherEpochs? others;
    Task? waitingForLock;
    DateTimeOffset? behind;

    /// <param name="context">The node's.</param>
    /// <param name="raise">Began the epoch.</param>
    /// <param name="plannerWakeUp">Ends the wait of the planner.</param>
    /// <param name="outage">Told of each heartbeat that fails or is accepted.</param>
    public SessionHeartbeat(NodeContext context, Raise raise, WakeUp plannerWakeUp, StoreOutage outage)
    {
        (this.context, this.raise, this.plannerWakeUp, this.outage) = (context, raise, plannerWakeUp, outage);
        var trust = context.EveryNodeIsActive ? Lease.StartTrust(context.Settings.Lease) : context.Settings.Lease;
        lease = new(context.Clock, trust, raise.Begun);
        Permit = new(Epoch.Number, context.Clock, lease, context.EveryNodeIsActive, () => SendAsync(CancellationToken.None));
        wakeUp = new(context.Clock, context.Settings.Lease / 3);
        Lost.Found = wakeUp.Signal;
        clocks = new(context.Clock);
        trimming = new(context, clocks);
        if (context.EveryNodeIsActive) others = new(context, Epoch, Lost);
    }

    /// <summary>The epoch.</summary>
    public Epoch Epoch => raise.Epoch;

    /// <summary>The permit to start handlers, which each accepted heartbeat renews.</summary>
    public StartPermit Permit { get; }

    LostNodes Lost => raise.Lost;

    /// <summary>Whether the file of the store was replaced. The epoch is then over, but its runs go on, because no other node was raised.</summary>
    public bool StoreWasReplaced { get; private set; }

    /// <summary>Called after each accepted heartbeat with the look that the heartbeat returned.</summary>
    public Func<Look, CancellationToken, Task> Looked { get; init; } = (_, _) => Task.CompletedTask;

    /// <summary>Renews the lease by a claim that has written, which is a sign of life as well.</summary>
    /// <param name="begun">The timestamp at which the claim began.</param>
    public void Accepted(long begun)
    {
        if (context.EveryNodeIsActive) lease.Accepted(begun);
    }

    /// <summary>Sends a heartbeat at once: a waiter probes, or something may have come free.</summary>
    public void Signal() => wakeUp.Signal();

    /// <summary>Returns the time that the wall clock should show, or null if the wall clock is not ahead.</summary>
    public DateTimeOffset? ClockJumpedFrom() => clocks.JumpedFrom();

    /// <summary>Sends heartbeats until the node stops, is fenced, or the scheduler is shut down.</summary>
    public async Task<SessionEnd> RunAsync(CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            TakeOver();
            await WatchAsync(cancellationToken);
            behind = raise.Before is { } before && before.LastSign > Epoch.Begun + ClockWatch.Limit ? before.LastSign : null;

            // A waiter may have probed the epoch before this node knew that it has begun.
            if (context.EveryNodeIsActive) wakeUp.Signal();
            return await SendOnAsync(over.Token, cancellationToken);
        }
        finally
        {
            over.Cancel();
            await trimming.UnderWay;
        }
    }

    /// <param name="over">Cancelled when the heartbeats have ended.</param>
    /// <param name="cancellationToken">Cancelled when the node stops, or its claims have failed.</param>
    async Task<SessionEnd> SendOnAsync(CancellationToken over, CancellationToken cancellationToken)
    {
        var pause = context.Settings.Lease / 3;
        while (true)
        {
            await wakeUp.WaitAsync(pause, cancellationToken);
            wakeUp.Reset();
            pause = context.Settings.Lease / 3;
            if (cancellationToken.IsCancellationRequested) return SessionEnd.Stopping;
            var written = Written.Heartbeat;
            try
            {
                if (await SendAsync(cancellationToken) is not { } look) return SessionEnd.Fenced;
                if (look.State.ShutDown is not null) return SessionEnd.ShutDown;
                written = Written.Upkeep;
                await UpkeepAsync(look, cancellationToken);
                trimming.Begin(over);
                if (others?.Pause is { } next && next < pause) pause = next;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return SessionEnd.Stopping;
            }
            catch (Exception e)
            {
                outage.Begin(written, e);
                others?.Restart();
                pause = EngineSettings.RetryPause;
            }
        }
    }

    /// <summary>Does the upkeep that follows an accepted heartbeat.</summary>
    async Task UpkeepAsync(Look look, CancellationToken cancellationToken)
    {
        TouchLocks();
        if (others is not null) await others.WatchAsync(look, cancellationToken);
        await SettleAsync(look, cancellationToken);
        if (others is null) KeepLock(cancellationToken);
        await CompareClocksAsync(cancellationToken);
        await MarkOutagesAsync(cancellationToken);

        // Settled runs, or a clock that was set, may have made a job due. A notification may have been lost.
        plannerWakeUp.Signal();
        await Looked(look, cancellationToken);
        outage.End(Written.Upkeep);
    }

    /// <summary>Sends a heartbeat of a node that drains.</summary>
    /// <returns>False when another node has ended the drain: its runs are settled.</returns>
    public async Task<bool> SendWhileDrainingAsync()
    {
        await SendAsync(CancellationToken.None);
        return !Permit.IsFenced;
    }

    /// <summary>Sends a heartbeat.</summary>
    /// <returns>The look, or null if the heartbeat was refused.</returns>
    async Task<Look?> SendAsync(CancellationToken cancellationToken)
    {
        context.KeepLife();
        var begun = context.Clock.GetTimestamp();
        var look = await context.Store.LookAsync(new Sign.Heartbeat(context.Name.Id, Epoch.Number), cancellationToken);

        // A backup may be from before this epoch: then the newest one in it is an older one.
        StoreWasReplaced = look.Newest is { How: EpochEnd.StoreReplaced } replaced && replaced.Number <= Epoch.Number;
        if (look.Living.Any(living => living.Number == Epoch.Number))
        {
            lease.Accepted(begun);
            outage.End(Written.Heartbeat);
            return look;
        }

        if (context.EveryNodeIsActive && look.Draining.FirstOrDefault(row => row.Number == Epoch.Number) is { } mine)
        {
            // This node ended it and goes on with its runs.
            Permit.SteppedDown(mine.DrainUntil!.Value);
            lease.Accepted(begun);
            return null;
        }

        if (look.Newest is { } current && current.Number == Epoch.Number)
        {
            if (current.How is EpochEnd.SteppedDown or EpochEnd.ShutDown)
            {
                // This node ended it in this moment, which is not a fence.
                Permit.SteppedDown(current.DrainUntil ?? DateTimeOffset.MaxValue);
                return null;
            }
        }

        Permit.Fence();
        return null;
    }

    /// <summary>What a takeover leaves to do once the first claim is made: the lock's text, and what processes that are gone left behind.</summary>
    void TakeOver()
    {
        try
        {
            if (!context.EveryNodeIsActive) context.Locks.Write(context.HolderOf(Epoch));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The text is for people; the next beat that takes the lock writes it again.
        }

        Lost.Remove(raise.Gone);
    }

    void TouchLocks()
    {
        try
        {
            context.Locks.Touch(context.Clock.GetUtcNow());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another user's file may be written and not be given a time: a cleaner may take it for an old one, and the lock holds all the same.
        }
    }

    async Task WatchAsync(CancellationToken cancellationToken)
    {
        try
        {
            Lost.WaitForDraining(await context.Store.LookAsync(Sign.None, cancellationToken));
        }
        catch (Exception)
        {
            // The next beat looks again.
        }
    }

    async Task SettleAsync(Look look, CancellationToken cancellationToken)
    {
        var found = Lost.Find(look, others is null
            ? [context.Name.Id]
            : [context.Name.Id, .. look.Living.Select(living => living.Node.Id)]);
        if (found.Count > 0)
        {
            var changed = await context.Store.ChangeEpochsAsync(new() { By = (context.Name.Id, Epoch.Number), Lost = found },
                cancellationToken);
            if (!changed.Done) return;
            Lost.Remove(found);
            if (changed.Settled > 0) Log.Settled(context.Log, changed.Settled);
        }

        Lost.WaitForDraining(look);
    }

    /// <summary>Who became active without the lock takes it as soon as it can; so does one whose file was replaced, and stays active meanwhile.</summary>
    void KeepLock(CancellationToken cancellationToken)
    {
        if (context.Locks.Main.WasReplaced()) Log.LockFileReplaced(context.Log);
        if (!context.Locks.Main.Held && waitingForLock is not { IsCompleted: false }) waitingForLock = TakeLockAsync(cancellationToken);
    }

    async Task TakeLockAsync(CancellationToken cancellationToken)
    {
        try
        {
            await context.Locks.Main.TakeAsync(cancellationToken);
            context.Locks.Write(context.HolderOf(Epoch));
        }
        catch (Exception)
        {
            // No longer active; or the file is out of reach, whatever the reason, and the next beat tries again.
        }
    }

    /// <summary>Notices a wall clock that was set; when it was set back, what was passed because it had been ahead is due again in its time.</summary>
    async Task CompareClocksAsync(CancellationToken cancellationToken)
    {
        if (behind is { } last)
        {
            // It was set back before this epoch began: the one before has left a later sign of life.
            await GoBackAsync(last, cancellationToken);
            behind = null;
        }

        if (clocks.Jump() is not { } jump) return;
        var now = context.Clock.GetUtcNow();
        if (jump < TimeSpan.Zero) await GoBackAsync(now.Minus(jump), cancellationToken);
        var (from, to) = jump < TimeSpan.Zero ? (now, now.Minus(jump)) : (now.Minus(jump), now);
        await MarkAsync(MarkKind.ClockJump, from, to, cancellationToken);
        clocks.Accept(jump);
        Log.ClockJumped(context.Log, jump);
    }

    async Task GoBackAsync(DateTimeOffset ahead, CancellationToken cancellationToken)
    {
        // Those that have ended too: the clock may have been ahead of the end of their triggers.
        var jobs = (await context.Store.JobsAsync(new() { Ended = true }, cancellationToken)).Jobs;

        // In parts, so that no transaction is long: each part sets back whole jobs.
        foreach (var part in jobs.Where(job => job is { Ended: null or JobEnd.Exhausted, Job.Trigger: not null }).Chunk(MaxEdits))
        {
            await context.Store.ChangeAsync(new() { Jobs = [.. part.Select(job => JobEdits.ClockWentBack(job.Job.Id, ahead))] },
                cancellationToken);
        }
    }

    /// <summary>Writes into the ledger what explains late fire times and no epoch shows.</summary>
    Task<Changed> MarkAsync(MarkKind kind, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken) =>
        context.Store.ChangeAsync(new() { Marks = [new() { Kind = kind, From = from, To = to, Epoch = Epoch.Number }] }, cancellationToken);

    async Task MarkOutagesAsync(CancellationToken cancellationToken)
    {
        foreach (var (from, to) in outage.TakeOutages()) await MarkAsync(MarkKind.StoreOutage, from, to, cancellationToken);
    }

    public void Dispose() => Lost.Dispose();
}
