using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;

namespace Escapement.Sqlite;

/// <summary>Enqueues runs: requested runs, and backfills under the keys of fire times.</summary>
static class EnqueueTransaction
{
    /// <summary>Enqueues runs, or returns the existing runs with the same keys.</summary>
    public static Enqueued[] Run(Transaction tx, IReadOnlyList<RunRequest> requests)
    {
        var answers = new Enqueued[requests.Count];
        var (last, added) = (tx.Db[SqliteStatements.EnqueuedCount].Scalar()!.Value, 0);
        var backfills = new Backfills(tx);
        for (var i = 0; i < requests.Count; i++)
        {
            var request = requests[i];
            if (request.FireTime is not null)
            {
                answers[i] = backfills.Enqueue(request);
                continue;
            }

            var stored = EnqueueRules.Check(JobTable.NumberOf(tx.Db, request.Job) is { } number ? tx.Job(number)?.Stored : null, request);
            if (request.Key is { } key && RunOfKey(tx, stored.Number, key) is { } existing)
            {
                // The caller of a repeated request may also wait for the end of the run.
                if (request.Watched) Watch(tx.Db, existing);
                answers[i] = new(existing, existing: true);
                continue;
            }

            var run = EnqueueRules.WaitingRun(stored.Number, request, last + ++added, tx.Now);
            WaitingTable.Add(tx.Db, run, stored.Job.Options);
            if (request.Key is not null)
            {
                tx.Db[SqliteStatements.AddKey].With(stored.Number).With(request.Key).With(run.Id.FireTime).With(run.Id.Number)
                    .With(EnqueueRules.KeyLasts(stored, request).Ticks / TimeSpan.TicksPerMicrosecond).Run();
            }

            if (request.Author is not null) LedgerTable.Add(tx.Db, Record(tx, request), stored.Number);
            answers[i] = new(run.Id, existing: false);
            tx.Notify(StoreSignal.Work);
        }

        backfills.RaiseLast();
        if (added > 0) tx.Db[SqliteStatements.CountEnqueued].With(added).Run();
        return answers;
    }

    // The watermark of a job in due is read from there, and not from the cache.
    static JobAction Record(Transaction tx, RunRequest request) =>
        EnqueueRules.ActionOf(JobTable.Find(tx.Db, request.Job, tx)!, request, tx.Now)!;

    static RunId? RunOfKey(Transaction tx, long job, string key)
    {
        var row = tx.Db[SqliteStatements.RunOfKey].With(job).With(key);
        if (!row.Read()) return null;
        RunId? id = EnqueueRules.IsKeyFree(row.MaybeInstant(2), tx.Now) ? null : new(row.Long(0), job, row.Long(1));
        row.Reset();
        return id;
    }

    static void Watch(SqliteSession db, RunId id)
    {
        db[SqliteStatements.WatchWaiting].With(id.FireTime).With(id.Job).With(id.Number).Run();
        db[SqliteStatements.WatchRunning].With(id.FireTime).With(id.Job).With(id.Number).Run();
    }

    /// <summary>The backfills of a request: runs under the keys of fire times that did not run.</summary>
    sealed class Backfills(Transaction tx)
    {
        readonly Dictionary<JobId, StoredJob?> jobs = [];
        readonly Dictionary<long, long> last = [];
        readonly HashSet<long> recorded = [];

        /// <summary>Enqueues the run of a fire time, or returns the existing run.</summary>
        public Enqueued Enqueue(RunRequest request)
        {
            // A backfill of thousands of fire times reads its job once.
            if (!jobs.TryGetValue(request.Job, out var found)) jobs.Add(request.Job, found = JobTable.Find(tx.Db, request.Job, tx));
            var stored = EnqueueRules.Check(found, request);
            var run = EnqueueRules.WaitingRun(stored.Number, request, 0, tx.Now);
            if (RunTable.Ran(tx.Db, run.Id))
            {
                if (request.Watched) Watch(tx.Db, run.Id);
                return new(run.Id, existing: true);
            }

            RunTable.ReplaceMissed(tx, stored, run.Id);
            WaitingTable.Add(tx.Db, run, stored.Job.Options);
            if (EnqueueRules.ActionOf(stored, request, tx.Now) is { } action && recorded.Add(stored.Number))
                LedgerTable.Add(tx.Db, action, stored.Number);
            last[stored.Number] = EnqueueRules.LastAfter(last.GetValueOrDefault(stored.Number, stored.State.Last), run.Id);
            tx.Notify(StoreSignal.Work);
            return new(run.Id, existing: false);
        }

        /// <summary>Raises the last claimed fire time of each job to its newest backfill.</summary>
        public void RaiseLast()
        {
            foreach (var stored in jobs.Values)
                if (stored is not null && last.TryGetValue(stored.Number, out var at)) JobTable.RaiseLast(tx, stored.Number, at);
        }
    }
}
