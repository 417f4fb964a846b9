using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rows;

namespace Escapement.Sqlite;

/// <summary>A job's place in the table <c>due</c>.</summary>
/// <param name="Executor">The executor of the row.</param>
/// <param name="Priority">The priority of the row.</param>
/// <param name="At">The next fire time, or the end of the pause.</param>
/// <param name="LastFire">The last claimed fire time, or null if no fire time was claimed.</param>
/// <param name="Change">The change counter.</param>
/// <param name="EntryLast">The last fire time of the ledger entry written by the last change, or null if the change
/// wrote no entry.</param>
readonly record struct DuePlace(string Executor, long Priority, long At, long? LastFire, long Change, long? EntryLast);

/// <summary>Reads jobs from their rows.</summary>
static class JobRow
{
    /// <summary>Reads a job from its row, without its place in <c>due</c> and its count of running runs.</summary>
    /// <param name="row">The row.</param>
    /// <param name="checks">Collects values that no process writes, or null.</param>
    public static StoredJob Read(Statement row, RowChecks? checks = null)
    {
        StoredJob stored = new()
        {
            Job = Definition(row.Long(0), row.Text(1), row.Text(2)),
            Number = row.Long(0),
            Version = row.Long(3),
            MarkedAt = Instant.FromMicros(row.Maybe(5) ?? 0),
            TrimmedBefore = row.MaybeInstant(9),
            Ended = (JobEnd?)row.Maybe(10),
            Paused = PauseTable.Pause(row, 11),
            Failures = (int)Math.Clamp(row.Long(19), 0, int.MaxValue),
            State = new(row.Maybe(6) ?? JobState.Never, row.Maybe(7) ?? JobState.Nothing, 0, row.Long(8)),
        };
        return checks is null ? stored : JobChecks.Checked(stored, new(row.Maybe(5), row.Maybe(9), row.Long(19)), checks);
    }

    /// <summary>Reads the first fire time of the job's present definition, or null if no row of <c>definition</c> is
    /// open.</summary>
    public static long? AccountsFrom(Statement row) => row.Maybe(20);

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
