namespace Escapement.Engine;

/// <summary>Goes on beating for an epoch that its own node has ended, until its runs have ended: over a store in which every node is active, other nodes settle what gives no sign of life.</summary>
/// <param name="parts">The node's.</param>
/// <param name="time">The activation that was ended.</param>
/// <param name="executors">Where its runs are.</param>
sealed class DrainHeartbeats(NodeContext parts, ActiveSession time, IReadOnlyCollection<Executor> executors)
{
    static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);

    readonly WakeUp wakeUp = new(parts.Clock, parts.Settings.Lease / 3);

    /// <summary>A beat is owed at once: a waiter asks.</summary>
    public void Signal() => wakeUp.Set();

    /// <summary>Beats until no run of the epoch is left, another node has ended the drain, or the node is stopped.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var pause = parts.Settings.Lease / 3;
        while (!cancellationToken.IsCancellationRequested && executors.Any(executor => executor.Has(time.Epoch.Number)))
        {
            await wakeUp.WaitAsync(pause, cancellationToken);
            wakeUp.Reset();
            pause = parts.Settings.Lease / 3;
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
                pause = RetryPause;
            }
        }
    }
}
