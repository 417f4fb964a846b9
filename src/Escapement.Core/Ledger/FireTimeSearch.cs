using Escapement.Jobs;
using Escapement.Triggers;

namespace Escapement.Ledger;

/// <summary>Searches and counts fire times for a reader of the ledger, within a limit for triggers that step.</summary>
/// <remarks>Cron triggers, intervals, calendar intervals and dates count by arithmetic and do not use up the limit.</remarks>
sealed class FireTimeSearch(int limit = 3 * Trigger.MaxSearch)
{
    int left = limit;

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
        var next = job.Trigger?.Next(Instant.FromMicros(from), ref left);
        if (left <= 0) throw new SpanTooLongException(job.Id, Instant.FromMicros(from));
        return next?.ToMicros();
    }

    /// <summary>Returns the last fire time before an instant, or null.</summary>
    /// <exception cref="SpanTooLongException">The limit is used up.</exception>
    public long? Previous(Job job, long before)
    {
        var previous = job.Trigger?.Previous(Instant.FromMicros(before), ref left);
        if (left <= 0) throw new SpanTooLongException(job.Id, Instant.FromMicros(before));
        return previous?.ToMicros();
    }
}
