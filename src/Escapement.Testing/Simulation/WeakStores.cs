using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;

namespace Escapement.Testing.Simulation;

/// <summary>Without A: what the node last read is not compared.</summary>
sealed class RaisesWhateverMoved(SimulatedStore store) : SimulatedStore(store)
{
    protected override Raised Raise(RaiseRequest request) => base.Raise(request with { Seen = EpochSeen.Of(base.Look().Epoch) });
}

/// <summary>Without D: nobody learns that the active node has no lock.</summary>
sealed class SaysThatItHadTheLock(SimulatedStore store) : SimulatedStore(store)
{
    protected override Look Look() => base.Look() is { Epoch: { } epoch } look ? look with { Epoch = epoch with { WithLock = true } } : base.Look();
}

/// <summary>Without L: a raise settles the runs of the epoch that it ends, and nobody looks for others.</summary>
sealed class SettlesTheLastOnly(SimulatedStore store) : SimulatedStore(store)
{
    protected override Raised Raise(RaiseRequest request) => base.Raise(request with { Lost = [] });

    protected override int Settle(long epoch, IReadOnlyCollection<string> lost) => 0;
}

/// <summary>Without M: a raise settles nothing; its node does it in a transaction that comes some time after.</summary>
sealed class SettlesLater(SimulatedStore store) : SimulatedStore(store)
{
    protected override Raised Raise(RaiseRequest request)
    {
        var owner = base.Look().Epoch;
        var raised = base.Raise(request with { Why = EpochEnd.Left, Lost = [] });
        List<string> lost = [.. request.Lost];
        if (owner is { Ended: null }) lost.Add(owner.Node.Id);
        if (raised.Epoch is { } epoch && lost.Count > 0) World.In(TimeSpan.FromMilliseconds(500), () => Node.Do(() => SettleAsync(epoch.Number, lost, CancellationToken.None)));
        return raised.Before is { EndedBy: not null } before ? raised with { Before = before with { How = request.Why } } : raised;
    }
}

/// <summary>Without N: others count from the limit, and not a lease more.</summary>
sealed class SettlesAtTheLimit(SimulatedStore store) : SimulatedStore(store)
{
    protected override Look Look() => Earlier(base.Look());

    protected override Look Beat(string id, long epoch) => Earlier(base.Beat(id, epoch));

    Look Earlier(Look look) => look with { Nodes = [.. look.Nodes.Select(node => node with { DrainUntil = node.DrainUntil - Node.Machine.Settings.Lease })] };
}

/// <summary>Without O: the end of an epoch rings nobody.</summary>
sealed class LeavesInSilence(SimulatedStore store) : SimulatedStore(store)
{
    protected override bool Leave(LeaveRequest request)
    {
        Shared.Silent = true;
        var left = base.Leave(request);
        Shared.Silent = false;
        return left;
    }
}

/// <summary>Without P: who raises writes the present as the end of the epoch before.</summary>
sealed class EndsNow(SimulatedStore store) : SimulatedStore(store)
{
    protected override Raised Raise(RaiseRequest request)
    {
        if (base.Look().Epoch is not { Ended: null } epoch || EpochSeen.Of(epoch) != request.Seen) return base.Raise(request);
        return base.Raise(request with { Seen = EpochSeen.Of(base.Beat(epoch.Node.Id, epoch.Number).Epoch) });
    }
}

/// <summary>Without R: the clock is read before the transaction has the turn to write.</summary>
sealed class ReadsTheClockBefore(SimulatedStore store) : SimulatedStore(store)
{
    TimeSpan read;

    public override Task<Claimed> ClaimAsync(ClaimRequest request, CancellationToken stop)
    {
        read = World.Now;
        return base.ClaimAsync(request, stop);
    }

    protected override Claimed Claim(ClaimRequest request)
    {
        Shared.ReadClockAs(Node, read);
        return base.Claim(request);
    }
}

/// <summary>Without T: a node calls itself draining and goes on as such; the transaction comes when it comes.</summary>
sealed class LeavesUnasked(SimulatedStore store) : SimulatedStore(store)
{
    public override Task<bool> LeaveAsync(LeaveRequest request, CancellationToken stop)
    {
        World.In(TimeSpan.FromMilliseconds(500), () => Node.Do(() => base.LeaveAsync(request, stop)));
        return Task.FromResult(true);
    }
}

/// <summary>Without the check of the epoch in the claim.</summary>
sealed class ClaimsUnderAnyEpoch(SimulatedStore store) : SimulatedStore(store)
{
    protected override Claimed Claim(ClaimRequest request) =>
        base.Look().Epoch is { Ended: null } epoch ? base.Claim(request with { Node = epoch.Node.Id, Epoch = epoch.Number }) : base.Claim(request);
}

/// <summary>Without the refusal of a beat: it moves whatever row stands there.</summary>
sealed class BeatsAnyEpoch(SimulatedStore store) : SimulatedStore(store)
{
    protected override Look Beat(string id, long epoch)
    {
        if (base.Look().Epoch is not { Ended: null } current || (current.Number, current.Node.Id) == (epoch, id)) return base.Beat(id, epoch);
        var look = base.Beat(current.Node.Id, current.Number);
        return look with { Epoch = look.Epoch! with { Number = epoch } };
    }
}

/// <summary>Without the check of owner and state: a record is taken, whatever became of the run.</summary>
sealed class RecordsOverOthers(SimulatedStore store) : SimulatedStore(store)
{
    protected override int Record(IReadOnlyList<Finished> finished)
    {
        base.Record(finished);
        return 0;
    }
}
