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
    /// <param name="unwanted">The task ends as cancelled; the wait in the kernel may go on, without effect.</param>
    Task TakeAsync(CancellationToken unwanted);

    /// <summary>Lets it go.</summary>
    void Release();

    /// <summary>Whether it was lost with what it was a lock on: its file was replaced. It is then no longer held, and the next try is for the new one.</summary>
    bool WasReplaced();
}

/// <summary>The locks that a node has to do with.</summary>
/// <param name="Main">Gives the right to ask for the epoch.</param>
/// <param name="Life">This process's own, held from start to end.</param>
/// <param name="LifeOf">Another node's life lock; null when it cannot be found, which proves nothing. Who gets it knows that the process is gone.</param>
/// <param name="Forget">Removes what a gone node's life lock left behind.</param>
/// <param name="Holder">Who the lock's own text names; for people, no decision rests on it.</param>
/// <param name="Write">Writes this process as the holder, with its epoch.</param>
/// <param name="Floor">The highest epoch that the lock's text has seen.</param>
sealed record NodeLocks(
    ILock Main, ILock Life, Func<Ledger.NodeName, ILock?> LifeOf, Action<Ledger.NodeName> Forget,
    Func<LockHolder?> Holder, Action<LockHolder> Write, Func<long> Floor)
{
    /// <summary>Makes the files look used, for what deletes old ones, such as the cleaner of <c>/tmp</c>.</summary>
    public Action<DateTimeOffset> Touch { get; init; } = static _ => { };
}
