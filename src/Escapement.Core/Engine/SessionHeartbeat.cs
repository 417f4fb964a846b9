using Escapement.Leadership;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;
using Escapement.Triggers;

namespace Escapement.Engine;

/// <summary>The cause of the end of an active node's session.</summary>
enum SessionEnd
{
    /// <summary>The node is stopping.</summary>
    Stopping,

    /// <summary>Another node ended the epoch: a heartbeat, a claim or the step-down was refused.</summary>
    Fenced,

    /// <summary>The scheduler was shut down over the API.</summary>
    ShutDown,
}

/// <summary>
/// Sends the heartbeats of an active node, and does the upkeep after each heartbeat: lost nodes, the lock, the clocks,
/// the marks and the length of the ledger.
/// </summary>
sealed class SessionHeartbeat : IDisposable
{
    /// <summary>The largest number of jobs that a transaction changes after the clock was set back.</summary>
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

    /// <param name="context">The context of the node.</param>
    /// <param name="raise">The raise that began the epoch.</param>
    /// <param name="plannerWakeUp">The signal that ends the planner's wait.</param>
    /// <param name="outage">Notified of each heartbeat that fails or is accepted.</param>
    public SessionHeartbeat(NodeContext context, Raise raise, WakeUp plannerWakeUp, StoreOutage outage)
    {
        (this.context, this.raise, this.plannerWakeUp, this.outage) = (context, raise, plannerWakeUp, outage);
        var trust = context.IsTrustShort ? Lease.StartTrust(context.Settings.Lease) : context.Settings.Lease;
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

    /// <summary>The permit to start handlers, renewed by each accepted heartbeat.</summary>
    public StartPermit Permit { get; }

    /// <summary>True if no other process serves the jobs, so that no other version of the program waits for a run.</summary>
    public bool IsAlone { get; private set; }

    LostNodes Lost => raise.Lost;

    /// <summary>
    /// Whether the file of the store was replaced. The epoch is then over, but its runs continue, because no other node
    /// was raised.
    /// </summary>
    public bool StoreWasReplaced { get; private set; }

    /// <summary>Called after each accepted heartbeat with the look that the heartbeat returned.</summary>
    public Func<Look, CancellationToken, Task> Looked { get; init; } = (_, _) => Task.CompletedTask;

    /// <summary>Called when the wall clock was set back, before the fire times are corrected.</summary>
    public Func<CancellationToken, Task> ClockWentBack { get; init; } = _ => Task.CompletedTask;

    /// <summary>Renews the lease by a claim with a write, which is a sign of life as well.</summary>
    /// <param name="begun">The timestamp at which the claim began.</param>
    public void Accepted(long begun)
    {
        if (context.IsTrustShort) lease.Accepted(begun);
    }

    /// <summary>Sends a heartbeat at once, because a waiter probes or a lock may have come free.</summary>
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

            // A waiter may have probed the epoch before this node knew of its beginning.
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
        IsAlone = look.Nodes.Count <= 1;
        TouchLocks();
        if (others is not null) await others.WatchAsync(look, cancellationToken);
        await SettleAsync(look, cancellationToken);
        if (others is null) KeepLock(cancellationToken);
        await CompareClocksAsync(cancellationToken);
        await MarkOutagesAsync(cancellationToken);

        // Settled runs, or a change of the clock, may have made a job due. A notification may have been lost.
        if (!(look.NextDue > context.Clock.GetUtcNow() + context.Settings.Lease)) plannerWakeUp.Signal();
        await Looked(look, cancellationToken);
        outage.End(Written.Upkeep);
    }

    /// <summary>Sends a heartbeat of a draining node.</summary>
    /// <returns>False if another node has ended the drain. The runs are then settled.</returns>
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

        // A restored backup may be older than this epoch. The newest epoch in the backup is then an older epoch.
        StoreWasReplaced = look.Newest is { How: EpochEnd.StoreReplaced } replaced && replaced.Number <= Epoch.Number;
        if (look.Living.Any(living => living.Number == Epoch.Number))
        {
            lease.Accepted(begun);
            outage.End(Written.Heartbeat);
            return look;
        }

        if (context.EveryNodeIsActive && look.Draining.FirstOrDefault(row => row.Number == Epoch.Number) is { } mine)
        {
            // This node ended the epoch and continues its runs.
            Permit.SteppedDown(mine.DrainUntil!.Value);
            lease.Accepted(begun);
            return null;
        }

        if (look.Newest is { } current && current.Number == Epoch.Number)
        {
            if (current.How is EpochEnd.SteppedDown or EpochEnd.ShutDown)
            {
                // This node ended the epoch at this moment, which is not a fence.
                Permit.SteppedDown(current.DrainUntil ?? DateTimeOffset.MaxValue);
                return null;
            }
        }

        Permit.Fence();
        return null;
    }

    /// <summary>
    /// Completes a takeover after the first claim: writes the text of the lock file, and removes the files of processes
    /// that are gone.
    /// </summary>
    void TakeOver()
    {
        try
        {
            if (!context.EveryNodeIsActive) context.Locks.Write(context.HolderOf(Epoch));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The text is for people. The next heartbeat that takes the lock writes the text again.
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
            // The file may belong to another user, so that its time cannot be set. A cleaner may then remove the file
            // as too old, but the lock is still held.
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
            // The next heartbeat looks again.
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

    /// <summary>
    /// Takes the lock as soon as possible if the node became active without the lock, or if the lock file was replaced.
    /// The node stays active meanwhile.
    /// </summary>
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
            // The epoch has ended, or the file is out of reach for any reason. The next heartbeat tries again.
        }
    }

    /// <summary>
    /// Detects that the wall clock was set. If the clock was set back, fire times passed early because the clock was
    /// ahead become due again.
    /// </summary>
    async Task CompareClocksAsync(CancellationToken cancellationToken)
    {
        if (behind is { } last)
        {
            // The clock was set back before this epoch began, because the previous epoch left a later sign of life.
            await GoBackAsync(last, cancellationToken);
            behind = null;
        }

        if (clocks.Jump() is not { } jump) return;
        var now = context.Clock.GetUtcNow();
        if (jump < TimeSpan.Zero) await GoBackAsync(now.Minus(jump), cancellationToken);
        var (from, to) = jump < TimeSpan.Zero ? (now, now.Minus(jump)) : (now.Minus(jump), now);
        await MarkAsync(MarkKind.ClockJump, from, to, cancellationToken);
        clocks.Accept(jump);
        Log.ClockJumped(context.Log, DurationWords.Of(jump));
    }

    async Task GoBackAsync(DateTimeOffset ahead, CancellationToken cancellationToken)
    {
        // First, because the correction of the fire times overwrites the instant of the declaration.
        await ClockWentBack(cancellationToken);

        // Includes ended jobs, because the clock may have been ahead of the end of their triggers.
        var jobs = (await context.Store.JobsAsync(new() { Ended = true }, cancellationToken)).Jobs;

        // In parts, so that each transaction is short. Each part sets back whole jobs.
        foreach (var part in jobs.Where(job => job is { Ended: null or JobEnd.Exhausted, Job.Trigger: not null }).Chunk(MaxEdits))
        {
            await context.Store.ChangeAsync(
                new() { Jobs = [.. part.Select(job => JobEdits.ClockWentBack(job.Job.Id, ahead) with { Origin = context.Name.Origin })] },
                cancellationToken);
        }
    }

    /// <summary>
    /// Writes a mark into the ledger that explains late fire times beyond the information in the epochs.
    /// </summary>
    Task<Changed> MarkAsync(MarkKind kind, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken) =>
        context.Store.ChangeAsync(new() { Marks = [new() { Kind = kind, From = from, To = to, Epoch = Epoch.Number }] }, cancellationToken);

    async Task MarkOutagesAsync(CancellationToken cancellationToken)
    {
        foreach (var (from, to) in outage.TakeOutages()) await MarkAsync(MarkKind.StoreOutage, from, to, cancellationToken);
    }

    public void Dispose() => Lost.Dispose();
}
