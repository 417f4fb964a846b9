using Escapement.Ledger;

namespace Escapement.Rows;

/// <summary>Replaces the marks of jobs that no process writes, and collects these values for the audit.</summary>
static class JobChecks
{
    /// <summary>Returns a job whose instants lie before the present.</summary>
    /// <param name="stored">The job as stored.</param>
    /// <param name="row">The values of its row.</param>
    /// <param name="checks">Collects the values.</param>
    public static StoredJob Checked(StoredJob stored, in JobValues row, RowChecks checks)
    {
        RowPlace place = new("job.marked_at", RowChecks.Number(stored.Number), stored.Job.Id);
        var marked = checks.Instant(row.Marked, place, RowChecks.Least, checks.Present) ?? RowChecks.Least;
        var trimmed = checks.Instant(row.Trimmed, place with { Column = "job.trimmed" }, RowChecks.Least, checks.Now);
        if (row.Failures is < 0 or > int.MaxValue)
            checks.Add(place with { Column = "job.failures" }, RowChecks.Number(row.Failures), $"0 – {int.MaxValue}");
        return stored with
        {
            MarkedAt = Instant.FromMicros(marked),
            TrimmedBefore = trimmed is { } before ? Instant.FromMicros(before) : null,
        };
    }
}

/// <summary>The marks in the row of a job that can be checked.</summary>
/// <param name="Marked">The instant of the last change in microseconds since 1970-01-01 UTC.</param>
/// <param name="Trimmed">The instant before which runs were deleted in microseconds since 1970-01-01 UTC, or null.</param>
/// <param name="Failures">The number of failures in a row.</param>
readonly record struct JobValues(long? Marked, long? Trimmed, long Failures);
