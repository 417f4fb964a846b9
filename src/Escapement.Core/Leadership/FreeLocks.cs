using Escapement.Ledger;

namespace Escapement.Leadership;

/// <summary>Locks that nobody else wants: of a store that no other process sees.</summary>
sealed class FreeLocks : INodeLocks
{
    /// <summary>Whether the life lock of each other node is free.</summary>
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
