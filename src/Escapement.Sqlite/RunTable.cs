using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rows;
using Escapement.Rules;
using Escapement.Stores;

namespace Escapement.Sqlite;

/// <summary>Claimed runs and the history of ended runs.</summary>
static class RunTable
{
    const long MaxMicros = long.MaxValue / TimeSpan.TicksPerMicrosecond;

    public static OpenRun ReadRunning(Statement row, string? node) => new()
    {
        Id = new(row.Long(1), row.Long(0), row.Long(2)),
        Node = node,
        Epoch = row.Long(3),
        Claim = row.Long(4),
        Token = row.Long(5),
        Attempt = row.Int(6),
        ClaimedAt = row.MaybeInstant(7),
        MisfireGraceFrom = row.MaybeInstant(8),
        Arguments = WaitingTable.Arguments(row, 9),
        Watched = row.Long(11) != 0,
        HasKey = row.Long(12) != 0,
        Cause = (RunCause)row.Long(13),
    };

    /// <summary>Writes a claimed run.</summary>
    /// <returns>False if a run with the same key exists. This is the last safeguard against a duplicate run.</returns>
    public static bool Start(Transaction tx, in PlannedRun run, ClaimRequest request, long token)
    {
        var waited = run.Waited;
        return tx.Db[SqliteStatements.AddRunning].With(run.Id.Job).With(run.Id.FireTime).With(run.Id.Number).With(request.Epoch)
            .With(request.Number).With(token).With(run.Attempt)
            .With(tx.NowMicros).With(run.MisfireGraceFrom?.ToMicros()).With(waited?.Arguments?.Args).With(waited?.Arguments?.Kwargs)
                .With(waited?.Watched ?? false).With(waited?.HasKey ?? false).With((long)run.Cause).Run() == 1;
    }

    /// <summary>Writes the end of a run to the history, with its arguments, and updates its key.</summary>
    public static void Add(Transaction tx, RunEnd end, OpenRun? open, JobArguments? arguments, bool hasKey, RunCause cause)
    {
        var (db, id) = (tx.Db, end.Id);
        db[SqliteStatements.AddRun].With(id.FireTime).With(id.Job).With(id.Number).With(open?.Epoch).With(open?.Token).With(end.Attempt)
            .With(open?.ClaimedAt?.ToMicros())
            .With(end.StartedAt?.ToMicros()).With(end.FinishedAt.ToMicros()).With((long)end.Outcome).With((long?)end.Reason).With(end.Error)
                .With((long)cause).With(Limit(tx, end, cause)).Run();
        if (arguments is not null)
        {
            db[SqliteStatements.AddArguments].With(id.FireTime).With(id.Job).With(id.Number).With(arguments.Args).With(arguments.Kwargs)
                .Run();
        }

        if (hasKey) EndKey(db, end);
    }

    /// <summary>Returns the limit of a run's history, or null for a run without a limit of its own.</summary>
    static long? Limit(Transaction tx, RunEnd end, RunCause cause) => tx.Job(end.Id.Job)?.Stored.Job.Options is { } options
        && TrimRules.LimitOf(options, end.Outcome, cause) is not HistoryLimit.None and var limit
            ? (long)limit
            : null;

    static void EndKey(SqliteSession db, RunEnd end)
    {
        var row = db[SqliteStatements.KeyOfRun].With(end.Id.FireTime).With(end.Id.Job).With(end.Id.Number);
        if (!row.Read()) return;
        var (key, lasts) = (row.Text(0), new TimeSpan(Math.Clamp(row.Long(1), 0, MaxMicros) * TimeSpan.TicksPerMicrosecond));
        row.Reset();
        if (EnqueueRules.KeyUntil(lasts, end) is { } until)
        {
            db[SqliteStatements.KeepKey].With(until.ToMicros()).With(end.Id.Job).With(key).Run();
        }
        else
        {
            db[SqliteStatements.DeleteKey].With(end.Id.Job).With(key).Run();
        }
    }

    public static void AddAttempt(SqliteSession db, RunId id, Attempt attempt) =>
        db[SqliteStatements.AddAttempt].With(id.FireTime).With(id.Job).With(id.Number).With(attempt.Number)
        .With(attempt.Epoch).With(attempt.StartedAt?.ToMicros()).With(attempt.FinishedAt.ToMicros()).With((long)attempt.Outcome)
            .With((long?)attempt.Reason).With(attempt.Error).Run();

    /// <summary>Returns the fire times of a job that ran, out of the given fire times.</summary>
    public static RanTimes Ran(SqliteSession db, long job, IReadOnlyList<DateTimeOffset> asked)
    {
        List<long> ran = [];
        foreach (var at in asked)
            if (Ran(db, new(at.ToMicros(), job, 0))) ran.Add(at.ToMicros());
        return new(ran);
    }

    /// <summary>Returns true if a fire time of a job has a waiting, running or ended run, except a missed run.</summary>
    public static bool Ran(SqliteSession db, RunId id) => db[SqliteStatements.Ran].With(id.FireTime).With(id.Job).Scalar() == 1;

    /// <summary>Replaces the missed run of a fire time with an entry that keeps the reason. The entry replaces the entry of an
    /// earlier backfill of the fire time. Does nothing without a missed run.</summary>
    public static void ReplaceMissed(Transaction tx, StoredJob stored, RunId id)
    {
        var row = tx.Db[SqliteStatements.MissedRun].With(id.FireTime).With(id.Job);
        if (!row.Read()) return;
        var reason = (Reason?)row.Maybe(0);
        row.Reset();
        tx.Db[SqliteStatements.DeleteEntriesOfFireTime].With(id.FireTime).With(id.Job).With(id.FireTime).Run();
        LedgerTable.Add(tx.Db, stored.Number, (0, EnqueueRules.EntryOf(stored, id, reason), null));
        tx.Db[SqliteStatements.DeleteMissed].With(id.FireTime).With(id.Job).With(id.Number).Run();
    }

    public static RunPage Find(SqliteSession db, RunQuery query)
    {
        var names = new JobNames(db);
        if (query.Id is { } id) return new(One(db, id, names) is { } run ? [run] : []);
        return query.Job is { } name && JobTable.NumberOf(db, name) is null ? new([]) : RunPages.Of(
            NewestFirst(db, query, names), query, run => names.JobOf(run.Job));
    }

    static Run? One(SqliteSession db, RunId id, JobNames names)
    {
        // A fire time with a missed run in the history may wait or run again.
        var run = Running(db, id, names) ?? Waiting(db, id, names) ?? Ended(db, id, names);
        if (run is null) return null;
        List<Attempt> attempts = [];
        var row = db[SqliteStatements.AttemptsOfRun].With(id.FireTime).With(id.Job).With(id.Number);
        while (row.Read())
        {
            attempts.Add(new()
            {
                Number = row.Int(0),
                Node = row.MaybeText(1),
                Epoch = row.Long(2),
                StartedAt = row.MaybeInstant(3),
                FinishedAt = Instant.FromMicros(row.Long(4)),
                Outcome = (Outcome)row.Long(5),
                Reason = (Reason?)row.Maybe(6),
                Error = row.MaybeText(7),
            });
        }

        return run with { Attempts = attempts };
    }

    static Run? Running(SqliteSession db, RunId id, JobNames names)
    {
        var row = db[SqliteStatements.RunningById].With(id.Job).With(id.FireTime).With(id.Number);
        if (!row.Read()) return null;
        var open = ReadRunning(row, null);
        row.Reset();
        return names.RunOf(open) with { Arguments = open.Arguments };
    }

    /// <summary>Returns an ended run, or null.</summary>
    public static Run? Ended(SqliteSession db, RunId id, JobNames names, RowChecks? checks = null)
    {
        var row = db[SqliteStatements.RunById].With(id.FireTime).With(id.Job).With(id.Number);
        if (!row.Read()) return null;
        var run = ReadEnded(row, names, checks);
        row.Reset();
        var own = db[SqliteStatements.ArgumentsOfRun].With(id.FireTime).With(id.Job).With(id.Number);
        if (!own.Read()) return run;
        run = run with { Arguments = WaitingTable.Arguments(own, 0) };
        own.Reset();
        return run;
    }

    static Run? Waiting(SqliteSession db, RunId id, JobNames names)
    {
        var row = db[SqliteStatements.WaitingById].With(id.FireTime).With(id.Job).With(id.Number);
        if (!row.Read()) return null;
        var waiting = WaitingTable.Read(row);
        row.Reset();
        return names.RunOf(waiting) with { Arguments = waiting.Arguments };
    }

    /// <summary>Returns the running and ended runs in page order.</summary>
    static IEnumerable<Run> NewestFirst(SqliteSession db, RunQuery query, JobNames names)
    {
        var (since, before) = (query.Since is { } from ? RunPages.Since(from) : long.MinValue, RunPages.End(query));
        var open = new Queue<OpenRun>(Open(db).Where(run => run.Id.FireTime >= since && RunPages.Compare(run.Id, before) < 0)
            .OrderByDescending(run => run.Id, Comparer<RunId>.Create(RunPages.Compare)));
        var row = db[RunPages.IsOfTrouble(query) ? SqliteStatements.RunsInTrouble : SqliteStatements.Runs].With(since).With(before.FireTime)
            .With(before.Job).With(before.Number);
        while (row.Read())
        {
            var id = new RunId(row.Long(0), row.Long(1), row.Long(2));
            while (open.TryPeek(out var next) && RunPages.Compare(next.Id, id) > 0) yield return names.RunOf(open.Dequeue());
            if (open.TryPeek(out var same) && same.Id == id) continue;
            yield return ReadEnded(row, names);
        }

        while (open.TryDequeue(out var run)) yield return names.RunOf(run);
    }

    /// <summary>Returns the numbers of ended runs of fire times in spans, and compares claims with epochs.</summary>
    public static IReadOnlyList<RunCount> Count(SqliteSession db, IReadOnlyList<RunSpan> spans, RunEpochs epochs)
    {
        var counts = new RunCount[spans.Count];
        List<(RunSpan Span, int Place)> ranges = [];
        for (var place = 0; place < spans.Count; place++)
        {
            if (!spans[place].IsSingle) ranges.Add((spans[place], place));
            else counts[place] = CountSingle(db, spans[place]);
        }

        if (ranges.DistinctBy(range => range.Span.Job).Count() > 1) CountTogether(db, ranges, counts, epochs);
        else foreach (var (span, place) in ranges) counts[place] = Count(db, span, epochs);
        return counts;
    }

    static RunCount CountSingle(SqliteSession db, RunSpan span)
    {
        var row = db[SqliteStatements.OutcomeOf].With(span.From).With(span.Job);
        if (!row.Read()) return default;
        var count = default(RunCount).And((Outcome)row.Long(0), (RunCause)row.Long(1));
        row.Reset();
        return count;
    }

    static RunCount Count(SqliteSession db, RunSpan span, RunEpochs epochs)
    {
        epochs.Check(span);
        var isLast = db[SqliteStatements.RunSince].With(span.To).Scalar() is null;
        var all = ((isLast ? db[SqliteStatements.CountRunsSince].With(span.From) : db[SqliteStatements.CountRuns].With(span.From).With(span.To))
                .With(span.Job).Scalar() ?? 0)
            - (db[SqliteStatements.CountEnqueuedRuns].With(span.From).With(span.To).With(span.Job).Scalar() ?? 0);
        var (missed, troubled) = (0L, 0L);
        var row = db[SqliteStatements.CountTrouble].With(span.From).With(span.To).With(span.Job);
        while (row.Read()) (missed, troubled) = (row.Long(0), row.Long(1));
        var madeUp = db[SqliteStatements.CountMadeUp].With(span.From).With(span.To).With(span.Job).Scalar() ?? 0;
        return new(all - missed, missed, troubled - missed, madeUp);
    }

    /// <summary>Counts the runs of several jobs in a single pass over the history.</summary>
    static void CountTogether(SqliteSession db, List<(RunSpan Span, int Place)> ranges, RunCount[] counts, RunEpochs epochs)
    {
        var ofJob = ranges.GroupBy(range => range.Span.Job)
            .ToDictionary(group => group.Key, group => new Queue<(RunSpan Span, int Place)>(group.OrderBy(range => range.Span.From)));
        var row = db[SqliteStatements.OutcomesOfSpan].With(ranges.Min(range => range.Span.From)).With(ranges.Max(range => range.Span.To));
        while (row.Read())
        {
            var at = row.Long(0);
            if (!ofJob.TryGetValue(row.Long(1), out var spans)) continue;
            while (spans.TryPeek(out var past) && past.Span.To <= at) spans.Dequeue();
            if (!spans.TryPeek(out var range) || range.Span.From > at) continue;
            counts[range.Place] = counts[range.Place].And((Outcome)row.Long(2), (RunCause)row.Long(3));
            epochs.Check(new(at, range.Span.Job, 0), (row.Long(2), row.Long(3)), row.Maybe(4), row.Maybe(5));
        }
    }

    /// <summary>Reads the ended runs of fire times in spans, oldest first in each span. Spans of several jobs that overlap are
    /// read in a single pass.</summary>
    public static IReadOnlyList<Run> Rows(SqliteSession db, RunReads reads, (JobNames Names, RowChecks Checks) of)
    {
        List<Run>[] found = [.. reads.Rows.Select(_ => new List<Run>())];
        List<(RunSpan Span, List<Run> Found)> together = [];
        var left = reads.Limit;
        long end = 0;
        foreach (var (span, runs) in reads.Rows.Zip(found).OrderBy(pair => pair.First.From))
        {
            if (span.IsSingle || span.Job == RunSpan.AllJobs)
            {
                var row = db[SqliteStatements.RunsOfSpan].With(span.From).With(span.To)
                    .With(span.Job == RunSpan.AllJobs ? null : (long?)span.Job).With(Math.Min(left, RunReads.MaxRows));
                while (row.Read()) runs.Add(ReadEnded(row, of.Names, of.Checks));
                left -= runs.Count;
                continue;
            }

            if (together.Count > 0 && span.From >= end) ReadTogether(db, together, of, ref left);
            end = together.Count == 0 ? span.To : Math.Max(end, span.To);
            together.Add((span, runs));
        }

        ReadTogether(db, together, of, ref left);
        return [.. found.SelectMany(runs => runs)];
    }

    /// <summary>Reads the runs of spans that overlap, ordered by their beginning, and clears the list.</summary>
    static void ReadTogether(SqliteSession db, List<(RunSpan Span, List<Run> Found)> spans,
        (JobNames Names, RowChecks Checks) of, ref int left)
    {
        if (spans.Count == 0) return;
        var ofJob = spans.ToLookup(pair => pair.Span.Job).ToDictionary(group => group.Key, group => group.ToList());
        long? only = ofJob.Count == 1 ? spans[0].Span.Job : null;
        var row = db[SqliteStatements.RunsOfSpan].With(spans[0].Span.From).With(spans.Max(pair => pair.Span.To)).With(only)
            .With(only is not null && spans.Count == 1 ? Math.Min(left, RunReads.MaxRows) : long.MaxValue);
        while (row.Read())
        {
            var at = row.Long(0);
            if (left == 0 || !ofJob.TryGetValue(row.Long(1), out var asked)) continue;
            asked.RemoveAll(pair => pair.Span.To <= at || pair.Found.Count == RunReads.MaxRows);
            Run? run = null;
            foreach (var (span, found) in asked)
            {
                if (span.From > at || left == 0) continue;
                found.Add(run ??= ReadEnded(row, of.Names, of.Checks));
                left--;
            }
        }

        spans.Clear();
    }

    /// <summary>Returns all claimed runs without an outcome.</summary>
    public static List<OpenRun> Open(SqliteSession db)
    {
        List<OpenRun> open = [];
        var row = db[SqliteStatements.AllRunning];
        while (row.Read()) open.Add(ReadRunning(row, null));
        return open;
    }

    /// <summary>Reads a run of the history.</summary>
    /// <param name="row">The row.</param>
    /// <param name="names">The jobs.</param>
    /// <param name="checks">Collects values that no process writes, or null.</param>
    public static Run ReadEnded(Statement row, JobNames names, RowChecks? checks = null)
    {
        var id = new RunId(row.Long(0), row.Long(1), row.Long(2));
        Run run = new()
        {
            Id = id,
            Job = names.IdOf(id.Job),
            FireTime = names.FireTimeOf(id),
            State = RunState.Ended,
            Attempt = row.Int(3),
            ClaimedAt = row.MaybeInstant(4),
            StartedAt = row.MaybeInstant(5),
            FinishedAt = row.MaybeInstant(6),
            Outcome = (Outcome?)row.Maybe(7),
            Reason = (Reason?)row.Maybe(8),
            Error = row.MaybeText(9),
            Node = row.MaybeText(10),
            Epoch = row.Maybe(11),
            Token = row.Maybe(12),
            Cause = (RunCause)row.Long(13),
        };
        return checks is null
            ? run
            : RunChecks.Ended(run, new(row.Long(3), row.Maybe(5), row.Long(6), row.Long(7), row.Maybe(8), row.Long(13)), checks);
    }
}

/// <summary>The jobs and nodes that runs refer to by number, read once for each answer.</summary>
sealed class JobNames(SqliteSession db)
{
    readonly Dictionary<long, Job> jobs = [];
    readonly Dictionary<long, string?> nodes = [];

    public JobId IdOf(long job) => JobOf(job).Id;

    /// <summary>Returns the fire time of a run in its job's zone.</summary>
    public DateTimeOffset FireTimeOf(RunId run) => RunPages.FireTime(JobOf(run.Job), run);

    public Run RunOf(OpenRun run)
    {
        if (!nodes.TryGetValue(run.Epoch, out var node)) nodes[run.Epoch] = node = EpochTable.Row(db, run.Epoch)?.Node.Id;
        return new()
        {
            Id = run.Id,
            Job = IdOf(run.Id.Job),
            FireTime = FireTimeOf(run.Id),
            State = RunState.Running,
            Attempt = run.Attempt,
            Cause = run.Cause,
            ClaimedAt = run.ClaimedAt,
            Node = node,
            Epoch = run.Epoch,
            Token = run.Token,
        };
    }

    public Run RunOf(WaitingRun run) => new()
    {
        Id = run.Id,
        Job = IdOf(run.Id.Job),
        FireTime = FireTimeOf(run.Id),
        State = RunState.Waiting,
        Attempt = run.Attempt - 1,
        Cause = run.Cause,
    };

    public Job JobOf(long number)
    {
        if (jobs.TryGetValue(number, out var known)) return known;
        var row = db[SqliteStatements.JobByNumber].With(number);
        var job = row.Read()
            ? JobRow.Read(row).Job
            : Job.Unreadable(JobId.Parse($"unreadable-{number}"), "", $"The store has no job of number {number}.");
        row.Reset();
        jobs.Add(number, job);
        return job;
    }
}
