using Escapement.Ledger;
using Escapement.Rules;

namespace Escapement.Stores;

/// <summary>A look at the epochs, and the sign that is written with it.</summary>
public abstract record Sign
{
    Sign()
    {
    }

    /// <summary>Only reads.</summary>
    public static Sign None { get; } = new Nothing();

    sealed record Nothing : Sign;

    /// <summary>Names a node in the store, or changes what it declares. The node holds its life lock.</summary>
    /// <param name="Node">The node.</param>
    /// <param name="Declares">The ids of the jobs that its program declares.</param>
    /// <param name="Handlers">The handlers that its program knows.</param>
    public sealed record Enter(NodeName Node, IReadOnlyCollection<string> Declares, IReadOnlyCollection<string> Handlers) : Sign;

    /// <summary>A sign of life of an epoch that has not ended, or that its own node has ended and drains. Notifies nobody.</summary>
    /// <param name="Node">Whose.</param>
    /// <param name="Epoch">The epoch.</param>
    public sealed record Heartbeat(string Node, long Epoch) : Sign;

    /// <summary>A waiter's question whether an epoch still lives, written and notified. Where there is no epoch it proves that the store can be written.</summary>
    /// <param name="Node">Who asks.</param>
    /// <param name="Seen">The row as the waiter saw it.</param>
    public sealed record Probe(string Node, EpochSeen Seen) : Sign;
}

/// <summary>What a look shows, after its sign was written.</summary>
public sealed record Look
{
    /// <summary>The epochs that have not ended, by number.</summary>
    public required IReadOnlyList<Epoch> Living { get; init; }

    /// <summary>The epochs that their own nodes have ended and that still have runs, by number. Only a store in which every node is active needs to fill it.</summary>
    public IReadOnlyList<Epoch> Draining { get; init; } = [];

    /// <summary>The epoch with the largest number; null when there never was one.</summary>
    public required Epoch? Newest { get; init; }

    /// <summary>The state of the scheduler.</summary>
    public required SchedulerState State { get; init; }

    /// <summary>The nodes that named themselves in the store and were not found gone.</summary>
    public required IReadOnlyList<KnownNode> Nodes { get; init; }
}

/// <summary>A node as the store knows it.</summary>
/// <param name="Name">Who.</param>
/// <param name="Running">How many claimed runs it has.</param>
/// <param name="DrainUntil">Its drain limit, once it has ended its epoch itself.</param>
public sealed record KnownNode(NodeName Name, int Running, DateTimeOffset? DrainUntil)
{
    /// <summary>The ids of the jobs that its program declares; filled after <see cref="Sign.Enter"/> only.</summary>
    public IReadOnlyList<string> Declares { get; init; } = [];
}

/// <summary>The answer to a change of epochs.</summary>
public sealed record EpochChanged
{
    /// <summary>The answer where nothing was changed.</summary>
    public static EpochChanged Nothing { get; } = new();

    /// <summary>Whether the change was made; otherwise something had moved, the asking epoch had ended, or the scheduler is shut down.</summary>
    public bool Done { get; init; }

    /// <summary>The epoch that begins.</summary>
    public Epoch? Begun { get; init; }

    /// <summary>The newest epoch before, as it stands after the change.</summary>
    public Epoch? Before { get; init; }

    /// <summary>How many runs of lost nodes were settled.</summary>
    public int Settled { get; init; }
}
