using Escapement.Rows;
using Escapement.Rules;

namespace Escapement.PostgreSql;

/// <summary>What a manual edit left in <c>due</c> and in the tables around it.</summary>
/// <param name="Wrong">The jobs with a value that follows from other rows, and is another.</param>
/// <param name="SetAside">The jobs that are set aside.</param>
/// <param name="Nowhere">The jobs with the number of a missing queue, or perhaps of another queue than their own, by queue.</param>
/// <param name="Stray">The jobs with a waiting run in another queue or share than the job.</param>
sealed record DueDamage(long[] Wrong, long[] SetAside, List<(long Queue, long Job)> Nowhere, long[] Stray)
{
    public bool IsNone => Wrong.Length + SetAside.Length + Nowhere.Count + Stray.Length == 0;

    /// <summary>True if there may be more damage than was read.</summary>
    public bool IsCut => Math.Max(Wrong.Length, Math.Max(Nowhere.Count, Stray.Length)) == DueRepair.MaxJobs;
}

/// <summary>Compares the table <c>due</c> with the other rows of the jobs in few statements, and corrects the values that follow
/// from other rows: the due time, the counts of running and blocked runs, the queue and the share. A claim relies on these
/// values and would pass over the job in silence.</summary>
static class DueRepair
{
    /// <summary>The maximum number of jobs of a kind that are corrected at once.</summary>
    public const int MaxJobs = 1_000;

    // A cached plan would keep the settings and the sizes of the tables under which it was made. Each statement of the search has a
    // parameter, because a statement without one has no other plan.
    static readonly Sql Scans = new("""
        select set_config('enable_seqscan', 'on', true), set_config('plan_cache_mode', 'force_custom_plan', true)
        """);

    static readonly Sql WrongAll = new(Wrong("true") + " order by d.job limit $1");

    // While rows are held, only the rows of their jobs are read.
    static readonly Sql WrongOf = new(Wrong("job = any($1)") + " order by d.job");

    // A single snapshot: a claim and an end of a run change the count together with the run.
    static string Wrong(string jobs) => $"""
        select d.job, j.id, d.at, f.at, d.running, coalesce(r.n, 0), d.blocked, case when r.n is null then 0 else coalesce(b.n, 0) end,
            d.share, d.job % {PostgreSqlSchema.Shares}
        from (select * from esc.due where {jobs}) d join esc.job j on j.number = d.job
            left join esc.pause p on p.scope = 1 and p.name = j.id and p.ended is null
            left join (select job, count(*) n from esc.running where {jobs} group by job) r on r.job = d.job
            left join (select job, count(*) n from esc.waiting where blocked and {jobs} group by job) b on b.job = d.job
            cross join lateral (select case when j.ended is null and d.next is not null then
                case when p.at is null then d.next else p.until end end as at) f
        where d.at is distinct from f.at or d.running <> coalesce(r.n, 0) or d.blocked <> coalesce(b.n, 0)
            or (b.n > 0 and r.n is null) or d.share <> d.job % {PostgreSqlSchema.Shares}
        """;

    static readonly Sql Odd = new($$"""
        select j.number from esc.job j left join esc.due on due.job = j.number
            left join esc.definition f on f.job = j.number and f.accounts_to is null
        where j.ended is null and (due.job is null or (due.next is null and j.definition like '%"trigger":{%')
            or due.next < f.accounts_from or due.next not between $1 and $2 or due.last_fire not between $1 and $2
            or due.change not between 0 and $3 or {{DuePlaces.Decided}} is not null)
        order by j.number limit $4
        """);

    // The text of a definition is compared and not parsed, so that a text that is no JSON fails no search. A name with escaped
    // characters, or equal keys in the arguments, only make a candidate, whose parsed definition is compared before a correction.
    static readonly Sql Nowhere = new("""
        select d.queue, d.job from esc.due d left join esc.queue q on q.number = d.queue left join esc.job j on j.number = d.job
        where q.number is null or (j.ended is null and (q.executor <> substring(j.definition from '"executor":"([^"]*)"')
            or q.priority <> coalesce(substring(j.definition from '"priority":(-?[0-9]{1,10})')::bigint, 0)))
        order by d.queue, d.job limit $1
        """);

    static readonly Sql Stray = new("""
        select distinct w.job from esc.waiting w join esc.due d on d.job = w.job where w.queue <> d.queue or w.share <> d.share
        order by w.job limit $1
        """);

    static readonly Sql Orphan = new("""
        select 1::bigint where exists (
            select from esc.running r where not exists (select from esc.epoch e where e.number = r.epoch))
        """);

    static readonly Sql Correct = new("""
        update esc.due d set at = v.at, running = v.running, blocked = v.blocked, share = v.share
        from unnest($1, $2, $3, $4, $5) v(job, at, running, blocked, share) where d.job = v.job
        """);

    static readonly Sql Unblock = new("update esc.waiting set blocked = false where blocked and job = any($1)");

    static readonly Sql AddQueue = new("""
        insert into esc.queue(number, executor, priority) overriding system value values ($1, $2, $3) on conflict do nothing
        """);

    static readonly Sql MoveJob = new("update esc.due set queue = $2 where job = $1");

    static readonly Sql MoveStray = new("""
        update esc.waiting w set queue = d.queue, share = d.share from esc.due d
        where d.job = any($1) and d.job = w.job and (w.queue <> d.queue or w.share <> d.share)
        """);

    /// <summary>A corrected job.</summary>
    /// <param name="Job">The number of the job.</param>
    /// <param name="Id">The id of the job.</param>
    /// <param name="At">The due time before and after.</param>
    /// <param name="Running">The count of running runs before and after.</param>
    /// <param name="Blocked">The count of blocked runs before and after.</param>
    /// <param name="Share">The share before and after.</param>
    readonly record struct Correction(long Job, string Id, (long? Old, long? New) At, (long Old, long New) Running,
        (long Old, long New) Blocked, (long Old, long New) Share);

    /// <summary>Returns true if a run belongs to an epoch without a row, so that nobody settles it.</summary>
    public static async Task<bool> HasOrphanAsync(Session db) => await db.ScalarAsync(Orphan) is not null;

    /// <summary>Looks for damage.</summary>
    public static async Task<DueDamage> FindAsync(Session db)
    {
        await db.CallAsync(Scans);
        return new(
            [.. (await WrongAsync(db, WrongAll, MaxJobs)).Select(job => job.Job)],
            [.. await db.QueryAsync(Odd, static row => row.Long(0), RowChecks.Least, RowChecks.Most, DueFaults.MaxChange, MaxJobs)],
            await db.QueryAsync(Nowhere, static row => (row.Long(0), row.Long(1)), MaxJobs),
            [.. await db.QueryAsync(Stray, static row => row.Long(0), MaxJobs)]);
    }

    /// <summary>Corrects the values that follow from other rows.</summary>
    /// <returns>The corrected values, for people.</returns>
    public static async Task<List<string>> CorrectAsync(Transaction tx, DueDamage damage)
    {
        var db = tx.Db;
        List<string> told = [];

        // All rows at once, in the order of all transactions. A row that another transaction holds is left to the next time.
        var locked = await JobTable.LockFreeAsync(db, [.. damage.Wrong, .. damage.Nowhere.Select(job => job.Job), .. damage.Stray]);
        if (locked.Count == 0) return told;
        var jobs = await WrongAsync(db, WrongOf, locked.Keys.ToArray());
        await db.RunAsync(Correct, Longs(job => job.Job), jobs.Select(job => job.At.New).ToArray(), Longs(job => job.Running.New),
            Longs(job => job.Blocked.New), Longs(job => job.Share.New));
        var unblocked = await db.RunAsync(Unblock, jobs.Where(job => job.Running.New == 0).Select(job => job.Job).ToArray());
        foreach (var job in jobs)
        {
            Tell(job.Id, "at", job.At.Old, job.At.New);
            Tell(job.Id, "running", job.Running.Old, job.Running.New);
            Tell(job.Id, "blocked", job.Blocked.Old, job.Blocked.New);
            Tell(job.Id, "share", job.Share.Old, job.Share.New);
        }

        if (unblocked > 0) told.Add($"waiting.blocked of {unblocked} waiting runs");
        foreach (var queue in damage.Nowhere.Where(job => locked.ContainsKey(job.Job)).GroupBy(job => job.Queue, job => job.Job))
            await CorrectQueueAsync(db, queue.Key, [.. queue], told);
        var moved = await db.RunAsync(MoveStray, locked.Keys.ToArray());
        if (moved > 0) told.Add($"waiting.queue, waiting.share of {moved} waiting runs");
        tx.Notify(StoreSignal.Work);
        return told;

        long[] Longs(Func<Correction, long> of) => [.. jobs.Select(of)];

        void Tell(string id, string column, long? old, long? now)
        {
            if (old != now) told.Add($"due.{column} = {RowChecks.Text(old)} of job {id}, now {RowChecks.Text(now)}");
        }
    }

    /// <summary>Writes a queue whose row was deleted anew, or gives jobs with the number of no queue, or of another queue, the queue of
    /// their executor. The rows of the jobs are locked.</summary>
    static async Task CorrectQueueAsync(Session db, long queue, long[] jobs, List<string> told)
    {
        StampedJob[] found = [.. (await JobTable.FindAsync(db, jobs)).Where(job => job.Stored.Job.Error is null)
            .OrderBy(job => job.Stored.Number)];
        if (found is not [{ Stored.Job: var first }, ..]) return;
        if (await db.RunAsync(AddQueue, queue, first.Options.Executor, first.Options.Priority) == 1)
        {
            told.Add($"queue.number = {queue} (executor '{first.Options.Executor}', priority {first.Options.Priority}), which was missing");
            return;
        }

        foreach (var stored in found.Select(job => job.Stored))
        {
            var right = await JobTable.QueueAsync(db, stored.Job.Options);
            if (right == queue) continue;
            await db.RunAsync(MoveJob, stored.Number, right);
            told.Add($"due.queue = {queue} of job {stored.Job.Id}, now {right}");
        }
    }

    /// <summary>Makes all processes read the jobs that are set aside again.</summary>
    /// <returns>The errors of the jobs, for people.</returns>
    public static async Task<List<string>> SetAsideAsync(Transaction tx, DueDamage damage)
    {
        await JobTable.StampAsync(tx.Db, (await JobTable.LockFreeAsync(tx.Db, damage.SetAside)).Keys);
        return [.. (await JobTable.FindAsync(tx.Db, damage.SetAside)).Where(job => job.IsSetAside).Select(job => job.Stored.Job.Error!)];
    }

    static Task<List<Correction>> WrongAsync(Session db, Sql sql, Arg of) => db.QueryAsync(sql, static row => new Correction(row.Long(0),
        row.Text(1), (row.Maybe(2), row.Maybe(3)), (row.Long(4), row.Long(5)), (row.Long(6), row.Long(7)), (row.Long(8), row.Long(9))), of);
}
