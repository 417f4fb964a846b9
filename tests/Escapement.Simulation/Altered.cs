using Escapement.Ledger;
using Escapement.Stores;

namespace Escapement.Simulation;

/// <summary>Copies of answers of a store with altered parts, for stores that violate a rule.</summary>
static class Altered
{
    public static Look With(
        this Look look, Epoch? newest = null, IReadOnlyList<Epoch>? living = null, IReadOnlyList<KnownNode>? nodes = null) => new()
        {
            Living = living ?? look.Living,
            Draining = look.Draining,
            Newest = newest ?? look.Newest,
            State = look.State,
            Nodes = nodes ?? look.Nodes,
        };

    public static KnownNode With(this KnownNode node, DateTimeOffset? drainUntil) =>
        new(node.Name, node.Running, drainUntil) { Declares = node.Declares };

    public static EpochChanged With(this EpochChanged changed, Epoch before) =>
        new() { Done = changed.Done, Begun = changed.Begun, Before = before, Settled = changed.Settled };
}
