using System.Collections.Concurrent;

namespace Escapement.Engine;

/// <summary>
/// Continues the heartbeats of epochs that their own node has ended, until the runs have ended. If every node of a
/// store is active, the other nodes settle silent epochs.
/// </summary>
/// <param name="context">The context of the node.</param>
/// <param name="executors">The executors with the runs.</param>
sealed class DrainHeartbeats(NodeContext context, Executors executors) : IDisposable
{
    readonly CancellationTokenSource ended = new();
    readonly ConcurrentDictionary<long, WakeUp> wakeUps = [];

    /// <summary>
    /// Begins the heartbeats of an epoch that the node has ended. A second call for the same epoch has no effect.
    /// </summary>
    public void Begin(SessionHeartbeat heartbeat)
    {
        var wakeUp = new WakeUp(context.Clock, context.Settings.Lease / 3);
        if (wakeUps.TryAdd(heartbeat.Epoch.Number, wakeUp)) _ = RunAsync(heartbeat, wakeUp, ended.Token);
    }

    /// <summary>Sends a heartbeat of each epoch at once, because a waiter probes.</summary>
    public void Signal()
    {
        foreach (var wakeUp in wakeUps.Values) wakeUp.Signal();
    }

    /// <summary>Ends all heartbeats.</summary>
    /// <remarks><c>CancelAsync</c> would call back on the thread pool instead of the engine's scheduler.</remarks>
    public void End() => ended.Cancel();

    /// <summary>
    /// Sends heartbeats until no run of the epoch is left, another node has ended the drain, or the node is disposed.
    /// </summary>
    async Task RunAsync(SessionHeartbeat heartbeat, WakeUp wakeUp, CancellationToken cancellationToken)
    {
        var epoch = heartbeat.Epoch.Number;
        var pause = context.Settings.Lease / 3;
        while (!cancellationToken.IsCancellationRequested && executors.Has(epoch))
        {
            await wakeUp.WaitAsync(pause, cancellationToken);
            wakeUp.Reset();
            pause = context.Settings.Lease / 3;
            if (cancellationToken.IsCancellationRequested || !executors.Has(epoch)) return;
            try
            {
                if (await heartbeat.SendWhileDrainingAsync()) continue;
                executors.Fence(epoch);
                return;
            }
            catch (Exception)
            {
                // The store is unavailable: no run of this epoch starts until a heartbeat is accepted again.
                pause = EngineSettings.RetryPause;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => ended.Dispose();
}
