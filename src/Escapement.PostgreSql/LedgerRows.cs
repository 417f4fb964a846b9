using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Stores;
using Npgsql;

namespace Escapement.PostgreSql;

/// <summary>Reads the ledger in a single snapshot.</summary>
static class LedgerRows
{
    const string ActionColumns = """
        select a.number, a.at, a.kind, job.id, a.change, a.version, a.moved_from, a.moved_to, a.by, a.why, a.until, a.origin,
            a.definition_before, a.definition_after, a.scope, a.scope_name, a.job
        from esc.action a left join esc.job on job.number = a.job
        """;

    static readonly Sql AllActions = new(ActionColumns + " where $1::bigint is null or a.job is null or a.job = $1 order by a.number");

    // Newest first, without the changes of the jobs of a paused or resumed tag or executor.
    static readonly Sql NewestActions = new(ActionColumns + """
         where a.number < $1 and a.at >= $2 and a.at < $3 and (a.job is null or a.scope is null) order by a.number desc limit $4
        """);

    static readonly Sql NewestActionsOfJob = new(ActionColumns + """
         where a.number < $1 and a.at >= $2 and a.at < $3 and a.job = $5 order by a.number desc limit $4
        """);

    static readonly Sql AllEntries = new("""
        select job, first, last, change, reason, cause from esc.entry
        where last >= $1 and first < $2 and ($3::bigint is null or job = $3) order by change, first, job
        """);

    static readonly Sql AllDefinitions = new("""
        select d.job, d.version, d.accounts_from, d.accounts_to, d.definition, job.id
        from esc.definition d join esc.job on job.number = d.job
        where ($1::bigint is null or d.job = $1) and d.accounts_from < $3 and (d.accounts_to is null or d.accounts_to >= $2)
        order by d.job, d.version
        """);

    static readonly Sql AllMarks = new(
        "select kind, from_at, to_at, epoch from esc.mark where from_at < $2 and to_at >= $1 order by number");

    static readonly Sql RunsOfSpan = new(RunTable.EndedColumns + """
         where run.fire_time >= $1 and run.fire_time < $2 and ($3::bigint is null or run.job = $3)
        """);

    static readonly Sql TroubleOfSpan = new(RunTable.EndedColumns + """
         where run.outcome > 1 and run.fire_time >= $1 and run.fire_time < $2 and ($3::bigint is null or run.job = $3)
        order by run.fire_time desc, run.job desc, run.number desc limit $4
        """);

    /// <summary>Reads the ledger of a time span. The caller's transaction makes the result a single snapshot.</summary>
    public static async Task<LedgerPart> ReadAsync(Session db, LedgerQuery query, TimeProvider? host, CancellationToken cancellationToken)
    {
        // The first statement of the transaction, which takes the snapshot.
        var state = (await StateTable.ReadAsync(db)).Scheduler;
        var now = (host?.GetUtcNow() ?? await db.NowAsync()).ToWholeMicros();
        if (query.OnlyActions is { } page) return Only(state, now, await NewestAsync(db, page), []);
        if (query.OnlyOpenPauses) return Only(state, now, [], await PauseTable.OpenAsync(db, now));
        var (from, to) = (RunPages.Since(query.From), RunPages.Since(query.To));
        long? job = query.Job is { } id ? await JobTable.NumberAsync(db, id) ?? -1 : null;
        IReadOnlyList<StoredJob> jobs = query.Job is { } one
            ? await JobTable.FindAsync(db, one) is { } found ? [found] : []
            : await JobTable.AllAsync(db, ended: true);
        var names = JobNames.Of(jobs);
        LedgerPart part = new()
        {
            Jobs = jobs,
            Runs = query.Then is not null || query.Runs ? await RunsAsync(db, query, job, names) : [],
            Entries = await EntriesAsync(db, (from, to), job, names),
            Actions = await ActionsAsync(db, AllActions, job),
            Definitions = await db.QueryAsync(AllDefinitions, static row => new DefinitionSpan
            {
                Job = JobRow.Definition(row.Long(0), row.Text(5), row.Text(4)),
                Version = row.Long(1),
                From = row.At(2),
                To = row.MaybeAt(3),
            }, job, from, to),
            Pauses = await PauseTable.OfSpanAsync(db, (from, to), query.Job?.Value, now),
            Epochs = await EpochTable.OfSpanAsync(db, from, to),
            Marks = await db.QueryAsync(AllMarks, static row => new LedgerMark
            {
                Kind = (MarkKind)row.Long(0),
                From = row.At(1),
                To = row.At(2),
                Epoch = row.Long(3),
            }, from, to),
            State = state,
            At = now,
        };
        while (query.Then?.Invoke(part) is { } reads)
        {
            cancellationToken.ThrowIfCancellationRequested();
            part = part with
            {
                Counts = await RunReading.CountAsync(db, reads.Counts),
                Rows = await RunReading.RowsAsync(db, reads, names),
            };
        }

        return part;
    }

    static LedgerPart Only(SchedulerState state, DateTimeOffset now, List<JobAction> actions, List<ScopedPause> pauses) => new()
    {
        Jobs = [],
        Runs = [],
        Entries = [],
        Actions = actions,
        Definitions = [],
        Pauses = pauses,
        Epochs = [],
        Marks = [],
        State = state,
        At = now,
    };

    static async Task<List<JobAction>> NewestAsync(Session db, ActionQuery query)
    {
        Arg[] args = [query.Before ?? long.MaxValue, query.Since is { } since ? RunPages.Since(since) : long.MinValue,
            query.Until is { } until ? RunPages.Since(until) : long.MaxValue, query.Limit + 1];
        return query.Job is { } id
            ? await ActionsAsync(db, NewestActionsOfJob, [.. args, await JobTable.NumberAsync(db, id) ?? -1])
            : await ActionsAsync(db, NewestActions, args);
    }

    static Task<List<JobAction>> ActionsAsync(Session db, Sql sql, params Arg[] args) => db.QueryAsync(sql, static row => new JobAction
    {
        Number = row.Long(0),
        At = row.At(1),
        Kind = (ActionKind)row.Long(2),
        Job = row.Maybe(16) is { } number ? JobId.Parse(row.MaybeText(3) ?? $"unreadable-{number}") : null,
        Change = row.Long(4),
        Version = row.Long(5),
        From = row.MaybeAt(6),
        To = row.MaybeAt(7),
        By = row.MaybeText(8),
        Why = row.MaybeText(9),
        Until = row.MaybeAt(10),
        Origin = row.MaybeText(11),
        Before = row.MaybeText(12),
        After = row.MaybeText(13),
        Scope = (PauseScope?)row.Maybe(14),
        ScopeName = row.MaybeText(15),
    }, args);

    static async Task<List<Entry>> EntriesAsync(Session db, (long From, long To) span, long? job, JobNames names) =>
        await db.QueryAsync(AllEntries, row => new Entry
        {
            Job = names.IdOf(row.Long(0)),
            First = row.At(1),
            Last = row.At(2),
            Change = row.Long(3),
            Reason = (Reason)row.Long(4),
            Cause = row.Maybe(5),
        }, span.From, span.To, job);

    /// <summary>Returns the waiting and running runs of a span, and its ended runs, or the newest of them that did not
    /// succeed. For a reader of the ledger, the running runs of any span.</summary>
    static async Task<List<Run>> RunsAsync(Session db, LedgerQuery query, long? job, JobNames names)
    {
        List<Run> runs = [.. (await RunTable.OpenAsync(db, job)).Select(names.RunOf).Where(run => query.Then is not null || Within(run))];
        runs.AddRange((await WaitingTable.AllAsync(db, job)).Select(names.RunOf).Where(Within));

        // A fire time with a missed run in the history may wait or run again.
        var open = runs.Select(run => run.Id).ToHashSet();
        var (from, to) = (RunPages.Since(query.From), RunPages.Since(query.To));
        var ended = query.Then is null
            ? await db.QueryAsync(RunsOfSpan, Read, from, to, job)
            : await db.QueryAsync(TroubleOfSpan, Read, from, to, job, LedgerQuery.MaxTroubled + runs.Count);
        var left = query.Then is null ? int.MaxValue : LedgerQuery.MaxTroubled;
        runs.AddRange(ended.Where(run => !open.Contains(run.Id)).Take(left));
        return [.. runs.OrderBy(run => run.Id.FireTime).ThenBy(run => run.Id.Job).ThenBy(run => run.Id.Number)];

        bool Within(Run run) => run.FireTime >= query.From && run.FireTime < query.To;

        Run Read(NpgsqlDataReader row) => names.Named(RunTable.ReadEnded(row));
    }
}
