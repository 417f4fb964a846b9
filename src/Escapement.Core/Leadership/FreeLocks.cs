using Escapement.Ledger;

namespace Escapement.Leadership;

/// <summary>Locks without contention, for a store used by a single process.</summary>
sealed class FreeLocks : INodeLocks
{
    /// <summary>True if the life locks of all other nodes are free.</summary>
    public bool OthersAreGone { get; init; }

    public ILock Main { get; } = new FreeLock();

    public ILock Life { get; } = new FreeLock();

    public string? LifeLock => null;

    public bool FreeMeansGone => true;

    public long Session => 0;

    public ILock? LifeOf(NodeName node) => OthersAreGone ? new FreeLock() : null;

    public void Remove(NodeName node)
    {
    }

    public LockHolder? Holder() => null;

    public void Write(LockHolder holder)
    {
    }

    public long Floor() => 0;

    public void Touch(DateTimeOffset now)
    {
    }
}
