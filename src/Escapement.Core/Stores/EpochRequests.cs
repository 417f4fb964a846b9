using Escapement.Ledger;
using Escapement.Rules;

namespace Escapement.Stores;

/// <summary>The sign to write before a look at the epochs.</summary>
public abstract record Sign
{
    Sign()
    {
    }

    /// <summary>Writes nothing.</summary>
    public static Sign None { get; } = new Nothing();

    sealed record Nothing : Sign;

    /// <summary>Registers a node in the store, or changes its declarations. The node holds its life lock.</summary>
    /// <param name="Node">The node.</param>
    /// <param name="Declares">The ids of the jobs declared by its program.</param>
    /// <param name="Handlers">The handlers known to its program.</param>
    public sealed record Enter(NodeName Node, IReadOnlyCollection<string> Declares, IReadOnlyCollection<string> Handlers) : Sign;

    /// <summary>A sign of life of a living epoch, or of an epoch whose own node stepped down and drains. Sends no
    /// notification.</summary>
    /// <param name="Node">The id of the node.</param>
    /// <param name="Epoch">The epoch.</param>
    public sealed record Heartbeat(string Node, long Epoch) : Sign;

    /// <summary>A standby's probe whether an epoch is alive, written and notified. Without an epoch, the probe proves
    /// that the store is writable.</summary>
    /// <param name="Node">The id of the probing node.</param>
    /// <param name="Seen">The row as last seen by the standby.</param>
    public sealed record Probe(string Node, EpochSeen Seen) : Sign;
}

/// <summary>The state of the epochs and nodes, read after writing a sign.</summary>
public sealed record Look
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
}

/// <summary>A node registered in the store.</summary>
/// <param name="Name">The identity of the node.</param>
/// <param name="Running">The number of claimed runs.</param>
/// <param name="DrainUntil">The drain limit after the node stepped down, or null.</param>
public sealed record KnownNode(NodeName Name, int Running, DateTimeOffset? DrainUntil)
{
    /// <summary>The ids of the jobs declared by its program. Filled only after <see cref="Sign.Enter"/>.</summary>
    public IReadOnlyList<string> Declares { get; init; } = [];
}

/// <summary>The result of a change of epochs.</summary>
public sealed record EpochChanged
{
    /// <summary>The result without a change.</summary>
    public static EpochChanged Nothing { get; } = new();

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
