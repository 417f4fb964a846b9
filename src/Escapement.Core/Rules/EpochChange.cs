using Escapement.Ledger;

namespace Escapement.Rules;

/// <summary>A change of epochs in a single transaction: begins an epoch, ends other epochs, and settles the runs of
/// lost nodes. The change is applied as a whole, or not at all.</summary>
public sealed record EpochChange
{
    /// <summary>The node that becomes active, or null if no epoch begins.</summary>
    public NodeName? Begin { get; init; }

    /// <summary>True if the node holds the lock.</summary>
    public bool WithLock { get; init; }

    /// <summary>The lease of the node, or null.</summary>
    public TimeSpan? Lease { get; init; }

    /// <summary>The exclusive minimum of the new epoch number, such as the number in the lock file.</summary>
    public long Floor { get; init; }

    /// <summary>The newest epoch as last seen, or null if several nodes may be active. If the newest epoch has changed
    /// since, nothing is written.</summary>
    public EpochSeen? Newest { get; init; }

    /// <summary>The epochs to end, each as last seen, with the reason. If any of the epochs has changed since, nothing
    /// is written.</summary>
    public IReadOnlyList<(EpochSeen Seen, EpochEnd Why)> Ends { get; init; } = [];

    /// <summary>The lost nodes: their process has ended, or their drain limit passed more than a lease ago. Their runs
    /// are settled, and the nodes are removed.</summary>
    public IReadOnlyCollection<string> Lost { get; init; } = [];

    /// <summary>The requesting node and its epoch, which must not have ended. Null for a node that becomes
    /// active.</summary>
    public (string Node, long Epoch)? By { get; init; }

    /// <summary>The graceful end of the epoch in <see cref="By"/>, or null.</summary>
    public StepDown? StepDown { get; init; }
}

/// <summary>The end of an epoch by its own node.</summary>
public sealed class StepDown(DateTimeOffset drainUntil, EpochEnd how)
{
    /// <summary>The instant until which its runs may continue.</summary>
    public DateTimeOffset DrainUntil { get; } = drainUntil;

    /// <summary><see cref="EpochEnd.SteppedDown"/> or <see cref="EpochEnd.ShutDown"/>.</summary>
    public EpochEnd How { get; } = how;

    /// <summary>The number of the first claim without an answer, or null if all claims were answered. The runs of this
    /// and later claims wait again, because the runs never started.</summary>
    public long? Unanswered { get; init; }
}
