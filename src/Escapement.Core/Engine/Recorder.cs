using Escapement.Rules;
using Escapement.Stores;
using Microsoft.Extensions.Logging;

namespace Escapement.Engine;

/// <summary>Gathers outcomes and writes them in batches: whenever it is free, what gathered meanwhile is its next batch. No timer.</summary>
/// <remarks>
/// While the store cannot be written, outcomes stay here and are tried again: a finished run is recorded also while stopping.
/// An outcome that the store refuses for another cause harms itself alone: the others are written without it.
/// </remarks>
sealed class Recorder(IJobStore store, TimeProvider clock, TaskScheduler scheduler, ILogger log)
{
    readonly RefusedOutcomes refusedOutcomes = new(store, clock, scheduler, log);
    readonly Lock gate = new();
    List<Finished> gathered = [];
    Task writing = Task.CompletedTask;
    bool busy, again;

    /// <summary>Takes an outcome; it is written soon.</summary>
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

    /// <summary>Ends when all that was added is written, or given up.</summary>
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

    /// <returns>What could not be written because the store is away.</returns>
    async Task<List<Finished>> WriteAsync(List<Finished> batch)
    {
        try
        {
            var refused = await store.RecordAsync(batch);

            // What was sent before may still be under way on its first way: it counts as refused once it is refused again.
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
            // One of them is to blame: it is found by halving.
            var half = batch.Count / 2;
            return [.. await WriteAsync(batch[..half]), .. await WriteAsync(batch[half..])];
        }
    }
}
