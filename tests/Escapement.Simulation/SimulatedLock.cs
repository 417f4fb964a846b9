using Escapement.Leadership;

namespace Escapement.Simulation;

/// <summary>A file that can be locked, as the kernel sees it: one holder, and the others in the order in which they came.</summary>
sealed class LockFile
{
    readonly List<SimulatedLock> waiters = [];

    /// <summary>Whether it is still the file at its path.</summary>
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

    /// <summary>A stopped waiter is taken out of the queue.</summary>
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

/// <summary>One node's handle on a lock file, beside the real <see cref="FileLock"/> and with its manners.</summary>
/// <param name="node">Whose.</param>
/// <param name="file">The file that it opened.</param>
/// <param name="atPath">The file that is at the path now; null when there is none.</param>
sealed class SimulatedLock(SimulatedNode node, LockFile file, Func<LockFile?> atPath) : ILock
{
    LockFile file = file;
    bool waiting, disposed;
    CancellationToken wanted;
    TaskCompletionSource? taken;

    /// <summary>Whose handle it is.</summary>
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

    /// <summary>The kernel has given it; the node learns it when it goes on.</summary>
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

    /// <summary>The node is stopped: it loses its place among those that wait.</summary>
    public void LosePlace() => lostPlace |= waiting && file.Leave(this);

    /// <summary>The node goes on: it waits anew, behind the others.</summary>
    public void WaitAgain()
    {
        if (!lostPlace) return;
        lostPlace = false;
        file.Wait(this);
    }

    bool lostPlace;

    /// <summary>The session that held it has ended while the process lives.</summary>
    public void LoseSession()
    {
        if (!Held) return;
        Held = false;
        file.Free(this);
    }

    /// <summary>The process is gone, and the kernel closes its files.</summary>
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
