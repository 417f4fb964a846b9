using Escapement.Leadership;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;

namespace Escapement.Engine;

/// <summary>How a node's time as the active one ended.</summary>
enum ActiveEnd
{
    /// <summary>The node is stopping.</summary>
    Stopping,

    /// <summary>Another node was raised over it, or a beat, a claim or its leave was refused.</summary>
    Fenced,

    /// <summary>The scheduler was shut down over the API.</summary>
    ShutDown,
}

/// <summary>One activation: beats, trusts itself no longer than its lease, watches those that drain, and keeps the ledger's length.</summary>
sealed class ActiveTime : IDisposable
{
    static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1), TrimPause = TimeSpan.FromHours(1);

    readonly NodeParts parts;
    readonly Activation activation;
    readonly Action lookForWork;
    readonly StoreTrouble trouble;
    readonly LeaseGuard guard;
    readonly WakeUp bell;
    readonly ClockWatch clocks;
    readonly Lock gate = new();
    Task trimming = Task.CompletedTask;
    long? trimmed;
    Task? waitingForLock;
    DateTimeOffset? behind;
    Task? sharedBeat;
    int fenced;
    long leftUntil;

    /// <param name="parts">The node's.</param>
    /// <param name="activation">Its raise.</param>
    /// <param name="lookForWork">Wakes the planner.</param>
    /// <param name="trouble">What keeps it from writing.</param>
    public ActiveTime(NodeParts parts, Activation activation, Action lookForWork, StoreTrouble trouble)
    {
        (this.parts, this.activation, this.lookForWork, this.trouble) = (parts, activation, lookForWork, trouble);
        guard = new(parts.Clock, parts.Settings.Lease, activation.Begun);
        bell = new(parts.Clock, parts.Settings.Lease / 3);
        Lost.Found = bell.Set;
        clocks = new(parts.Clock);
    }

    Epoch Epoch => activation.Epoch;

    LostNodes Lost => activation.Lost;

    /// <summary>Whether the epoch is known to be over.</summary>
    public bool IsFenced => Volatile.Read(ref fenced) != 0;

    /// <summary>Whether it is over because the store's file is another one now: what runs goes on then, because nobody else was raised.</summary>
    public bool StoreWasReplaced { get; private set; }

    /// <summary>A beat is owed at once: a waiter asks, or something may have come free.</summary>
    public void Ring() => bell.Set();

    /// <summary>What the wall clock should show, where it is ahead of that.</summary>
    public DateTimeOffset? ClockJumpedFrom() => clocks.JumpedFrom();

    /// <summary>The epoch was refused.</summary>
    public void Fence() => Volatile.Write(ref fenced, 1);

    /// <summary>The node ended its epoch itself: what it has claimed is its own until its drain limit, without further beats.</summary>
    public void Left(DateTimeOffset until) => Volatile.Write(ref leftUntil, until.UtcTicks);

    /// <summary>The right to start a handler now.</summary>
    public async ValueTask<bool> MayStartAsync()
    {
        while (!IsFenced)
        {
            if (Volatile.Read(ref leftUntil) is > 0 and var until) return parts.Clock.GetUtcNow().UtcTicks < until;
            if (guard.Holds) return true;
            await ShareBeatAsync();
        }
        return false;
    }

    /// <summary>Beats once for all runs that wait to be started: each beat is a transaction, and past the lease hundreds of runs may wait.</summary>
    Task ShareBeatAsync()
    {
        TaskCompletionSource done;
        lock (gate)
        {
            if (sharedBeat is not null) return sharedBeat;
            done = new(TaskCreationOptions.RunContinuationsAsynchronously);
            sharedBeat = done.Task;
        }
        return BeatForAllAsync(done);
    }

    async Task BeatForAllAsync(TaskCompletionSource done)
    {
        try
        {
            await BeatAsync(CancellationToken.None);
        }
        catch (Exception)
        {
            // The store is away: nothing starts until a beat is accepted again.
            await Task.Delay(RetryPause, parts.Clock);
        }
        finally
        {
            lock (gate) sharedBeat = null;
            done.SetResult();
        }
    }

    /// <summary>Beats until stopped, fenced or shut down.</summary>
    public async Task<ActiveEnd> RunAsync(CancellationToken stop)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        try
        {
            TakeOver();
            await WatchAsync(stop);
            behind = activation.Before is { } before && before.LastSign > Epoch.Begun + ClockWatch.Limit ? before.LastSign : null;
            return await BeatOnAsync(over.Token, stop);
        }
        finally
        {
            over.Cancel();
            await trimming;
        }
    }

    /// <param name="over">Cancelled when the beats have ended.</param>
    /// <param name="stop">Cancelled when the node stops, or its claims have failed.</param>
    async Task<ActiveEnd> BeatOnAsync(CancellationToken over, CancellationToken stop)
    {
        var pause = parts.Settings.Lease / 3;
        while (true)
        {
            await bell.WaitAsync(pause, stop);
            bell.Reset();
            pause = parts.Settings.Lease / 3;
            if (stop.IsCancellationRequested) return ActiveEnd.Stopping;
            try
            {
                if (await BeatAsync(stop) is not { } look) return ActiveEnd.Fenced;
                if (look.State.ShutDown is not null) return ActiveEnd.ShutDown;
                TouchLocks();
                await SettleAsync(look, stop);
                KeepLock(stop);
                await CompareClocksAsync(stop);

                // What was settled, or a clock that was set, may have made something due; and a ring may have been lost on its way.
                lookForWork();
                Trim(over);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return ActiveEnd.Stopping;
            }
            catch (Exception e)
            {
                trouble.Met(Failure.MessageOf(e));
                pause = RetryPause;
            }
        }
    }

    /// <summary>One beat; null when it was refused.</summary>
    async Task<Look?> BeatAsync(CancellationToken stop)
    {
        var begun = parts.Clock.GetTimestamp();
        var look = await parts.Store.BeatAsync(parts.Name.Id, Epoch.Number, stop);

        // A backup may be from before this epoch: then the newest one in it is an older one.
        StoreWasReplaced = look.Epoch is { How: EpochEnd.StoreReplaced } replaced && replaced.Number <= Epoch.Number;
        if (look.Epoch is { } current && current.Number == Epoch.Number)
        {
            if (current.Ended is null)
            {
                guard.Accepted(begun);
                trouble.Over();
                return look;
            }
            if (current.How is EpochEnd.Left or EpochEnd.ShutDown)
            {
                // This node ended it in this moment, which is not a fence.
                Left(current.DrainUntil ?? DateTimeOffset.MaxValue);
                return null;
            }
        }
        Fence();
        return null;
    }

    /// <summary>What a takeover leaves to do once the first claim is made: the lock's text, and what processes that are gone left behind.</summary>
    void TakeOver()
    {
        try
        {
            parts.Locks.Write(parts.HolderOf(Epoch));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The text is for people; the next beat that takes the lock writes it again.
        }
        Lost.Forget(activation.Gone);
    }

    void TouchLocks()
    {
        try
        {
            parts.Locks.Touch(parts.Clock.GetUtcNow());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another user's file may be written and not be given a time: a cleaner may take it for an old one, and the lock holds all the same.
        }
    }

    async Task WatchAsync(CancellationToken stop)
    {
        try
        {
            Lost.WaitForDraining(await parts.Store.LookAsync(stop));
        }
        catch (Exception)
        {
            // The next beat looks again.
        }
    }

    async Task SettleAsync(Look look, CancellationToken stop)
    {
        var found = Lost.Find(look, parts.Name.Id);
        if (found.Count > 0)
        {
            var settled = await parts.Store.SettleAsync(Epoch.Number, found, stop);
            if (settled < 0) return;
            Lost.Forget(found);
            if (settled > 0) Log.Settled(parts.Log, settled);
        }
        Lost.WaitForDraining(look);
    }

    /// <summary>Who became active without the lock takes it as soon as it can; so does one whose file was replaced, and stays active meanwhile.</summary>
    void KeepLock(CancellationToken stop)
    {
        if (parts.Locks.Main.WasReplaced()) Log.LockFileReplaced(parts.Log);
        if (!parts.Locks.Main.Held && waitingForLock is not { IsCompleted: false }) waitingForLock = TakeLockAsync(stop);
    }

    async Task TakeLockAsync(CancellationToken stop)
    {
        try
        {
            await parts.Locks.Main.TakeAsync(stop);
            parts.Locks.Write(parts.HolderOf(Epoch));
        }
        catch (Exception)
        {
            // No longer active; or the file is out of reach, whatever the reason, and the next beat tries again.
        }
    }

    /// <summary>Notices a wall clock that was set; when it was set back, what was passed because it had been ahead is due again in its time.</summary>
    async Task CompareClocksAsync(CancellationToken stop)
    {
        if (behind is { } last)
        {
            // It was set back before this epoch began: the one before has left a later sign of life.
            await GoBackAsync(last, stop);
            behind = null;
        }
        if (clocks.Jump() is not { } jump) return;
        if (jump < TimeSpan.Zero) await GoBackAsync(parts.Clock.GetUtcNow() - jump, stop);
        clocks.Accept(jump);
        Log.ClockJumped(parts.Log, jump);
    }

    async Task GoBackAsync(DateTimeOffset ahead, CancellationToken stop)
    {
        // Those that have ended too: the clock may have been ahead of the end of their triggers.
        var jobs = await parts.Store.JobsAsync(null, ended: true, stop);
        List<JobEdit> edits = [.. jobs.Where(job => job is { Ended: null or JobEnd.Exhausted, Job.Trigger: not null }).Select(job => JobEdits.ClockWentBack(job.Job.Id, ahead))];
        if (edits.Count > 0) await parts.Store.ChangeAsync(edits, stop);
    }

    /// <summary>Begins to delete what is older than the retention, once an hour, beside the beats.</summary>
    /// <remarks>Not after the wall clock jumped forward: by a clock that is wrong by more than the retention, all history is old.</remarks>
    void Trim(CancellationToken stop)
    {
        if (!trimming.IsCompleted || (trimmed is { } at && parts.Clock.GetElapsedTime(at) < TrimPause)) return;
        if (!clocks.JumpedForwardWithin(TrimPause)) trimming = TrimAllAsync(stop);
    }

    async Task TrimAllAsync(CancellationToken stop)
    {
        try
        {
            while (!stop.IsCancellationRequested && !clocks.JumpedForwardWithin(TrimPause))
            {
                var begun = parts.Clock.GetTimestamp();
                if (!await parts.Store.TrimAsync(parts.Clock.GetUtcNow() - parts.Settings.Retention, stop)) break;

                // At most half of the time is taken from the claims: each part is a write transaction.
                var taken = parts.Clock.GetElapsedTime(begun);
                await Task.Yield();
                if (taken > TimeSpan.Zero) await Task.Delay(taken, parts.Clock, stop);
            }
            trimmed = parts.Clock.GetTimestamp();
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The next activation goes on.
        }
        catch (StoreUnavailableException)
        {
            // The beats tell of it; the next one tries again.
        }
        catch (Exception e)
        {
            trimmed = parts.Clock.GetTimestamp();
            Log.TrimFailed(parts.Log, Failure.MessageOf(e));
        }
    }

    public void Dispose() => Lost.Dispose();
}
