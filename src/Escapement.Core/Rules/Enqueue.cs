using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Triggers;

namespace Escapement.Rules;

/// <summary>The rules of runs that are asked for. Pure.</summary>
static class Enqueue
{
    /// <summary>Checks that a run of a job can be asked for.</summary>
    /// <param name="stored">The job as it stands; null when the id was never used.</param>
    /// <param name="request">The request.</param>
    /// <exception cref="JobNotFoundException">No such job, or one that has ended.</exception>
    /// <exception cref="JobChangedException">The job is at another version than the request names.</exception>
    /// <exception cref="FormatException">The stored definition of the job cannot be read. The message says why.</exception>
    public static StoredJob Check(StoredJob? stored, RunRequest request)
    {
        if (stored is not { Ended: null }) throw new JobNotFoundException(request.Job);
        if (request.IfVersion is { } version && version != stored.Version) throw new JobChangedException(request.Job);
        return stored.Job.Error is { } error ? throw new FormatException(error) : stored;
    }

    /// <summary>Returns the waiting run.</summary>
    /// <param name="job">The number of its job.</param>
    /// <param name="request">The request.</param>
    /// <param name="number">A number that no other enqueued run of the store has.</param>
    /// <param name="now">The store's clock.</param>
    public static WaitingRun Run(long job, RunRequest request, long number, DateTimeOffset now)
    {
        var due = (request.DueAt ?? now).ToMicros();
        return new()
        {
            Id = new(due, job, number),
            Due = due,
            Arguments = request.Arguments,
            Watched = request.Watched,
            HasKey = request.Key is not null
        };
    }

    /// <summary>Whether a key is free again: its run has ended, and so has the time for which the key was to last.</summary>
    /// <param name="until">Until when the key holds; null while its run waits or runs.</param>
    /// <param name="now">The store's clock.</param>
    public static bool IsFree(DateTimeOffset? until, DateTimeOffset now) => until <= now;

    /// <summary>Returns until when a key holds after the end of its run; null where it is free at once.</summary>
    public static DateTimeOffset? KeyUntil(TimeSpan? lasts, DateTimeOffset ended) => lasts is { } span ? ended.Plus(span) : null;
}
