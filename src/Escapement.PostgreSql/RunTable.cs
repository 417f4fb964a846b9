using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Npgsql;

namespace Escapement.PostgreSql;

/// <summary>The end of a run with what the history keeps of its claim.</summary>
/// <param name="End">The end.</param>
/// <param name="Open">The claimed run, or null for a run that was not claimed.</param>
/// <param name="Arguments">The run's own arguments, or null.</param>
/// <param name="HasKey">True if the run was enqueued with a key.</param>
/// <param name="Cause">The cause of the run.</param>
/// <param name="Limit">The limit of the run's history.</param>
readonly record struct EndedRun(RunEnd End, OpenRun? Open, JobArguments? Arguments, bool HasKey, RunCause Cause, HistoryLimit Limit);

/// <summary>Claimed runs and the history of ended runs.</summary>
static class RunTable
{
    const long MaxMicros = long.MaxValue / TimeSpan.TicksPerMicrosecond;

    public const string RunningColumns = Running + " from esc.running r" + OfNode;

    const string Running = """
        select r.job, r.fire_time, r.number, r.epoch, r.claim, r.token, r.attempt, r.claimed_at, r.grace_from, r.args, r.kwargs, r.watched,
            r.has_key, r.cause, e.node
        """;

    // Each run is found by its key: with the statistics of an empty table, the planner would compare all keys with all rows.
    const string Found = """
         from unnest($1, $2, $3) k(fire_time, job, number) cross join lateral (
            select *, ctid from esc.running r where r.fire_time = k.fire_time and r.job = k.job and r.number = k.number offset 0) r
        """;

    const string OfNode = " left join esc.epoch e on e.number = r.epoch";

    /// <summary>The columns of an ended run.</summary>
    public const string EndedColumns = """
        select run.fire_time, run.job, run.number, run.attempt, run.claimed_at, run.started_at, run.finished_at, run.outcome, run.reason,
            run.error, epoch.node, run.epoch, run.token, run.cause
        from esc.run left join esc.epoch on epoch.number = run.epoch
        """;

    public static readonly Sql RunningOf = new(Running + Found + OfNode);

    static readonly Sql AllRunning = new(RunningColumns + " order by r.job, r.fire_time, r.number");

    static readonly Sql RunningOfJob = new(RunningColumns + " where r.job = $1 order by r.job, r.fire_time, r.number");

    static readonly Sql RunningSince = new(RunningColumns + """
         where r.epoch = $1 and r.claim >= $2 and r.claim < $3 order by r.claim, r.fire_time, r.job, r.number
        """);

    static readonly Sql RunningOfLost = new(RunningColumns + """
         where e.number is null or e.node = any($1) or e.ended is not null order by r.job, r.fire_time, r.number
        """);

    public static readonly Sql DeleteRunning = new($"delete from esc.running where ctid = any(array(select r.ctid {Found}))");

    static readonly Sql WatchRunning = new("update esc.running set watched = true where fire_time = $1 and job = $2 and number = $3");

    // Ends are added up by job: an update changes a row only once. A count beyond its type, which a manual edit has written, must not
    // keep the runs of other jobs from their ends.
    static readonly Sql Free = new("""
        update esc.due d set running = greatest(d.running, v.n) - v.n, change = least(d.change, 4611686018427387903) + v.changes
        from unnest($1, $2, $3) v(job, n, changes) where d.job = v.job
        """);

    // A missed run never began, and may be caught up.
    static readonly Sql AddRuns = new("""
        insert into esc.run(fire_time, job, number, epoch, token, attempt, claimed_at, started_at, finished_at, outcome, reason, error,
            cause, history)
        select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
        on conflict (fire_time, job, number) do update set epoch = excluded.epoch, token = excluded.token, attempt = excluded.attempt,
            claimed_at = excluded.claimed_at, started_at = excluded.started_at, finished_at = excluded.finished_at,
            outcome = excluded.outcome, reason = excluded.reason, error = excluded.error, cause = excluded.cause,
            history = excluded.history
        where run.outcome = 6
        """);

    static readonly Sql DeleteMissed = new("""
        delete from esc.run r using unnest($1, $2, $3) k(fire_time, job, number)
        where r.fire_time = k.fire_time and r.job = k.job and r.number = k.number and r.outcome = 6
        """);

    static readonly Sql AddArguments = new("""
        insert into esc.run_args(fire_time, job, number, args, kwargs) select * from unnest($1, $2, $3, $4, $5)
        on conflict (fire_time, job, number) do update set args = excluded.args, kwargs = excluded.kwargs
        """);

    static readonly Sql AddAttempts = new("""
        insert into esc.attempt(fire_time, job, number, attempt, epoch, started_at, finished_at, outcome, reason, error)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        on conflict (fire_time, job, number, attempt) do update set epoch = excluded.epoch, started_at = excluded.started_at,
            finished_at = excluded.finished_at, outcome = excluded.outcome, reason = excluded.reason, error = excluded.error
        """);

    static readonly Sql KeyOfRun = new("select key, lasts from esc.key where fire_time = $1 and job = $2 and number = $3");

    static readonly Sql KeepKey = new("update esc.key set until = $1 where job = $2 and key = $3");

    static readonly Sql DeleteKey = new("delete from esc.key where job = $1 and key = $2");

    // Whether fire times of the trigger were claimed, or wait behind another run.
    static readonly Sql RanOf = new("""
        select k.fire_time, k.job from unnest($1, $2) k(fire_time, job)
        where exists (select from esc.run r where r.fire_time = k.fire_time and r.job = k.job and r.number = 0 and r.outcome <> 6)
            or exists (select from esc.running r where r.fire_time = k.fire_time and r.job = k.job and r.number = 0)
            or exists (select from esc.waiting w where w.fire_time = k.fire_time and w.job = k.job and w.number = 0)
        order by k.fire_time
        """);

    static readonly Sql MissedOf = new("""
        select r.fire_time, r.job, r.reason from esc.run r
            join unnest($1, $2) k(fire_time, job) on r.fire_time = k.fire_time and r.job = k.job
        where r.number = 0 and r.outcome = 6
        """);

    static readonly Sql EndedById = new(EndedColumns + " where run.fire_time = $1 and run.job = $2 and run.number = $3");

    static readonly Sql ArgumentsOfRun = new("select args, kwargs from esc.run_args where fire_time = $1 and job = $2 and number = $3");

    static readonly Sql AttemptsOfRun = new("""
        select a.attempt, epoch.node, a.epoch, a.started_at, a.finished_at, a.outcome, a.reason, a.error
        from esc.attempt a left join esc.epoch on epoch.number = a.epoch
        where a.fire_time = $1 and a.job = $2 and a.number = $3 order by a.attempt
        """);

    public static OpenRun ReadRunning(NpgsqlDataReader row) => new()
    {
        Id = new(row.Long(1), row.Long(0), row.Long(2)),
        Epoch = row.Long(3),
        Claim = row.Long(4),
        Token = row.Long(5),
        Attempt = row.Int(6),
        ClaimedAt = row.MaybeAt(7),
        MisfireGraceFrom = row.MaybeAt(8),
        Arguments = WaitingTable.Arguments(row, 9),
        Watched = row.Bool(11),
        HasKey = row.Bool(12),
        Cause = (RunCause)row.Long(13),
        Node = row.MaybeText(14),
    };

    /// <summary>Returns the claimed runs with given keys.</summary>
    public static Task<List<OpenRun>> RunningAsync(Session db, IReadOnlyList<RunId> runs) => db.QueryAsync(RunningOf, ReadRunning,
        runs.Select(run => run.FireTime).ToArray(), runs.Select(run => run.Job).ToArray(), runs.Select(run => run.Number).ToArray());

    /// <summary>Returns all claimed runs of a job or of all jobs.</summary>
    public static Task<List<OpenRun>> OpenAsync(Session db, long? job) => job is { } one
        ? db.QueryAsync(RunningOfJob, ReadRunning, one)
        : db.QueryAsync(AllRunning, ReadRunning);

    /// <summary>Returns the runs that an epoch claimed since a claim, and before another.</summary>
    public static Task<List<OpenRun>> SinceAsync(Session db, long epoch, long from, long to) =>
        db.QueryAsync(RunningSince, ReadRunning, epoch, from, to);

    /// <summary>Returns the claimed runs of ended epochs and of lost nodes.</summary>
    public static Task<List<OpenRun>> OfEndedAsync(Session db, IReadOnlyCollection<string> lost) =>
        db.QueryAsync(RunningOfLost, ReadRunning, lost.ToArray<string?>());

    public static Task DeleteRunningAsync(Session db, IReadOnlyList<RunId> runs) => WaitingTable.OfRunsAsync(db, DeleteRunning, runs);

    public static async Task WatchAsync(Session db, RunId id)
    {
        await WaitingTable.WatchAsync(db, id);
        await db.RunAsync(WatchRunning, id.FireTime, id.Job, id.Number);
    }

    /// <summary>Lowers the counts of running runs. The rows of the jobs are locked.</summary>
    /// <param name="db">The session.</param>
    /// <param name="freed">The number of ended runs of each job, and the number of changes that claims must see.</param>
    public static Task FreeAsync(Session db, IReadOnlyCollection<(long Job, long Ended, long Changes)> freed) => db.RunAsync(Free,
        freed.Select(job => job.Job).ToArray(), freed.Select(job => job.Ended).ToArray(), freed.Select(job => job.Changes).ToArray());

    /// <summary>Writes ends of runs to the history, with their arguments, and updates their keys.</summary>
    public static async Task AddAsync(Session db, IReadOnlyList<EndedRun> runs)
    {
        if (runs.Count == 0) return;
        await db.RunAsync(AddRuns, Longs(runs, run => run.End.Id.FireTime), Longs(runs, run => run.End.Id.Job),
            Longs(runs, run => run.End.Id.Number), Maybe(runs, run => run.Open?.Epoch), Maybe(runs, run => run.Open?.Token),
            Longs(runs, run => run.End.Attempt), Maybe(runs, run => run.Open?.ClaimedAt?.ToMicros()),
            Maybe(runs, run => run.End.StartedAt?.ToMicros()), Longs(runs, run => run.End.FinishedAt.ToMicros()),
            Longs(runs, run => (long)run.End.Outcome), Maybe(runs, run => (long?)run.End.Reason),
            runs.Select(run => run.End.Error).ToArray(), Longs(runs, run => (long)run.Cause),
            Maybe(runs, run => run.Limit == HistoryLimit.None ? null : (long)run.Limit));
        List<EndedRun> own = [.. runs.Where(run => run.Arguments is not null)];
        if (own.Count > 0)
        {
            await db.RunAsync(AddArguments, Longs(own, run => run.End.Id.FireTime), Longs(own, run => run.End.Id.Job),
                Longs(own, run => run.End.Id.Number), own.Select(run => run.Arguments!.Args).ToArray<string?>(),
                own.Select(run => run.Arguments!.Kwargs).ToArray<string?>());
        }

        foreach (var run in runs)
            if (run.HasKey) await EndKeyAsync(db, run.End);
    }

    static long[] Longs(IReadOnlyList<EndedRun> runs, Func<EndedRun, long> of) => [.. runs.Select(of)];

    static long?[] Maybe(IReadOnlyList<EndedRun> runs, Func<EndedRun, long?> of) => [.. runs.Select(of)];

    static async Task EndKeyAsync(Session db, RunEnd end)
    {
        var found = await db.QueryAsync(KeyOfRun, static row => (Key: row.Text(0), Lasts: row.Long(1)), end.Id.FireTime, end.Id.Job,
            end.Id.Number);
        if (found is not [var (key, micros), ..]) return;
        var lasts = new TimeSpan(Math.Clamp(micros, 0, MaxMicros) * TimeSpan.TicksPerMicrosecond);
        if (EnqueueRules.KeyUntil(lasts, end) is { } until) await db.RunAsync(KeepKey, until, end.Id.Job, key);
        else await db.RunAsync(DeleteKey, end.Id.Job, key);
    }

    public static Task AddAttemptAsync(Session db, RunId id, Attempt attempt) => db.RunAsync(AddAttempts, id.FireTime, id.Job, id.Number,
        attempt.Number, attempt.Epoch, attempt.StartedAt, attempt.FinishedAt, (long)attempt.Outcome, (long?)attempt.Reason, attempt.Error);

    /// <summary>Removes the missed runs with given keys, because new runs take the keys.</summary>
    public static Task DeleteMissedAsync(Session db, IReadOnlyList<RunId> runs) => WaitingTable.OfRunsAsync(db, DeleteMissed, runs);

    /// <summary>Returns the fire times of a job that ran, out of the given fire times.</summary>
    public static async Task<RanTimes> RanAsync(Session db, long job, IReadOnlyList<DateTimeOffset> asked) =>
        new([.. (await RanAsync(db, [.. asked.Select(at => new RunId(at.ToMicros(), job, 0))])).Select(run => run.FireTime)]);

    /// <summary>Returns the fire times with a waiting, running or ended run, except a missed run, oldest first.</summary>
    public static Task<List<RunId>> RanAsync(Session db, IReadOnlyList<RunId> asked) => db.QueryAsync(RanOf,
        static row => new RunId(row.Long(0), row.Long(1), 0), asked.Select(run => run.FireTime).ToArray(),
        asked.Select(run => run.Job).ToArray());

    /// <summary>Returns the missed runs of fire times with their reasons.</summary>
    public static Task<List<(RunId Run, Reason? Reason)>> MissedAsync(Session db, IReadOnlyList<RunId> asked) => db.QueryAsync(MissedOf,
        static row => (new RunId(row.Long(0), row.Long(1), 0), (Reason?)row.Maybe(2)), asked.Select(run => run.FireTime).ToArray(),
        asked.Select(run => run.Job).ToArray());

    /// <summary>Returns a run with its arguments and attempts, or null.</summary>
    public static async Task<Run?> FindAsync(Session db, RunId id)
    {
        // A fire time with a missed run in the history may wait or run again.
        var names = await JobNames.OfAsync(db, [id.Job]);
        Run? run = null;
        if (await RunningAsync(db, [id]) is [var open])
        {
            run = names.RunOf(open) with { Arguments = open.Arguments };
        }
        else if (await WaitingTable.FindAsync(db, id) is { } waiting)
        {
            run = names.RunOf(waiting) with { Arguments = waiting.Arguments };
        }
        else if (await db.QueryAsync(EndedById, row => names.Named(ReadEnded(row)), id.FireTime, id.Job, id.Number) is [var ended])
        {
            run = ended with
            {
                Arguments = await db.FirstAsync(ArgumentsOfRun, static row => WaitingTable.Arguments(row, 0), id.FireTime, id.Job,
                    id.Number),
            };
        }

        if (run is null) return null;
        return run with
        {
            Attempts = await db.QueryAsync(AttemptsOfRun, static row => new Attempt
            {
                Number = row.Int(0),
                Node = row.MaybeText(1),
                Epoch = row.Long(2),
                StartedAt = row.MaybeAt(3),
                FinishedAt = row.At(4),
                Outcome = (Outcome)row.Long(5),
                Reason = (Reason?)row.Maybe(6),
                Error = row.MaybeText(7),
            }, id.FireTime, id.Job, id.Number),
        };
    }

    /// <summary>Reads a run of the history, without the name of its job and without its fire time in the job's zone.</summary>
    public static Run ReadEnded(NpgsqlDataReader row) => new()
    {
        Id = new(row.Long(0), row.Long(1), row.Long(2)),
        Job = JobNames.Unnamed,
        FireTime = row.At(0),
        State = RunState.Ended,
        Attempt = row.Int(3),
        ClaimedAt = row.MaybeAt(4),
        StartedAt = row.MaybeAt(5),
        FinishedAt = row.MaybeAt(6),
        Outcome = (Outcome?)row.Maybe(7),
        Reason = (Reason?)row.Maybe(8),
        Error = row.MaybeText(9),
        Node = row.MaybeText(10),
        Epoch = row.Maybe(11),
        Token = row.Maybe(12),
        Cause = (RunCause)row.Long(13),
    };
}
