using Escapement.Jobs;
using Escapement.Ledger;

namespace Escapement.Sqlite;

/// <summary>Compares the place of a job in <c>due</c> with the other rows of the job. A job whose place was changed by hand
/// is set aside, because the place does not reliably say which fire times were decided.</summary>
static class DuePlaces
{
    /// <summary>The maximum of a change counter.</summary>
    const long MaxChange = long.MaxValue / 2;

    /// <summary>Returns the error of a place, or null if a process can have written the place.</summary>
    /// <param name="stored">The job as of its row.</param>
    /// <param name="place">The place, or null if <c>due</c> has no row of the job.</param>
    /// <param name="from">The first fire time of the job's present definition, or null if unknown.</param>
    public static string? Fault(StoredJob stored, DuePlace? place, long? from)
    {
        if (Odd(stored, place, from) is not var (column, value, allowed)) return null;
        return value is { } number
            ? $"The table due has the value {RowChecks.Number(number)} in the column {column} for job number {stored.Number}. Allowed: {allowed()}. {Remedy(stored)}"
            : $"The table due has no row of job number {stored.Number}. {Remedy(stored)}";
    }

    /// <summary>Returns a value that no process writes, or null. The value of a missing row is null.</summary>
    static (string Column, long? Value, Func<string> Allowed)? Odd(StoredJob stored, DuePlace? place, long? from)
    {
        if (stored.Job.Error is not null) return null;
        var least = stored.Paused is null && from is >= RowChecks.Least and <= RowChecks.Most ? from.Value : RowChecks.Least;
        return place switch
        {
            null => stored.DueAt is null ? null : ("at", null, () => Range(least)),
            { At: var at } when at < least || at > RowChecks.Most => ("at", at, () => Range(least)),
            { LastFire: { } last } when last is < RowChecks.Least or > RowChecks.Most => ("last_fire", last, () => $"null, {Range(RowChecks.Least)}"),
            { Change: var change and (< 0 or > MaxChange) } => ("change", change, static () => $"0 – {MaxChange}"),
            _ => null,
        };
    }

    static string Range(long least) => $"{RowChecks.Shown(least)} – {RowChecks.Shown(RowChecks.Most)}";

    static string Remedy(StoredJob stored) =>
        $"The job does not fire until the row is corrected, or job {stored.Job.Id} is removed and added again.";

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
        {
            checks.Add(new($"due.{column}", $"job {stored.Number}", stored.Job.Id), value is { } number ? RowChecks.Number(number) : "null",
                allowed());
        }

        var known = decided(stored.Number);
        return stored with
        {
            Job = Job.Unreadable(stored.Job.Id, JobDocument.Write(stored.Job), fault),
            State = stored.State with
            {
                Next = stored.State.Next <= RowChecks.Most ? Math.Max(stored.State.Next, known.Next) : known.Next,
                Last = Math.Max(Math.Max(stored.State.Last, known.Last), place?.LastFire is { } last and <= RowChecks.Most ? last : JobState.Nothing),
                Change = Math.Max(Math.Max(stored.State.Change, known.Change), place?.Change is { } change and <= MaxChange ? change : 0),
            },
        };
    }

    /// <summary>Reads what runs, entries and actions say about the state of a job, or of all jobs.</summary>
    public static Dictionary<long, Decided> Read(SqliteSession db, long? job)
    {
        Dictionary<long, Decided> jobs = [];
        var row = db[SqliteStatements.DecidedOfJobs].With(job);
        while (row.Read())
        {
            var (last, entry, change) = (row.Maybe(1) ?? JobState.Nothing, row.Maybe(2) ?? JobState.Nothing, row.Maybe(3) ?? 0);
            var known = jobs.GetValueOrDefault(row.Long(0), Decided.Nothing);
            jobs[row.Long(0)] = new(Math.Max(known.Next, Math.Min(Math.Max(last, entry), RowChecks.Most) + 1), Math.Max(known.Last, last),
                Math.Max(known.Change, change));
        }

        return jobs;
    }
}

/// <summary>The state of a job according to its runs, entries and actions.</summary>
/// <param name="Next">The instant after the last decided fire time.</param>
/// <param name="Last">The last claimed fire time.</param>
/// <param name="Change">The last change counter.</param>
readonly record struct Decided(long Next, long Last, long Change)
{
    public static Decided Nothing => new(JobState.Nothing, JobState.Nothing, 0);
}
