using Escapement.Leadership;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;

namespace Escapement.Engine;

/// <summary>
/// Waits until this node may raise the epoch, and raises the epoch. The store decides about the epoch, and the lock
/// only decides who may ask.
/// </summary>
sealed class Candidate(NodeContext context, Action<NodeState.Standby> shows)
{
    static readonly TimeSpan Idle = TimeSpan.FromHours(1);

    readonly WakeUp wakeUp = new(context.Clock, Idle);
    bool down;

    /// <summary>Looks again at once.</summary>
    public void Signal() => wakeUp.Signal();

    /// <summary>Waits until this node is active.</summary>
    /// <returns>The accepted raise, or null if the node was stopped first.</returns>
    public async Task<Raise?> BecomeActiveAsync(CancellationToken cancellationToken)
    {
        var lost = new LostNodes(context) { Found = wakeUp.Signal };
        Raise? raise = null;
        using var unwanted = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (!context.EveryNodeIsActive) _ = WaitForLockAsync(unwanted.Token);
        try
        {
            var watch = new EpochWatch(context);
            while (!cancellationToken.IsCancellationRequested)
            {
                wakeUp.Reset();
                try
                {
                    if ((raise = await StepAsync(lost, watch, cancellationToken)) is not null) return raise;
                    EndOutage();
                }
                catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
                {
                    break;
                }
                catch (Exception e)
                {
                    // A failed look counts for nothing: no node loses the epoch because the store was unavailable.
                    watch.Restart();
                    lost.Release();
                    BeginOutage(Failure.MessageOf(e));
                }

                await wakeUp.WaitAsync(down ? EngineSettings.RetryPause : watch.Pause ?? Rest, cancellationToken);
            }

            return null;
        }
        finally
        {
            unwanted.Cancel();
            if (raise is null) lost.Dispose();
        }
    }

    async Task<Raise?> StepAsync(LostNodes lost, EpochWatch watch, CancellationToken cancellationToken)
    {
        var look = await context.Store.LookAsync(Sign.None, cancellationToken);
        if (context.EveryNodeIsActive) return await BeginAsync(look, lost, cancellationToken);
        if (lost.HasNewSession()) watch.Restart();
        if (ReasonToRaise(look, lost) is { } right)
        {
            watch.Restart();
            return await RaiseAsync(look, right, lost, cancellationToken);
        }

        // A successful read proves nothing: with a full disk, or with a process stopped during a write, others can
        // still read.
        var row = EpochSeen.Of(look.Newest);
        if (down && context.Store.Place.Shared) await context.Store.LookAsync(new Sign.Probe(context.Name.Id, row), cancellationToken);
        Show(look);
        if (!context.Store.Place.Shared || look.State.ShutDown is not null)
        {
            watch.Restart();
            return null;
        }

        var isFree = look.Newest is { Ended: null } other && !watch.IsProbing && lost.IsFree(other.Node);
        var (step, why) = watch.Judge(row, isFree);
        if (step == LeaseStep.Raise)
        {
            watch.Restart();
            return await RaiseAsync(look, why, lost, cancellationToken);
        }

        if (step == LeaseStep.Ask)
        {
            await context.Store.LookAsync(new Sign.Probe(context.Name.Id, row), cancellationToken);
            watch.Probed();
        }

        return null;
    }

    /// <summary>
    /// Returns the reason why this node may raise the epoch, or null if the node has no right to raise.
    /// </summary>
    EpochEnd? ReasonToRaise(Look look, LostNodes lost)
    {
        if (look.State.ShutDown is not null) return null;
        var hasLock = context.Locks.Main.Held;
        if (look.Newest is not { } epoch) return hasLock ? EpochEnd.SteppedDown : null;
        if (epoch.Node.Id == context.Name.Id && epoch.Ended is null) return EpochEnd.LeaseOver;

        // An epoch without the lock can be followed by any standby, because the lock's holder may be stopped.
        if (!hasLock && epoch.WithLock) return null;
        if (epoch.Ended is not null) return epoch.How ?? EpochEnd.SteppedDown;
        return lost.IsGone(epoch.Node) ? EpochEnd.ProcessGone : null;
    }

    /// <summary>
    /// Begins an epoch of this node beside the epochs of the other nodes. The same change ends an earlier epoch of this
    /// node that is still open, or whose answer was lost.
    /// </summary>
    async Task<Raise?> BeginAsync(Look look, LostNodes lost, CancellationToken cancellationToken)
    {
        if (look.State.ShutDown is not null)
        {
            Show(look);
            return null;
        }

        var change = new EpochChange
        {
            Begin = context.Name,
            Floor = context.Locks.Floor(),
            Ends = [.. look.Living.Where(row => row.Node.Id == context.Name.Id).Select(row => (EpochSeen.Of(row), EpochEnd.LeaseOver))],
        };
        context.KeepLife();
        var begun = context.Clock.GetTimestamp();
        var changed = await context.Store.ChangeEpochsAsync(change, cancellationToken);
        if (changed.Begun is { } epoch) return new(epoch, null, changed.Settled, look.State.Declared, begun, lost, []);
        wakeUp.Signal();
        return null;
    }

    async Task<Raise?> RaiseAsync(Look look, EpochEnd why, LostNodes lost, CancellationToken cancellationToken)
    {
        var owner = look.Newest is { Ended: null } alive ? alive.Node.Id : null;
        List<string> gone = [.. lost.Find(look, context.Name.Id, owner)];
        if (owner is not null && why == EpochEnd.ProcessGone) gone.Add(owner);
        var seen = EpochSeen.Of(look.Newest);
        var change = new EpochChange
        {
            Begin = context.Name,
            WithLock = context.Locks.Main.Held,
            Lease = context.Settings.Lease,
            Floor = context.Locks.Floor(),
            Newest = seen,
            Ends = owner is null ? [] : [(seen, why)],
            Lost = gone,
        };
        var begun = context.Clock.GetTimestamp();
        var raised = await context.Store.ChangeEpochsAsync(change, cancellationToken);
        if (raised.Begun is { } epoch) return new(epoch, raised.Before, raised.Settled, look.State.Declared, begun, lost, gone);

        // Another node was first, or the row changed: look again at once.
        wakeUp.Signal();
        return null;
    }

    async Task WaitForLockAsync(CancellationToken cancellationToken)
    {
        try
        {
            await context.Locks.Main.TakeAsync(cancellationToken);
            wakeUp.Signal();
        }
        catch (Exception)
        {
            // The node is stopping, or the file is out of reach for any reason. The lease still applies.
        }
    }

    void Show(Look look)
    {
        if (look.State.ShutDown is not null)
        {
            shows(new(Reason.ShutDown, null));
        }
        else if (look.Newest is { Ended: null } epoch)
        {
            shows(Behind(epoch));
        }
        else if (!context.Locks.Main.Held && context.Locks.Holder() is { } holder && !IsAboutToBeHeld(holder, look.Newest))
        {
            shows(new(Reason.Standby, holder));
        }
        else
        {
            shows(new(Reason.NoActiveNode, null));
        }
    }

    /// <summary>
    /// Returns whether this process is about to hold the lock. The kernel names the process as the holder some
    /// milliseconds before the waiting thread reports the lock.
    /// </summary>
    bool IsAboutToBeHeld(LockHolder holder, Epoch? newest) =>
        newest is not null && holder.Pid == context.Name.Pid && holder.Host == context.Name.Host;

    NodeState.Standby Behind(Epoch epoch) => new(Reason.Standby, context.HolderOf(epoch), epoch.WithLock
        ? null
        : ReasonText.StandbyBehindLease(epoch.Node.Pid, epoch.Node.Host, epoch.Begun, context.Store.Place.Name));

    /// <summary>Logs that the store cannot be used, once until the store can be used again.</summary>
    public void BeginOutage(string message)
    {
        shows(new(Reason.StoreUnavailable, null, message));
        if (!down) Log.StoreDown(context.Log, message);
        down = true;
    }

    void EndOutage()
    {
        if (down) Log.StoreUp(context.Log);
        down = false;
    }

    /// <summary>
    /// The pause between looks if no lease counts. A shared store is still looked at regularly, because the
    /// notification of another process may be lost.
    /// </summary>
    TimeSpan Rest => context.Store.Place.Shared ? Lease.Part(context.Settings.Lease) : Idle;
}
