using Escapement.Stores;
using Microsoft.Extensions.Logging;

namespace Escapement.Engine;

/// <summary>Gathers outcomes and writes them in batches: whenever it is free, what gathered meanwhile is its next batch. No timer.</summary>
/// <remarks>While the store cannot be written, outcomes stay here and are tried again: a finished run is recorded also while stopping.</remarks>
sealed class Recorder(IJobStore store, TimeProvider clock, TaskScheduler scheduler, ILogger log)
{
    static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);

    readonly Lock gate = new();
    List<Finished> gathered = [];
    Task writing = Task.CompletedTask;
    bool busy;

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

    /// <summary>Ends when all that was added is written.</summary>
    public Task FlushAsync()
    {
        lock (gate) return writing;
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
            await WriteAsync(batch);
        }
    }

    /// <summary>Writes a batch when the store can be written; an outcome that the store cannot take harms only itself.</summary>
    async Task WriteAsync(List<Finished> batch)
    {
        var told = false;
        while (true)
        {
            try
            {
                var refused = await store.RecordAsync(batch);
                if (refused > 0) Log.RecordsRefused(log, refused);
                return;
            }
            catch (StoreUnavailableException e)
            {
                if (!told) Log.RecordFailed(log, batch.Count, e.Message);
                told = true;
                await Task.Delay(RetryPause, clock);
            }
            catch (Exception e) when (batch is [var only])
            {
                Log.RecordImpossible(log, only.Id.ToString(), e.Message);
                return;
            }
            catch (Exception)
            {
                foreach (var one in batch) await WriteAsync([one]);
                return;
            }
        }
    }
}
