using Escapement.Ledger;
using Escapement.Rules;

namespace Escapement.Stores;

/// <summary>Asks to become active.</summary>
/// <param name="Node">Who.</param>
/// <param name="Seen">What it last read.</param>
/// <param name="WithLock">Whether it has the lock.</param>
/// <param name="Why">How the epoch before ended, if it has not ended by itself.</param>
/// <param name="Lost">Nodes that left, or drain, and whose process is gone or whose drain limit has passed by a lease: their runs are settled too.</param>
/// <param name="Floor">A number that the new epoch's must be above: that in the lock file.</param>
public sealed record RaiseRequest(NodeName Node, EpochSeen Seen, bool WithLock, EpochEnd Why, IReadOnlyCollection<string> Lost, long Floor);

/// <summary>The answer to a raise.</summary>
/// <param name="Epoch">The new epoch; null when the raise changed nothing because something had moved, or the scheduler is shut down.</param>
/// <param name="Before">The epoch before, as it stands after the raise.</param>
/// <param name="Settled">How many runs of lost nodes were settled.</param>
public sealed record Raised(Epoch? Epoch, Epoch? Before, int Settled);

/// <summary>The end of an epoch by its own node.</summary>
/// <param name="Node">Who.</param>
/// <param name="Epoch">Which.</param>
/// <param name="DrainUntil">Until when its runs may go on.</param>
/// <param name="How"><see cref="EpochEnd.Left"/> or <see cref="EpochEnd.ShutDown"/>.</param>
public sealed record LeaveRequest(string Node, long Epoch, DateTimeOffset DrainUntil, EpochEnd How);

/// <summary>The newest epoch and what else a look shows.</summary>
/// <param name="Epoch">The newest epoch; null when there never was one.</param>
/// <param name="State">The scheduler's marks.</param>
/// <param name="Nodes">The nodes that named themselves in the store and were not yet found gone, with whether they still own claimed runs.</param>
public sealed record Look(Epoch? Epoch, SchedulerState State, IReadOnlyList<KnownNode> Nodes);

/// <summary>A node as the store knows it.</summary>
/// <param name="Name">Who.</param>
/// <param name="Declares">The ids of the jobs that its program declares.</param>
/// <param name="Running">How many claimed runs it has.</param>
/// <param name="DrainUntil">Its drain limit, once its epoch has ended by itself.</param>
public sealed record KnownNode(NodeName Name, IReadOnlyList<string> Declares, int Running, DateTimeOffset? DrainUntil);
