using Escapement.Jobs;
using Escapement.Triggers;

namespace Escapement.Ledger;

/// <summary>Searches and counts fire times of a job for a reader of the ledger, within a limit for triggers that step.</summary>
/// <remarks>Cron triggers, intervals, calendar intervals and dates count by arithmetic and do not use up the limit.</remarks>
/// <param name="limit">The limit of all jobs that are read together.</param>
sealed class FireTimeSearch(SearchLimit limit)
{
    /// <summary>The limit of a single job.</summary>
    const int LimitOfJob = 3 * Trigger.MaxSearch;

    int left = LimitOfJob;

    /// <summary>Returns the number of fire times of a span.</summary>
    /// <param name="job">The job.</param>
    /// <param name="from">The inclusive beginning, in microseconds since 1970-01-01 UTC.</param>
    /// <param name="to">The exclusive end, in microseconds since 1970-01-01 UTC.</param>
    /// <exception cref="SpanTooLongException">The limit is used up.</exception>
    public long Count(Job job, long from, long to)
    {
        if (job.Trigger is not { } trigger) return 0;
        if (trigger.Parts.Count == 0) return trigger.Count(Instant.FromMicros(from), Instant.FromMicros(to));
        var count = 0L;
        for (var at = Next(job, from); at < to; at = Next(job, at.Value + 1)) count++;
        return count;
    }

    /// <summary>Returns the first fire time at or after an instant, or null.</summary>
    /// <exception cref="SpanTooLongException">The limit is used up.</exception>
    public long? Next(Job job, long from)
    {
        var before = left;
        var next = job.Trigger?.Next(Instant.FromMicros(from), ref left);
        Spend(job, before, from);
        return next?.ToMicros();
    }

    /// <summary>Returns the last fire time before an instant, or null.</summary>
    /// <exception cref="SpanTooLongException">The limit is used up.</exception>
    public long? Previous(Job job, long before)
    {
        var had = left;
        var previous = job.Trigger?.Previous(Instant.FromMicros(before), ref left);
        Spend(job, had, before);
        return previous?.ToMicros();
    }

    void Spend(Job job, int before, long at)
    {
        limit.CancellationToken.ThrowIfCancellationRequested();
        limit.Left -= before - left;
        if (left <= 0 || limit.Left <= 0) throw new SpanTooLongException(job.Id, Instant.FromMicros(at));
    }
}

/// <summary>The limit of the searches of all jobs that are read together.</summary>
/// <param name="cancellationToken">Ends the searches.</param>
sealed class SearchLimit(CancellationToken cancellationToken)
{
    public CancellationToken CancellationToken => cancellationToken;

    /// <summary>The remaining steps. Ten jobs may use up the limit of a single job.</summary>
    public long Left { get; set; } = 30L * Trigger.MaxSearch;
}
