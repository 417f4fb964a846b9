using Escapement.Ledger;
using Escapement.Rows;

namespace Escapement.PostgreSql;

/// <summary>The row of a job in <c>due</c> beside the state of the job.</summary>
readonly record struct DuePlace
{
    /// <summary>True if the job has a row.</summary>
    public required bool Exists { get; init; }

    /// <summary>The watermark in microseconds since 1970-01-01 UTC, or null.</summary>
    public required long? Next { get; init; }

    /// <summary>The due time in microseconds since 1970-01-01 UTC, or null.</summary>
    public required long? At { get; init; }

    /// <summary>The count of running runs.</summary>
    public required long Running { get; init; }

    /// <summary>The count of blocked waiting runs.</summary>
    public required long Blocked { get; init; }

    /// <summary>The number of the queue.</summary>
    public required long Queue { get; init; }

    /// <summary>The executor and the priority of the queue, or null if no queue has the number.</summary>
    public required (string Executor, long Priority)? Of { get; init; }

    public required long Share { get; init; }

    /// <summary>The first fire time of the job's present definition in microseconds since 1970-01-01 UTC, or null if
    /// unknown.</summary>
    public required long? From { get; init; }

    /// <summary>The instant after the last claimed fire time in microseconds since 1970-01-01 UTC if the watermark lies before this
    /// instant although nobody set the watermark back, or null.</summary>
    public required long? Decided { get; init; }

    /// <summary>The earliest watermark.</summary>
    public long Least => Math.Max(DueFaults.Least(From), Decided ?? RowChecks.Least);
}

/// <summary>Compares the row of a job in <c>due</c> with the other rows of the job. A job whose watermark or change counter was
/// changed by hand is set aside, because the row does not reliably say which fire times were decided. The other columns follow
/// from other rows, and <see cref="DueRepair"/> corrects them.</summary>
static class DuePlaces
{
    /// <summary>The column <see cref="DuePlace.Decided"/> in SQL. A watermark at or before a claimed fire time is sound only after a
    /// change or a new beginning of the job that set the watermark back, or after a backfill of a due fire time. Nothing is known of
    /// a job whose first action was deleted by the retention.</summary>
    public const string Decided = """
        case when due.next <= due.last_fire and due.last_fire < 253402300799999999
            and (exists (select from esc.run x where x.fire_time = due.last_fire and x.job = due.job and x.number = 0 and x.cause = 0)
                or exists (select from esc.running x
                    where x.fire_time = due.last_fire and x.job = due.job and x.number = 0 and x.cause = 0))
            and exists (select from esc.action x where x.job = due.job and x.change = 1)
            and not exists (select from esc.action x where x.job = due.job and x.change > 1
                and (x.moved_to < x.moved_from or (x.moved_from is null and x.moved_to is not null)))
            then due.last_fire + 1 end
        """;

    /// <summary>Returns the error of a row, or null if a process can have written the row.</summary>
    public static string? Fault(StoredJob stored, in DuePlace place) => Odd(stored, place) is var (column, value, allowed)
        ? DueFaults.Sentence(stored, place.Exists ? column : null, value, allowed)
        : null;

    /// <summary>Returns a value that no process writes and that sets the job aside, or null.</summary>
    static (string Column, long? Value, string Allowed)? Odd(StoredJob stored, in DuePlace place)
    {
        if (stored.Job.Error is not null || stored.Ended is not null) return null;
        if (!place.Exists) return ("job", null, RowChecks.Number(stored.Number));
        var (state, least) = (stored.State, place.Least);
        if (state.Next == JobState.Never ? stored.Job.Trigger is not null : state.Next < least || state.Next > RowChecks.Most)
            return ("next", place.Next, DueFaults.Range(least));
        if (state.Last != JobState.Nothing && state.Last is < RowChecks.Least or > RowChecks.Most)
            return ("last_fire", state.Last, $"null, {DueFaults.Range(RowChecks.Least)}");
        return state.Change is < 0 or > DueFaults.MaxChange ? ("change", state.Change, $"0 – {DueFaults.MaxChange}") : null;
    }

    /// <summary>Collects the values of a row that no process writes.</summary>
    /// <param name="stored">The job as of its rows.</param>
    /// <param name="place">The row.</param>
    /// <param name="counts">The numbers of running and of blocked runs.</param>
    /// <param name="checks">Collects the values.</param>
    public static void Check(StoredJob stored, in DuePlace place, (long Running, long Blocked) counts, RowChecks checks)
    {
        RowPlace row = new("", $"job {stored.Number}", stored.Job.Id);
        if (Odd(stored, place) is var (column, value, allowed)) Add(column, RowChecks.Text(value), allowed);
        else if (place.Exists && stored.Job.Error is null) CheckOther(place);

        void CheckOther(in DuePlace place)
        {
            var due = stored.DueAt?.ToMicros();
            if (place.At != due) Add("at", RowChecks.Text(place.At), due is { } at ? RowChecks.Shown(at) : "null");
            if (place.Running != counts.Running) Add("running", RowChecks.Number(place.Running), RowChecks.Number(counts.Running));
            if (place.Blocked != counts.Blocked) Add("blocked", RowChecks.Number(place.Blocked), RowChecks.Number(counts.Blocked));
            var share = stored.Number % PostgreSqlSchema.Shares;
            if (place.Share != share) Add("share", RowChecks.Number(place.Share), RowChecks.Number(share));
            var options = stored.Job.Options;
            if (stored.Ended is null && place.Of != (options.Executor, options.Priority))
                Add("queue", RowChecks.Number(place.Queue), $"queue.number (executor '{options.Executor}', priority {options.Priority})");
        }

        void Add(string column, string value, string allowed) => checks.Add(row with { Column = $"due.{column}" }, value, allowed);
    }
}
