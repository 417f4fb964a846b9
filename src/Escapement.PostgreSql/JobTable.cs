using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Npgsql;

namespace Escapement.PostgreSql;

/// <summary>A locked row of <c>due</c>.</summary>
/// <param name="Job">The number of the job.</param>
/// <param name="Stamp">The stamp of its definition and marks.</param>
/// <param name="Blocked">The number of its waiting runs that wait for a run of the job to end.</param>
readonly record struct LockedJob(long Job, long Stamp, long Blocked);

/// <summary>Jobs with their state.</summary>
static class JobTable
{
    static readonly Sql ById = new(JobRow.Columns + " where job.id = $1");

    static readonly Sql ByIds = new(JobRow.Columns + " where job.id = any($1)");

    static readonly Sql ByNumbers = new(JobRow.Columns + " where job.number = any($1)");

    static readonly Sql All = new(JobRow.Columns + " where job.ended is null or $1");

    static readonly Sql NumberOf = new("select number from esc.job where id = $1");

    // The order of all transactions, so that no two of them wait for each other.
    static readonly Sql Lock = new("""
        select job, stamp, blocked from esc.due where job = any($1) order by job for no key update
        """);

    static readonly Sql LockFree = new("""
        select job, stamp, blocked from esc.due where job = any($1) order by job for no key update skip locked
        """);

    static readonly Sql LockIds = new("""
        select job, stamp, blocked from esc.due where job = any(array(select number from esc.job where id = any($1))) order by job
        for no key update
        """);

    static readonly Sql AddJob = new("""
        insert into esc.job(id, definition, version, marked_at, ended, failures) values ($1, $2, $3, $4, $5, $6) returning number
        """);

    static readonly Sql AddDue = new("""
        insert into esc.due(job, queue, share, at, next, last_fire, change) values ($1, $2, $1 % 16, $3, $4, $5, $6)
        """);

    static readonly Sql ChangeJob = new(
        "update esc.job set version = $2, marked_at = $3, ended = $4, failures = $5 where number = $1");

    // The definition is written only if it changed: a program version that cannot parse the whole text preserves the text.
    static readonly Sql ChangeDefinition = new("update esc.job set definition = $2 where number = $1");

    static readonly Sql ChangeDue = new("""
        update esc.due set queue = $2, at = $3, next = $4, change = $5, stamp = stamp + 1, entry_last = null, entry_change = null
        where job = $1
        """);

    static readonly Sql StampDue = new("update esc.due set stamp = stamp + 1 where job = any($1)");

    static readonly Sql CountFailuresOf = new("update esc.job set failures = $2 where number = $1");

    static readonly Sql Queue = new("""
        with added as (insert into esc.queue(executor, priority) values ($1, $2) on conflict do nothing returning number)
        select number from added union all select number from esc.queue where executor = $1 and priority = $2
        """);

    static readonly Sql OpenDefinition = new("""
        insert into esc.definition(job, version, accounts_from, definition) values ($1, $2, $3, $4) on conflict do nothing
        """);

    // Each fire time is accounted for by a single definition.
    static readonly Sql DropDefinitions = new("delete from esc.definition where job = $1 and accounts_from >= $2");

    static readonly Sql CloseDefinitions = new(
        "update esc.definition set accounts_to = $2 where job = $1 and (accounts_to is null or accounts_to > $2)");

    static readonly Sql RaiseLast = new("""
        update esc.due set last_fire = greatest(coalesce(last_fire, v.last), v.last), change = change + 1
        from unnest($1, $2) v(job, last) where due.job = v.job
        """);

    /// <summary>Locks the rows of jobs, in order.</summary>
    public static async Task<Dictionary<long, LockedJob>> LockAsync(Session db, IEnumerable<long> jobs) =>
        (await db.QueryAsync(Lock, ReadLocked, jobs.Distinct().ToArray())).ToDictionary(job => job.Job);

    /// <summary>Locks the rows of jobs that no other transaction holds, in order.</summary>
    public static async Task<Dictionary<long, LockedJob>> LockFreeAsync(Session db, IEnumerable<long> jobs) =>
        (await db.QueryAsync(LockFree, ReadLocked, jobs.Distinct().ToArray())).ToDictionary(job => job.Job);

    /// <summary>Locks the rows of the jobs that exist.</summary>
    public static async Task<Dictionary<long, LockedJob>> LockAsync(Session db, IEnumerable<JobId> ids) =>
        (await db.QueryAsync(LockIds, ReadLocked, Texts(ids))).ToDictionary(job => job.Job);

    static LockedJob ReadLocked(NpgsqlDataReader row) => new(row.Long(0), row.Long(1), row.Long(2));

    static string?[] Texts(IEnumerable<JobId> ids) => [.. ids.Select(id => id.Value).Distinct(StringComparer.Ordinal)];

    /// <summary>Returns a job, or null if the id was never used.</summary>
    public static async Task<StoredJob?> FindAsync(Session db, JobId id)
    {
        var rows = await db.QueryAsync(ById, JobRow.Read, id.Value);
        return rows.Count > 0 ? rows[0] : null;
    }

    public static Task<List<StoredJob>> FindAsync(Session db, IEnumerable<JobId> ids) => db.QueryAsync(ByIds, JobRow.Read, Texts(ids));

    public static Task<List<StampedJob>> FindAsync(Session db, IEnumerable<long> numbers) =>
        db.QueryAsync(ByNumbers, JobRow.ReadStamped, numbers.Distinct().ToArray());

    /// <summary>Returns all jobs, in no particular order.</summary>
    public static Task<List<StoredJob>> AllAsync(Session db, bool ended) => db.QueryAsync(All, JobRow.Read, ended);

    /// <summary>Returns the number of a job id, or null if the id was never used.</summary>
    public static Task<long?> NumberAsync(Session db, JobId id) => db.ScalarAsync(NumberOf, id.Value);

    /// <summary>Returns the definitions and marks of locked jobs, from the cache where the stamp is the same. The counts and the
    /// watermark of the jobs may be old.</summary>
    public static async Task<Dictionary<long, StoredJob>> MarksAsync(Transaction tx, IReadOnlyDictionary<long, LockedJob> locked)
    {
        Dictionary<long, StoredJob> found = [];
        List<long> missing = [];
        foreach (var job in locked.Values)
        {
            if (tx.Jobs.Get(job.Job, job.Stamp) is { } known) found.Add(job.Job, known.Stored);
            else missing.Add(job.Job);
        }

        if (missing.Count == 0) return found;
        foreach (var read in await FindAsync(tx.Db, missing))
        {
            if (locked[read.Stored.Number].Stamp == read.Stamp) tx.Jobs.Add(read);
            found.Add(read.Stored.Number, read.Stored);
        }

        return found;
    }

    /// <summary>Writes an edited job.</summary>
    /// <returns>The job with its number.</returns>
    public static async Task<StoredJob> WriteAsync(Transaction tx, EditedJob edited)
    {
        var (db, after) = (tx.Db, edited.After!);
        var queue = await QueueAsync(db, after.Job.Options);
        var number = edited.Before?.Number ?? await AddAsync(db, after, queue);
        after = edited.Numbered(number, await LedgerTable.AddAsync(db, edited.Action!, number));
        if (edited.Before is not null)
        {
            await db.RunAsync(ChangeJob, number, after.Version, after.MarkedAt, (long?)after.Ended, after.Failures);
            if (edited.DefinitionChanged) await db.RunAsync(ChangeDefinition, number, JobDocument.Write(after.Job));
            await db.RunAsync(ChangeDue, number, queue, after.DueAt, Next(after.State), after.State.Change);
        }

        if (edited.ClosesPause is { } over)
        {
            await PauseTable.CloseAsync(db, PauseScope.Job, after.Job.Id.Value, over.Until is { } until && until < tx.Now ? until : tx.Now);
        }

        if (edited.OpensPause is not null) await PauseTable.OpenAsync(db, PauseScope.Job, after.Job.Id.Value, after.Paused!);
        if (edited.ClosesDefinitionAt is { } to)
        {
            await db.RunAsync(DropDefinitions, number, to);
            await db.RunAsync(CloseDefinitions, number, to);
        }

        if (edited.OpensDefinitionFrom is { } from)
            await db.RunAsync(OpenDefinition, number, after.Version, from, JobDocument.Write(after.Job));
        return after;
    }

    static async Task<long> AddAsync(Session db, StoredJob job, long queue)
    {
        var number = (await db.ScalarAsync(AddJob, job.Job.Id.Value, JobDocument.Write(job.Job), job.Version, job.MarkedAt,
            (long?)job.Ended, job.Failures))!.Value;
        await db.RunAsync(AddDue, number, queue, job.DueAt, Next(job.State), Last(job.State), job.State.Change);
        return number;
    }

    /// <summary>Returns the number of an executor and priority, which is added if necessary.</summary>
    static async Task<long> QueueAsync(Session db, JobOptions options)
    {
        while (true)
        {
            // Another transaction may have added the row after the snapshot of the statement.
            if (await db.ScalarAsync(Queue, options.Executor, options.Priority) is { } number) return number;
        }
    }

    /// <summary>Writes the changes of a claim to the marks of a job: a finished pause, an exhausted trigger. The row of the job is
    /// locked, and its state is written.</summary>
    public static async Task WriteMarksAsync(Session db, ClaimUnit unit, DateTimeOffset now)
    {
        var after = unit.Marked(now);
        if (unit.PauseOver) await PauseTable.CloseAsync(db, PauseScope.Job, after.Job.Id.Value, unit.Job.Paused!.Until!.Value);
        if (unit.Follows is { } follows) await PauseTable.OpenAsync(db, PauseScope.Job, after.Job.Id.Value, follows);
        await db.RunAsync(unit.ResetsFailures ? ChangeJob : ChangeMarks,
            unit.ResetsFailures
                ? [after.Number, after.Version, after.MarkedAt, (long?)after.Ended, 0]
                : [after.Number, after.Version, after.MarkedAt, (long?)after.Ended]);
        await StampAsync(db, [after.Number]);
    }

    // A recorded failure may have been counted since the plan.
    static readonly Sql ChangeMarks = new("update esc.job set version = $2, marked_at = $3, ended = $4 where number = $1");

    /// <summary>Makes the caches of all processes read jobs again.</summary>
    public static Task StampAsync(Session db, IEnumerable<long> jobs) => db.RunAsync(StampDue, jobs.ToArray());

    /// <summary>Writes the count of failures in a row.</summary>
    public static Task CountFailuresAsync(Session db, long job, int count) => db.RunAsync(CountFailuresOf, job, count);

    /// <summary>Raises the last claimed fire times of jobs.</summary>
    public static Task RaiseLastAsync(Session db, IReadOnlyDictionary<long, long> last) =>
        db.RunAsync(RaiseLast, last.Keys.ToArray(), last.Values.ToArray());

    /// <summary>Returns the stored form of the watermark.</summary>
    public static long? Next(JobState state) => state.Next == JobState.Never ? null : state.Next;

    /// <summary>Returns the stored form of the last claimed fire time.</summary>
    public static long? Last(JobState state) => state.Last == JobState.Nothing ? null : state.Last;
}
