using Escapement.Ledger;
using Escapement.Rows;

namespace Escapement.Sqlite;

/// <summary>Compares the place of a job in <c>due</c> with the other rows of the job. A job whose place was changed by hand
/// is set aside, because the place does not reliably say which fire times were decided.</summary>
static class DuePlaces
{
    /// <summary>Returns the error of a place, or null if a process can have written the place.</summary>
    /// <param name="stored">The job as of its row.</param>
    /// <param name="place">The place, or null if <c>due</c> has no row of the job.</param>
    /// <param name="from">The first fire time of the job's present definition, or null if unknown.</param>
    public static string? Fault(StoredJob stored, DuePlace? place, long? from) => Odd(stored, place, from) is var (column, value, allowed)
        ? DueFaults.Sentence(stored, value is null ? null : column, value, allowed())
        : null;

    /// <summary>Returns a value that no process writes, or null. The value of a missing row is null.</summary>
    static (string Column, long? Value, Func<string> Allowed)? Odd(StoredJob stored, DuePlace? place, long? from)
    {
        if (stored.Job.Error is not null) return null;
        var least = DueFaults.Least(stored, from);
        return place switch
        {
            null => stored.DueAt is null ? null : ("at", null, () => DueFaults.Range(least)),
            { At: var at } when at < least || at > RowChecks.Most => ("at", at, () => DueFaults.Range(least)),
            { LastFire: { } last } when last is < RowChecks.Least or > RowChecks.Most =>
                ("last_fire", last, () => $"null, {DueFaults.Range(RowChecks.Least)}"),
            { Change: var change and (< 0 or > DueFaults.MaxChange) } => ("change", change, static () => $"0 – {DueFaults.MaxChange}"),
            _ => null,
        };
    }

    /// <summary>Returns the job with the state from its place in <c>due</c>. The watermark of a paused job is in the
    /// job's row.</summary>
    public static StoredJob At(StoredJob stored, DuePlace place) => stored with
    {
        State = stored.State with
        {
            Next = stored.Paused is null ? place.At : stored.State.Next,
            Last = place.LastFire ?? JobState.Nothing,
            Change = place.Change,
        },
    };

    /// <summary>Returns a job with its place, or a placeholder that never runs for a place that was changed by hand.</summary>
    /// <param name="stored">The job as of its row.</param>
    /// <param name="place">The place, or null.</param>
    /// <param name="from">The first fire time of the job's present definition, or null if unknown.</param>
    /// <param name="checks">Collects the value, or null.</param>
    /// <param name="decided">Returns what is decided of a job.</param>
    public static StoredJob Placed(StoredJob stored, DuePlace? place, long? from, RowChecks? checks, Func<long, Decided> decided)
    {
        if (Fault(stored, place, from) is not { } fault) return place is { } sound ? At(stored, sound) : stored;
        if (checks is not null && Odd(stored, place, from) is var (column, value, allowed))
            checks.Add(new($"due.{column}", $"job {stored.Number}", stored.Job.Id), RowChecks.Text(value), allowed());
        return DueFaults.SetAside(stored, fault, (place?.LastFire, place?.Change), decided(stored.Number));
    }

    /// <summary>Reads what runs, entries and actions say about the state of a job, or of all jobs.</summary>
    public static Dictionary<long, Decided> Read(SqliteSession db, long? job)
    {
        Dictionary<long, Decided> jobs = [];
        var row = db[SqliteStatements.DecidedOfJobs].With(job);
        while (row.Read())
            jobs[row.Long(0)] = jobs.GetValueOrDefault(row.Long(0), Decided.Nothing).And(row.Maybe(1), row.Maybe(2), row.Maybe(3));
        return jobs;
    }
}
