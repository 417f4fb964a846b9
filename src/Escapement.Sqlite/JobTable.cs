using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;

namespace Escapement.Sqlite;

/// <summary>A job's place in the table of what is due.</summary>
/// <param name="At">Its next fire time, or the end of its pause.</param>
/// <param name="LastFire">Its last claimed fire time.</param>
readonly record struct DuePlace(long At, long? LastFire);

/// <summary>Jobs with their state: their rows, the spans of their definitions, and their places in <c>due</c>.</summary>
static class JobTable
{
    /// <summary>Reads a job from its row; what its place in <c>due</c> says goes before that.</summary>
    public static (StoredJob Stored, string Definition, long Stamp) Read(Statement row, Func<long, string, DuePlace?>? place, Job? parsed = null)
    {
        var definition = row.Text(2);
        var job = parsed ?? Definition(JobId.Parse(row.Text(1)), definition);
        var paused = StateTable.Pause(row, 7);
        var (next, last) = (row.Maybe(5), row.Maybe(6));
        if (place?.Invoke(row.Long(0), job.Options.Executor) is { } due)
        {
            last = due.LastFire;
            if (paused is null) next = due.At;
        }
        var stored = new StoredJob
        {
            Job = job,
            Number = row.Long(0),
            Version = row.Long(3),
            Next = next is { } at ? Instant.FromMicros(at) : null,
            LastFireTime = last is { } fired ? Instant.FromMicros(fired) : null,
            Paused = paused,
            Ended = (JobEnd?)row.Maybe(11),
        };
        return (stored, definition, row.Long(4));
    }

    /// <summary>The definition, or one that never runs in place of one that this version cannot read: it harms no other job, and stays as it was written.</summary>
    static Job Definition(JobId id, string text)
    {
        try
        {
            return JobDocument.Read(id, text);
        }
        catch (FormatException e)
        {
            return new() { Id = id, Name = e.Message, Handler = Unreadable };
        }
    }

    /// <summary>The handler of a job whose definition cannot be read; no program has one of this name.</summary>
    const string Unreadable = "(unreadable)";

    /// <summary>One job, with its running count; null when the id was never used.</summary>
    public static StoredJob? Find(SqliteSession db, JobId id, IReadOnlyDictionary<long, DuePlace>? due = null)
    {
        var row = db[SqliteStatements.JobById].With(id.Value);
        if (!row.Read()) return null;
        var (stored, _, _) = Read(row, (number, executor) => due is null ? Place(db, executor, number) : due.TryGetValue(number, out var known) ? known : null);
        row.Reset();
        return stored with { Running = Running(db, stored.Number) };
    }

    /// <summary>All jobs, in no order that means anything.</summary>
    public static List<StoredJob> All(SqliteSession db, bool ended)
    {
        var due = AllDue(db);
        Dictionary<long, int> running = [];
        var counts = db[SqliteStatements.CountAllRunning];
        while (counts.Read()) running[counts.Long(0)] = counts.Int(1);
        List<StoredJob> jobs = [];
        var row = db[SqliteStatements.AllJobs].With(ended);
        while (row.Read())
        {
            var (stored, _, _) = Read(row, (number, _) => due.TryGetValue(number, out var known) ? known : null);
            jobs.Add(running.TryGetValue(stored.Number, out var count) ? stored with { Running = count } : stored);
        }
        return jobs;
    }

    /// <summary>The number of an id; null when it was never used.</summary>
    public static long? NumberOf(SqliteSession db, JobId id) => db[SqliteStatements.JobById].With(id.Value).Scalar();

    public static int Running(SqliteSession db, long job) => (int)db[SqliteStatements.CountRunning].With(job).Scalar()!.Value;

    public static Dictionary<long, DuePlace> AllDue(SqliteSession db)
    {
        Dictionary<long, DuePlace> due = [];
        var row = db[SqliteStatements.AllDue];
        while (row.Read()) due.Add(row.Long(2), new(row.Long(1), row.Maybe(3)));
        return due;
    }

    static DuePlace? Place(SqliteSession db, string executor, long job)
    {
        var row = db[SqliteStatements.DueOfJob].With(executor).With(job);
        if (!row.Read()) return null;
        var place = new DuePlace(row.Long(0), row.Maybe(1));
        row.Reset();
        return place;
    }

    /// <summary>Where a job with this state stands in <c>due</c>; null for nowhere.</summary>
    public static DuePlace? PlaceOf(StoredJob stored)
    {
        if (stored is not { Ended: null, Next: { } next, Job.Trigger: not null }) return null;
        if (stored.Paused is { } pause) return pause.Until is { } until ? new(until.ToMicros(), stored.LastFireTime?.ToMicros()) : null;
        return new(next.ToMicros(), stored.LastFireTime?.ToMicros());
    }

    /// <summary>Writes what an edit, or a claim that changes more than the watermark, made of a job.</summary>
    /// <returns>The job with its number and its version.</returns>
    public static StoredJob Save(Transaction tx, StoredJob? before, StoredJob after)
    {
        var db = tx.Db;
        var stamp = StateTable.CountDefinition(db);
        var definition = JobDocument.Write(after.Job);
        var changed = before is null || (!ReferenceEquals(before.Job, after.Job) && JobDocument.Write(before.Job) != definition);
        after = after with { Number = before?.Number ?? 0, Version = (before?.Version ?? 0) + 1, Running = before?.Running ?? 0 };

        if (before is null) after = after with { Number = Bind(db[SqliteStatements.AddJob].With(after.Job.Id.Value), after, definition, stamp).Scalar()!.Value };
        else Bind(db[SqliteStatements.ChangeJob], after, definition, stamp).With(after.Number).Run();

        var (hadSpan, hasSpan) = (before is { Ended: null }, after.Ended is null);
        if (hadSpan && (changed || !hasSpan)) db[SqliteStatements.CloseDefinition].With(tx.NowMicros).With(after.Number).Run();
        if (hasSpan && (changed || !hadSpan)) db[SqliteStatements.OpenDefinition].With(after.Number).With(tx.NowMicros).With(definition).Run();

        var (old, place) = (before is null ? null : PlaceOf(before), PlaceOf(after));
        if (old is { } was) DeleteDue(db, before!.Job.Options.Executor, was.At, after.Number);
        if (place is { } now) AddDue(db, after.Job.Options.Executor, now, after.Number);
        tx.Jobs.Forget(after.Number);
        return after;

        static Statement Bind(Statement statement, StoredJob job, string definition, long stamp) => StateTable.With(
                statement.With(definition).With(job.Job.Options.Executor).With(job.Version).With(stamp).With(job.Next?.ToMicros()).With(job.LastFireTime?.ToMicros()),
                job.Paused)
            .With((long?)job.Ended);
    }

    public static void DeleteDue(SqliteSession db, string executor, long at, long job) =>
        db[SqliteStatements.DeleteDue].With(executor).With(at).With(job).Run();

    public static void AddDue(SqliteSession db, string executor, DuePlace place, long job) =>
        db[SqliteStatements.AddDue].With(executor).With(place.At).With(job).With(place.LastFire).Run();

    /// <summary>Writes what a change made of a job's account: shortens or deletes the entries for what is taken back, and adds the new ones.</summary>
    public static void Write(SqliteSession db, StoredJob job, JobAccount account)
    {
        if (account.Forgotten is var (trigger, from))
        {
            List<Entry> entries = [];
            var row = db[SqliteStatements.EntriesOfJobFrom].With(from.ToMicros()).With(job.Number);
            while (row.Read()) entries.Add(new(job.Job.Id, Instant.FromMicros(row.Long(0)), Instant.FromMicros(row.Long(1)), row.Long(2), (Reason)row.Long(3)));
            foreach (var entry in entries)
            {
                Delete(db, job.Number, entry);
                if (Decide.Before(trigger, entry, from) is { } rest) Add(db, job.Number, rest);
            }
        }
        foreach (var entry in account.Entries) Add(db, job.Number, entry);
    }

    static int Delete(SqliteSession db, long job, Entry entry) =>
        db[SqliteStatements.DeleteEntry].With(entry.Last.ToMicros()).With(job).With(entry.First.ToMicros()).With((long)entry.Reason).Run();

    static void Add(SqliteSession db, long job, Entry entry) =>
        db[SqliteStatements.AddEntry].With(entry.Last.ToMicros()).With(job).With(entry.First.ToMicros()).With((long)entry.Reason).With(entry.Count).Run();

    /// <summary>Writes an entry; one that adjoins the last one that this process wrote for the job extends it.</summary>
    public static void AddEntry(Transaction tx, long job, Entry entry)
    {
        var cached = tx.Job(job);
        if (cached.LastEntry is { } last && Decide.Joined(cached.Stored.Job.Trigger, last, entry) is { } joined
            && Delete(tx.Db, job, last) == 1)
        {
            entry = joined;
        }
        Add(tx.Db, job, entry);
        cached.LastEntry = entry;
    }
}
