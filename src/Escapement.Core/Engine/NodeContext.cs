using Escapement.Leadership;
using Escapement.Ledger;
using Escapement.Stores;
using Microsoft.Extensions.Logging;

namespace Escapement.Engine;

/// <summary>The dependencies shared by the parts of a node.</summary>
/// <param name="Name">The name of the node.</param>
/// <param name="Store">The store of jobs and runs.</param>
/// <param name="Locks">The locks of the node.</param>
/// <param name="Settings">The settings of the engine.</param>
/// <param name="Clock">The only source of time.</param>
/// <param name="Scheduler">The task scheduler on which all work is started.</param>
/// <param name="Log">The log of the node.</param>
sealed record NodeContext(
    NodeName Name, IJobStore Store, INodeLocks Locks, EngineSettings Settings, TimeProvider Clock, TaskScheduler Scheduler, ILogger Log)
{
    /// <summary>The log of the node. Never throws.</summary>
    public ILogger Log { get; init; } = SafeLog.Over(Log);

    /// <summary>The host's first sign of stopping.</summary>
    public CancellationToken Stopping { get; init; }

    /// <summary>Cancelled when jobs may start: once the application has started.</summary>
    public CancellationToken MayStartJobs { get; init; } = new(canceled: true);

    /// <summary>The protocol rules, which only tests override.</summary>
    public ProtocolOverrides ProtocolOverrides { get; init; } = new();

    /// <summary>Whether every node of the store is active, each under an epoch of its own.</summary>
    public bool EveryNodeIsActive => Store.Place.Actives == ActiveNodes.Each;

    /// <summary>
    /// Whether another node may settle the runs of this node long before its lease is over, because the life lock can come
    /// free while the process lives. Claims then count as heartbeats.
    /// </summary>
    public bool IsTrustShort => EveryNodeIsActive || !Locks.FreeMeansGone;

    /// <summary>
    /// Takes the life lock again if the lock was lost with its session. Called before each sign of life, because a node
    /// that finds the lock free waits for a sign of life.
    /// </summary>
    public void KeepLife()
    {
        if (Locks.FreeMeansGone || Locks.Life.Held) return;
        try
        {
            _ = Locks.Life.TryTake();
        }
        catch (IOException)
        {
            // The lock is out of reach. The heartbeats prove that the node lives.
        }
    }

    /// <summary>Returns the lines of the lock file for an epoch.</summary>
    internal LockHolder HolderOf(Epoch epoch) =>
        new(epoch.Node.Pid, epoch.Node.Host, epoch.Begun, Settings.Application, Store.Place.Name, epoch.Number);
}
