using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;
using Microsoft.Extensions.Logging;

namespace Escapement.Engine;

/// <summary>Outcomes that the store refuses for another cause than being away: tried again beside the others, which they must not hold up, and given up after some tries.</summary>
/// <remarks>A run whose outcome is given up is recorded as interrupted, because a run that counts as running blocks its job.</remarks>
sealed class RefusedOutcomes(IJobStore store, TimeProvider clock, TaskScheduler scheduler, ILogger log)
{
    /// <summary>How often an outcome is tried again, a second apart.</summary>
    const int MaxTries = 10;

    readonly Lock gate = new();
    List<Refused> kept = [];
    Task trying = Task.CompletedTask;
    bool busy;

    sealed record Refused(Finished Run, int Tries = 0, bool GivenUp = false);

    /// <summary>Takes an outcome that was refused.</summary>
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

    /// <summary>Ends when each outcome that was added is written or given up.</summary>
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

    /// <returns>What remains to be tried; <see langword="null"/> for nothing.</returns>
    async Task<Refused?> TryAsync(Refused refused)
    {
        try
        {
            if (await store.RecordAsync([refused.Run]) > 0) Log.RecordsRefused(log, 1);
            return null;
        }
        catch (StoreUnavailableException)
        {
            // No try: the store is away for all, and the recorder tells of it.
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
