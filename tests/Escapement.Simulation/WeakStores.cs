using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;

namespace Escapement.Simulation;

/// <summary>Without A: the node's last reading is not compared.</summary>
sealed class RaisesWhateverMoved(SimulatedStore store) : SimulatedStore(store)
{
    protected override EpochChanged Change(EpochChange change)
    {
        if (change.Begin is null) return base.Change(change);
        var newest = base.Look(Sign.None).Newest;
        var seen = EpochSeen.Of(newest);
        var why = change.Ends is [var (_, only)] ? only : EpochEnd.LeaseOver;
        return base.Change(change with { Newest = seen, Ends = newest is { Ended: null } ? [(seen, why)] : [] });
    }
}

/// <summary>Without D: nobody learns about the missing lock of the active node.</summary>
sealed class SaysThatItHadTheLock(SimulatedStore store) : SimulatedStore(store)
{
    protected override Look Look(Sign sign)
    {
        var look = base.Look(sign);
        return look.Newest is { } epoch ? look.With(newest: epoch with { WithLock = true }) : look;
    }
}

/// <summary>Without L: a raise settles only the runs of the ended epoch, and nobody looks for other runs.</summary>
sealed class SettlesTheLastOnly(SimulatedStore store) : SimulatedStore(store)
{
    protected override EpochChanged Change(EpochChange change)
    {
        if (change.StepDown is not null) return base.Change(change);
        return change.Begin is null ? new() { Done = true } : base.Change(change with { Lost = [] });
    }
}

/// <summary>Without M: a raise settles nothing, and its node settles the runs in a later transaction.</summary>
sealed class SettlesLater(SimulatedStore store) : SimulatedStore(store)
{
    protected override EpochChanged Change(EpochChange change)
    {
        if (change.Begin is null) return base.Change(change);
        var owner = base.Look(Sign.None).Newest;
        if (change.Newest != EpochSeen.Of(owner)) return base.Change(change);

        // The epoch ends as if its own node had ended the epoch, so its runs are not settled at the same time.
        if (owner is { Ended: null })
        {
            base.Change(new() { By = (owner.Node.Id, owner.Number), StepDown = new(DateTimeOffset.MaxValue, EpochEnd.SteppedDown) });
        }

        var raised = base.Change(change with { Ends = [], Lost = [], Newest = EpochSeen.Of(base.Look(Sign.None).Newest) });
        List<string> lost = [.. change.Lost];
        if (owner is { Ended: null }) lost.Add(owner.Node.Id);
        if (raised.Begun is { } epoch && lost.Count > 0)
        {
            World.In(TimeSpan.FromMilliseconds(500), () => Node.Do(() => SettleAsync(epoch, lost)));
        }

        return raised.Before is { } before && change.Ends is [var (_, why)] ? raised.With(before with { How = why }) : raised;
    }

    Task<EpochChanged> SettleAsync(Epoch mine, IReadOnlyList<string> lost) =>
        ChangeEpochsAsync(new() { By = (Node.Name.Id, mine.Number), Lost = lost }, CancellationToken.None);
}

/// <summary>Without N: other nodes count from the limit, without a further lease.</summary>
sealed class SettlesAtTheLimit(SimulatedStore store) : SimulatedStore(store)
{
    protected override Look Look(Sign sign)
    {
        var look = base.Look(sign);
        return look.With(nodes: [.. look.Nodes.Select(node => node.With(node.DrainUntil - Node.Machine.Settings.Lease))]);
    }
}

/// <summary>Without O: the end of an epoch notifies nobody.</summary>
sealed class LeavesInSilence(SimulatedStore store) : SimulatedStore(store)
{
    protected override EpochChanged Change(EpochChange change)
    {
        Shared.Silent = change.StepDown is not null;
        var changed = base.Change(change);
        Shared.Silent = false;
        return changed;
    }
}

/// <summary>Without P: a raise writes the present as the end of the previous epoch.</summary>
sealed class EndsNow(SimulatedStore store) : SimulatedStore(store)
{
    protected override EpochChanged Change(EpochChange change)
    {
        if (change is not { Begin: not null, Ends: [var (seen, why)] } || base.Look(Sign.None).Newest is not { } epoch
            || EpochSeen.Of(epoch) != seen)
        {
            return base.Change(change);
        }

        var moved = EpochSeen.Of(base.Look(new Sign.Heartbeat(epoch.Node.Id, epoch.Number)).Newest);
        return base.Change(change with { Newest = moved, Ends = [(moved, why)] });
    }
}

/// <summary>Without R: the clock is read before the transaction has the turn to write.</summary>
sealed class ReadsTheClockBefore(SimulatedStore store) : SimulatedStore(store)
{
    TimeSpan read;

    public override Task<Claimed> ClaimAsync(ClaimRequest request, CancellationToken cancellationToken)
    {
        read = World.Now;
        return base.ClaimAsync(request, cancellationToken);
    }

    protected override Claimed Claim(ClaimRequest request)
    {
        Shared.ReadClockAs(Node, read);
        return base.Claim(request);
    }
}

/// <summary>Without T: a node drains without waiting for its step-down, and the transaction follows later.</summary>
sealed class LeavesUnasked(SimulatedStore store) : SimulatedStore(store)
{
    public override Task<EpochChanged> ChangeEpochsAsync(EpochChange change, CancellationToken cancellationToken)
    {
        if (change.StepDown is null) return base.ChangeEpochsAsync(change, cancellationToken);
        World.In(TimeSpan.FromMilliseconds(500), () => Node.Do(() => base.ChangeEpochsAsync(change, cancellationToken)));
        return Task.FromResult(new EpochChanged { Done = true });
    }
}

/// <summary>Without the check of the epoch in the claim.</summary>
sealed class ClaimsUnderAnyEpoch(SimulatedStore store) : SimulatedStore(store)
{
    protected override Claimed Claim(ClaimRequest request)
    {
        if (base.Look(Sign.None).Newest is not { Ended: null } epoch || epoch.Number == request.Epoch) return base.Claim(request);
        return base.Claim(request with { Node = epoch.Node.Id, Epoch = epoch.Number, Number = epoch.Claims + 1, Unanswered = null });
    }
}

/// <summary>Without the refusal of a heartbeat: the heartbeat updates any row.</summary>
sealed class HeartbeatsAnyEpoch(SimulatedStore store) : SimulatedStore(store)
{
    protected override Look Look(Sign sign)
    {
        if (sign is not Sign.Heartbeat beat || base.Look(Sign.None).Newest is not { Ended: null } current || current.Number == beat.Epoch)
        {
            return base.Look(sign);
        }

        var look = base.Look(new Sign.Heartbeat(current.Node.Id, current.Number));
        var moved = look.Newest! with { Number = beat.Epoch };
        return look.With(newest: moved, living: [moved]);
    }
}

/// <summary>Without the check of owner and state: a record is accepted, regardless of the state of the run.</summary>
sealed class RecordsOverOthers(SimulatedStore store) : SimulatedStore(store)
{
    protected override int Record(IReadOnlyList<Finished> finished)
    {
        base.Record(finished);
        return 0;
    }
}
