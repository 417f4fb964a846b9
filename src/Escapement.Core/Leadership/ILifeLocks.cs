namespace Escapement.Leadership;

/// <summary>The life lock of a node in a session of the store's database, and the life locks of the other nodes.</summary>
/// <remarks>A life lock comes free when its process ends, and also when its session is lost while the process lives. A free life
/// lock is therefore a reason to probe the node, and proves nothing.</remarks>
public interface ILifeLocks : IDisposable
{
    /// <summary>The text by which other nodes find the life lock of this node, or null if the store turned out to offer no life
    /// locks, because its sessions do not end with the process. Known once the store is open.</summary>
    string? Key { get; }

    /// <summary>True while this node holds its life lock.</summary>
    bool IsHeld { get; }

    /// <summary>The number of the session. A changed number means that all locks were lost for a moment.</summary>
    long Session { get; }

    /// <summary>Waits until the life lock of another node is free, and leaves the lock free.</summary>
    /// <param name="key">The key of the other node.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="IOException">The lock cannot be found.</exception>
    Task WaitUntilFreeAsync(string key, CancellationToken cancellationToken);
}

/// <summary>A store whose database offers life locks. The nodes of any other store use lock files.</summary>
public interface ILifeLockStore
{
    /// <summary>Returns the life locks of a node of this process. The node's own lock is held as soon as the database is
    /// reachable.</summary>
    /// <param name="node">The id of the node.</param>
    ILifeLocks OpenLifeLocks(string node);
}
