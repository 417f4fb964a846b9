namespace Escapement.Ledger;

/// <summary>How an epoch ended. The values are stored and never change.</summary>
public enum EpochEnd
{
    /// <summary>Its node stopped gracefully and said so.</summary>
    SteppedDown = 1,

    /// <summary>Its node's process was gone.</summary>
    ProcessGone = 2,

    /// <summary>Its lease ran out.</summary>
    LeaseOver = 3,

    /// <summary>The scheduler was shut down over the API.</summary>
    ShutDown = 4,

    /// <summary>The store's file was replaced, such as by a backup: what its node wrote after that is not in this file.</summary>
    StoreReplaced = 5,
}

/// <summary>One activation of one node.</summary>
public sealed record Epoch
{
    /// <summary>The number; it only grows.</summary>
    public required long Number { get; init; }

    /// <summary>Whose activation.</summary>
    public required NodeName Node { get; init; }

    /// <summary>When it was raised.</summary>
    public required DateTimeOffset Begun { get; init; }

    /// <summary>Whether its node had the lock when it raised it. One without can be replaced by any standby once its process is gone.</summary>
    public required bool WithLock { get; init; }

    /// <summary>The counter of the signs of life: beats and claims.</summary>
    public required long Heartbeat { get; init; }

    /// <summary>The number of its last claim; 0 where claims are not numbered.</summary>
    public long Claims { get; init; }

    /// <summary>Grows with each change of the state of the scheduler while the epoch goes on: a claim that was planned before a pause writes nothing.</summary>
    public long StateNumber { get; init; }

    /// <summary>When the last sign of life was written, by its node's wall clock.</summary>
    public required DateTimeOffset LastSign { get; init; }

    /// <summary>When it ended: when its own node said so, or else its last sign of life.</summary>
    public DateTimeOffset? Ended { get; init; }

    /// <summary>How it ended.</summary>
    public EpochEnd? How { get; init; }

    /// <summary>The node that ended it, where another did.</summary>
    public string? EndedBy { get; init; }

    /// <summary>Until when its node, which has left, may go on with its runs.</summary>
    public DateTimeOffset? DrainUntil { get; init; }

    /// <summary>How many questions of waiters stand unanswered.</summary>
    public long Probes { get; init; }
}
