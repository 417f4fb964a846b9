using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Triggers;

namespace Escapement.Engine;

/// <summary>The loop of the active node: claims due runs, starts the runs, and waits for the next.</summary>
/// <param name="context">The context of the node.</param>
/// <param name="executors">The executors of the claimed runs.</param>
/// <param name="wakeUp">The signal that ends the wait.</param>
/// <param name="outage">Notified of each claim that fails or is answered.</param>
/// <param name="heartbeat">Shares its wait, its lease and its clocks with the claims.</param>
sealed class Planner(NodeContext context, Executors executors, WakeUp wakeUp, StoreOutage outage, SessionHeartbeat heartbeat)
{
    readonly HashSet<(JobId Job, string Why)> told = [];
    readonly SlowTriggers slowTriggers = new(context, wakeUp);
    long number;
    long? unanswered;

    /// <summary>
    /// The number of the first claim whose answer did not arrive, or null if all claims were answered.
    /// </summary>
    public long? Unanswered => unanswered;

    /// <summary>
    /// Claims until stopped. A refused claim may mean the end of the epoch or a shutdown, and the next heartbeat shows
    /// the cause. If neither is the cause, the claims continue.
    /// </summary>
    /// <param name="activation">The identity under which the node claims and owns runs.</param>
    /// <param name="end">
    /// Ends the claims and the heartbeats. Cancelled if the claims fail, because heartbeats without claims would keep
    /// other nodes from claiming.
    /// </param>
    public async Task RunAsync(Activation activation, CancellationTokenSource end)
    {
        try
        {
            await WaitForApplicationAsync(end.Token);
            while (await ClaimOnAsync(activation, end.Token))
            {
                wakeUp.Reset();
                heartbeat.Signal();
                await wakeUp.WaitAsync(EngineSettings.RetryPause, end.Token);
            }
        }
        catch (Exception)
        {
            end.Cancel();
            throw;
        }
    }

    /// <summary>
    /// Waits until the application has started, because services that started jobs need may not be ready earlier. Logs
    /// a warning if the wait exceeds the lease.
    /// </summary>
    /// <exception cref="ApplicationNotStartedException">The wait exceeded the lease, and another process can take
    /// over.</exception>
    async Task WaitForApplicationAsync(CancellationToken cancellationToken)
    {
        var begun = context.Clock.GetTimestamp();
        var isTold = false;
        using var started = context.MayStartJobs.Register(wakeUp.Signal);
        while (!context.MayStartJobs.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            wakeUp.Reset();
            if (context.MayStartJobs.IsCancellationRequested) return;
            await wakeUp.WaitAsync(context.Settings.Lease, cancellationToken);
            var waited = context.Clock.GetElapsedTime(begun);
            if (isTold || waited < context.Settings.Lease || context.MayStartJobs.IsCancellationRequested) continue;
            isTold = true;
            Log.WaitsForApplication(context.Log, (long)waited.TotalSeconds);
            if (context.Store.Place.Shared) throw new ApplicationNotStartedException();
        }
    }

    /// <summary>
    /// Repeats claim, start and wait until the loop is stopped, the host stops, or a claim is refused.
    /// </summary>
    /// <returns>True if a claim was refused, because the epoch is over or the scheduler is shut down.</returns>
    async Task<bool> ClaimOnAsync(Activation activation, CancellationToken cancellationToken)
    {
        // The host's first sign of stopping is read before each claim, because its callbacks may wait for other
        // callbacks of the program.
        while (!cancellationToken.IsCancellationRequested && !context.Stopping.IsCancellationRequested)
        {
            wakeUp.Reset();
            if (await ClaimAsync(activation, cancellationToken) is not { } claimed) continue;
            if (claimed.Fenced) return true;
            outage.End(Written.Claim);
            foreach (var job in claimed.SetAside)
                if (told.Add(job)) Log.SetAside(context.Log, job.Job.Value, job.Why);
            MissedLog.Tell(context.Log, claimed.Missed);
            slowTriggers.Add(claimed.Slow, cancellationToken);
            foreach (var run in claimed.Runs) executors.Start(run, activation);
            await wakeUp.WaitUntilAsync(claimed.NextDue ?? DateTimeOffset.MaxValue, cancellationToken);
        }

        return false;
    }

    /// <returns>
    /// The answer of the store. Null if the claim failed, after a pause, or if the claim was cancelled.
    /// </returns>
    async Task<Claimed?> ClaimAsync(Activation activation, CancellationToken cancellationToken)
    {
        var begun = context.Clock.GetTimestamp();
        try
        {
            var claimed = await context.Store.ClaimAsync(Request(activation), cancellationToken);
            if (!claimed.Fenced && (claimed.Runs.Count > 0 || unanswered is not null)) heartbeat.Accepted(begun);
            unanswered = claimed.Fenced ? unanswered : null;
            return claimed;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            unanswered ??= number;
        }
        catch (Exception e)
        {
            // The claim may still have been committed. The next claim then hands out its runs again.
            unanswered ??= number;
            outage.Begin(Written.Claim, e);
            await wakeUp.WaitAsync(EngineSettings.RetryPause, cancellationToken);
        }

        return null;
    }

    ClaimRequest Request(Activation activation)
    {
        Dictionary<string, int> free = [];
        List<DelayCause> causes = [.. outage.Causes()];
        var now = context.Clock.GetUtcNow();
        if (heartbeat.ClockJumpedFrom() is { } jumped) causes.Add(new(Reason.ClockJump, jumped, DateTimeOffset.MaxValue));
        foreach (var executor in executors.All)
        {
            if (executor.Free is not (> 0 and var places) || context.Settings.Served?.Contains(executor.Name) == false) continue;
            free.Add(executor.Name, places);
            if (executor.TakeFullSince() is { } since) causes.Add(new(Reason.ExecutorSaturated, since, now.JustAfter(), executor.Name));
        }

        return new()
        {
            Node = activation.Node,
            Epoch = activation.Epoch,
            Handlers = executors.Handlers,
            Mismatch = context.Store.Place.Shared ? executors.Mismatch : null,

            // Another process that has just come is seen within a lease.
            MismatchGrace = heartbeat.IsAlone ? context.Settings.Lease : activation.GraceLimit,
            RecordsUnknownHandlers = !context.EveryNodeIsActive,
            FreePlaces = free,
            GraceLimit = activation.GraceLimit,
            FireTimes = context.Settings.FireTimes,
            Causes = causes,
            Number = ++number,
            Unanswered = unanswered,
        };
    }
}
