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
    List<Finished> gathered = [];
    Task writing = Task.CompletedTask;
    bool busy, again;

    /// <summary>Takes an outcome to be written soon.</summary>
    public void Add(Finished run)
    {
        lock (gate)
        {
            gathered.Add(run);
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
        await refusedOutcomes.EndAsync();
    }

    async Task WriteAsync()
    {
        while (true)
        {
            List<Finished> batch;
            lock (gate)
            {
                if (gathered.Count == 0)
                {
                    busy = false;
                    return;
                }

                batch = gathered;
                gathered = [];
            }

            var kept = await WriteAsync(batch);
            again = kept.Count > 0;
            if (!again) continue;
            await Task.Delay(EngineSettings.RetryPause, clock);
            lock (gate) gathered.InsertRange(0, kept);
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
