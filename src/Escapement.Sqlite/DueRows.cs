using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;

namespace Escapement.Sqlite;

/// <summary>A due row of <c>due</c> or <c>waiting</c>.</summary>
/// <param name="Place">The place of the row.</param>
/// <param name="Job">The job as of its last edit. The current state of the job is in <paramref name="Place"/>.</param>
/// <param name="Waiting">The waiting run, or null for the job's own fire time.</param>
readonly record struct DueRow(DuePlace Place, CachedJob Job, WaitingRun? Waiting)
{
    public (int, long, long, long, long) Order =>
        ((int)Place.Priority, Place.At, Job.Stored.Number, Waiting?.Id.Number ?? -1, Waiting?.Id.FireTime ?? 0);
}

/// <summary>The due rows that a claim reads.</summary>
static class DueRows
{
    /// <summary>Returns the due rows for the executors with free slots, in the order of the plan, and reports the next
    /// due time to the plan.</summary>
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
                            $"The store has no job number {job}, but a due row refers to this number. Delete the row, or restore a backup.");
                        continue;
                    }

                    if (known.Stored.Job.Error is { } error) plan.SetAside(known.Stored.Job.Id, error);
                    if (waiting is null
                        && DuePlaces.Fault(known.Stored, new(executor, level, at, lastFire, change, entryLast), known.AccountsFrom) is { } fault)
                    {
                        plan.SetAside(known.Stored.Job.Id, fault);
                        continue;
                    }

                    if (known.SetAside is not null || plan.PassesOver(known.Stored, at, waiting)) continue;
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

    /// <summary>Returns the place of each job, and sets aside the jobs with several rows.</summary>
    public static Dictionary<long, DuePlace> Places(List<DueRow> rows, ClaimPlan plan)
    {
        Dictionary<long, DuePlace> places = [];
        foreach (var row in rows)
            if (row.Waiting is null && !places.TryAdd(row.Job.Stored.Number, row.Place)) SetAside(plan, row.Job);
        return places;
    }

    /// <summary>Sets aside a job with two rows in <c>due</c>. Only a manual edit of the file writes a second row, and
    /// neither row reliably says which fire times ran.</summary>
    static void SetAside(ClaimPlan plan, CachedJob job)
    {
        if (job.SetAside is not null) return;
        job.SetAside = $"The table due has several rows of job number {job.Stored.Number}. Keep the row with the greatest change, delete the others, and restart the process.";
        plan.SetAside(job.Stored.Job.Id, job.SetAside);
    }
}
