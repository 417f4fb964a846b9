using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;

namespace Escapement.Simulation;

/// <summary>An epoch as observed by the checker.</summary>
sealed class SeenEpoch(long number, SimulatedNode owner, bool withLock, TimeSpan begun)
{
    public long Number => number;

    public SimulatedNode Owner { get; } = owner;

    public bool WithLock => withLock;

    public TimeSpan Begun { get; } = begun;

    /// <summary>Gets or sets the heartbeat counter last seen in the store.</summary>
    public long Heartbeat { get; set; }

    /// <summary>Gets or sets the time of the last heartbeat or claim that the store accepted.</summary>
    public TimeSpan LastSign { get; set; } = begun;

    /// <summary>Gets or sets the time of the last sign of life by the owner's wall clock.</summary>
    public DateTimeOffset LastSignWritten { get; set; } = owner.Clock.GetUtcNow();

    public TimeSpan? Ended { get; set; }

    /// <summary>
    /// Gets the end of the epoch in the ledger:
    /// the end declared by its node, or the last sign of life. Null while the epoch continues.
    /// </summary>
    public TimeSpan? LastedUntil => Overtaken && !Left ? LastSign : Ended;

    /// <summary>Gets or sets whether the epoch was ended by its own node, which continues its runs.</summary>
    public bool Left { get; set; }

    /// <summary>Gets or sets whether the epoch was ended by another node.</summary>
    public bool Overtaken { get; set; }

    /// <summary>
    /// Gets or sets whether the owner learned about the beginning of the epoch.
    /// If every node is active, a lost answer leaves an unused epoch until other nodes end the epoch.
    /// </summary>
    public bool Known { get; set; }
}

/// <summary>
/// Observes the simulation and detects forbidden states. This file checks which node is active,
/// <c>Checker.Runs.cs</c> checks the runs, and <c>Checker.Account.cs</c> checks the account.
/// </summary>
/// <remarks>
/// The checker ignores the engine's own statements. Only the writes accepted by the store, the actions of the handlers
/// and the faults of the nodes count.
/// </remarks>
sealed partial class Checker(World world, Machine machine)
{
    /// <summary>
    /// The time within which a node becomes active without obstacles. The kernel hands over at once, and only a recent
    /// failure is retried after a second.
    /// </summary>
    static readonly TimeSpan Prompt = TimeSpan.FromSeconds(2.5);

    readonly List<SeenEpoch> epochs = [];
    TimeSpan calm;
    TimeSpan? unserved = TimeSpan.Zero;
    TimeSpan served;
    bool clockMoved;

    TimeSpan Lease => machine.Settings.Lease;

    /// <summary>Gets the newest epoch.</summary>
    public SeenEpoch? Current => epochs is [.., var newest] ? newest : null;

    /// <summary>Gets the number of checked fire times and further claims.</summary>
    public int Claims { get; private set; }

    /// <summary>Gets the number of epochs.</summary>
    public int Epochs => epochs.Count;

    /// <summary>Returns true if this node is active.</summary>
    public bool IsCurrent(SimulatedNode node) => machine.EveryNodeIsActive
        ? epochs.Exists(epoch => epoch.Ended is null && epoch.Owner == node)
        : Current is { Ended: null } epoch && epoch.Owner == node;

    /// <summary>Records the beginning or the end of a fault. Promised times count from this instant.</summary>
    public void Disturbed() => calm = world.Now;

    /// <summary>
    /// Records a move of a wall clock. From then on, written instants do not give the order of events.
    /// </summary>
    public void ClockMoved() => clockMoved = true;

    /// <summary>Records that a node has learned about the beginning of its epoch.</summary>
    public void Told(long number)
    {
        if (Find(number) is { } epoch) epoch.Known = true;
    }

    /// <summary>Checks a requested change of epochs: a raise, a step-down, or a settlement of lost nodes.</summary>
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

        // The owner must have been away for a third of the lease, the time of the probe.
        // Time in which both nodes were away does not count against an owner that is back.
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

    /// <summary>
    /// Checks an accepted heartbeat, or a claim, which counts as a sign of life if the claim wrote something.
    /// </summary>
    /// <returns>True for a sign of life.</returns>
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

    /// <summary>Checks the passage of time to an instant. Nothing changes before the instant.</summary>
    public void PassTo(TimeSpan next)
    {
        if (machine.EveryNodeIsActive)
        {
            PassOfEachTo(next);
            return;
        }

        if (machine.Store.Stuck is not null || machine.Store.IsOut || !world.Nodes.Exists(node => node.IsWell && !node.IsEnding))
        {
            // No node can be active. The promised time counts from the instant at which a node can be active.
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

        // The lock is on the file at the path or on a replaced file. Nodes may still wait for a replaced file.
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
