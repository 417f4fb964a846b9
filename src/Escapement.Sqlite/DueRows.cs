using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;

namespace Escapement.Sqlite;

/// <summary>A row of <c>due</c> or of <c>waiting</c> that has come due.</summary>
/// <param name="Place">Where it stands.</param>
/// <param name="Job">Its job, as the last edit left it: the state of the job stands in its place.</param>
/// <param name="Waiting">The waiting run; null for the job's own fire time.</param>
readonly record struct DueRow(DuePlace Place, CachedJob Job, WaitingRun? Waiting)
{
    public (int, long, long, long) Order => ((int)Place.Priority, Place.At, Job.Stored.Number, Waiting?.Id.Number ?? -1);
}

/// <summary>What a claim reads of what is due.</summary>
static class DueRows
{
    /// <summary>Reads what is due for the executors that the plan has slots for, in its order, and tells the plan what comes due later.</summary>
    public static List<DueRow> Read(Transaction tx, ClaimPlan plan, IEnumerable<string> executors)
    {
        List<DueRow> items = [];
        foreach (var executor in executors)
        {
            if (!plan.Wants(executor)) continue;
            if (plan.TakesFireTimes)
            {
                ReadAll(SqliteStatements.NextPriorityOfDue, SqliteStatements.DueOf, executor, static row =>
                    (row.Long(0), row.Long(1), row.Maybe(2), row.Long(3), row.Maybe(4), null));
            }

            ReadAll(SqliteStatements.NextPriorityOfWaiting, SqliteStatements.WaitingOf, executor, static row =>
                WaitingTable.Read(row) is var run ? (run.Due, run.Id.Job, null, 0, null, run) : default);
        }

        items.Sort(static (a, b) => ClaimPlan.Order(a.Order, b.Order));
        return items;

        void ReadAll(Sql priorities, Sql rows, string executor, Func<Statement,
            (long At, long Job, long? LastFire, long Change, long? EntryLast, WaitingRun? Waiting)> read)
        {
            var left = plan.ReadAhead(executor);
            for (var priority = tx.Db[priorities].With(executor).With(long.MinValue)
                .Scalar(); priority is { } level; priority = tx.Db[priorities].With(executor).With(level).Scalar())
            {
                var row = tx.Db[rows].With(executor).With(level);
                while (row.Read())
                {
                    var (at, job, lastFire, change, entryLast, waiting) = read(row);
                    if (tx.Job(job) is not { } known)
                    {
                        plan.SetAside(JobId.Parse($"unreadable-{job}"),
                            $"The store has no job of number {job}, to which a row of what is due refers. Delete the row, or restore a backup.");
                        continue;
                    }

                    if (known.Stored.Job.Error is { } error) plan.SetAside(known.Stored.Job.Id, error);
                    if (known.SetAside is not null || plan.PassesOver(known.Stored, waiting is not null)) continue;
                    if (at > plan.Now || left-- == 0)
                    {
                        plan.NotDue(executor, at);
                        break;
                    }

                    items.Add(new(new(executor, level, at, lastFire, change, entryLast), known, waiting));
                }

                row.Reset();
                if (left < 0) return;
            }
        }
    }

    /// <summary>Returns the place of each job, and sets aside those with several.</summary>
    public static Dictionary<long, DuePlace> Places(List<DueRow> rows, ClaimPlan plan)
    {
        Dictionary<long, DuePlace> places = [];
        foreach (var row in rows)
            if (row.Waiting is null && !places.TryAdd(row.Job.Stored.Number, row.Place)) SetAside(plan, row.Job);
        return places;
    }

    /// <summary>A job with two rows in <c>due</c>, which only a hand can have written: neither of the rows can be trusted to say what ran.</summary>
    static void SetAside(ClaimPlan plan, CachedJob job)
    {
        if (job.SetAside is not null) return;
        job.SetAside = $"The table due has several rows of job number {job.Stored.Number}. Keep the row with the greatest change, delete the others, and restart the process.";
        plan.SetAside(job.Stored.Job.Id, job.SetAside);
    }
}
