using Escapement.Ledger;

namespace Escapement.Leadership;

/// <summary>The locks of a node whose store offers life locks: there is no main lock, because the rows of the epochs decide who is
/// active.</summary>
sealed class DatabaseLocks(ILifeLocks locks) : INodeLocks
{
    public ILock Main { get; } = new FreeLock();

    public ILock Life { get; } = new OwnLock(locks);

    public string? LifeLock => locks.Key;

    public bool FreeMeansGone => false;

    public long Session => locks.Session;

    public ILock? LifeOf(NodeName node) => node.LifeLock is { } key ? new OtherLock(locks, key) : null;

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

    /// <summary>The life lock of this node. The session takes the lock by itself.</summary>
    sealed class OwnLock(ILifeLocks locks) : ILock
    {
        public bool Held => locks.IsHeld;

        public bool TryTake() => Held;

        public Task TakeAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public void Release()
        {
        }

        public bool WasReplaced() => false;

        public void Dispose() => locks.Dispose();
    }

    /// <summary>The life lock of another node, which counts as held once the lock was found free.</summary>
    sealed class OtherLock(ILifeLocks locks, string key) : ILock
    {
        public bool Held { get; private set; }

        public bool TryTake() => Held;

        public async Task TakeAsync(CancellationToken cancellationToken)
        {
            await locks.WaitUntilFreeAsync(key, cancellationToken);
            Held = true;
        }

        public void Release() => Held = false;

        public bool WasReplaced() => false;

        public void Dispose()
        {
        }
    }
}
