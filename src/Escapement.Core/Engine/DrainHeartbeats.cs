namespace Escapement.Engine;

/// <summary>Goes on beating for an epoch that its own node has ended, until its runs have ended: over a store in which every node is active, other nodes settle what gives no sign of life.</summary>
/// <param name="context">The node's.</param>
/// <param name="time">The activation that was ended.</param>
/// <param name="executors">Where its runs are.</param>
sealed class DrainHeartbeats(NodeContext context, ActiveSession time, IReadOnlyCollection<Executor> executors)
{
    readonly WakeUp wakeUp = new(context.Clock, context.Settings.Lease / 3);

    /// <summary>A beat is owed at once: a waiter asks.</summary>
    public void Signal() => wakeUp.Signal();

    /// <summary>Beats until no run of the epoch is left, another node has ended the drain, or the node is stopped.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var pause = context.Settings.Lease / 3;
        while (!cancellationToken.IsCancellationRequested && executors.Any(executor => executor.Has(time.Epoch.Number)))
        {
            await wakeUp.WaitAsync(pause, cancellationToken);
            wakeUp.Reset();
            pause = context.Settings.Lease / 3;
            if (cancellationToken.IsCancellationRequested || !executors.Any(executor => executor.Has(time.Epoch.Number))) return;
            try
            {
                if (await time.HeartbeatWhileDrainingAsync()) continue;
                foreach (var executor in executors) executor.Fence(time.Epoch.Number);
                return;
            }
            catch (Exception)
            {
                // The store is away: no run of this epoch starts until a beat is accepted again.
                pause = EngineSettings.RetryPause;
            }
        }
    }
}
