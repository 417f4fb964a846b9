using Escapement.Ledger;

namespace Escapement.Leadership;

/// <summary>The locks of several nodes in a single process, for tests with several nodes over a store.</summary>
/// <remarks>The locks behave like lock files: a lock has one holder, waiters get the lock in the order of their waits,
/// and the locks of a node that is gone come free.</remarks>
public sealed class LocalLocks
{
    const string Main = "main";

    readonly Lock gate = new();
    readonly Dictionary<string, State> states = [];
    LockHolder? holder;

    /// <summary>Releases all locks of a node, as the kernel does when a process ends for any reason.</summary>
    /// <param name="node">The id of the node.</param>
    public void Release(string node)
    {
        lock (gate)
        {
            foreach (var state in states.Values) state.Forget(node);
        }
    }

    /// <summary>Returns the locks of a node.</summary>
    /// <param name="node">The id of the node.</param>
    /// <param name="freeMeansGone">Whether a free life lock proves the end of its node.</param>
    internal INodeLocks Open(string node, bool freeMeansGone) => new NodeLocks(this, node, freeMeansGone);

    sealed class NodeLocks : INodeLocks
    {
        readonly LocalLocks all;
        readonly string node;

        public NodeLocks(LocalLocks all, string node, bool freeMeansGone)
        {
            (this.all, this.node, FreeMeansGone) = (all, node, freeMeansGone);
            Main = all.Handle(LocalLocks.Main, node);
            Life = all.Handle(node, node);
            Life.TryTake();
        }

        public ILock Main { get; }

        public ILock Life { get; }

        public string? LifeLock => node;

        public bool FreeMeansGone { get; }

        public long Session => 0;

        public ILock? LifeOf(NodeName other)
        {
            lock (all.gate) return all.states.ContainsKey(other.Id) ? all.Handle(other.Id, node) : null;
        }

        public void Remove(NodeName other)
        {
            lock (all.gate) all.states.Remove(other.Id);
        }

        public LockHolder? Holder() => all.holder;

        public void Write(LockHolder holder) => all.holder = holder;

        public long Floor() => all.holder?.Epoch ?? 0;

        public void Touch(DateTimeOffset now)
        {
        }
    }

    LocalLock Handle(string name, string node)
    {
        lock (gate)
        {
            if (!states.TryGetValue(name, out var state)) states.Add(name, state = new());
            return new(gate, state, node);
        }
    }

    /// <summary>The holder of a lock and its waiters, in the order of their waits.</summary>
    sealed class State
    {
        public LocalLock? Holder { get; set; }

        public List<(LocalLock Handle, TaskCompletionSource Granted)> Waiters { get; } = [];

        public void Forget(string node)
        {
            Waiters.RemoveAll(waiter => waiter.Handle.Node == node);
            if (Holder?.Node == node) Free();
        }

        /// <summary>Hands the lock to the next waiter.</summary>
        public void Free()
        {
            Holder = null;
            while (Holder is null && Waiters is [var next, ..])
            {
                Waiters.RemoveAt(0);
                if (next.Granted.TrySetResult()) Holder = next.Handle;
            }
        }
    }

    /// <summary>A node's handle on a lock.</summary>
    sealed class LocalLock(Lock gate, State state, string node) : ILock
    {
        public string Node => node;

        public bool Held
        {
            get
            {
                lock (gate) return state.Holder == this;
            }
        }

        public bool TryTake()
        {
            lock (gate) return (state.Holder ??= this) == this;
        }

        public async Task TakeAsync(CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            TaskCompletionSource granted = new(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (gate)
            {
                if ((state.Holder ??= this) == this) return;
                state.Waiters.Add((this, granted));
            }

            using var cancelled = cancellationToken.Register(() => granted.TrySetCanceled(cancellationToken));
            await granted.Task;
        }

        public void Release()
        {
            lock (gate)
            {
                if (state.Holder == this) state.Free();
            }
        }

        public bool WasReplaced() => false;

        public void Dispose()
        {
            lock (gate)
            {
                foreach (var (handle, granted) in state.Waiters)
                    if (handle == this) granted.TrySetCanceled();
                Release();
            }
        }
    }
}
