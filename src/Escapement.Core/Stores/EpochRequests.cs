using Escapement.Ledger;
using Escapement.Rules;

namespace Escapement.Stores;

/// <summary>The sign to write before a look at the epochs.</summary>
public abstract class Sign
{
    Sign()
    {
    }

    /// <summary>Writes nothing.</summary>
    public static Sign None { get; } = new Nothing();

    sealed class Nothing : Sign;

    /// <summary>Registers a node in the store, or changes its declarations. The node holds its life lock.</summary>
    public sealed class Enter(NodeName node, IReadOnlyCollection<string> declares, IReadOnlyCollection<string> handlers) : Sign
    {
        /// <summary>The node.</summary>
        public NodeName Node { get; } = node;

        /// <summary>The ids of the jobs declared by its program.</summary>
        public IReadOnlyCollection<string> Declares { get; } = declares;

        /// <summary>The handlers known to its program.</summary>
        public IReadOnlyCollection<string> Handlers { get; } = handlers;
    }

    /// <summary>A sign of life of a living epoch, or of an epoch whose own node stepped down and drains. Sends no
    /// notification.</summary>
    public sealed class Heartbeat(string node, long epoch) : Sign
    {
        /// <summary>The id of the node.</summary>
        public string Node { get; } = node;

        /// <summary>The epoch.</summary>
        public long Epoch { get; } = epoch;
    }

    /// <summary>A standby's probe whether an epoch is alive, written and notified. Without an epoch, the probe proves
    /// that the store is writable.</summary>
    public sealed class Probe(string node, EpochSeen seen) : Sign
    {
        /// <summary>The id of the probing node.</summary>
        public string Node { get; } = node;

        /// <summary>The row as last seen by the standby.</summary>
        public EpochSeen Seen { get; } = seen;
    }
}

/// <summary>The state of the epochs and nodes, read after writing a sign.</summary>
public sealed class Look
{
    /// <summary>The living epochs, by number.</summary>
    public required IReadOnlyList<Epoch> Living { get; init; }

    /// <summary>The epochs whose own node stepped down and that still have runs, by number. Required only of a store in
    /// which every node is active.</summary>
    public IReadOnlyList<Epoch> Draining { get; init; } = [];

    /// <summary>The epoch with the largest number, or null if there never was an epoch.</summary>
    public required Epoch? Newest { get; init; }

    /// <summary>The scheduler state.</summary>
    public required SchedulerState State { get; init; }

    /// <summary>The registered nodes that were not found dead.</summary>
    public required IReadOnlyList<KnownNode> Nodes { get; init; }

    /// <summary>The earliest due time in the store, or null if the store did not look. A heartbeat is followed by a
    /// claim only if the time is within the lease.</summary>
    public DateTimeOffset? NextDue { get; init; }
}

/// <summary>A node registered in the store.</summary>
public sealed class KnownNode(NodeName name, int running, DateTimeOffset? drainUntil)
{
    /// <summary>The identity of the node.</summary>
    public NodeName Name { get; } = name;

    /// <summary>The number of claimed runs.</summary>
    public int Running { get; } = running;

    /// <summary>The drain limit after the node stepped down, or null.</summary>
    public DateTimeOffset? DrainUntil { get; } = drainUntil;

    /// <summary>The ids of the jobs declared by its program. Filled only after <see cref="Sign.Enter"/>.</summary>
    public IReadOnlyList<string> Declares { get; init; } = [];
}

/// <summary>The result of a change of epochs.</summary>
public sealed class EpochChanged
{
    /// <summary>True if the change was made. False if a row was changed meanwhile, the requesting epoch has ended, or
    /// the scheduler is shut down.</summary>
    public bool Done { get; init; }

    /// <summary>The new epoch, or null.</summary>
    public Epoch? Begun { get; init; }

    /// <summary>The previously newest epoch, in its state after the change, or null.</summary>
    public Epoch? Before { get; init; }

    /// <summary>The number of settled runs of lost nodes.</summary>
    public int Settled { get; init; }
}
