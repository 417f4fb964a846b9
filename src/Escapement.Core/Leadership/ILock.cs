namespace Escapement.Leadership;

/// <summary>A lock that one process holds and that comes free when it ends, however it ends.</summary>
interface ILock : IDisposable
{
    /// <summary>Whether this process holds it.</summary>
    bool Held { get; }

    /// <summary>Takes it if it is free.</summary>
    /// <returns>Whether this process holds it now.</returns>
    bool TryTake();

    /// <summary>Waits until it is taken. A wait that is no longer wanted gives the lock up the moment it gets it.</summary>
    /// <param name="cancellationToken">The task ends as cancelled; the wait in the kernel may go on, without effect.</param>
    Task TakeAsync(CancellationToken cancellationToken);

    /// <summary>Lets it go.</summary>
    void Release();

    /// <summary>Whether it was lost with what it was a lock on: its file was replaced. It is then no longer held, and the next try is for the new one.</summary>
    bool WasReplaced();
}
