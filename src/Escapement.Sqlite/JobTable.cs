using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rows;
using Escapement.Rules;

namespace Escapement.Sqlite;

/// <summary>Jobs with their state: their rows, and their places in <c>due</c>. A place is found by the columns of its
/// row, independent of the definition.</summary>
static class JobTable
{
    /// <summary>Returns a job with its place and running count, or null if the id was never used.</summary>
    /// <param name="db">The connection.</param>
    /// <param name="id">The job.</param>
    /// <param name="tx">The write transaction, or null. Remembers a job whose place was changed by hand.</param>
    /// <param name="checks">Collects a place that was changed by hand, or null.</param>
    public static StoredJob? Find(SqliteSession db, JobId id, Transaction? tx = null, RowChecks? checks = null)
    {
        var row = db[SqliteStatements.JobById].With(id.Value);
        if (!row.Read()) return null;
        var (stored, from) = (JobRow.Read(row, checks), JobRow.AccountsFrom(row));
        row.Reset();
        stored = DuePlaces.Placed(stored, Place(db, stored.Number, tx), from, checks, number =>
        {
            tx?.Misplaced.Add(number);
            return DuePlaces.Read(db, number).GetValueOrDefault(number, Decided.Nothing);
        });
        return stored with
        {
            State = stored.State with
            {
                Running = (int)db[SqliteStatements.CountRunning].With(stored.Number)
            .Scalar()!.Value
            }
        };
    }

    /// <summary>Returns all jobs, in no particular order.</summary>
    public static List<StoredJob> All(SqliteSession db, bool ended, RowChecks? checks = null)
    {
        var due = AllPlaces(db);
        Dictionary<long, Decided>? decided = null;
        Dictionary<long, int> running = [];
        var counts = db[SqliteStatements.CountAllRunning];
        while (counts.Read()) running[counts.Long(0)] = counts.Int(1);
        List<StoredJob> jobs = [];
        var row = db[SqliteStatements.AllJobs].With(ended);
        while (row.Read())
        {
            var stored = DuePlaces.Placed(JobRow.Read(row, checks), due.TryGetValue(row.Long(0), out var place) ? place : null,
                JobRow.AccountsFrom(row), checks, number => (decided ??= DuePlaces.Read(db, null)).GetValueOrDefault(number, Decided.Nothing));
            jobs.Add(running.TryGetValue(stored.Number, out var count)
                ? stored with { State = stored.State with { Running = count } }
                : stored);
        }

        return jobs;
    }

    /// <summary>Returns the number of a job id, or null if the id was never used.</summary>
    public static long? NumberOf(SqliteSession db, JobId id) => db[SqliteStatements.JobNumber].With(id.Value).Scalar();

    /// <summary>Returns the numbers of all jobs, in batches of 200, which are parsed within a few
    /// milliseconds.</summary>
    public static List<long[]> Numbers(SqliteSession db)
    {
        List<long> numbers = [];
        var row = db[SqliteStatements.JobNumbersChangedAfter].With(-1L);
        while (row.Read()) numbers.Add(row.Long(0));
        return [.. numbers.Chunk(200)];
    }

    /// <summary>Returns the places of all jobs in <c>due</c>.</summary>
    public static Dictionary<long, DuePlace> AllPlaces(SqliteSession db)
    {
        Dictionary<long, DuePlace> places = [];
        var row = db[SqliteStatements.AllDue];
        while (row.Read()) places[row.Long(6)] = ReadPlace(row);
        return places;
    }

    /// <summary>Returns a job's place in <c>due</c>, or null if the job has none.</summary>
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

    /// <summary>Writes an edited job.</summary>
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

            // Uses the columns of the row: a job that cannot be parsed here may have another executor.
            if (Place(db, number, tx) is { } place) DeleteDue(tx, place, number);
        }

        if (after.Failures != (edited.Before?.Failures ?? 0))
            db[SqliteStatements.CountFailures].With(after.Failures).With(number).Run();

        if (edited.ClosesPause is { } over)
        {
            PauseTable.Close(db, PauseScope.Job, after.Job.Id.Value, over.Until is { } until && until < tx.Now ? until : tx.Now);
        }

        if (edited.OpensPause is not null) PauseTable.Open(db, PauseScope.Job, after.Job.Id.Value, after.Paused!);
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

    /// <summary>Writes the changes of a claim to the job's row: a finished pause, an exhausted trigger.</summary>
    public static void WriteMarks(Transaction tx, in ClaimUnit unit)
    {
        var after = unit.Marked(tx.Now);
        if (unit.PauseOver) PauseTable.Close(tx.Db, PauseScope.Job, after.Job.Id.Value, unit.Job.Paused!.Until!.Value);
        if (unit.ResetsFailures) tx.Db[SqliteStatements.CountFailures].With(0).With(after.Number).Run();
        if (unit.Follows is { } follows) PauseTable.Open(tx.Db, PauseScope.Job, after.Job.Id.Value, follows);
        Bind(tx.Db[SqliteStatements.ChangeJob], after, Stamp(tx)).With(after.Number).Run();
    }

    /// <summary>Returns the stamp of the transaction for a changed row of <c>job</c>. Other processes detect the change by
    /// this stamp.</summary>
    public static long Stamp(Transaction tx)
    {
        if (tx.Stamp is { } stamp) return stamp;

        // Earlier changes of other processes must be dropped from the cache under the old stamp.
        _ = tx.State;
        tx.Db[SqliteStatements.CountDefinition].Run();
        stamp = tx.Db[SqliteStatements.DefinitionCount].Scalar()!.Value;
        tx.Stamp = stamp;
        return stamp;
    }

    static Statement Bind(Statement statement, StoredJob job, long stamp) =>
        statement.With(job.Version).With(stamp).With(job.MarkedAt.ToMicros())
        .With(job.State.Next == JobState.Never ? null : job.State.Next).With(job.State.Last == JobState.Nothing ? null : job.State.Last)
            .With(job.State.Change)
        .With((long?)job.Ended);

    /// <summary>Adds a job to <c>due</c> at its next due time. Does nothing if the job has no due time.</summary>
    /// <param name="tx">The transaction.</param>
    /// <param name="job">The job.</param>
    /// <param name="entryLast">The last fire time of the ledger entry written by this change, or null if the change
    /// writes no entry.</param>
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

    /// <summary>Raises the last claimed fire time of a job.</summary>
    public static void RaiseLast(Transaction tx, long job, long last)
    {
        if (Place(tx.Db, job, tx) is { } place)
        {
            tx.Db[SqliteStatements.RaiseLastOfDue].With(last).With(place.Executor).With(place.Priority).With(place.At).With(job).Run();
            return;
        }

        tx.Db[SqliteStatements.RaiseLastOfJob].With(last).With(Stamp(tx)).With(job).Run();
        tx.Jobs.Remove(job);
    }

    /// <summary>Removes a job from <c>due</c>.</summary>
    /// <returns>False if the job is not at this place, because its row was changed by hand.</returns>
    public static bool DeleteDue(Transaction tx, in DuePlace place, long job)
    {
        tx.Places?.Remove(job);
        return tx.Db[SqliteStatements.DeleteDue].With(place.Executor).With(place.Priority).With(place.At).With(job).Run() == 1;
    }
}
