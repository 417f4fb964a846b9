using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;

namespace Escapement.Simulation;

/// <summary>An epoch as the checker saw it.</summary>
sealed class SeenEpoch(long number, SimulatedNode owner, bool withLock, TimeSpan begun)
{
    public long Number => number;

    public SimulatedNode Owner { get; } = owner;

    public bool WithLock => withLock;

    public TimeSpan Begun { get; } = begun;

    /// <summary>Its counter, as the store had it last.</summary>
    public long Heartbeat { get; set; }

    /// <summary>The last beat or claim that the store accepted.</summary>
    public TimeSpan LastSign { get; set; } = begun;

    /// <summary>The same by its owner's wall clock.</summary>
    public DateTimeOffset LastSignWritten { get; set; } = owner.Clock.GetUtcNow();

    public TimeSpan? Ended { get; set; }

    /// <summary>Its end as the ledger has it: what its node said, or its last sign of life; null while it goes on.</summary>
    public TimeSpan? LastedUntil => Overtaken && !Left ? LastSign : Ended;

    /// <summary>Ended by its own node, which goes on with its runs.</summary>
    public bool Left { get; set; }

    /// <summary>Ended by another node.</summary>
    public bool Overtaken { get; set; }

    /// <summary>Whether its node learned that it has begun. Where each node is active, an answer that is lost leaves an epoch that nobody uses, until others end it.</summary>
    public bool Known { get; set; }
}

/// <summary>Looks on and knows what must never be. Who is active is here; the runs are in <c>Checker.Runs.cs</c>, the account in <c>Checker.Account.cs</c>.</summary>
/// <remarks>It believes nothing that the engine says of itself: only what the store accepted, what handlers did, and what befell the nodes.</remarks>
sealed partial class Checker(World world, Machine machine)
{
    /// <summary>Within this some node is active where nothing stands in the way: the kernel hands over, and only what failed a moment ago is tried again after a second.</summary>
    static readonly TimeSpan Prompt = TimeSpan.FromSeconds(2.5);

    readonly List<SeenEpoch> epochs = [];
    TimeSpan calm;
    TimeSpan? unserved = TimeSpan.Zero;
    TimeSpan served;
    bool clockMoved;

    TimeSpan Lease => machine.Settings.Lease;

    /// <summary>The newest epoch.</summary>
    public SeenEpoch? Current => epochs is [.., var newest] ? newest : null;

    /// <summary>How many fire times and other claims were checked.</summary>
    public int Claims { get; private set; }

    /// <summary>How many epochs began.</summary>
    public int Epochs => epochs.Count;

    /// <summary>Whether this node is active.</summary>
    public bool IsCurrent(SimulatedNode node) => machine.EveryNodeIsActive
        ? epochs.Exists(epoch => epoch.Ended is null && epoch.Owner == node)
        : Current is { Ended: null } epoch && epoch.Owner == node;

    /// <summary>A fault begins or ends: what is promised after it counts from here.</summary>
    public void Disturbed() => calm = world.Now;

    /// <summary>A wall clock was moved: instants that were written no longer tell the order of things.</summary>
    public void ClockMoved() => clockMoved = true;

    /// <summary>A node has learned that its epoch has begun.</summary>
    public void Told(long number)
    {
        if (Find(number) is { } epoch) epoch.Known = true;
    }

    /// <summary>A change of epochs was asked for: a raise, a step-down, or a settlement of lost nodes.</summary>
    public void ChangedEpochs(SimulatedNode node, EpochChange change, EpochChanged changed)
    {
        if (machine.EveryNodeIsActive) ChangedEpochsOfEach(node, change, changed);
        else if (change.StepDown is not null) Left(node, change.By!.Value.Epoch, changed.Done);
        else if (change.Begin is not null) Raised(node, change, changed);
        else Settled(node, change.Lost, changed);
    }

    void Raised(SimulatedNode node, EpochChange change, EpochChanged raised)
    {
        if (raised.Begun is not { } epoch)
        {
            node.Tell($"may not raise: epoch {change.Newest?.Number} is no longer what it read");
            return;
        }

        var before = Current;
        if (epoch.Number <= before?.Number)
        {
            world.Fail(Law.NumbersGrow, $"epoch {epoch.Number} comes after epoch {before.Number}: the number must grow");
        }

        EpochEnd? why = change.Ends is [var (_, told)] ? told : null;
        if (before is { Ended: null }) Overtake(node, why, before, raised);
        epochs.Add(new(epoch.Number, node, change.WithLock, world.Now));
        node.Tell($"raises epoch {epoch.Number}{(change.WithLock ? "" : " without having the lock")}"
            + (before is null ? ""
                : $" after epoch {before.Number} of node {before.Owner} ({(before.Overtaken ? $"{why}" : "it had ended")})")
            + (raised.Settled > 0 ? $" and settles {raised.Settled} runs" : ""));
        FindSettled(node);
    }

    void Overtake(SimulatedNode node, EpochEnd? why, SeenEpoch before, EpochChanged raised)
    {
        var owner = before.Owner;
        (before.Ended, before.Overtaken) = (world.Now, true);
        if (raised.Before?.Ended is null)
        {
            world.Fail(Law.OneEpochAtATime, $"epoch {before.Number} of node {owner} goes on beside epoch {raised.Begun!.Number}");
        }

        if (raised.Before?.Ended > before.LastSignWritten)
        {
            world.Fail(Law.EndedAtLastSign,
                $"epoch {before.Number} of node {owner} is written to have ended at {raised.Before.Ended:HH:mm:ss.fff}, after its last sign of life at {before.LastSignWritten:HH:mm:ss.fff}");
        }

        if (owner == node || owner.IsGone || owner.IsEnding) return;
        if (why == EpochEnd.ProcessGone)
        {
            world.Fail(Law.OnlyGoneProcessesAreGone, $"node {node} replaces node {owner} because its process is gone, but it lives");
            return;
        }

        // Through the question's part, a third of the lease, it must have been away. While both were away the time does not count against a node that is back.
        var away = owner.IsWell ? owner.Presence.AwayFrom(node.Presence, before.LastSign) : owner.Presence.AwaySince(before.LastSign);
        if (away < Lease * 0.3)
        {
            world.Fail(Law.LeaseIsWaitedFor,
                $"node {node} robs node {owner}, which was away for {away.TotalSeconds:0.000} s only since its last sign of life");
        }
    }

    void Left(SimulatedNode node, long number, bool left)
    {
        node.Tell(left ? $"leaves: epoch {number} has ended" : $"cannot leave: epoch {number} is not the current one");
        if (!left) return;
        if (Current is not { Ended: null } epoch || epoch.Number != number || epoch.Owner != node)
        {
            world.Fail(Law.OnlyOwnEpochIsLeft, $"node {node} leaves epoch {number}, which is not its current one");
        }
        else
        {
            epoch.Ended = epoch.LastSign = world.Now;
        }
    }

    public void Beaten(SimulatedNode node, long number, Look look)
    {
        if (machine.EveryNodeIsActive)
        {
            BeatenOfEach(node, number, look);
            return;
        }

        if (!look.Living.Any(epoch => epoch.Number == number))
        {
            node.Tell($"is refused its beat of epoch {number}");
            return;
        }

        if (Current is not { Ended: null } current || current.Number != number || current.Owner != node)
        {
            world.Fail(Law.HeartbeatUnderLivingEpoch,
                $"a beat of epoch {number} of node {node} is accepted, but the current epoch is {Current?.Number} of node {Current?.Owner}");
            return;
        }

        Signed(current);
    }

    /// <summary>A beat was accepted, or a claim, which is one if it wrote something.</summary>
    /// <returns>Whether it is one.</returns>
    bool Signed(SeenEpoch epoch)
    {
        if (machine.Store.Row(epoch.Number) is not { } row || row.Heartbeat == epoch.Heartbeat) return false;
        if (epoch.Overtaken)
        {
            world.Fail(Law.SignUnderLivingEpoch,
                $"a sign of life of epoch {epoch.Number} of node {epoch.Owner}, which has ended, is accepted");
        }

        (epoch.Heartbeat, epoch.LastSign, epoch.LastSignWritten) = (row.Heartbeat, world.Now, machine.EveryNodeIsActive
            ? World.Start + world.Now
            : epoch.Owner.Clock.GetUtcNow());
        return true;
    }

    /// <summary>Time goes on to an instant, and nothing changes before it.</summary>
    public void PassTo(TimeSpan next)
    {
        if (machine.EveryNodeIsActive)
        {
            PassOfEachTo(next);
            return;
        }

        if (machine.Store.Stuck is not null || machine.Store.IsOut || !world.Nodes.Exists(node => node.IsWell && !node.IsEnding))
        {
            // Nobody can be active; what is promised counts from when somebody can.
            calm = next;
            unserved ??= world.Now;
            return;
        }

        if (IsServed)
        {
            if (unserved is not null) served = world.Now;
            unserved = null;
            CheckHeartbeat(next);
            CheckLostRuns(next);
            return;
        }

        unserved ??= world.Now;
        var (bound, law, why) = Bound();
        if (next - Later(unserved.Value, calm) > bound)
            world.Fail(law, $"nobody is active for more than {bound.TotalSeconds:0.0} s, though {why}");
    }

    bool IsServed => Current is { Ended: null, Owner: { IsWell: true, IsEnding: false } } && machine.Store.Stuck is null
        && !machine.Store.IsOut;

    (TimeSpan Bound, Law Law, string Why) Bound()
    {
        var lease = Lease * 4 / 3 + TimeSpan.FromSeconds(3);

        // Of the file that is at the path now, or of one that was: others may still wait for that one.
        var holder = world.Nodes.Find(node =>
            node is { IsGone: false, IsWell: false } && (node.HoldsLock || machine.LockFile.Holder?.Node == node));
        var lockIsInTheWay = holder is not null;
        if (Current is not { } epoch)
        {
            return lockIsInTheWay
                ? (lease, Law.ActiveAtAll, $"the lease counts also where there is no epoch, and node {holder} with the lock is not there")
                : (Prompt, Law.ActiveAtAll, "there was no epoch yet, and somebody can have the lock");
        }

        if (epoch.Ended is null && !epoch.Owner.IsGone)
        {
            return (lease, Law.ActiveAfterLease, $"the lease of epoch {epoch.Number} of node {epoch.Owner} is over");
        }

        if (epoch.WithLock && lockIsInTheWay)
        {
            return (lease, Law.ActiveAfterLease,
                $"the lease of epoch {epoch.Number} is over, and node {holder} with the lock is not there");
        }

        if (machine.FindLife(epoch.Owner.Name)?.Holder?.Node is { IsStopped: true, IsGone: false } heir)
        {
            return (lease, Law.ActiveAfterLease,
                $"the lease of epoch {epoch.Number} is over, and node {heir} with its owner's life lock is stopped");
        }

        return epoch.Ended is null
            ? (Prompt, Law.ActiveAfterGoneProcess, $"the process of node {epoch.Owner} is gone")
            : (Prompt, Law.ActiveAfterEnd, $"epoch {epoch.Number} has ended");
    }

    void CheckHeartbeat(TimeSpan next)
    {
        var epoch = Current!;
        if (next - Later(epoch.LastSign, Later(calm, served)) > Lease * 0.6)
        {
            world.Fail(Law.ActiveNodesHeartbeat, $"node {epoch.Owner} is active and gives no sign of life");
        }
    }

    static TimeSpan Later(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
