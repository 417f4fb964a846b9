using Escapement.Leadership;

namespace Escapement.Engine;

/// <summary>
/// The permit of an active node to start handlers: valid while its lease holds, and after a step-down until the drain
/// limit.
/// </summary>
/// <param name="epoch">The number of the epoch.</param>
/// <param name="clock">The node's own clock.</param>
/// <param name="lease">The lease, renewed by each accepted heartbeat.</param>
/// <param name="drainNeedsHeartbeats">
/// Whether the lease counts after a step-down too, because other nodes settle silent epochs.
/// </param>
/// <param name="heartbeat">Sends a heartbeat.</param>
sealed class StartPermit(long epoch, TimeProvider clock, LeaseGuard lease, bool drainNeedsHeartbeats, Func<Task> heartbeat)
{
    readonly Lock gate = new();
    Task? sharedHeartbeat;
    int fenced;
    long drainUntil;

    /// <summary>The number of the epoch.</summary>
    public long Epoch => epoch;

    /// <summary>Whether the node knows that its epoch is over.</summary>
    public bool IsFenced => Volatile.Read(ref fenced) != 0;

    /// <summary>Withdraws the permit, because the epoch was refused.</summary>
    public void Fence() => Volatile.Write(ref fenced, 1);

    /// <summary>
    /// Limits the permit to the drain limit, because the node has ended its epoch itself and keeps the claimed runs.
    /// </summary>
    public void SteppedDown(DateTimeOffset until) => Volatile.Write(ref drainUntil, until.UtcTicks);

    /// <summary>Returns whether a handler may start now. Sends a heartbeat first if the lease has expired.</summary>
    public async ValueTask<bool> MayStartAsync()
    {
        while (!IsFenced)
        {
            if (Volatile.Read(ref drainUntil) is > 0 and var until)
            {
                var mayStart = clock.GetUtcNow().UtcTicks < until;
                if (!mayStart || !drainNeedsHeartbeats) return mayStart;
            }

            if (lease.Holds) return true;
            await ShareHeartbeatAsync();
        }

        return false;
    }

    /// <summary>
    /// Sends a single heartbeat for all runs that wait to start, because each heartbeat is a transaction and hundreds
    /// of runs may wait.
    /// </summary>
    Task ShareHeartbeatAsync()
    {
        TaskCompletionSource done;
        lock (gate)
        {
            if (sharedHeartbeat is not null) return sharedHeartbeat;
            done = new(TaskCreationOptions.RunContinuationsAsynchronously);
            sharedHeartbeat = done.Task;
        }

        return HeartbeatForAllAsync(done);
    }

    async Task HeartbeatForAllAsync(TaskCompletionSource done)
    {
        try
        {
            await heartbeat();
        }
        catch (Exception)
        {
            // The store is unavailable: no handler starts until a heartbeat is accepted again.
            await Task.Delay(EngineSettings.RetryPause, clock);
        }
        finally
        {
            lock (gate) sharedHeartbeat = null;
            done.SetResult();
        }
    }
}
