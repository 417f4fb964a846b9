using Escapement.Jobs;
using Escapement.Ledger;

namespace Escapement.Rows;

/// <summary>What is the same for the table <c>due</c> of each store.</summary>
static class DueFaults
{
    /// <summary>The maximum of a change counter.</summary>
    public const long MaxChange = long.MaxValue / 2;

    /// <summary>Returns the earliest watermark of a job.</summary>
    /// <param name="stored">The job.</param>
    /// <param name="from">The first fire time of the job's present definition, or null if unknown.</param>
    public static long Least(StoredJob stored, long? from) => stored.Paused is null ? Least(from) : RowChecks.Least;

    /// <summary>Returns the earliest watermark of a job's present definition.</summary>
    /// <param name="from">The first fire time of the definition, or null if unknown.</param>
    public static long Least(long? from) => from is >= RowChecks.Least and <= RowChecks.Most ? from.Value : RowChecks.Least;

    /// <summary>Returns the allowed watermarks.</summary>
    public static string Range(long least) => RowChecks.Range(least, RowChecks.Most);

    /// <summary>Returns the error of a job whose row was changed by hand, or has no row.</summary>
    /// <param name="stored">The job.</param>
    /// <param name="column">The column, or null for a missing row.</param>
    /// <param name="value">The value.</param>
    /// <param name="allowed">The allowed values.</param>
    public static string Sentence(StoredJob stored, string? column, long? value, string allowed)
    {
        var (job, id) = (stored.Number, stored.Job.Id);
        var found = column is null
            ? $"The table due has no row of job number {job}."
            : $"The table due has the value {RowChecks.Text(value)} in the column {column} for job number {job}. Allowed: {allowed}.";
        return $"{found} The job does not fire until the row is corrected, or job {id} is removed and added again.";
    }

    /// <summary>Returns a placeholder that never runs for a job whose row in <c>due</c> was changed by hand, because the row does
    /// not reliably say which fire times were decided.</summary>
    /// <param name="stored">The job with the state of its own row.</param>
    /// <param name="fault">The error, or null for an ended job, which is not set aside.</param>
    /// <param name="place">The last claimed fire time and the change counter of the row in <c>due</c>, or null.</param>
    /// <param name="decided">What else is known of the job.</param>
    public static StoredJob SetAside(StoredJob stored, string? fault, (long? Last, long? Change) place, Decided decided) => stored with
    {
        Job = fault is null ? stored.Job : Job.Unreadable(stored.Job.Id, JobDocument.Write(stored.Job), fault),
        State = stored.State with
        {
            Next = stored.State.Next <= RowChecks.Most ? Math.Max(stored.State.Next, decided.Next) : decided.Next,
            Last = Math.Max(Math.Max(stored.State.Last, decided.Last), place.Last is <= RowChecks.Most ? place.Last.Value : JobState.Nothing),
            Change = Math.Max(Math.Max(stored.State.Change, decided.Change), place.Change is <= MaxChange ? place.Change.Value : 0),
        },
    };
}

/// <summary>The state of a job according to its runs, entries and actions.</summary>
/// <param name="Next">The instant after the last decided fire time.</param>
/// <param name="Last">The last claimed fire time.</param>
/// <param name="Change">The last change counter.</param>
readonly record struct Decided(long Next, long Last, long Change)
{
    public static Decided Nothing => new(JobState.Nothing, JobState.Nothing, 0);

    /// <summary>Returns the state with a further row.</summary>
    /// <param name="last">The fire time of a run, or null.</param>
    /// <param name="entry">The last fire time of an entry, or null.</param>
    /// <param name="change">The change counter of an entry or an action, or null.</param>
    public Decided And(long? last, long? entry, long? change) => new(
        Math.Max(Next, Math.Min(Math.Max(last ?? JobState.Nothing, entry ?? JobState.Nothing), RowChecks.Most) + 1),
        Math.Max(Last, last ?? JobState.Nothing), Math.Max(Change, change ?? 0));
}
