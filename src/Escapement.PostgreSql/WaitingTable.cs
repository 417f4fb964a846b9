using Escapement.Jobs;
using Escapement.Ledger;
using Npgsql;

namespace Escapement.PostgreSql;

/// <summary>Runs that are not yet claimed.</summary>
static class WaitingTable
{
    public const string Columns =
        "w.fire_time, w.job, w.number, w.due, w.attempt, w.args, w.kwargs, w.watched, w.has_key, w.cause";

    // A run with a number of its own is new, so that a row with its key is another run, which a repeated number must not hide. An
    // error of the statement repeats the transaction with the next number.
    static readonly Sql AddNew = new(Insert);

    // The run of a fire time, or of a further attempt, that waits already is the same run.
    static readonly Sql Add = new(Insert + " on conflict do nothing");

    const string Insert = """
        insert into esc.waiting(fire_time, job, number, queue, share, due, attempt, args, kwargs, watched, has_key, cause)
        select w.fire_time, w.job, w.number, d.queue, d.share, w.due, w.attempt, w.args, w.kwargs, w.watched, w.has_key, w.cause
        from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            w(fire_time, job, number, due, attempt, args, kwargs, watched, has_key, cause) join esc.due d using (job)
        """;

    public static readonly Sql Delete = new($"delete from esc.waiting where ctid = any(array({Places}))");

    public static readonly Sql BlockRuns = new(
        $"update esc.waiting set blocked = true, due = fire_time where ctid = any(array({Places}))");

    // A statement after the one that locked the job's row: a claim that blocked a run meanwhile held the row.
    static readonly Sql UnblockRuns = new("""
        with freed as (
            select f.fire_time, f.job, f.number from unnest($1, $2) p(job, places) cross join lateral (
                select fire_time, job, number from esc.waiting where job = p.job and blocked
                order by due, fire_time, number limit p.places) f),
        unblocked as (
            update esc.waiting w set blocked = false from freed f
            where w.fire_time = f.fire_time and w.job = f.job and w.number = f.number returning w.job)
        update esc.due d set blocked = d.blocked - u.n, change = least(d.change, 4611686018427387903) + 1
        from (select job, count(*) n from unblocked group by job) u where d.job = u.job
        """);

    static readonly Sql Move = new("""
        update esc.waiting w set queue = d.queue, blocked = false from esc.due d where d.job = $1 and w.job = $1
        """);

    static readonly Sql ClearBlocked = new("update esc.due set blocked = 0 where job = $1");

    static readonly Sql OfJob = new("select " + Columns + " from esc.waiting w where w.job = $1 order by w.fire_time, w.number");

    static readonly Sql ById = new(
        "select " + Columns + " from esc.waiting w where w.fire_time = $1 and w.job = $2 and w.number = $3");

    static readonly Sql All = new("select " + Columns + " from esc.waiting w");

    static readonly Sql Watch = new("update esc.waiting set watched = true where fire_time = $1 and job = $2 and number = $3");

    /// <summary>The condition that a waiting run <c>w</c> has the key of <c>k</c>. The planner could find equal columns by the index of
    /// the job too, and would read all waiting runs of the job.</summary>
    public const string IsKeyed =
        "(w.fire_time, w.job, w.number) >= (k.fire_time, k.job, k.number) and (w.fire_time, w.job, w.number) <= (k.fire_time, k.job, k.number)";

    /// <summary>The places (<c>ctid</c>) of runs, whose keys are the first three arguments. Each run is found by its key: with the
    /// statistics of an empty table, the planner would compare all keys with all rows. The rows of their jobs are locked, so that no
    /// other session moves the runs.</summary>
    const string Places = $"""
        select w.at from unnest($1, $2, $3) k(fire_time, job, number) cross join lateral (
            select ctid as at from esc.waiting w where {IsKeyed} offset 0) w
        """;

    public static WaitingRun Read(NpgsqlDataReader row) => Read(row, 0);

    public static WaitingRun Read(NpgsqlDataReader row, int column) => new()
    {
        Id = new(row.Long(column), row.Long(column + 1), row.Long(column + 2)),
        Due = row.Long(column + 3),
        Attempt = Math.Max(1, row.Int(column + 4)),
        Arguments = Arguments(row, column + 5),
        Watched = row.Bool(column + 7),
        HasKey = row.Bool(column + 8),
        Cause = (RunCause)row.Long(column + 9),
    };

    /// <summary>Reads arguments from two columns. Returns null if the run has no arguments of its own.</summary>
    public static JobArguments? Arguments(NpgsqlDataReader row, int column) =>
        row.MaybeText(column) is { } args ? new(args, row.MaybeText(column + 1) ?? "{}") : null;

    /// <summary>Adds runs with the executors and priorities of their jobs.</summary>
    public static async Task AddAsync(Session db, IReadOnlyList<WaitingRun> runs)
    {
        await AddAsync(db, AddNew, [.. runs.Where(IsNew)]);
        await AddAsync(db, Add, [.. runs.Where(run => !IsNew(run))]);

        static bool IsNew(WaitingRun run) => run is { Id.Number: > 0, Attempt: 1 };
    }

    static Task AddAsync(Session db, Sql sql, List<WaitingRun> runs) => runs.Count == 0 ? Task.CompletedTask : db.RunAsync(sql,
        runs.Select(run => run.Id.FireTime).ToArray(), runs.Select(run => run.Id.Job).ToArray(),
        runs.Select(run => run.Id.Number).ToArray(), runs.Select(run => run.Due).ToArray(), runs.Select(run => (long)run.Attempt).ToArray(),
        runs.Select(run => run.Arguments?.Args).ToArray(), runs.Select(run => run.Arguments?.Kwargs).ToArray(),
        runs.Select(run => run.Watched).ToArray(), runs.Select(run => run.HasKey).ToArray(), runs.Select(run => (long)run.Cause).ToArray());

    public static Task DeleteAsync(Session db, IReadOnlyList<RunId> runs) => OfRunsAsync(db, Delete, runs);

    /// <summary>Hides runs from claims until a run of their job ends. Any jitter of the runs is dropped. The count in the job's row
    /// is written by the claim.</summary>
    public static Task BlockAsync(Session db, IReadOnlyList<RunId> runs) => OfRunsAsync(db, BlockRuns, runs);

    /// <summary>Runs a statement with the keys of runs.</summary>
    public static Task OfRunsAsync(Session db, Sql sql, IReadOnlyList<RunId> runs) => runs.Count == 0
        ? Task.CompletedTask
        : db.RunAsync(sql,
        runs.Select(run => run.FireTime).ToArray(), runs.Select(run => run.Job).ToArray(), runs.Select(run => run.Number).ToArray());

    /// <summary>Unblocks as many of the jobs' blocked runs as places became free. With more unblocked runs, each claim would check the
    /// rest in vain.</summary>
    public static Task UnblockAsync(Session db, IReadOnlyList<(long Job, long Places)> freed) => db.RunAsync(UnblockRuns,
        freed.Select(job => job.Job).ToArray(), freed.Select(job => job.Places).ToArray());

    /// <summary>Gives the waiting runs of a changed job its executor, priority and limit.</summary>
    public static async Task FollowAsync(Session db, long job)
    {
        await db.RunAsync(Move, job);
        await db.RunAsync(ClearBlocked, job);
    }

    public static Task<List<WaitingRun>> OfJobAsync(Session db, long job) => db.QueryAsync(OfJob, Read, job);

    /// <summary>Returns the waiting runs of a job, or of all jobs.</summary>
    public static Task<List<WaitingRun>> AllAsync(Session db, long? job) =>
        job is { } one ? OfJobAsync(db, one) : db.QueryAsync(All, Read);

    public static async Task<WaitingRun?> FindAsync(Session db, RunId id)
    {
        var rows = await db.QueryAsync(ById, Read, id.FireTime, id.Job, id.Number);
        return rows.Count > 0 ? rows[0] : null;
    }

    public static Task WatchAsync(Session db, RunId id) => db.RunAsync(Watch, id.FireTime, id.Job, id.Number);
}
