using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;
using Microsoft.Extensions.Logging;

namespace Escapement.Engine;

/// <summary>
/// Gathers outcomes and writes the outcomes in batches. Each batch contains the outcomes gathered during the previous
/// write, so no timer is needed.
/// </summary>
/// <remarks>
/// While the store cannot be written, outcomes are kept and tried again, also while the node is stopping. An outcome
/// that the store refuses for another cause affects no other outcome: the others are written without it.
/// </remarks>
sealed class Recorder(IJobStore store, TimeProvider clock, TaskScheduler scheduler, ILogger log)
{
    readonly RefusedOutcomes refusedOutcomes = new(store, clock, scheduler, log);
    readonly Lock gate = new();
    readonly SelfPauses selfPauses = new(store, log);
    List<Finished> gathered = [];
    HashSet<JobId>? failed;
    Task writing = Task.CompletedTask;
    bool busy, again;

    /// <summary>Takes an outcome to be written soon.</summary>
    /// <param name="run">The outcome.</param>
    /// <param name="job">The job as claimed, or null if the job cannot pause itself.</param>
    public void Add(Finished run, Job? job = null)
    {
        lock (gate)
        {
            gathered.Add(run);
            if (run.Outcome is Outcome.Failed or Outcome.TimedOut && job?.Options.PauseAfterFailures is not null)
                (failed ??= []).Add(job.Id);
            if (busy) return;
            busy = true;
            writing = Task.Factory.StartNew(WriteAsync, CancellationToken.None, TaskCreationOptions.None, scheduler).Unwrap();
        }
    }

    /// <summary>Completes when all added outcomes are written or given up.</summary>
    public async Task FlushAsync()
    {
        Task now;
        lock (gate) now = writing;
        await now;
        await selfPauses.EndAsync();
        await refusedOutcomes.EndAsync();
    }

    async Task WriteAsync()
    {
        while (true)
        {
            List<Finished> batch;
            HashSet<JobId>? mayBePaused;
            lock (gate)
            {
                if (gathered.Count == 0)
                {
                    busy = false;
                    return;
                }

                (batch, mayBePaused) = (gathered, failed);
                (gathered, failed) = ([], null);
            }

            var kept = await WriteAsync(batch);
            again = kept.Count > 0;
            if (!again)
            {
                if (mayBePaused is not null) selfPauses.Tell(mayBePaused);
                continue;
            }

            await Task.Delay(EngineSettings.RetryPause, clock);
            lock (gate)
            {
                gathered.InsertRange(0, kept);
                if (mayBePaused is not null) (failed ??= []).UnionWith(mayBePaused);
            }
        }
    }

    /// <returns>The outcomes that could not be written because the store is unavailable.</returns>
    async Task<List<Finished>> WriteAsync(List<Finished> batch)
    {
        try
        {
            var refused = await store.RecordAsync(batch);

            // The first attempt may still be under way. Outcomes count as refused only when refused again.
            if (refused > 0 && again) refused = await store.RecordAsync(batch);
            if (refused > 0) Log.RecordsRefused(log, refused);
            return [];
        }
        catch (StoreUnavailableException e)
        {
            Log.RecordFailed(log, batch.Count, Failure.MessageOf(e));
            return batch;
        }
        catch (Exception e) when (batch.Count == 1)
        {
            refusedOutcomes.Add(batch[0], e);
            return [];
        }
        catch (Exception)
        {
            // A single outcome causes the failure. Halving finds the outcome.
            var half = batch.Count / 2;
            return [.. await WriteAsync(batch[..half]), .. await WriteAsync(batch[half..])];
        }
    }
}
