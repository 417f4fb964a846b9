using Escapement.Ledger;

namespace Escapement.Rules;

/// <summary>A change of epochs: one begins, others end, and the runs of lost nodes are settled, in one transaction; or nothing of it.</summary>
public sealed record EpochChange
{
    /// <summary>The node that becomes active; null where no epoch begins.</summary>
    public NodeName? Begin { get; init; }

    /// <summary>Whether that node has the lock.</summary>
    public bool WithLock { get; init; }

    /// <summary>A number that the new epoch's must be above, such as the number in the lock file.</summary>
    public long Floor { get; init; }

    /// <summary>The newest epoch as it was seen; where it has moved, nothing is changed. Null where it does not matter: several nodes may be active.</summary>
    public EpochSeen? Newest { get; init; }

    /// <summary>The epochs that are ended, each as it was seen, and why; where one has moved, nothing is changed.</summary>
    public IReadOnlyList<(EpochSeen Seen, EpochEnd Why)> Ends { get; init; } = [];

    /// <summary>Nodes that are lost: their process is gone, or their drain limit has passed by a lease. Their runs are settled, and they are removed.</summary>
    public IReadOnlyCollection<string> Lost { get; init; } = [];

    /// <summary>The node that asks and its epoch, which must not have ended; null for a node that only becomes active.</summary>
    public (string Node, long Epoch)? By { get; init; }

    /// <summary>Ends the epoch of <see cref="By"/> by its own node.</summary>
    public StepDown? StepDown { get; init; }
}

/// <summary>The end of an epoch by its own node.</summary>
/// <param name="DrainUntil">Until when its runs may go on.</param>
/// <param name="How"><see cref="EpochEnd.SteppedDown"/> or <see cref="EpochEnd.ShutDown"/>.</param>
public sealed record StepDown(DateTimeOffset DrainUntil, EpochEnd How)
{
    /// <summary>The number of the first claim whose answer did not arrive: its runs and those of later claims wait again, because they never began. Null where all were answered.</summary>
    public long? Unanswered { get; init; }
}
