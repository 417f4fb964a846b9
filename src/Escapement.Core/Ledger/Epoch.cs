namespace Escapement.Ledger;

/// <summary>How an epoch ended. The values are stored and never change.</summary>
public enum EpochEnd
{
    /// <summary>The node stepped down gracefully.</summary>
    SteppedDown = 1,

    /// <summary>The node's process ended.</summary>
    ProcessGone = 2,

    /// <summary>The lease expired.</summary>
    LeaseOver = 3,

    /// <summary>The scheduler was shut down over the API.</summary>
    ShutDown = 4,

    /// <summary>The store's file was replaced, for example by a backup. Later writes of the epoch's node are not in
    /// this file.</summary>
    StoreReplaced = 5,
}

/// <summary>An activation of a node.</summary>
public sealed record Epoch
{
    /// <summary>The number, which grows with each epoch.</summary>
    public required long Number { get; init; }

    /// <summary>The activated node.</summary>
    public required NodeName Node { get; init; }

    /// <summary>The instant at which the epoch began.</summary>
    public required DateTimeOffset Begun { get; init; }

    /// <summary>True if the node held the lock when the epoch began. Any standby can replace an epoch without a lock
    /// once its process has ended.</summary>
    public required bool WithLock { get; init; }

    /// <summary>The time without a sign of life after which readers treat the epoch as over, or null for an epoch that only
    /// its end ends.</summary>
    public TimeSpan? Lease { get; init; }

    /// <summary>The counter of the signs of life: heartbeats and claims.</summary>
    public required long Heartbeat { get; init; }

    /// <summary>The number of the last claim, or 0 if claims are not numbered.</summary>
    public long Claims { get; init; }

    /// <summary>Grows with each change of the scheduler state during the epoch. A claim that was planned before a pause
    /// writes nothing.</summary>
    public long StateNumber { get; init; }

    /// <summary>The instant of the last written sign of life, by the node's wall clock.</summary>
    public required DateTimeOffset LastSign { get; init; }

    /// <summary>The end of the epoch: reported by its own node, or the last sign of life. Null while the epoch
    /// lasts.</summary>
    public DateTimeOffset? Ended { get; init; }

    /// <summary>How the epoch ended, or null while the epoch lasts.</summary>
    public EpochEnd? How { get; init; }

    /// <summary>The id of the node that ended the epoch, or null if the epoch's own node did.</summary>
    public string? EndedBy { get; init; }

    /// <summary>The instant until which the node, having stepped down, may finish its runs.</summary>
    public DateTimeOffset? DrainUntil { get; init; }

    /// <summary>The number of unanswered probes of standby nodes.</summary>
    public long Probes { get; init; }
}
