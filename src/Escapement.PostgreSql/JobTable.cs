using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rows;
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
    /// <summary>The maximum number of jobs with a changed row in <c>due</c> whose decided fire times are looked up.</summary>
    const int MaxSetAside = 100;

    // The numbers of running and of blocked runs.
    static string CountsOf(string jobs) => $"""
        select job, sum(running)::bigint, sum(blocked)::bigint from (
            select job, 1 running, 0 blocked from esc.running where {jobs}
            union all select job, 0, 1 from esc.waiting where blocked and {jobs}) r group by job
        """;

    static readonly Sql AllCounts = new(CountsOf("true"));

    static readonly Sql CountsOfJob = new(CountsOf("job = $1"));

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

    static readonly Sql AddDue = new($"""
        insert into esc.due(job, queue, share, at, next, last_fire, change) values ($1, $2, $1 % {PostgreSqlSchema.Shares}, $3, $4, $5, $6)
        """);

    static readonly Sql ChangeJob = new(
        "update esc.job set version = $2, marked_at = $3, ended = $4, failures = $5 where number = $1");

    // The definition is written only if it changed: a program version that cannot parse the whole text preserves the text.
    static readonly Sql ChangeDefinition = new("update esc.job set definition = $2 where number = $1");

    // A row that was deleted by hand is written anew, with a stamp that no process has cached.
    static readonly Sql ChangeDue = new($"""
        insert into esc.due as d (job, queue, share, at, next, last_fire, change, stamp)
        values ($1, $2, $1 % {PostgreSqlSchema.Shares}, $3, $4, $6, $5,
        """ + Session.ClockMicros + """
        ) on conflict (job) do update set queue = excluded.queue, share = excluded.share, at = excluded.at, next = excluded.next,
            change = excluded.change, entry_last = null, entry_change = null, stamp =
        """ + " " + Sql.Next("d.stamp") + """
        , last_fire = case when $7 then excluded.last_fire else d.last_fire end
        """);

    static readonly Sql StampDue = new($"update esc.due set stamp = {Sql.Next("stamp")} where job = any($1)");

    static readonly Sql CountFailuresOf = new("update esc.job set failures = $2 where number = $1");

    static readonly Sql Queue = new("""
        with added as (insert into esc.queue(executor, priority) values ($1, $2) on conflict do nothing returning number)
        select number from added union all select number from esc.queue where executor = $1 and priority = $2
        """);

    static readonly Sql OpenDefinition = new("""
        insert into esc.definition(job, version, accounts_from, definition) values ($1, $2, $3, $4) on conflict do nothing
        """);

    // What is known of jobs whose rows in due were changed by hand.
    static readonly Sql DecidedOfJobs = new("""
        select j.job, greatest((select max(fire_time) from esc.run where run.job = j.job and run.number = 0),
                (select max(fire_time) from esc.running where running.job = j.job and running.number = 0)),
            (select max(last) from esc.entry where entry.job = j.job),
            greatest((select max(change) from esc.entry where entry.job = j.job),
                (select max(change) from esc.action where action.job = j.job))
        from unnest($1) j(job)
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
    public static async Task<StoredJob?> FindAsync(Session db, JobId id) => await ReadAsync(db, ById, null, id.Value) is [var one, ..]
        ? one.Stored
        : null;

    public static async Task<List<StoredJob>> FindAsync(Session db, IEnumerable<JobId> ids) =>
        (await ReadAsync(db, ByIds, null, Texts(ids))).ConvertAll(static job => job.Stored);

    public static Task<List<StampedJob>> FindAsync(Session db, IEnumerable<long> numbers) =>
        ReadAsync(db, ByNumbers, null, numbers.Distinct().ToArray());

    /// <summary>Returns all jobs, in no particular order.</summary>
    public static async Task<List<StoredJob>> AllAsync(Session db, bool ended) =>
        (await ReadAsync(db, All, null, ended)).ConvertAll(static job => job.Stored);

    /// <summary>Returns a job, or all jobs with ended jobs, without marks that no process writes.</summary>
    /// <param name="db">The session.</param>
    /// <param name="job">The number of the job, or null for all jobs.</param>
    /// <param name="checks">Collects the values that no process writes.</param>
    public static async Task<List<StoredJob>> CheckedAsync(Session db, long? job, RowChecks checks)
    {
        Arg[] args = job is { } counted ? [counted] : [];
        var counts = (await db.QueryAsync(job is null ? AllCounts : CountsOfJob,
            static row => (Job: row.Long(0), Of: (row.Long(1), row.Long(2))), args)).ToDictionary(count => count.Job, count => count.Of);
        return (job is { } one
            ? await ReadAsync(db, ByNumbers, Checked, new[] { one })
            : await ReadAsync(db, All, Checked, true)).ConvertAll(static read => read.Stored);

        StoredJob Checked(ReadJob read)
        {
            DuePlaces.Check(read.Stored, read.Place, counts.GetValueOrDefault(read.Stored.Number), checks);
            return JobChecks.Checked(read.Stored, read.Values, checks);
        }
    }

    /// <summary>Reads jobs. A job whose row in <c>due</c> was changed by hand is a placeholder that never runs.</summary>
    static async Task<List<StampedJob>> ReadAsync(Session db, Sql sql, Func<ReadJob, StoredJob>? check, params Arg[] args)
    {
        var count = 0;
        List<(int Place, string? Fault)> faults = [];
        var jobs = await db.QueryAsync(sql, row =>
        {
            var read = JobRow.Read(row);

            // The audit has a sentence of its own about a watermark before claimed fire times.
            if (check is not null) read = read with { Place = read.Place with { Decided = null } };
            var fault = DuePlaces.Fault(read.Stored, read.Place);
            if (fault is not null || !read.Place.Exists) faults.Add((count, fault));
            count++;
            return new StampedJob(check is null ? read.Stored : check(read), read.Stamp, Least: read.Place.Least);
        }, args);
        if (faults.Count == 0) return jobs;
        var decided = await DecidedAsync(db, faults.Take(MaxSetAside).Select(fault => jobs[fault.Place].Stored.Number));
        foreach (var (place, fault) in faults)
        {
            var (stored, state) = (jobs[place].Stored, jobs[place].Stored.State);
            var known = decided.GetValueOrDefault(stored.Number, Decided.Nothing);
            stored = stored with { State = new(state.Next, JobState.Nothing, state.Running, 0) };
            jobs[place] = new(DueFaults.SetAside(stored, fault, (Last(state), Math.Max(0, state.Change)), known), jobs[place].Stamp, true);
        }

        return jobs;
    }

    static async Task<Dictionary<long, Decided>> DecidedAsync(Session db, IEnumerable<long> jobs) => (await db.QueryAsync(DecidedOfJobs,
        static row => (Job: row.Long(0), Decided: Decided.Nothing.And(row.Maybe(1), row.Maybe(2), row.Maybe(3))), jobs.ToArray()))
        .ToDictionary(job => job.Job, job => job.Decided);

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
            await db.RunAsync(ChangeDue, number, queue, after.DueAt, Next(after.State), after.State.Change, Last(after.State),
                edited.Before.Job.Error is not null);
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
    public static async Task<long> QueueAsync(Session db, JobOptions options)
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
