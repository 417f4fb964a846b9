using Escapement.Engine;
using Escapement.Stores;

namespace Escapement.Simulation;

/// <summary>A removed rule of the protocol. <see cref="Nothing"/> removes none.</summary>
/// <param name="Letter">The row in docs/protocol.md.</param>
/// <param name="Rule">The rule.</param>
/// <param name="Harm">The harm prevented by the rule.</param>
sealed record Without(string Letter, string Rule, string Harm)
{
    /// <summary>Gets the value with which all rules hold.</summary>
    public static Without Nothing { get; } = new("-", "all rules hold", "none");

    /// <summary>
    /// Gets the laws whose breach shows the harm. The breach of a further law does not show the harm.
    /// </summary>
    public IReadOnlyList<Law> Laws { get; init; } = [];

    /// <summary>Returns true if a failure shows the harm of this missing rule.</summary>
    public bool Shows(Failure failure) => Laws.Contains(failure.Law);

    /// <summary>Gets the scenario that shows the harm, for harm that seeds seldom show.</summary>
    public Scenario? Scenario { get; init; }

    /// <summary>Gets the conversion to a node's store without the rule.</summary>
    public Func<SimulatedStore, SimulatedStore> Store { get; init; } = store => store;

    /// <summary>Gets the rules of a store in which every node is active.</summary>
    public StoreOverrides Rules { get; init; } = new();

    /// <summary>Gets the conversion to a node's locks without the rule.</summary>
    public Func<SimulatedNode, NodeLocks, NodeLocks> Locks { get; init; } = (_, locks) => locks;

    /// <summary>
    /// Gets the factory of a node's rules. Each node has a new instance, because rules may have state.
    /// </summary>
    public Func<SimulatedNode, IJobStore, ProtocolOverrides> ProtocolOverrides { get; init; } = (_, _) => new();
}
