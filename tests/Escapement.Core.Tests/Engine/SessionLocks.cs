using System.Collections.Concurrent;
using Escapement.Leadership;
using Escapement.Ledger;

namespace Escapement.Core.Tests.Engine;

/// <summary>
/// The life locks of a database. A session holds each lock, and the session can end while its process lives.
/// </summary>
sealed class SessionLocks
{
    readonly ConcurrentDictionary<string, LifeOfOne> lives = new();

    /// <summary>Returns the locks of a node. Its life lock is held.</summary>
    public INodeLocks Of(string node)
    {
        var mine = new OfOne(this, node);
        mine.Life.TryTake();
        return mine;
    }

    /// <summary>Ends the session that holds a node's life lock.</summary>
    public void End(string node) => lives[node].Free();

    /// <summary>Returns true if a node's life lock is held by the node itself.</summary>
    public bool IsHeld(string node) => lives.TryGetValue(node, out var life) && life.Owner is OfOne;

    sealed class LifeOfOne
    {
        readonly List<TaskCompletionSource> waiters = [];

        public object? Owner { get; set; }

        public void Free()
        {
            lock (this)
            {
                Owner = null;
                foreach (var waiter in waiters) waiter.TrySetResult();
                waiters.Clear();
            }
        }

        public Task WhenFree()
        {
            lock (this)
            {
                if (Owner is null) return Task.CompletedTask;
                waiters.Add(new(TaskCreationOptions.RunContinuationsAsynchronously));
                return waiters[^1].Task;
            }
        }
    }

    sealed class OfOne(SessionLocks all, string node) : INodeLocks
    {
        public ILock Main { get; } = new FreeLock();

        public ILock Life => field ??= new SessionLock(all.lives.GetOrAdd(node, _ => new()), this);

        public string? LifeLock => node;

        public bool FreeMeansGone => false;

        public long Session => 0;

        public ILock? LifeOf(NodeName other) =>
            other.LifeLock is null ? null : new SessionLock(all.lives.GetOrAdd(other.Id, _ => new()), new());

        public void Remove(NodeName other)
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

    sealed class SessionLock(LifeOfOne life, object owner) : ILock
    {
        public bool Held => ReferenceEquals(life.Owner, owner);

        public bool TryTake()
        {
            lock (life)
            {
                if (life.Owner is null) life.Owner = owner;
                return Held;
            }
        }

        public async Task TakeAsync(CancellationToken cancellationToken)
        {
            while (!TryTake())
            {
                await life.WhenFree();
                cancellationToken.ThrowIfCancellationRequested();
            }
        }

        public void Release()
        {
            if (Held) life.Free();
        }

        public bool WasReplaced() => false;

        public void Dispose() => Release();
    }
}
