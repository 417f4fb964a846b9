using Escapement.Ledger;

namespace Escapement.Leadership;

/// <summary>The locks that a node has to do with: files beside the store, or locks that the store itself offers.</summary>
interface INodeLocks
{
    /// <summary>Gives the right to ask for the epoch. Has no meaning in a store in which every node is active.</summary>
    ILock Main { get; }

    /// <summary>This process's own lock, held from start to end.</summary>
    ILock Life { get; }

    /// <summary>What other nodes find this process's life lock by; null where there is none to find.</summary>
    string? LifeLock { get; }

    /// <summary>Whether a life lock that is free proves that its process is gone, as the lock of a file does. The lock of a database session can be lost by a process that lives.</summary>
    bool FreeMeansGone { get; }

    /// <summary>The number of this process's connection to the locks; another number says that all its locks were lost for a moment. Always 0 for files.</summary>
    long Session { get; }

    /// <summary>Returns another node's life lock, or null if it cannot be found, which proves nothing.</summary>
    ILock? LifeOf(NodeName node);

    /// <summary>Removes what the life lock of a node that is gone left behind.</summary>
    void Remove(NodeName node);

    /// <summary>Returns who holds the main lock as far as the lock tells; for people, no decision rests on it.</summary>
    LockHolder? Holder();

    /// <summary>Writes this process as the holder, with its epoch.</summary>
    void Write(LockHolder holder);

    /// <summary>Returns the highest epoch that the lock's text has seen.</summary>
    long Floor();

    /// <summary>Makes the locks look used, for what deletes old files, such as the cleaner of <c>/tmp</c>.</summary>
    void Touch(DateTimeOffset now);
}

/// <summary>A store that offers the locks of its nodes. The nodes of other stores have lock files.</summary>
interface IStoreLocks
{
    /// <summary>Returns the locks of a node of this process; its life lock is held from then on, or as soon as the store is reached.</summary>
    /// <param name="node">The id of the node.</param>
    INodeLocks OpenLocks(string node);
}
