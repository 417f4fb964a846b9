using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;

namespace Escapement.Sqlite;

/// <summary>A job's place in the table of what is due.</summary>
/// <param name="Executor">The executor under which it stands.</param>
/// <param name="Priority">The priority under which it stands.</param>
/// <param name="At">Its next fire time, or the end of its pause.</param>
/// <param name="LastFire">Its last claimed fire time.</param>
/// <param name="Change">Its change counter.</param>
/// <param name="EntryLast">The last fire time of the entry that its last change wrote; null where it wrote none.</param>
readonly record struct DuePlace(string Executor, long Priority, long At, long? LastFire, long Change, long? EntryLast);

/// <summary>Jobs with their state: their rows, and their places in <c>due</c>. A place is found by the columns of its row, whatever the definition says.</summary>
static class JobTable
{
    /// <summary>Reads a job from its row, without its place in <c>due</c> and its count of running runs.</summary>
    public static StoredJob Read(Statement row) => new()
    {
        Job = Definition(row.Long(0), row.Text(1), row.Text(2)),
        Number = row.Long(0),
        Version = row.Long(3),
        MarkedAt = Instant.FromMicros(row.Long(5)),
        TrimmedBefore = StateTable.Maybe(row, 9),
        Ended = (JobEnd?)row.Maybe(10),
        Paused = StateTable.Pause(row, 11),
        State = new(row.Maybe(6) ?? JobState.Never, row.Maybe(7) ?? JobState.Nothing, 0, row.Long(8)),
    };

    /// <summary>Returns the job with what its place in <c>due</c> says: the watermark of a paused job is in its row.</summary>
    public static StoredJob At(StoredJob stored, DuePlace place) => stored with
    {
        State = stored.State with
        {
            Next = stored.Paused is null ? place.At : stored.State.Next,
            Last = place.LastFire
            ?? JobState.Nothing,
            Change = place.Change
        },
    };

    /// <summary>Returns the definition, or a job that never runs in place of a definition that this version cannot read: it harms no other job, and stays as it was written.</summary>
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

    /// <summary>Returns one job, with its place and its running count; null when the id was never used.</summary>
    public static StoredJob? Find(SqliteSession db, JobId id, Transaction? tx = null)
    {
        var row = db[SqliteStatements.JobById].With(id.Value);
        if (!row.Read()) return null;
        var stored = Read(row);
        row.Reset();
        var place = Place(db, stored.Number, tx);
        if (place is { } due) stored = At(stored, due);
        return stored with
        {
            State = stored.State with
            {
                Running = (int)db[SqliteStatements.CountRunning].With(stored.Number)
            .Scalar()!.Value
            }
        };
    }

    /// <summary>Returns all jobs, in no order that means anything.</summary>
    public static List<StoredJob> All(SqliteSession db, bool ended)
    {
        var due = AllPlaces(db);
        Dictionary<long, int> running = [];
        var counts = db[SqliteStatements.CountAllRunning];
        while (counts.Read()) running[counts.Long(0)] = counts.Int(1);
        List<StoredJob> jobs = [];
        var row = db[SqliteStatements.AllJobs].With(ended);
        while (row.Read())
        {
            var stored = Read(row);
            if (due.TryGetValue(stored.Number, out var place)) stored = At(stored, place);
            jobs.Add(running.TryGetValue(stored.Number, out var count)
                ? stored with { State = stored.State with { Running = count } }
                : stored);
        }

        return jobs;
    }

    /// <summary>Returns the number of an id; null when it was never used.</summary>
    public static long? NumberOf(SqliteSession db, JobId id) => db[SqliteStatements.JobNumber].With(id.Value).Scalar();

    /// <summary>Returns the numbers of all jobs, in parts that are parsed within some milliseconds.</summary>
    public static List<long[]> Numbers(SqliteSession db)
    {
        List<long> numbers = [];
        var row = db[SqliteStatements.JobNumbersChangedAfter].With(-1L);
        while (row.Read()) numbers.Add(row.Long(0));
        return [.. numbers.Chunk(200)];
    }

    /// <summary>Returns where all jobs stand in <c>due</c>.</summary>
    public static Dictionary<long, DuePlace> AllPlaces(SqliteSession db)
    {
        Dictionary<long, DuePlace> places = [];
        var row = db[SqliteStatements.AllDue];
        while (row.Read()) places[row.Long(6)] = ReadPlace(row);
        return places;
    }

    /// <summary>Returns where a job stands in <c>due</c>; null for nowhere.</summary>
    static DuePlace? Place(SqliteSession db, long job, Transaction? tx)
    {
        if (tx?.Places is { } places) return places.TryGetValue(job, out var all) ? all : null;
        if (tx?.Job(job)?.Place is { } hint)
        {
            var known = db[SqliteStatements.DueAt].With(hint.Executor).With(hint.Priority).With(hint.At).With(job);
            if (known.Read())
            {
                var place = hint with { LastFire = known.Maybe(0), Change = known.Long(1), EntryLast = known.Maybe(2) };
                known.Reset();
                return place;
            }
        }

        var row = db[SqliteStatements.DueOfJob].With(job);
        if (!row.Read()) return null;
        var found = ReadPlace(row);
        row.Reset();
        return found;
    }

    static DuePlace ReadPlace(Statement row) => new(row.Text(0), row.Long(1), row.Long(2), row.Maybe(3), row.Long(4), row.Maybe(5));

    /// <summary>Writes what an edit made of a job.</summary>
    /// <returns>The job with its number.</returns>
    public static StoredJob Write(Transaction tx, EditedJob edited)
    {
        var (db, after) = (tx.Db, edited.After!);
        var stamp = Stamp(tx);
        var number = edited.Before?.Number
            ?? Bind(db[SqliteStatements.AddJob].With(after.Job.Id.Value).With(JobDocument.Write(after.Job)), after, stamp).Insert();
        after = edited.Numbered(number, LedgerTable.Add(db, edited.Action!, number));

        if (edited.Before is not null)
        {
            Bind(db[SqliteStatements.ChangeJob], after, stamp).With(number).Run();
            if (edited.DefinitionChanged) db[SqliteStatements.ChangeDefinition].With(JobDocument.Write(after.Job)).With(number).Run();

            // By its row's own columns: what cannot be parsed here may stand under another executor.
            if (Place(db, number, tx) is { } place) DeleteDue(tx, place, number);
        }

        if (edited.ClosesPause is { } over)
        {
            StateTable.Close(db, PauseScope.Job, after.Job.Id.Value, over.Until is { } until && until < tx.Now ? until : tx.Now);
        }

        if (edited.OpensPause is not null) StateTable.Open(db, PauseScope.Job, after.Job.Id.Value, after.Paused!);
        if (edited.ClosesDefinitionAt is { } to)
        {
            db[SqliteStatements.DropDefinitions].With(number).With(to.ToMicros()).Run();
            db[SqliteStatements.CloseDefinitions].With(number).With(to.ToMicros()).Run();
        }

        if (edited.OpensDefinitionFrom is { } from)
        {
            db[SqliteStatements.OpenDefinition].With(number).With(after.Version).With(from.ToMicros()).With(JobDocument.Write(after.Job))
                .Run();
        }

        tx.Jobs.Remove(number);
        AddDue(tx, after);
        return after;
    }

    /// <summary>Writes the marks that a claim changes: a pause that is over, an exhausted trigger.</summary>
    public static void WriteMarks(Transaction tx, in ClaimUnit unit)
    {
        var after = unit.Marked(tx.Now);
        if (unit.PauseOver) StateTable.Close(tx.Db, PauseScope.Job, after.Job.Id.Value, unit.Job.Paused!.Until!.Value);
        Bind(tx.Db[SqliteStatements.ChangeJob], after, Stamp(tx)).With(after.Number).Run();
    }

    /// <summary>Returns the stamp of a row of <c>job</c> that is about to change, by which other processes notice the change.</summary>
    public static long Stamp(Transaction tx)
    {
        // What others changed before is dropped from the cache under the old stamp.
        _ = tx.State;
        tx.Db[SqliteStatements.CountDefinition].Run();
        return tx.Db[SqliteStatements.DefinitionCount].Scalar()!.Value;
    }

    static Statement Bind(Statement statement, StoredJob job, long stamp) =>
        statement.With(job.Version).With(stamp).With(job.MarkedAt.ToMicros())
        .With(job.State.Next == JobState.Never ? null : job.State.Next).With(job.State.Last == JobState.Nothing ? null : job.State.Last)
            .With(job.State.Change)
        .With((long?)job.Ended);

    /// <summary>Puts a job into <c>due</c> where its next look is; nowhere if there is none.</summary>
    /// <param name="tx">The transaction.</param>
    /// <param name="job">The job.</param>
    /// <param name="entryLast">The last fire time of the entry that this change of the job writes; null where it writes none.</param>
    public static void AddDue(Transaction tx, StoredJob job, long? entryLast = null)
    {
        if (job.DueAt is not { } at) return;
        var options = job.Job.Options;
        var place = new DuePlace(options.Executor, options.Priority, at.ToMicros(), job.State.Last == JobState.Nothing
            ? null
            : job.State.Last, job.State.Change, entryLast);
        tx.Db[SqliteStatements.AddDue].With(place.Executor).With(place.Priority).With(place.At).With(job.Number).With(place.LastFire)
            .With(place.Change).With(place.EntryLast).Run();
        tx.Jobs.Touch(job.Number);
        if (tx.Places is { } places) places[job.Number] = place;
        if (tx.Job(job.Number) is { } cached) cached.Place = place;
    }

    /// <summary>Takes a job out of <c>due</c>.</summary>
    /// <returns>False where it does not stand there: its row is not as it was read.</returns>
    public static bool DeleteDue(Transaction tx, in DuePlace place, long job)
    {
        tx.Places?.Remove(job);
        return tx.Db[SqliteStatements.DeleteDue].With(place.Executor).With(place.Priority).With(place.At).With(job).Run() == 1;
    }
}
