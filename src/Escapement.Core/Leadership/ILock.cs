namespace Escapement.Leadership;

/// <summary>A lock held by a single process, released when the process ends for any reason.</summary>
interface ILock : IDisposable
{
    /// <summary>True if this process holds the lock.</summary>
    bool Held { get; }

    /// <summary>Takes the lock if it is free.</summary>
    /// <returns>True if this process holds the lock.</returns>
    bool TryTake();

    /// <summary>Waits for the lock. A cancelled wait releases the lock as soon as the lock is granted.</summary>
    /// <param name="cancellationToken">Cancels the task. The wait in the kernel may continue without effect.</param>
    Task TakeAsync(CancellationToken cancellationToken);

    /// <summary>Releases the lock.</summary>
    void Release();

    /// <summary>Returns true if the lock file was replaced on disk. The lock is then not held, and the next
    /// <see cref="TryTake"/> locks the new file.</summary>
    bool WasReplaced();
}
