using Escapement.Jobs;
using Escapement.Ledger;
using Npgsql;

namespace Escapement.PostgreSql;

/// <summary>A job as read, with the stamp of its definition and marks.</summary>
/// <param name="Stored">The job.</param>
/// <param name="Stamp">Grows with each change of the definition or the marks.</param>
sealed record StampedJob(StoredJob Stored, long Stamp);

/// <summary>Reads jobs from their rows.</summary>
static class JobRow
{
    /// <summary>The columns of a job with its state and its open pause.</summary>
    public const string Columns = """
        select job.number, job.id, job.definition, job.version, job.marked_at, job.trimmed, job.ended, job.failures, due.next,
            due.last_fire, due.running, due.change, due.stamp,
            pause.at, pause.until, pause.by, pause.why, pause.action, pause.of_scope, pause.of_name, pause.failures
        from esc.job join esc.due on due.job = job.number
            left join esc.pause on pause.scope = 1 and pause.name = job.id and pause.ended is null
        """;

    public static StampedJob ReadStamped(NpgsqlDataReader row) => new(Read(row), row.Long(12));

    public static StoredJob Read(NpgsqlDataReader row) => new()
    {
        Job = Definition(row.Long(0), row.Text(1), row.Text(2)),
        Number = row.Long(0),
        Version = row.Long(3),
        MarkedAt = row.At(4),
        TrimmedBefore = row.MaybeAt(5),
        Ended = (JobEnd?)row.Maybe(6),
        Failures = row.Int(7),
        Paused = Pause(row, 13),
        State = new(row.Maybe(8) ?? JobState.Never, row.Maybe(9) ?? JobState.Nothing, row.Int(10), row.Long(11)),
    };

    /// <summary>Reads a pause from eight columns. Returns null if the columns are null.</summary>
    public static PauseRecord? Pause(NpgsqlDataReader row, int column) => row.Maybe(column) is { } at
        ? new PauseRow
        {
            At = at,
            Until = row.Maybe(column + 1),
            By = row.MaybeText(column + 2),
            Why = row.MaybeText(column + 3),
            Action = row.Maybe(column + 4),
            OfScope = row.Maybe(column + 5),
            OfName = row.MaybeText(column + 6),
            Failures = row.Maybe(column + 7),
        }.ToRecord()
        : null;

    /// <summary>Parses a definition. If this version cannot parse the text, returns a placeholder job that never runs,
    /// so that other jobs are unaffected. The stored text is not changed.</summary>
    public static Job Definition(long number, string id, string text)
    {
        JobId? name = null;
        try
        {
            name = JobId.Parse(id);
            return JobDocument.Read(name.Value, text);
        }
        catch (FormatException e)
        {
            return Job.Unreadable(name ?? JobId.Parse($"unreadable-{number}"), text, e.Message);
        }
    }
}
