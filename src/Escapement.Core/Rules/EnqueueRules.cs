using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Triggers;

namespace Escapement.Rules;

/// <summary>The rules of enqueued runs, the same over every store. Pure.</summary>
public static class EnqueueRules
{
    /// <summary>Checks that a run of a job can be enqueued.</summary>
    /// <param name="stored">The job as stored; null if no job ever had the id.</param>
    /// <param name="request">The request.</param>
    /// <returns>The job.</returns>
    /// <exception cref="JobNotFoundException">The job does not exist, or has ended.</exception>
    /// <exception cref="JobChangedException">The job is at another version than <see cref="RunRequest.IfVersion"/>.</exception>
    /// <exception cref="FormatException">The stored definition of the job cannot be read. The message gives the reason.</exception>
    public static StoredJob Check(StoredJob? stored, RunRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (stored is not { Ended: null }) throw new JobNotFoundException(request.Job);
        if (request.IfVersion is { } version && version != stored.Version) throw new JobChangedException(request.Job);
        return stored.Job.Error is { } error ? throw new FormatException(error) : stored;
    }

    /// <summary>Returns the waiting run of a request.</summary>
    /// <param name="job">The number of the job: <see cref="StoredJob.Number"/>.</param>
    /// <param name="request">The request.</param>
    /// <param name="number">The number of the run, above zero and above the numbers of all enqueued runs of the store.</param>
    /// <param name="now">The store's clock.</param>
    public static WaitingRun WaitingRun(long job, RunRequest request, long number, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(request);
        // An earlier instant means now. The run would otherwise be older than the retention.
        var due = (request.DueAt is { } at && at > now ? at : now).ToMicros();
        return new()
        {
            Id = new(due, job, number),
            Due = due,
            Arguments = request.Arguments,
            Watched = request.Watched,
            HasKey = request.Key is not null
        };
    }

    /// <summary>Returns true if a key may name another run: the run of the key has ended, and the validity of the key is over.</summary>
    /// <param name="until">The end of the validity, from <see cref="KeyUntil"/>; null while the run waits or runs.</param>
    /// <param name="now">The store's clock.</param>
    public static bool IsKeyFree(DateTimeOffset? until, DateTimeOffset now) => until <= now;

    /// <summary>The end of the validity of a key that is free as soon as the retention has deleted its run.</summary>
    public static DateTimeOffset WithHistory { get; } = DateTimeOffset.MaxValue;

    /// <summary>Returns how long the key of a request stays taken after the end of its run.</summary>
    /// <param name="stored">The job.</param>
    /// <param name="request">The request.</param>
    public static TimeSpan KeyLasts(StoredJob stored, RunRequest request)
    {
        ArgumentNullException.ThrowIfNull(stored);
        ArgumentNullException.ThrowIfNull(request);
        return request.KeyLasts ?? stored.Job.Options.KeyLasts;
    }

    /// <summary>Returns the end of the validity of a key; null if the key is free as soon as the run ends. The key of a run
    /// that never started is free, so that a further request can do what the run did not do.</summary>
    /// <param name="lasts">The result of <see cref="KeyLasts"/>.</param>
    /// <param name="end">The end of the run.</param>
    public static DateTimeOffset? KeyUntil(TimeSpan lasts, RunEnd end)
    {
        ArgumentNullException.ThrowIfNull(end);
        return lasts > TimeSpan.Zero && end.Outcome != Outcome.Missed ? end.FinishedAt.Plus(lasts) : null;
    }
}
