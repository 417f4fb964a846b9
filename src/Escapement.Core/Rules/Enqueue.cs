using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Triggers;

namespace Escapement.Rules;

/// <summary>The rules of enqueued runs. Pure.</summary>
static class Enqueue
{
    /// <summary>Checks whether a run of a job can be enqueued.</summary>
    /// <param name="stored">The job, or null if the id was never used.</param>
    /// <param name="request">The request.</param>
    /// <exception cref="JobNotFoundException">The job does not exist or has ended.</exception>
    /// <exception cref="JobChangedException">The job's version differs from the requested version.</exception>
    /// <exception cref="FormatException">The stored definition of the job is unreadable. The message gives the
    /// reason.</exception>
    public static StoredJob Check(StoredJob? stored, RunRequest request)
    {
        if (stored is not { Ended: null }) throw new JobNotFoundException(request.Job);
        if (request.IfVersion is { } version && version != stored.Version) throw new JobChangedException(request.Job);
        return stored.Job.Error is { } error ? throw new FormatException(error) : stored;
    }

    /// <summary>Creates the waiting run.</summary>
    /// <param name="job">The number of the job.</param>
    /// <param name="request">The request.</param>
    /// <param name="number">The unique number of the enqueued run.</param>
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

    /// <summary>Returns true if a key is free again: its run has ended, and the lifetime of the key has
    /// passed.</summary>
    /// <param name="until">The end of the key's lifetime, or null while its run waits or runs.</param>
    /// <param name="now">The store's clock.</param>
    public static bool IsFree(DateTimeOffset? until, DateTimeOffset now) => until <= now;

    /// <summary>Returns the end of a key's lifetime after the end of its run, or null if the key is free at
    /// once.</summary>
    public static DateTimeOffset? KeyUntil(TimeSpan? lasts, DateTimeOffset ended) => lasts is { } span ? ended.Plus(span) : null;
}
