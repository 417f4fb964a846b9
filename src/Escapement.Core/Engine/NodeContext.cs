using Escapement.Leadership;
using Escapement.Ledger;
using Escapement.Stores;
using Microsoft.Extensions.Logging;

namespace Escapement.Engine;

/// <summary>What the parts of one node share.</summary>
/// <param name="Name">Who it is.</param>
/// <param name="Store">Where jobs and runs live.</param>
/// <param name="Locks">Its locks.</param>
/// <param name="Settings">Its settings.</param>
/// <param name="Clock">All of its time.</param>
/// <param name="Scheduler">Where all of its work is started.</param>
/// <param name="Log">Its story.</param>
sealed record NodeContext(
    NodeName Name, IJobStore Store, INodeLocks Locks, EngineSettings Settings, TimeProvider Clock, TaskScheduler Scheduler, ILogger Log)
{
    /// <summary>Its story. Never throws.</summary>
    public ILogger Log { get; init; } = SafeLog.Over(Log);

    /// <summary>The host's first sign of stopping.</summary>
    public CancellationToken Stopping { get; init; }

    /// <summary>The rules that only tests take away.</summary>
    public ProtocolOverrides ProtocolOverrides { get; init; } = new();

    /// <summary>Whether every node of the store is active, each under an epoch of its own.</summary>
    public bool EveryNodeIsActive => Store.Place.Actives == ActiveNodes.Each;

    /// <summary>Takes the life lock again where it was lost with its session. Called before each sign of life: a node that finds the lock free waits for a sign of life.</summary>
    public void KeepLife()
    {
        if (Locks.FreeMeansGone || Locks.Life.Held) return;
        try
        {
            _ = Locks.Life.TryTake();
        }
        catch (IOException)
        {
            // Out of reach: the beats prove that the node lives.
        }
    }

    /// <summary>The lines of the lock file while this epoch lasts.</summary>
    internal LockHolder HolderOf(Epoch epoch) =>
        new(epoch.Node.Pid, epoch.Node.Host, epoch.Begun, Settings.Application, Store.Place.Name, epoch.Number);
}
