namespace Escapement.Engine;

/// <summary>The parts of a node that outlive each of its sessions.</summary>
/// <param name="Executors">
/// The executors of the claimed runs, including runs of an epoch that the node has ended.
/// </param>
/// <param name="Reconciler">The reconciler of the stored jobs.</param>
/// <param name="WakeUp">The signal that ends the planner's wait.</param>
/// <param name="DrainHeartbeats">The heartbeats of epochs that the node has ended.</param>
/// <param name="Stop">The signal that the node stops.</param>
sealed record NodeResources(
    Executors Executors, Reconciler Reconciler, WakeUp WakeUp, DrainHeartbeats DrainHeartbeats, StopSignal Stop);
