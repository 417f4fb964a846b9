using Escapement.Leadership;
using Escapement.Ledger;

namespace Escapement.Core.Tests.Engine;

/// <summary>Locks in files of another user. The files allow locks and writes, but no change of their times.</summary>
sealed class ForeignLocks(INodeLocks inner) : INodeLocks
{
    public ILock Main => inner.Main;

    public ILock Life => inner.Life;

    public string? LifeLock => inner.LifeLock;

    public bool FreeMeansGone => inner.FreeMeansGone;

    public long Session => inner.Session;

    public ILock? LifeOf(NodeName node) => inner.LifeOf(node);

    public void Remove(NodeName node) => inner.Remove(node);

    public LockHolder? Holder() => inner.Holder();

    public void Write(LockHolder holder) => inner.Write(holder);

    public long Floor() => inner.Floor();

    public void Touch(DateTimeOffset now) => throw new UnauthorizedAccessException("Not the owner.");
}
