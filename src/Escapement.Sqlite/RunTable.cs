using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Stores;

namespace Escapement.Sqlite;

/// <summary>The history: runs and entries.</summary>
static class RunTable
{
    /// <summary>How many rows a call of the retention deletes; some milliseconds of the write turn.</summary>
    const int MostTrimmed = 2_000;

    public static List<Run> Find(SqliteSession db, RunQuery query)
    {
        if (query.Id is { } id) return One(db, id) is { } run ? [run] : [];
        long? job = null;
        if (query.Job is { } name && (job = JobTable.NumberOf(db, name)) is null) return [];
        var before = query.Before ?? new(long.MaxValue, long.MaxValue, long.MaxValue);
        List<Run> runs = [];
        var row = db[SqliteStatements.Runs].With(job).With(query.Since?.ToMicros() ?? long.MinValue)
            .With(before.FireTime).With(before.Job).With(before.Number).With(Math.Clamp(query.Limit, 1, 1_000));
        while (row.Read()) runs.Add(Read(row));
        return runs;
    }

    /// <summary>Whether a fire time of a job has a run, or had one that was trimmed.</summary>
    public static bool Ran(SqliteSession db, long job, long fireTime, long trimmed) =>
        fireTime < trimmed || db[SqliteStatements.Ran].With(fireTime).With(job).Scalar() == 1;

    static Run? One(SqliteSession db, RunId id)
    {
        var row = db[SqliteStatements.RunById].With(id.FireTime).With(id.Job).With(id.Number);
        if (row.Read())
        {
            var run = Read(row);
            row.Reset();
            return run;
        }
        row = db[SqliteStatements.WaitingById].With(id.FireTime).With(id.Job).With(id.Number);
        if (!row.Read()) return null;
        var waiting = new Run
        {
            Id = id,
            Job = JobId.Parse(row.Text(1)),
            FireTime = Instant.FromMicros(id.FireTime),
            State = RunState.Waiting,
            Attempt = row.Int(0) - 1,
        };
        row.Reset();
        return waiting;
    }

    static Run Read(Statement row) => new()
    {
        Id = new(row.Long(0), row.Long(1), row.Long(2)),
        Job = JobId.Parse(row.Text(3)),
        FireTime = Instant.FromMicros(row.Long(0)),
        State = row.Maybe(7) is null ? RunState.Running : RunState.Ended,
        Attempt = row.Int(4),
        StartedAt = StateTable.Maybe(row, 5),
        FinishedAt = StateTable.Maybe(row, 6),
        Outcome = (Outcome?)row.Maybe(7),
        Reason = (Reason?)row.Maybe(8),
        Error = row.MaybeText(9),
        Node = row.MaybeText(10),
        Epoch = row.Maybe(11),
        Token = row.Maybe(12),
    };

    public static List<Entry> Entries(SqliteSession db, JobId? job, DateTimeOffset since)
    {
        long? number = null;
        if (job is { } name && (number = JobTable.NumberOf(db, name)) is null) return [];
        List<Entry> entries = [];
        var row = db[SqliteStatements.EntriesSince].With(since.ToMicros()).With(number);
        while (row.Read())
            entries.Add(new(JobId.Parse(row.Text(0)), Instant.FromMicros(row.Long(1)), Instant.FromMicros(row.Long(2)), row.Long(3), (Reason)row.Long(4)));
        return entries;
    }

    /// <returns>Whether more remain.</returns>
    public static bool Trim(SqliteSession db, long before)
    {
        db[SqliteStatements.RememberTrim].With(before).Run();
        var runs = db[SqliteStatements.TrimRuns].With(before).With(MostTrimmed).Run();
        var entries = db[SqliteStatements.TrimEntries].With(before).With(MostTrimmed).Run();
        if (runs == MostTrimmed || entries == MostTrimmed) return true;
        // Only now: a run's node is read from its epoch.
        db[SqliteStatements.TrimEpochs].With(before).Run();
        db[SqliteStatements.TrimDefinitions].With(before).Run();
        return false;
    }
}
