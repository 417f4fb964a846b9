using Escapement.Leadership;
using Escapement.Ledger;

namespace Escapement.Simulation;

/// <summary>The locks of a simulated node. A test may take some of them away.</summary>
sealed record NodeLocks(
    ILock Main, ILock Life, Func<NodeName, ILock?> LifeOf, Action<NodeName> Remove,
    Func<LockHolder?> Holder, Action<LockHolder> Write, Func<long> Floor) : INodeLocks
{
    public string? LifeLock => null;

    public bool FreeMeansGone { get; init; } = true;

    public Func<long> SessionNow { get; init; } = () => 0;

    public long Session => SessionNow();

    ILock? INodeLocks.LifeOf(NodeName node) => LifeOf(node);

    void INodeLocks.Remove(NodeName node) => Remove(node);

    LockHolder? INodeLocks.Holder() => Holder();

    void INodeLocks.Write(LockHolder holder) => Write(holder);

    long INodeLocks.Floor() => Floor();

    void INodeLocks.Touch(DateTimeOffset now)
    {
    }
}
