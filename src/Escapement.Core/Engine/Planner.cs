using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Triggers;

namespace Escapement.Engine;

/// <summary>The loop of the active node: claim what is due, start it, sleep until more is.</summary>
/// <param name="context">The node's.</param>
/// <param name="executors">Where they are started.</param>
/// <param name="wakeUp">Ends the sleep.</param>
/// <param name="outage">Tells of claims that fail.</param>
/// <param name="time">The activation for which it claims.</param>
sealed class Planner(NodeContext context, IReadOnlyDictionary<string, Executor> executors, WakeUp wakeUp, StoreOutage outage,
    ActiveSession time)
{
    readonly HashSet<(JobId Job, string Why)> told = [];
    readonly SlowTriggers slowTriggers = new(context, wakeUp);
    long number;
    long? unanswered;

    /// <summary>The number of the first claim whose answer did not arrive; null where all were answered.</summary>
    public long? Unanswered => unanswered;

    /// <summary>Claims until stopped. A refused claim may mean the end of the epoch, or a shutdown: the beat tells which, and if it is neither (any more) the claims go on.</summary>
    /// <param name="handlers">The handlers that this program knows.</param>
    /// <param name="drainUntil">Until when runs may go on; null until the node leaves.</param>
    /// <param name="end">Ends the claims and the beats; cancelled where the claims fail, because nobody would claim while the beats go on.</param>
    public async Task RunAsync(IReadOnlySet<string> handlers, Func<DateTimeOffset?> drainUntil, CancellationTokenSource end)
    {
        try
        {
            var right = new StartPermit(context.Name.Id, time.Epoch.Number, context.Settings.GraceLimit, context.ProtocolOverrides.MayStart(time))
            {
                DrainOver = () => drainUntil() is { } until && context.Clock.GetUtcNow() >= until,
            };
            var request = new ClaimRequest
            {
                Node = context.Name.Id,
                Epoch = time.Epoch.Number,
                Handlers = handlers,
                FreePlaces = new Dictionary<string, int>(),
                GraceLimit = context.Settings.GraceLimit,
                FireTimes = context.Settings.FireTimes,
            };
            while (await ClaimOnAsync(request, right, end.Token))
            {
                wakeUp.Reset();
                time.Signal();
                await wakeUp.WaitAsync(EngineSettings.RetryPause, end.Token);
            }
        }
        catch (Exception)
        {
            end.Cancel();
            throw;
        }
    }

    /// <summary>Runs until it is stopped, the host stops, or the epoch is refused.</summary>
    /// <returns>True when a claim was refused: the epoch is over, or the scheduler is shut down.</returns>
    async Task<bool> ClaimOnAsync(ClaimRequest request, StartPermit right, CancellationToken cancellationToken)
    {
        // The host's first sign of stopping is read before each claim, because its callbacks may wait for others of the program.
        while (!cancellationToken.IsCancellationRequested && !context.Stopping.IsCancellationRequested)
        {
            wakeUp.Reset();
            Claimed claimed;
            var begun = context.Clock.GetTimestamp();
            try
            {
                claimed = await context.Store.ClaimAsync(WithPlaces(request) with { Number = ++number, Unanswered = unanswered },
                    cancellationToken);
                if (!claimed.Fenced && (claimed.Runs.Count > 0 || unanswered is not null)) time.Accepted(begun);
                unanswered = claimed.Fenced ? unanswered : null;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                unanswered ??= number;
                return false;
            }
            catch (Exception e)
            {
                // It may have been committed all the same: the next claim hands out again what this one did.
                unanswered ??= number;
                outage.Begin(Written.Claim, e);
                await wakeUp.WaitAsync(EngineSettings.RetryPause, cancellationToken);
                continue;
            }

            if (claimed.Fenced) return true;
            outage.End(Written.Claim);
            foreach (var job in claimed.SetAside)
                if (told.Add(job)) Log.SetAside(context.Log, job.Job.Value, job.Why);
            slowTriggers.Add(claimed.Slow, cancellationToken);
            foreach (var run in claimed.Runs) executors[run.Job.Options.Executor].Start(run, right);
            await wakeUp.WaitUntilAsync(claimed.NextDue ?? DateTimeOffset.MaxValue, cancellationToken);
        }

        return false;
    }

    ClaimRequest WithPlaces(ClaimRequest request)
    {
        Dictionary<string, int> free = [];
        List<DelayCause> causes = [.. outage.Causes()];
        var now = context.Clock.GetUtcNow();
        if (time.ClockJumpedFrom() is { } jumped) causes.Add(new(Reason.ClockJump, jumped, DateTimeOffset.MaxValue));
        foreach (var (name, executor) in executors)
        {
            if (executor.Free is not (> 0 and var places)) continue;
            free.Add(name, places);
            if (executor.TakeFullSince() is { } since) causes.Add(new(Reason.ExecutorSaturated, since, now.JustAfter(), name));
        }

        return request with { FreePlaces = free, Causes = causes };
    }
}
