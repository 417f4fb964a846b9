using Escapement.Jobs;
using Escapement.Stores;
using Microsoft.Extensions.Logging;

namespace Escapement.Engine;

/// <summary>Logs the jobs that paused themselves after failures in a row.</summary>
/// <remarks>The store pauses a job in the transaction that records the failure. The job is read afterwards, and only for a
/// failed run of a job that may pause itself. The recording of further outcomes does not wait for the read.</remarks>
sealed class SelfPauses(IJobStore store, ILogger log)
{
    readonly Dictionary<JobId, DateTimeOffset> told = [];
    Task telling = Task.CompletedTask;

    /// <summary>Begins to log the pauses, each pause once. Must be called by a single caller at a time.</summary>
    /// <param name="jobs">The jobs with a recorded failure.</param>
    public void Tell(IReadOnlyCollection<JobId> jobs) => telling = TellAsync(telling, jobs);

    /// <summary>Completes when all pauses are logged.</summary>
    public Task EndAsync() => telling;

    async Task TellAsync(Task before, IReadOnlyCollection<JobId> jobs)
    {
        await before;
        foreach (var job in jobs)
        {
            try
            {
                var found = await store.JobsAsync(new() { Id = job }, CancellationToken.None);
                if (found.Jobs is not [{ Paused: { AfterFailures: not null } pause }]
                    || (told.TryGetValue(job, out var at) && at == pause.At))
                {
                    continue;
                }

                told[job] = pause.At;
                Log.PausedItself(log, job.Value, pause.Why ?? "");
            }
            catch (Exception e)
            {
                // The pause is stored, and visible in the API. An error must not end the recording of outcomes.
                Log.SelfPauseNotRead(log, job.Value, Failure.MessageOf(e));
            }
        }
    }
}
