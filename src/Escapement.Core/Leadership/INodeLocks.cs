using Escapement.Ledger;

namespace Escapement.Leadership;

/// <summary>The locks of a node: files beside the store, or locks offered by the store itself.</summary>
interface INodeLocks
{
    /// <summary>The main lock, which permits beginning an epoch. Not used in a store in which every node is
    /// active.</summary>
    ILock Main { get; }

    /// <summary>The life lock of this process, held from start to end.</summary>
    ILock Life { get; }

    /// <summary>The path or key by which other nodes find this process's life lock, or null if there is none.</summary>
    string? LifeLock { get; }

    /// <summary>True if a free life lock proves the end of its process, as for file locks. The lock of a database
    /// session can be lost while its process lives.</summary>
    bool FreeMeansGone { get; }

    /// <summary>The number of this process's connection to the locks. A changed number means all locks were lost for a
    /// moment. Always 0 for files.</summary>
    long Session { get; }

    /// <summary>Returns another node's life lock, or null if it cannot be found. A missing lock proves
    /// nothing.</summary>
    ILock? LifeOf(NodeName node);

    /// <summary>Removes the remains of an ended node's life lock.</summary>
    void Remove(NodeName node);

    /// <summary>Returns the holder of the main lock as far as known, or null. For messages only, no decision depends on
    /// the holder.</summary>
    LockHolder? Holder();

    /// <summary>Writes this process as the holder, with its epoch.</summary>
    void Write(LockHolder holder);

    /// <summary>Returns the highest epoch seen in the text of the lock.</summary>
    long Floor();

    /// <summary>Updates the times of the lock files, for cleaners of old files such as the cleaner of
    /// <c>/tmp</c>.</summary>
    void Touch(DateTimeOffset now);
}

/// <summary>A store with its own node locks. The nodes of all further stores use lock files.</summary>
interface IStoreLocks
{
    /// <summary>Returns the locks of a node of this process. The life lock is held from then on, or as soon as the
    /// store is reachable.</summary>
    /// <param name="node">The id of the node.</param>
    INodeLocks OpenLocks(string node);
}
