using Escapement.Jobs;
using Escapement.Stores;
using Microsoft.Extensions.Logging;

namespace Escapement.Engine;

/// <summary>Logs the jobs that paused themselves after failures in a row.</summary>
/// <remarks>The store pauses a job in the transaction that records the failure. The job is read afterwards, and only for a
/// failed run of a job that may pause itself.</remarks>
sealed class SelfPauses(IJobStore store, ILogger log)
{
    readonly Dictionary<JobId, DateTimeOffset> told = [];

    /// <summary>Logs each pause once.</summary>
    /// <param name="jobs">The jobs with a recorded failure.</param>
    public async Task TellAsync(IReadOnlyCollection<JobId> jobs)
    {
        foreach (var job in jobs)
        {
            try
            {
                if ((await store.JobsAsync(new() { Id = job }, CancellationToken.None)).Jobs is not [{ Paused: { AfterFailures: not null } pause }]
                    || (told.TryGetValue(job, out var at) && at == pause.At))
                {
                    continue;
                }

                told[job] = pause.At;
                Log.PausedItself(log, job.Value, pause.Why ?? "");
            }
            catch (Exception)
            {
                // The pause is stored, and visible in the API.
            }
        }
    }
}
