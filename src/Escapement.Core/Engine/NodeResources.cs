namespace Escapement.Engine;

/// <summary>The parts of a node that outlive each of its sessions.</summary>
/// <param name="Executors">Run the claimed runs, including runs of an epoch that the node has ended.</param>
/// <param name="Reconciler">Brings the stored jobs in line.</param>
/// <param name="WakeUp">Ends the planner's wait.</param>
/// <param name="DrainHeartbeats">Sends heartbeats for epochs that the node has ended.</param>
/// <param name="Stop">The signal that the node stops.</param>
sealed record NodeResources(
    Executors Executors, Reconciler Reconciler, WakeUp WakeUp, DrainHeartbeats DrainHeartbeats, StopSignal Stop);
