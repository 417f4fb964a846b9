using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;

namespace Escapement.PostgreSql;

/// <summary>Finds the runs beyond the history limits of their jobs, a bounded number at a time. The next search continues with
/// the job at which the search before ended.</summary>
sealed class LimitedHistories
{
    static readonly Sql NextJob = new("select min(job) from esc.run where history is not null and job > $1");

    // The oldest run that is kept.
    static readonly Sql OldestKept = new("""
        select fire_time, number from esc.run where job = $1 and history = $2 order by fire_time desc, number desc limit 1 offset $3
        """);

    static readonly Sql Old = new("""
        select fire_time, number from esc.run where job = $1 and history = $2 and (fire_time, number) < ($3, $4)
        order by fire_time, number limit $5
        """);

    static readonly HistoryLimit[] Limits = [HistoryLimit.Runs, HistoryLimit.Failed];

    long next;

    /// <summary>Returns up to <paramref name="max"/> runs, oldest first for each job and limit.</summary>
    public async Task<List<RunId>> FindAsync(Session db, DateTimeOffset now, int max)
    {
        List<RunId> found = [];
        var names = JobNames.Of([]);
        for (var job = await db.ScalarAsync(NextJob, Interlocked.Read(ref next) - 1); job is { } number;
            job = await db.ScalarAsync(NextJob, number))
        {
            await names.AddAsync(db, [number]);
            foreach (var limit in Limits) await AddAsync(db, names.JobOf(number).Options, (number, limit), now, found, max);
            if (found.Count < max) continue;
            Interlocked.Exchange(ref next, number);
            return found;
        }

        Interlocked.Exchange(ref next, 0);
        return found;
    }

    static async Task AddAsync(
        Session db, JobOptions options, (long Job, HistoryLimit Limit) of, DateTimeOffset now, List<RunId> found, int max)
    {
        var end = (FireTime: TrimRules.HistoryBefore(options, of.Limit, now)?.ToMicros() ?? long.MinValue, Number: long.MinValue);
        if (TrimRules.HistoryRuns(options, of.Limit) is { } newest
            && await db.QueryAsync(OldestKept, static row => (row.Long(0), row.Long(1)), of.Job, (long)of.Limit, newest - 1) is [var kept]
            && kept.Item1 >= end.FireTime)
        {
            end = kept;
        }

        if (end.FireTime == long.MinValue || found.Count >= max) return;
        found.AddRange(await db.QueryAsync(Old, row => new RunId(row.Long(0), of.Job, row.Long(1)), of.Job, (long)of.Limit, end.FireTime,
            end.Number, max - found.Count));
    }
}
