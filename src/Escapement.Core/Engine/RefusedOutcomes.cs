using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;
using Microsoft.Extensions.Logging;

namespace Escapement.Engine;

/// <summary>
/// Keeps outcomes that the store refuses for a cause other than being unavailable. Each is tried again beside the other
/// outcomes, so that it does not delay them, and given up after ten tries.
/// </summary>
/// <remarks>
/// A run whose outcome is given up is recorded as interrupted, because a run that counts as running blocks its job.
/// </remarks>
sealed class RefusedOutcomes(IJobStore store, TimeProvider clock, TaskScheduler scheduler, ILogger log)
{
    /// <summary>The number of further tries of an outcome, a second apart.</summary>
    const int MaxTries = 10;

    readonly Lock gate = new();
    List<Refused> kept = [];
    Task trying = Task.CompletedTask;
    bool busy;

    sealed record Refused(Finished Run, int Tries = 0, bool GivenUp = false);

    /// <summary>Takes a refused outcome.</summary>
    public void Add(Finished run, Exception why)
    {
        Log.RecordRefused(log, run.Outcome, run.Id.ToString(), Failure.MessageOf(why));
        lock (gate)
        {
            kept.Add(new(run));
            if (busy) return;
            busy = true;
            trying = Task.Factory.StartNew(TryAgainAsync, CancellationToken.None, TaskCreationOptions.None, scheduler).Unwrap();
        }
    }

    /// <summary>Completes when each added outcome is written or given up.</summary>
    public Task EndAsync()
    {
        lock (gate) return trying;
    }

    async Task TryAgainAsync()
    {
        while (true)
        {
            await Task.Delay(EngineSettings.RetryPause, clock);
            List<Refused> round;
            lock (gate) (round, kept) = (kept, []);
            List<Refused> left = [];
            foreach (var refused in round)
            {
                if (await TryAsync(refused) is { } again)
                    left.Add(again);
            }

            lock (gate)
            {
                kept.AddRange(left);
                if (kept.Count > 0) continue;
                busy = false;
                return;
            }
        }
    }

    /// <returns>The outcomes to be tried again, or <see langword="null"/> for none.</returns>
    async Task<Refused?> TryAsync(Refused refused)
    {
        try
        {
            if (await store.RecordAsync([refused.Run]) > 0) Log.RecordsRefused(log, 1);
            return null;
        }
        catch (StoreUnavailableException)
        {
            // Not counted as a try: the store is unavailable for all outcomes, and the recorder logs the outage.
            return refused;
        }
        catch (Exception e)
        {
            if (refused.Tries + 1 < MaxTries) return refused with { Tries = refused.Tries + 1 };
            var (id, message) = (refused.Run.Id.ToString(), Failure.MessageOf(e));
            if (refused.GivenUp)
            {
                Log.RunLeftRunning(log, id, message);
                return null;
            }

            Log.OutcomeGivenUp(log, refused.Run.Outcome, id, MaxTries, message);
            var error = $"The outcome ({refused.Run.Outcome}) could not be recorded. The log of process {Environment.ProcessId} says why.";
            return new(refused.Run with { Outcome = Outcome.Interrupted, Reason = Reason.Interrupted, Error = error }, GivenUp: true);
        }
    }
}
