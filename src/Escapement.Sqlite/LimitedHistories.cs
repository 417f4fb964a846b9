using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;

namespace Escapement.Sqlite;

/// <summary>Finds the runs beyond the history limits of their jobs, a bounded number at a time. The next search continues with
/// the job at which the search before ended.</summary>
sealed class LimitedHistories
{
    static readonly HistoryLimit[] Limits = [HistoryLimit.Runs, HistoryLimit.Failed];

    long next;

    /// <summary>Returns up to <paramref name="max"/> runs, oldest first for each job and limit.</summary>
    public List<RunId> Find(SqliteSession db, DateTimeOffset now, int max)
    {
        List<RunId> found = [];
        var jobs = new JobNames(db);
        for (var job = Next(db, Interlocked.Read(ref next) - 1); job is { } number; job = Next(db, number))
        {
            foreach (var limit in Limits) Add(db, jobs.JobOf(number).Options, (number, limit), now, found, max);
            if (found.Count < max) continue;
            Interlocked.Exchange(ref next, number);
            return found;
        }

        Interlocked.Exchange(ref next, 0);
        return found;
    }

    static long? Next(SqliteSession db, long after) => db[TrimStatements.NextJobOfHistory].With(after).Scalar();

    static void Add(SqliteSession db, JobOptions options, (long Job, HistoryLimit Limit) of, DateTimeOffset now, List<RunId> found, int max)
    {
        var end = (FireTime: TrimRules.HistoryBefore(options, of.Limit, now)?.ToMicros() ?? long.MinValue, Number: long.MinValue);
        if (TrimRules.HistoryRuns(options, of.Limit) is { } newest)
        {
            var kept = db[TrimStatements.OldestKeptOfHistory].With(of.Job).With((long)of.Limit).With(newest - 1);
            if (kept.Read())
            {
                if (kept.Long(0) >= end.FireTime) end = (kept.Long(0), kept.Long(1));
                kept.Reset();
            }
        }

        if (end.FireTime == long.MinValue || found.Count >= max) return;
        var row = db[TrimStatements.OldOfHistory].With(of.Job).With((long)of.Limit).With(end.FireTime).With(end.Number)
            .With(max - found.Count);
        while (row.Read()) found.Add(new(row.Long(0), of.Job, row.Long(1)));
    }
}
