using System.Globalization;
using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Triggers;

namespace Escapement.Stores;

/// <summary>The pages of jobs, common to all stores.</summary>
public static class JobPages
{
    /// <summary>Returns the page of a query: filtered, ordered by next fire time and id, and cut at the limit.</summary>
    /// <param name="jobs">All jobs of the store, in any order. A store may leave out jobs that the query excludes.</param>
    /// <param name="query">The query.</param>
    /// <exception cref="FormatException"><see cref="JobQuery.After"/> does not come from a page of jobs.</exception>
    public static JobPage Of(IEnumerable<StoredJob> jobs, JobQuery query)
    {
        ArgumentNullException.ThrowIfNull(jobs);
        ArgumentNullException.ThrowIfNull(query);
        var found = jobs.Where(job =>
            (query.Ended || job.Ended is null) && (query.Tag is not { } tag || job.Job.Options.Tags.Contains(tag)));
        var ordered = found.OrderBy(Key).ThenBy(job => job.Job.Id);
        if (query is { After: null, Limit: null }) return new([.. ordered]);
        var (at, id) = query.After is { } cursor ? Parse(cursor) : (long.MinValue, "");
        var rest = ordered.SkipWhile(job => Key(job) < at || (Key(job) == at && string.CompareOrdinal(job.Job.Id.Value, id) <= 0));
        if (query.Limit is not { } limit) return new([.. rest]);
        List<StoredJob> page = [.. rest.Take(limit + 1)];
        if (page.Count <= limit) return new(page);
        page.RemoveAt(limit);
        return new(page, string.Create(CultureInfo.InvariantCulture, $"{Key(page[^1])}~{page[^1].Job.Id.Value}"));
    }

    static long Key(StoredJob job) => job.ShownNext?.ToMicros() ?? long.MaxValue;

    static (long At, string Id) Parse(string cursor)
    {
        var end = cursor.IndexOf('~', StringComparison.Ordinal);
        return end > 0 && long.TryParse(cursor[..end], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var at)
            ? (at, cursor[(end + 1)..])
            : throw new FormatException("The cursor does not come from a page of jobs. Begin with the first page.");
    }
}

/// <summary>The pages of runs, common to all stores.</summary>
public static class RunPages
{
    /// <summary>Returns the page of a query: filtered, and cut at the limit and at <see cref="RunQuery.MaxRows"/>.</summary>
    /// <param name="newestFirst">
    /// The runs after <see cref="RunQuery.Before"/> in descending order of <see cref="Compare"/>. Read only as far as the page needs.
    /// </param>
    /// <param name="query">The query.</param>
    /// <param name="jobOf">Returns the job of a run. Called only for a query with a tag.</param>
    public static RunPage Of(IEnumerable<Run> newestFirst, RunQuery query, Func<RunId, Job> jobOf)
    {
        ArgumentNullException.ThrowIfNull(newestFirst);
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(jobOf);
        List<Run> page = [];
        var looked = 0;
        Run? last = null;
        foreach (var run in newestFirst)
        {
            // The next page must begin with the first unread row.
            if (page.Count == query.Limit || looked == query.MaxRows) return new(page, last!.Id, last.FireTime);
            looked++;
            last = run;
            if (Fits(run, query, jobOf)) page.Add(run);
        }

        return new(page);
    }

    /// <summary>Returns the exclusive maximum of the keys of a query's runs.</summary>
    public static RunId End(RunQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        var end = query.Before ?? new(long.MaxValue, long.MaxValue, long.MaxValue);
        if (query.Until is not { } until) return end;
        var first = new RunId(Since(until), long.MinValue, long.MinValue);
        return Compare(first, end) < 0 ? first : end;
    }

    /// <summary>Returns true if a query excludes runs that succeeded, so that an index of runs with trouble is
    /// sufficient.</summary>
    public static bool IsOfTrouble(RunQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);

        // A run that succeeded has no reason.
        return query.Outcomes?.Contains(Outcome.Succeeded) == false || query.Reasons is not null;
    }

    /// <summary>Compares two runs in the order of pages: by fire time, by the number of the job, by the number of the run.</summary>
    public static int Compare(RunId a, RunId b)
    {
        if (a.FireTime != b.FireTime) return a.FireTime < b.FireTime ? -1 : 1;
        return a.Job != b.Job ? a.Job.CompareTo(b.Job) : a.Number.CompareTo(b.Number);
    }

    /// <summary>Returns the first whole microsecond at or after an instant, in microseconds since 1970-01-01 UTC.</summary>
    public static long Since(DateTimeOffset from) => from.Plus(TimeSpan.FromTicks(TimeSpan.TicksPerMicrosecond - 1)).ToMicros();

    /// <summary>Returns the fire time of a run: in the zone of the trigger, or in UTC for an enqueued run.</summary>
    /// <param name="job">The job of the run.</param>
    /// <param name="run">The run.</param>
    public static DateTimeOffset FireTime(Job job, RunId run)
    {
        ArgumentNullException.ThrowIfNull(job);
        var instant = Instant.FromMicros(run.FireTime);
        return run.Number == 0 && job.Trigger is { } trigger ? trigger.Zone.ToZone(instant) : instant;
    }

    static bool Fits(Run run, RunQuery query, Func<RunId, Job> jobOf) =>
        (query.Job is not { } job || run.Job == job)
        && (query.Outcomes is not { } outcomes || (run.Outcome is { } outcome && outcomes.Contains(outcome)))
        && (query.Reasons is not { } reasons || (run.Reason is { } reason && reasons.Contains(reason)))
        && (query.Node is not { } node || run.Node == node)
        && query.Causes?.Contains(run.Cause) != false
        && !(run.FireTime >= query.Until)
        && (query.Tag is not { } tag || jobOf(run.Id).Options.Tags.Contains(tag));
}
