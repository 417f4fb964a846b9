using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rows;
using Escapement.Stores;

namespace Escapement.Sqlite;

/// <summary>Reads the ledger in a single snapshot.</summary>
static class LedgerRows
{
    /// <summary>Reads the ledger of a time span. The caller's read transaction makes the result a single
    /// snapshot.</summary>
    public static LedgerPart Read(SqliteSession db, LedgerQuery query, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (query.OnlyActions is { } page) return Only(db, Newest(db, page), [], now);
        if (query.OnlyOpenPauses) return Only(db, [], PauseTable.Open(db, now), now);
        var names = new JobNames(db);
        var (from, to) = (RunPages.Since(query.From), RunPages.Since(query.To));
        long? job = query.Job is { } id ? JobTable.NumberOf(db, id) ?? -1 : null;
        RowChecks checks = new(now, ClockJumps(db)) { HasAction = at => db[SqliteStatements.ActionAt].With(at).Scalar() is not null };
        if (query.Job is null && query.Then is not null) MissingJobs.Add(RowsWithoutJob(db, from, to), checks);
        LedgerPart part = new()
        {
            Jobs = query.Job is { } one ? JobTable.Find(db, one, checks: checks) is { } found ? [found] : []
                : JobTable.All(db, ended: true, checks),
            Runs = query.Then is not null ? Notable(db, query, job, (names, checks))
                : query.Runs ? Runs(db, query, job, (names, checks)) : [],
            Entries = Entries(db, (from, to), job, names, checks),
            Actions = Actions(db[SqliteStatements.Actions].With(job), names, (from, to), checks),
            Definitions = Definitions(db, from, to, job, names),
            Pauses = PauseTable.OfSpan(db, from, to, query.Job?.Value, now, checks),
            Epochs = EpochTable.OfSpan(db, from, to, checks),
            Marks = Marks(db, from, to, checks),
            State = StateTable.Read(db, checks).Scheduler,
            At = now.ToWholeMicros(),
            OddValues = checks.Found,
        };
        RunEpochs epochs = new(db);
        return part.Answer(query, Count, reads =>
        [
            .. RunTable.Rows(db, reads, (names, checks)),
            .. epochs.Take().Select(run => RunTable.Ended(db, run, names, checks)).OfType<Run>(),
        ]);

        IReadOnlyList<RunCount> Count(IReadOnlyList<RunSpan> spans)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return RunTable.Count(db, spans, epochs);
        }
    }

    static List<(long From, long To, long Epoch)> ClockJumps(SqliteSession db)
    {
        List<(long, long, long)> jumps = [];
        var row = db[SqliteStatements.ClockJumps];
        while (row.Read()) jumps.Add((row.Long(0), row.Long(1), row.Long(2)));
        return jumps;
    }

    static List<(long, string, string, long, long)> RowsWithoutJob(SqliteSession db, long from, long to)
    {
        List<(long, string, string, long, long)> rows = [];
        var row = db[SqliteStatements.RowsWithoutJob].With(from).With(to).With(MissingJobs.MaxRead);
        while (row.Read()) rows.Add((row.Long(0), row.Text(1), row.Text(2), row.Long(3), row.Long(4)));
        return rows;
    }

    static LedgerPart Only(SqliteSession db, List<JobAction> actions, List<ScopedPause> pauses, DateTimeOffset now) => new()
    {
        Jobs = [],
        Runs = [],
        Entries = [],
        Actions = actions,
        Definitions = [],
        Pauses = pauses,
        Epochs = [],
        Marks = [],
        State = StateTable.Read(db).Scheduler,
        At = now.ToWholeMicros(),
    };

    static List<JobAction> Newest(SqliteSession db, ActionQuery query)
    {
        long? job = query.Job is { } id ? JobTable.NumberOf(db, id) ?? -1 : null;
        var row = db[job is null ? SqliteStatements.NewestActions : SqliteStatements.NewestActionsOfJob]
            .With(query.Before ?? long.MaxValue).With(query.Since is { } since ? RunPages.Since(since) : long.MinValue)
            .With(query.Until is { } until ? RunPages.Since(until) : long.MaxValue).With(query.Limit + 1);
        return Actions(job is null ? row : row.With(job), new(db));
    }

    static List<Run> Runs(SqliteSession db, LedgerQuery query, long? job, (JobNames Names, RowChecks Checks) of)
    {
        var runs = Open(db, query, job, of);

        // A fire time with a missed run in the history may wait or run again.
        var open = runs.Select(run => run.Id).ToHashSet();
        var row = db[SqliteStatements.Runs].With(RunPages.Since(query.From)).With(RunPages.Since(query.To)).With(long.MinValue)
            .With(long.MinValue);
        while (row.Read())
        {
            if ((job is null || row.Long(1) == job) && RunTable.ReadEnded(row, of.Names, of.Checks) is var ended
                && !open.Contains(ended.Id))
            {
                runs.Add(ended);
            }
        }

        return [.. runs.OrderBy(run => run.Id.FireTime).ThenBy(run => run.Id.Job).ThenBy(run => run.Id.Number)];
    }

    /// <summary>Returns the waiting and running runs, and the newest ended runs that did not succeed.</summary>
    static List<Run> Notable(SqliteSession db, LedgerQuery query, long? job, (JobNames Names, RowChecks Checks) of)
    {
        var runs = Open(db, query, job, of);
        var open = runs.Select(run => run.Id).ToHashSet();
        var most = runs.Count + LedgerQuery.MaxTroubled;
        var (from, to) = (RunPages.Since(query.From), RunPages.Since(query.To));
        var row = job is null
            ? db[SqliteStatements.RunsInTrouble].With(from).With(to).With(long.MinValue).With(long.MinValue)
            : db[SqliteStatements.RunsInTroubleOfJob].With(from).With(to).With(job);
        while (runs.Count < most && row.Read())
        {
            if (RunTable.ReadEnded(row, of.Names, of.Checks) is var ended && !open.Contains(ended.Id)) runs.Add(ended);
        }

        row.Reset();
        return [.. runs.OrderBy(run => run.Id.FireTime).ThenBy(run => run.Id.Job).ThenBy(run => run.Id.Number)];
    }

    /// <summary>Returns the waiting and running runs of a span. For a reader of the ledger, the running runs of any
    /// span.</summary>
    static List<Run> Open(SqliteSession db, LedgerQuery query, long? job, (JobNames Names, RowChecks Checks) of)
    {
        var (names, checks) = of;
        List<Run> runs = [.. RunTable.Open(db).Where(Within).Select(run => RunChecks.Running(names.RunOf(run), run, checks))];
        var waiting = db[SqliteStatements.AllWaiting];
        while (waiting.Read())
        {
            if (WaitingTable.Read(waiting) is var run && InSpan(run.Id)) runs.Add(RunChecks.Waiting(names.RunOf(run), run, checks));
        }

        return runs;

        bool Within(OpenRun run) => query.Then is null ? InSpan(run.Id) : job is null || run.Id.Job == job;

        bool InSpan(RunId run) => (job is null || run.Job == job) && names.FireTimeOf(run) is var at && at >= query.From && at < query.To;
    }

    static List<Entry> Entries(SqliteSession db, (long From, long To) span, long? job, JobNames names, RowChecks checks)
    {
        List<Entry> entries = [];
        var row = db[SqliteStatements.Entries].With(span.From).With(span.To).With(job);
        while (row.Read())
        {
            var (id, first) = (names.IdOf(row.Long(0)), row.Long(1));
            if (LedgerChecks.Entry(id, (row.Long(0), first, row.Long(2)), row.Long(4), checks) is not var (last, reason)) continue;
            entries.Add(new()
            {
                Job = id,
                First = Instant.FromMicros(first),
                Last = Instant.FromMicros(last),
                Change = row.Long(3),
                Reason = reason,
                Cause = row.Maybe(5),
            });
        }

        return entries;
    }

    /// <summary>Reads the rows of a statement. The values of a span are checked.</summary>
    static List<JobAction> Actions(Statement row, JobNames names, (long From, long To) span = default, RowChecks? checks = null)
    {
        List<JobAction> actions = [];
        while (row.Read())
        {
            JobAction action = new()
            {
                Number = row.Long(0),
                At = Instant.FromMicros(row.Long(1)),
                Kind = (ActionKind)row.Long(2),
                Job = row.Maybe(3) is { } number ? names.IdOf(number) : null,
                Change = row.Long(4),
                Version = row.Long(5),
                From = row.MaybeInstant(6),
                To = row.MaybeInstant(7),
                By = row.MaybeText(8),
                Why = row.MaybeText(9),
                Until = row.MaybeInstant(10),
                Origin = row.MaybeText(11),
                Before = row.MaybeText(12),
                After = row.MaybeText(13),
                Scope = (PauseScope?)row.Maybe(14),
                ScopeName = row.MaybeText(15),
            };
            actions.Add(checks is null
                ? action
                : LedgerChecks.Action(action, new(row.Long(1), row.Long(2), row.Maybe(6), row.Maybe(7)), span, checks));
        }

        return actions;
    }

    static List<DefinitionSpan> Definitions(SqliteSession db, long from, long to, long? job, JobNames names)
    {
        List<DefinitionSpan> spans = [];
        var row = db[SqliteStatements.Definitions].With(job).With(from).With(to);
        while (row.Read())
        {
            spans.Add(new()
            {
                Job = JobRow.Definition(row.Long(0), names.IdOf(row.Long(0)).Value, row.Text(4)),
                Version = row.Long(1),
                From = Instant.FromMicros(row.Long(2)),
                To = row.MaybeInstant(3),
            });
        }

        return spans;
    }

    static List<LedgerMark> Marks(SqliteSession db, long from, long to, RowChecks checks)
    {
        List<LedgerMark> marks = [];
        var row = db[SqliteStatements.Marks].With(from).With(to);
        while (row.Read())
        {
            if (LedgerChecks.Mark((row.Long(4), row.Long(0), row.Long(1), row.Long(2)), row.Long(3), checks) is { } mark) marks.Add(mark);
        }

        return marks;
    }
}
