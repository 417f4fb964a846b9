using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rows;
using Npgsql;

namespace Escapement.PostgreSql;

/// <summary>A job as read, with the stamp of its definition and marks.</summary>
/// <param name="Stored">The job.</param>
/// <param name="Stamp">Grows with each change of the definition or the marks.</param>
/// <param name="IsSetAside">True if the row of the job in <c>due</c> was changed by hand, and may be corrected by hand.</param>
/// <param name="Least">The earliest watermark of the job's present definition.</param>
sealed record StampedJob(StoredJob Stored, long Stamp, bool IsSetAside = false, long Least = long.MinValue)
{
    /// <summary>Returns true if a process can have written a state since the job was read. Otherwise the row of the job was perhaps
    /// changed by hand, and the job must be read and compared with the ledger again.</summary>
    public bool Fits(in JobState state) => state.Next >= Least && (state.Next > state.Last || Stored.State.Next <= Stored.State.Last);
}

/// <summary>A job as of its rows.</summary>
/// <param name="Stored">The job.</param>
/// <param name="Stamp">The stamp of its definition and marks.</param>
/// <param name="Place">Its row in <c>due</c>.</param>
/// <param name="Values">Its marks.</param>
readonly record struct ReadJob(StoredJob Stored, long Stamp, DuePlace Place, JobValues Values);

/// <summary>Reads jobs from their rows.</summary>
static class JobRow
{
    /// <summary>The columns of a job with its state and its open pause.</summary>
    public const string Columns = $"""
        select job.number, job.id, job.definition, job.version, job.marked_at, job.trimmed, job.ended, job.failures, due.next,
            due.last_fire, due.running, due.change, due.stamp,
            pause.at, pause.until, pause.by, pause.why, pause.action, pause.of_scope, pause.of_name, pause.failures,
            due.job, due.at, due.blocked, due.queue, queue.executor, queue.priority, due.share,
            (select max(accounts_from) from esc.definition where definition.job = job.number and accounts_to is null), {DuePlaces.Decided}
        from esc.job left join esc.due on due.job = job.number left join esc.queue on queue.number = due.queue
            left join esc.pause on pause.scope = 1 and pause.name = job.id and pause.ended is null
        """;

    public static ReadJob Read(NpgsqlDataReader row) => new(
        new()
        {
            Job = Definition(row.Long(0), row.Text(1), row.Text(2)),
            Number = row.Long(0),
            Version = row.Long(3),
            MarkedAt = row.At(4),
            TrimmedBefore = row.MaybeAt(5),
            Ended = (JobEnd?)row.Maybe(6),
            Failures = Math.Max(0, row.Int(7)),
            Paused = Pause(row, 13),
            State = new(row.Maybe(8) ?? JobState.Never, row.Maybe(9) ?? JobState.Nothing,
                (int)Math.Clamp(row.Maybe(10) ?? 0, int.MinValue, int.MaxValue), row.Maybe(11) ?? 0),
        },
        row.Maybe(12) ?? 0,
        new()
        {
            Exists = row.Maybe(21) is not null,
            Next = row.Maybe(8),
            At = row.Maybe(22),
            Running = row.Maybe(10) ?? 0,
            Blocked = row.Maybe(23) ?? 0,
            Queue = row.Maybe(24) ?? 0,
            Of = row.MaybeText(25) is { } executor ? (executor, row.Long(26)) : null,
            Share = row.Maybe(27) ?? 0,
            From = row.Maybe(28),
            Decided = row.Maybe(29),
        },
        new(row.Long(4), row.Maybe(5), row.Long(7)));

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
        try
        {
            return JobDocument.Read(JobId.Parse(id), text);
        }
        catch (FormatException e)
        {
            return Job.Unreadable(IdOf(number, id), text, e.Message);
        }
    }

    /// <summary>Returns the id of a job, or a substitute for a missing job and for a text that is no id.</summary>
    public static JobId IdOf(long number, string? id)
    {
        try
        {
            return JobId.Parse(id ?? $"unreadable-{number}");
        }
        catch (FormatException)
        {
            return JobId.Parse($"unreadable-{number}");
        }
    }
}
