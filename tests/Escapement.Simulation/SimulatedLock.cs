using Escapement.Leadership;

namespace Escapement.Simulation;

/// <summary>A lockable file as seen by the kernel: a holder, and the waiters in the order of their arrival.</summary>
sealed class LockFile
{
    readonly List<SimulatedLock> waiters = [];

    /// <summary>Gets or sets whether the file is still at its path.</summary>
    public bool AtPath { get; set; } = true;

    public SimulatedLock? Holder { get; private set; }

    public bool TryTake(SimulatedLock who)
    {
        if (Holder is not null) return false;
        Holder = who;
        return true;
    }

    public void Wait(SimulatedLock who)
    {
        waiters.Add(who);
        Grant();
    }

    /// <summary>Removes a stopped waiter from the queue.</summary>
    public bool Leave(SimulatedLock who) => waiters.Remove(who);

    public void Free(SimulatedLock who)
    {
        if (Holder != who) return;
        Holder = null;
        Grant();
    }

    void Grant()
    {
        if (Holder is not null || waiters.Count == 0) return;
        Holder = waiters[0];
        waiters.RemoveAt(0);
        Holder.Granted();
    }
}

/// <summary>A node's handle on a lock file, with the behavior of the real <see cref="FileLock"/>.</summary>
/// <param name="node">The owner of the handle.</param>
/// <param name="file">The opened file.</param>
/// <param name="atPath">Returns the current file at the path, or null if the file does not exist.</param>
sealed class SimulatedLock(SimulatedNode node, LockFile file, Func<LockFile?> atPath) : ILock
{
    LockFile file = file;
    bool waiting, disposed;
    CancellationToken wanted;
    TaskCompletionSource? taken;

    /// <summary>Gets the owner of the handle.</summary>
    public SimulatedNode Node => node;

    public bool Held { get; private set; }

    public bool TryTake()
    {
        if (Held || waiting || disposed) return Held;
        while (file.TryTake(this))
            if (file.AtPath || !OpenAnew()) return Held = true;
        return false;
    }

    public Task TakeAsync(CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested) return Task.FromCanceled(cancellationToken);
        if (TryTake()) return Task.CompletedTask;
        ObjectDisposedException.ThrowIf(disposed, this);
        taken = new(TaskCreationOptions.RunContinuationsAsynchronously);
        wanted = cancellationToken;
        var mine = taken;
        cancellationToken.Register(() => mine.TrySetCanceled(cancellationToken));
        if (!waiting)
        {
            waiting = true;
            file.Wait(this);
        }

        return mine.Task;
    }

    /// <summary>
    /// Records that the kernel has granted the lock. The node learns about the grant when the node continues.
    /// </summary>
    public void Granted() => node.Post(GoOn);

    void GoOn()
    {
        if (!disposed && !file.AtPath && OpenAnew())
        {
            file.Wait(this);
            return;
        }

        waiting = false;
        if (disposed || wanted.IsCancellationRequested)
        {
            file.Free(this);
            return;
        }

        Held = true;
        taken!.TrySetResult();
    }

    bool OpenAnew()
    {
        if (atPath() is not { } other) return false;
        file.Free(this);
        file = other;
        return true;
    }

    public void Release()
    {
        if (!Held) return;
        Held = false;
        file.Free(this);
    }

    public bool WasReplaced()
    {
        if (!Held || disposed || file.AtPath) return false;
        Held = false;
        return OpenAnew();
    }

    /// <summary>Removes the stopped node from the queue.</summary>
    public void LosePlace() => lostPlace |= waiting && file.Leave(this);

    /// <summary>Queues the continued node again, behind the other waiters.</summary>
    public void WaitAgain()
    {
        if (!lostPlace) return;
        lostPlace = false;
        file.Wait(this);
    }

    bool lostPlace;

    /// <summary>Releases the lock because its session ended while the process lives.</summary>
    public void LoseSession()
    {
        if (!Held) return;
        Held = false;
        file.Free(this);
    }

    /// <summary>Closes the file, as the kernel does after the end of the process.</summary>
    public void Close()
    {
        file.Leave(this);
        file.Free(this);
    }

    public void Dispose()
    {
        if (disposed) return;
        disposed = true;
        Held = false;
        taken?.TrySetCanceled();
        if (!waiting) file.Free(this);
    }
}
