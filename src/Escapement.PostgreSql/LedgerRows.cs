using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rows;
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

    // A statement for each job beside the statement for all jobs: a condition that allows both is no condition of an index.
    static readonly Sql AllActions = new(ActionColumns + " order by a.number");

    static readonly Sql ActionsOfJob = new(ActionColumns + " where a.job is null or a.job = $1 order by a.number");

    // Newest first, without the changes of the jobs of a paused or resumed tag or executor.
    static readonly Sql NewestActions = new(ActionColumns + """
         where a.number < $1 and a.at >= $2 and a.at < $3 and (a.job is null or a.scope is null) order by a.number desc limit $4
        """);

    static readonly Sql NewestActionsOfJob = new(ActionColumns + """
         where a.number < $1 and a.at >= $2 and a.at < $3 and a.job = $5 order by a.number desc limit $4
        """);

    const string Entries = "select job, first, last, change, reason, cause from esc.entry where last >= $1 and first < $2";

    static readonly Sql AllEntries = new(Entries + " order by change, first, job");

    static readonly Sql EntriesOfJob = new(Entries + " and job = $3 order by change, first, job");

    const string Definitions = """
        select d.job, d.version, d.accounts_from, d.accounts_to, d.definition, job.id
        from esc.definition d left join esc.job on job.number = d.job
        where d.accounts_from < $2 and (d.accounts_to is null or d.accounts_to >= $1)
        """;

    static readonly Sql AllDefinitions = new(Definitions + " order by d.job, d.version");

    static readonly Sql DefinitionsOfJob = new(Definitions + " and d.job = $3 order by d.job, d.version");

    static readonly Sql AllMarks = new(
        "select number, kind, from_at, to_at, epoch from esc.mark where from_at < $2 and to_at >= $1 order by number");

    static readonly Sql ClockJumps = new("select from_at, to_at, epoch from esc.mark where kind = 1");

    static readonly Sql EpochValuesOf = new(
        "select number, pid, begun, last_sign, ended, how, lease, beat, claims from esc.epoch where number = any($1)");

    // The first row of each missing job in each table. An enqueued run may outlive its exhausted job.
    static readonly Sql RowsWithoutJob = new("""
        select job, 'action', 'number', min(number), min(at) from esc.action
            where job is not null and not exists (select from esc.job known where known.number = action.job) group by job
        union all select job, 'definition', 'version', min(version), min(accounts_from) from esc.definition
            where accounts_from < $2 and (accounts_to is null or accounts_to >= $1)
                and not exists (select from esc.job known where known.number = definition.job) group by job
        union all select job, 'due', 'job', job, coalesce(at, 0) from esc.due
            where not exists (select from esc.job known where known.number = due.job)
        union all select job, 'running', 'fire_time', min(fire_time), min(fire_time) from esc.running
            where not exists (select from esc.job known where known.number = running.job) group by job
        union all select job, 'waiting', 'fire_time', min(fire_time), min(fire_time) from esc.waiting
            where not exists (select from esc.job known where known.number = waiting.job) group by job
        union all select job, 'entry', 'first', min(first), min(first) from
            (select job, first from esc.entry where last >= $1 and first < $2 order by last limit $3) read
            where not exists (select from esc.job known where known.number = read.job) group by job
        union all select job, 'run', 'fire_time', min(fire_time), min(fire_time) from
            (select fire_time, job, number from esc.run where fire_time >= $1 and fire_time < $2 order by fire_time limit $3) read
            where number = 0 and not exists (select from esc.job known where known.number = read.job) group by job
        """);

    const string InSpan = " where run.fire_time >= $1 and run.fire_time < $2";

    static readonly Sql RunsOfSpan = new(RunTable.EndedColumns + InSpan);

    static readonly Sql RunsOfSpanAndJob = new(RunTable.EndedColumns + InSpan + " and run.job = $3");

    const string NewestTrouble = " and run.outcome > 1 order by run.fire_time desc, run.job desc, run.number desc limit $3";

    static readonly Sql TroubleOfSpan = new(RunTable.EndedColumns + InSpan + NewestTrouble);

    static readonly Sql TroubleOfSpanAndJob = new(RunTable.EndedColumns + InSpan + " and run.job = $4" + NewestTrouble);

    /// <summary>Reads the ledger of a time span. The caller's transaction makes the result a single snapshot.</summary>
    public static async Task<LedgerPart> ReadAsync(Session db, LedgerQuery query, TimeProvider? host, CancellationToken cancellationToken)
    {
        // The first statement of the transaction, which takes the snapshot.
        var state = (await StateTable.ReadAsync(db)).Scheduler;
        var now = (host?.GetUtcNow() ?? await db.NowAsync()).ToWholeMicros();
        if (query.OnlyActions is { } page) return Only(state, now, await NewestAsync(db, page), []);
        if (query.OnlyOpenPauses) return Only(state, now, [], await PauseTable.OpenAsync(db, now));
        HashSet<long> acted = [];
        var jumps = await db.QueryAsync(ClockJumps, static row => (row.Long(0), row.Long(1), row.Long(2)));
        RowChecks checks = new(now, jumps) { HasAction = acted.Contains };
        var (from, to) = (RunPages.Since(query.From), RunPages.Since(query.To));
        long? job = query.Job is { } id ? await JobTable.NumberAsync(db, id) ?? -1 : null;
        if (job is null && query.Then is not null) MissingJobs.Add(await RowsWithoutJobAsync(db, from, to), checks);
        var jobs = await JobTable.CheckedAsync(db, job, checks);
        var names = JobNames.Of(jobs);
        var actions = await ActionsAsync(db, job is null ? AllActions : ActionsOfJob, ((from, to), checks), OfJob([], job));
        acted.UnionWith(actions.Select(action => action.At.ToMicros()));
        LedgerPart part = new()
        {
            Jobs = jobs,
            Runs = query.Then is not null || query.Runs ? await RunsAsync(db, query, job, (names, checks)) : [],
            Entries = await EntriesAsync(db, (from, to), job, (names, checks)),
            Actions = actions,
            Definitions = await db.QueryAsync(job is null ? AllDefinitions : DefinitionsOfJob, static row => new DefinitionSpan
            {
                Job = JobRow.Definition(row.Long(0), row.MaybeText(5) ?? $"unreadable-{row.Long(0)}", row.Text(4)),
                Version = row.Long(1),
                From = row.At(2),
                To = row.MaybeAt(3),
            }, OfJob([from, to], job)),
            Pauses = await PauseTable.OfSpanAsync(db, (from, to), query.Job?.Value, now, checks),
            Epochs = await EpochsAsync(db, from, to, checks),
            Marks = [.. (await db.QueryAsync(AllMarks, row =>
                LedgerChecks.Mark((row.Long(0), row.Long(1), row.Long(2), row.Long(3)), row.Long(4), checks), from, to)).OfType<LedgerMark>()],
            State = await StateTable.ReadAsync(db, checks),
            At = now,
            OddValues = checks.Found,
        };
        CheckChanges(part, checks);
        HashSet<RunId> named = [];
        while (query.Then?.Invoke(part) is { } reads)
        {
            cancellationToken.ThrowIfCancellationRequested();
            part = part with
            {
                Counts = await RunReading.CountAsync(db, reads.Counts),
                Rows =
                [
                    .. await RunReading.RowsAsync(db, reads, names, checks),
                    .. (await RunReading.OutsideEpochsAsync(db, reads.Counts, names, checks)).Where(run => named.Add(run.Id)),
                ],
            };
        }

        return part;
    }

    /// <summary>Returns the arguments of a statement for all jobs, or of the statement for a job.</summary>
    static Arg[] OfJob(Arg[] args, long? job) => job is { } one ? [.. args, one] : args;

    static Task<List<(long, string, string, long, long)>> RowsWithoutJobAsync(Session db, long from, long to) => db.QueryAsync(
        RowsWithoutJob, static row => (row.Long(0), row.Text(1), row.Text(2), row.Long(3), row.Long(4)), from, to, MissingJobs.MaxRead);

    static async Task<List<Epoch>> EpochsAsync(Session db, long from, long to, RowChecks checks)
    {
        var epochs = await EpochTable.OfSpanAsync(db, from, to);
        var values = (await db.QueryAsync(EpochValuesOf, static row => (Number: row.Long(0), Values: new EpochValues(
                row.Long(1), row.Long(2), row.Long(3), row.Maybe(4), row.Maybe(5), row.Maybe(6), row.Long(7), row.Long(8))),
            epochs.Select(epoch => epoch.Number).ToArray())).ToDictionary(epoch => epoch.Number, epoch => epoch.Values);
        return epochs.ConvertAll(epoch => EpochChecks.Checked(epoch, values[epoch.Number], checks));
    }

    /// <summary>Names the change counters that were set back: entries and actions were written with higher counters.</summary>
    static void CheckChanges(LedgerPart part, RowChecks checks)
    {
        var newest = part.Entries.Select(entry => (entry.Job, entry.Change))
            .Concat(part.Actions.Where(action => action.Job is not null).Select(action => (Job: action.Job!.Value, action.Change)))
            .GroupBy(change => change.Job, change => change.Change).ToDictionary(job => job.Key, Enumerable.Max);
        foreach (var stored in part.Jobs)
        {
            if (stored.Job.Error is null && stored.State.Change < newest.GetValueOrDefault(stored.Job.Id))
            {
                checks.Add(new("due.change", $"job {stored.Number}", stored.Job.Id), RowChecks.Number(stored.State.Change),
                    $"{newest[stored.Job.Id]} – {DueFaults.MaxChange}");
            }
        }
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
            ? await ActionsAsync(db, NewestActionsOfJob, null, [.. args, await JobTable.NumberAsync(db, id) ?? -1])
            : await ActionsAsync(db, NewestActions, null, args);
    }

    /// <summary>Reads the rows of a statement. The values of a span are checked.</summary>
    static Task<List<JobAction>> ActionsAsync(
        Session db, Sql sql, ((long From, long To) Span, RowChecks Checks)? of, params Arg[] args) => db.QueryAsync(sql, row =>
    {
        JobAction action = new()
        {
            Number = row.Long(0),
            At = row.At(1),
            Kind = (ActionKind)row.Long(2),
            Job = row.Maybe(16) is { } number ? JobRow.IdOf(number, row.MaybeText(3)) : null,
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
        };
        return of is var (span, checks)
            ? LedgerChecks.Action(action, new(row.Long(1), row.Long(2), row.Maybe(6), row.Maybe(7)), span, checks)
            : action;
    }, args);

    static async Task<List<Entry>> EntriesAsync(
        Session db, (long From, long To) span, long? job, (JobNames Names, RowChecks Checks) of) => [.. (await db.QueryAsync(
        job is null ? AllEntries : EntriesOfJob, row =>
    {
        var id = of.Names.IdOf(row.Long(0));
        return LedgerChecks.Entry(id, (row.Long(0), row.Long(1), row.Long(2)), row.Long(4), of.Checks) is var (last, reason)
            ? new Entry
            {
                Job = id,
                First = row.At(1),
                Last = Instant.FromMicros(last),
                Change = row.Long(3),
                Reason = reason,
                Cause = row.Maybe(5),
            }
            : null;
    }, OfJob([span.From, span.To], job))).OfType<Entry>()];

    /// <summary>Returns the waiting and running runs of a span, and its ended runs, or the newest of them that did not
    /// succeed. For a reader of the ledger, the running runs of any span.</summary>
    static async Task<List<Run>> RunsAsync(Session db, LedgerQuery query, long? job, (JobNames Names, RowChecks Checks) of)
    {
        var (names, checks) = of;
        List<Run> runs = [.. (await RunTable.OpenAsync(db, job)).Select(open => (Open: open, Run: names.RunOf(open)))
            .Where(open => query.Then is not null || Within(open.Run)).Select(open => RunChecks.Running(open.Run, open.Open, checks))];
        runs.AddRange((await WaitingTable.AllAsync(db, job)).Select(waiting => (Waiting: waiting, Run: names.RunOf(waiting)))
            .Where(waiting => Within(waiting.Run)).Select(waiting => RunChecks.Waiting(waiting.Run, waiting.Waiting, checks)));

        // A fire time with a missed run in the history may wait or run again.
        var open = runs.Select(run => run.Id).ToHashSet();
        var (from, to) = (RunPages.Since(query.From), RunPages.Since(query.To));
        var ended = query.Then is null
            ? await db.QueryAsync(job is null ? RunsOfSpan : RunsOfSpanAndJob, Read, OfJob([from, to], job))
            : await db.QueryAsync(job is null ? TroubleOfSpan : TroubleOfSpanAndJob, Read,
                OfJob([from, to, LedgerQuery.MaxTroubled + runs.Count], job));
        var left = query.Then is null ? int.MaxValue : LedgerQuery.MaxTroubled;
        runs.AddRange(ended.Where(run => !open.Contains(run.Id)).Take(left));
        return [.. runs.OrderBy(run => run.Id.FireTime).ThenBy(run => run.Id.Job).ThenBy(run => run.Id.Number)];

        bool Within(Run run) => run.FireTime >= query.From && run.FireTime < query.To;

        Run Read(NpgsqlDataReader row) => RunReading.Checked(names.Named(RunTable.ReadEnded(row)), row, checks);
    }
}
