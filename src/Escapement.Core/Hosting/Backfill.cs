using System.Globalization;
using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;

namespace Escapement.Hosting;

/// <summary>Makes up for fire times of a job that did not run.</summary>
/// <param name="store">The store.</param>
/// <param name="job">The job.</param>
/// <param name="reasons">The reasons to make up for, or null for every reason that nobody asked for.</param>
/// <param name="author">The author of the recorded change.</param>
sealed class Backfill(IJobStore store, JobId job, IReadOnlySet<Reason>? reasons, ChangeAuthor author)
{
    /// <summary>The number of times that the ledger is read, if the job changes between the reading and the writing.</summary>
    const int MaxReadings = 5;

    /// <summary>Enqueues a run for each fire time.</summary>
    /// <param name="from">The inclusive beginning of the span.</param>
    /// <param name="to">The exclusive end of the span.</param>
    /// <param name="dryRun">True to change nothing.</param>
    /// <param name="cancellationToken">Cancels the backfill before its transaction.</param>
    public async Task<BackfillResult> RunAsync(DateTimeOffset from, DateTimeOffset to, bool dryRun, CancellationToken cancellationToken)
    {
        if (from >= to)
        {
            throw new ArgumentOutOfRangeException(nameof(to), to, string.Create(CultureInfo.InvariantCulture,
                $"The span begins at {from:u} and ends at {to:u}. A span must begin before it ends."));
        }

        for (var reading = 1; ; reading++)
        {
            var found = await ReadAsync(from, to, cancellationToken);
            if (dryRun || found.Runs is []) return found with { IsDryRun = dryRun };
            try
            {
                var enqueued = await store.EnqueueAsync(
                    [.. found.Runs.Select(run => EnqueueRules.Backfill(job, run.FireTime, author))], cancellationToken);
                return found with
                {
                    Runs = [.. found.Runs.Where((_, place) => !enqueued[place].Existing)],
                    AlreadyRun = enqueued.Count(run => run.Existing),
                };
            }
            catch (BackfillRefusedException) when (reading < MaxReadings)
            {
                // The job was moved back, or its history was trimmed, after the reading.
            }
        }
    }

    async Task<BackfillResult> ReadAsync(DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        var jobs = (await store.JobsAsync(new() { Id = job, Ended = true }, cancellationToken)).Jobs;
        if (jobs is not [{ Ended: null or JobEnd.Exhausted } stored]) throw new JobNotFoundException(job);
        if (stored.Job.Error is { } error) throw new FormatException(error);
        if (stored.Job.Trigger is not { } trigger)
        {
            throw new BackfillRefusedException(
                $"Job {job} has no trigger, so the job has no fire times to make up. Request a run instead.");
        }

        var now = store.Clock.GetUtcNow();
        if (from >= now)
        {
            throw new BackfillRefusedException(string.Create(CultureInfo.InvariantCulture,
                $"The span begins at {from:u}, which is in the future: it is {now:u}. Only fire times of the past can be made up."));
        }

        if (to > now) to = now;
        if (stored.TrimmedBefore is { } beginning && beginning > from) from = beginning;
        if (from >= to)
        {
            throw new BackfillRefusedException(string.Create(CultureInfo.InvariantCulture,
                $"The record of job {job} begins at {from:u}, after the span. The history deleted earlier runs, so that earlier fire times count as run. Only later fire times can be made up."));
        }

        LedgerReading reading = new(job, from, to, cancellationToken);
        reading.Judge(await store.LedgerAsync(reading.Query, cancellationToken));
        var missed = MissedFireTimes.Of(reading, job, reasons, BackfillResult.MaxRuns);
        if (missed.FireTimes is not { } times) throw new BackfillRefusedException(NotNamed(missed));
        return new()
        {
            Job = job,
            From = from,
            To = to,
            IsDryRun = false,
            Runs = [.. times.Select(at => new BackfillRun
            {
                FireTime = trigger.Zone.ToZone(Instant.FromMicros(at)),
                Id = new(at, stored.Number, 0),
            })],
            AlreadyRun = 0,
            Undecided = missed.Undecided,
        };
    }

    string NotNamed(MissedFireTimes missed)
    {
        var each = string.Join(", ", missed.Reasons.Select(reason =>
            string.Create(CultureInfo.InvariantCulture, $"{reason.Reason} ({reason.Count:N0})")));
        return missed.Obstacle switch
        {
            BackfillObstacle.TooMany => string.Create(CultureInfo.InvariantCulture,
                $"The span has {missed.Count:N0} fire times of job {job} that did not run, and a backfill makes up at most {BackfillResult.MaxRuns:N0}. Narrow the span, or select some of the reasons: {each}."),
            BackfillObstacle.Imbalance =>
                $"The records of job {job} contradict each other in the span, so that the fire times that did not run cannot be named. 'why' and 'audit' show the imbalances. Select a span without them.",
            BackfillObstacle.TooManyNeverBegan =>
                $"More runs of job {job} never began in the span than a backfill reads. Narrow the span.",
            _ => string.Create(CultureInfo.InvariantCulture,
                $"More than {RunReads.MaxRows:N0} runs of job {job} lie between the fire times that did not run. Narrow the span."),
        };
    }
}
