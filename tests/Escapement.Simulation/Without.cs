using Escapement.Engine;
using Escapement.Stores;

namespace Escapement.Simulation;

/// <summary>One rule of the protocol taken away; <see cref="Nothing"/> takes none.</summary>
/// <param name="Letter">Its row in docs/protocol.md.</param>
/// <param name="Rule">The rule.</param>
/// <param name="Harm">What it prevents.</param>
sealed record Without(string Letter, string Rule, string Harm)
{
    /// <summary>All rules hold.</summary>
    public static Without Nothing { get; } = new("-", "all rules hold", "none");

    /// <summary>The laws whose breach shows the harm. The breach of a further law does not show it.</summary>
    public IReadOnlyList<Law> Laws { get; init; } = [];

    /// <summary>Whether a failure shows the harm of this missing rule.</summary>
    public bool Shows(Failure failure) => Laws.Contains(failure.Law);

    /// <summary>The scenario that shows the harm, where seeds seldom do.</summary>
    public Scenario? Scenario { get; init; }

    /// <summary>A node's store, in which the rule does not hold.</summary>
    public Func<SimulatedStore, SimulatedStore> Store { get; init; } = store => store;

    /// <summary>The rules of the store where every node is active.</summary>
    public StoreOverrides Rules { get; init; } = new();

    /// <summary>A node's locks.</summary>
    public Func<SimulatedNode, NodeLocks, NodeLocks> Locks { get; init; } = (_, locks) => locks;

    /// <summary>A node's rules; made anew for each, because they may remember.</summary>
    public Func<SimulatedNode, IJobStore, ProtocolOverrides> ProtocolOverrides { get; init; } = (_, _) => new();
}
