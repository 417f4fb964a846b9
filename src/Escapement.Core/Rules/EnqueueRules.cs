using System.Globalization;
using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Triggers;

namespace Escapement.Rules;

/// <summary>The rules of enqueued runs, the same over every store. Pure.</summary>
public static class EnqueueRules
{
    /// <summary>Checks that a run of a job can be enqueued.</summary>
    /// <param name="stored">The job as stored, or null if no job ever had the id.</param>
    /// <param name="request">The request.</param>
    /// <returns>The job.</returns>
    /// <exception cref="JobNotFoundException">The job does not exist, or has ended.</exception>
    /// <exception cref="JobChangedException">The job is at another version than <see cref="RunRequest.IfVersion"/>.</exception>
    /// <exception cref="FormatException">The stored definition of the job cannot be read. The message gives the reason.</exception>
    /// <exception cref="BackfillRefusedException">The fire time of a backfill is not decided, or is before the beginning of the
    /// record.</exception>
    /// <remarks>For a backfill, the state of <paramref name="stored"/> must be current. A job whose trigger is exhausted can still
    /// be backfilled.</remarks>
    public static StoredJob Check(StoredJob? stored, RunRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (stored is null || !(stored.Ended is null || (stored.Ended == JobEnd.Exhausted && request.FireTime is not null)))
        {
            throw new JobNotFoundException(request.Job);
        }

        if (request.IfVersion is { } version && version != stored.Version) throw new JobChangedException(request.Job);
        if (stored.Job.Error is { } error) throw new FormatException(error);
        if (request.FireTime is { } fireTime) CheckFireTime(stored, fireTime);
        return stored;
    }

    /// <summary>Returns the request for a run that makes up for a fire time, under the key of the fire time.</summary>
    /// <remarks>The store answers with the existing run if the fire time ran, runs or waits. A missed run is replaced. The run is
    /// due immediately, and has no misfire grace.</remarks>
    /// <param name="job">The job.</param>
    /// <param name="fireTime">A fire time that a claim decided, and that did not run.</param>
    /// <param name="author">The author, or null for a backfill without a record.</param>
    public static RunRequest Backfill(JobId job, DateTimeOffset fireTime, ChangeAuthor? author = null) =>
        new() { Job = job, FireTime = fireTime.ToWholeMicros(), Author = author };

    /// <summary>Returns the entry that keeps the reason of a missed run, so that a backfill can replace the run.</summary>
    /// <param name="stored">The job with its current state.</param>
    /// <param name="missed">The missed run.</param>
    /// <param name="reason">The reason of the run, or null if none is stored.</param>
    public static Entry EntryOf(StoredJob stored, RunId missed, Reason? reason)
    {
        ArgumentNullException.ThrowIfNull(stored);
        var at = Instant.FromMicros(missed.FireTime);
        return new()
        {
            Job = stored.Job.Id,
            First = at,
            Last = at,
            Reason = reason ?? Reason.MisfireGraceExceeded,
            Change = stored.State.Change,
        };
    }

    /// <summary>Returns the last claimed fire time of a job after a backfill. Otherwise a job that is moved back would not look
    /// up whether the fire time ran.</summary>
    /// <param name="last">The value of <see cref="JobState.Last"/>.</param>
    /// <param name="run">The run of the backfill.</param>
    public static long LastAfter(long last, RunId run) => Math.Max(last, run.FireTime);

    static void CheckFireTime(StoredJob stored, DateTimeOffset fireTime)
    {
        if (stored.Next <= fireTime)
        {
            throw new BackfillRefusedException(string.Create(CultureInfo.InvariantCulture,
                $"The fire time {fireTime:u} of job {stored.Job.Id} is not decided: the next fire time of the job is {stored.Next:u}. Only earlier fire times can be made up."));
        }

        if (fireTime < stored.TrimmedBefore && fireTime <= stored.LastFireTime)
        {
            throw new BackfillRefusedException(string.Create(CultureInfo.InvariantCulture,
                $"The fire time {fireTime:u} of job {stored.Job.Id} is before the beginning of its record ({stored.TrimmedBefore:u}): the history deleted runs of this time, so that the fire time counts as run. Only later fire times can be made up."));
        }
    }

    /// <summary>Returns the waiting run of a request.</summary>
    /// <param name="job">The number of the job: <see cref="StoredJob.Number"/>.</param>
    /// <param name="request">The request.</param>
    /// <param name="number">The number of the run, above zero and above the numbers of all enqueued runs of the store. Ignored
    /// for a backfill, whose run has number 0.</param>
    /// <param name="now">The store's clock.</param>
    public static WaitingRun WaitingRun(long job, RunRequest request, long number, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(request);
        // An earlier instant means now. The run would otherwise be older than the retention.
        var due = (request.DueAt is { } at && at > now ? at : now).ToMicros();
        return request.FireTime is { } fireTime
            ? new() { Id = new(fireTime.ToMicros(), job, 0), Due = now.ToMicros(), Watched = request.Watched, Cause = RunCause.Backfill }
            : new()
            {
                Id = new(due, job, number),
                Due = due,
                Arguments = request.Arguments,
                Watched = request.Watched,
                HasKey = request.Key is not null,
                Cause = RunCause.Enqueued,
            };
    }

    /// <summary>Returns the record of a request, or null for a request without an author.</summary>
    /// <remarks>In each call, a store records only the first run that it enqueues for a backfill of a job, so that a backfill has
    /// a single action.</remarks>
    /// <param name="stored">The job.</param>
    /// <param name="request">The request.</param>
    /// <param name="now">The store's clock.</param>
    public static JobAction? ActionOf(StoredJob stored, RunRequest request, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(stored);
        ArgumentNullException.ThrowIfNull(request);
        return request.Author is not { } author ? null : new()
        {
            At = now,
            Kind = request.FireTime is null ? ActionKind.RunRequested : ActionKind.Backfilled,
            Job = stored.Job.Id,
            Change = stored.State.Change,
            Version = stored.Version,
            From = stored.Next,
            To = stored.Next,
            By = author.By,
            Why = author.Why,
            Origin = author.Origin,
        };
    }

    /// <summary>Returns true if a key may name another run: the run of the key has ended, and the validity of the key is over.</summary>
    /// <param name="until">The end of the validity, from <see cref="KeyUntil"/>, or null while the run waits or runs.</param>
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

    /// <summary>Returns the end of the validity of a key, or null if the key is free as soon as the run ends. The key of a run
    /// that never started is free, so that a further request can do what the run did not do.</summary>
    /// <param name="lasts">The result of <see cref="KeyLasts"/>.</param>
    /// <param name="end">The end of the run.</param>
    public static DateTimeOffset? KeyUntil(TimeSpan lasts, RunEnd end)
    {
        ArgumentNullException.ThrowIfNull(end);
        return lasts > TimeSpan.Zero && end.Outcome != Outcome.Missed ? end.FinishedAt.Plus(lasts) : null;
    }
}
