using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;

namespace Escapement.PostgreSql;

/// <summary>Enqueues runs: requested runs, and backfills under the keys of fire times.</summary>
static class EnqueueTransaction
{
    static readonly Sql Numbers = new("select nextval('esc.enqueued') from generate_series(1, $1)");

    static readonly Sql KeysOf = new("""
        select k.job, k.key, k.fire_time, k.number, k.until from esc.key k
            join unnest($1, $2) a(job, key) on k.job = a.job and k.key = a.key
        """);

    static readonly Sql AddKeys = new("""
        insert into esc.key(job, key, fire_time, number, lasts) select * from unnest($1, $2, $3, $4, $5)
        on conflict (job, key) do update set fire_time = excluded.fire_time, number = excluded.number, lasts = excluded.lasts, until = null
        """);

    static readonly Sql AddChange = new("update esc.due d set change = change + 1 where job = any($1)");

    static readonly Sql DeleteEntriesOfFireTime = new("""
        delete from esc.entry e using unnest($1, $2) k(fire_time, job)
        where e.last = k.fire_time and e.job = k.job and e.first = k.fire_time
        """);

    /// <summary>Enqueues runs, or returns the existing runs with the same keys.</summary>
    public static async Task<Enqueued[]> RunAsync(Transaction tx, IReadOnlyList<RunRequest> requests)
    {
        // The rows of the jobs are locked, so that a run cannot slip past the removal of its job, and a key names one run.
        await JobTable.LockAsync(tx.Db, requests.Select(request => request.Job));
        var jobs = (await JobTable.FindAsync(tx.Db, requests.Select(request => request.Job))).ToDictionary(job => job.Job.Id);
        foreach (var request in requests) EnqueueRules.Check(jobs.GetValueOrDefault(request.Job), request);
        await tx.ReadClockAsync();
        var work = new Work(tx, jobs);
        await work.ReadAsync(requests);
        var answers = new Enqueued[requests.Count];
        for (var i = 0; i < answers.Length; i++)
            answers[i] = requests[i].FireTime is null ? await work.EnqueueAsync(requests[i]) : await work.BackfillAsync(requests[i]);
        await work.WriteAsync();
        return answers;
    }

    /// <summary>The runs of a request, before they are written.</summary>
    sealed class Work(Transaction tx, Dictionary<JobId, StoredJob> jobs)
    {
        readonly Queue<long> numbers = new();
        readonly Dictionary<(long Job, string Key), RunId> keys = [];
        readonly Dictionary<(long Job, string Key), (RunId Run, long Lasts)> newKeys = [];
        readonly HashSet<RunId> ran = [];
        readonly Dictionary<RunId, Reason?> missed = [];
        readonly List<(long Job, Entry Entry, Entry? Replaces)> entries = [];
        readonly List<RunId> replaced = [];
        readonly List<WaitingRun> waiting = [];
        readonly Dictionary<RunId, int> placeOf = [];
        readonly Dictionary<long, long> last = [];
        readonly HashSet<long> recorded = [];

        Session Db => tx.Db;

        /// <summary>Reads what all requests need, in few round trips.</summary>
        public async Task ReadAsync(IReadOnlyList<RunRequest> requests)
        {
            var plain = requests.Count(request => request.FireTime is null);
            if (plain > 0)
                foreach (var number in await Db.QueryAsync(Numbers, static row => row.Long(0), plain)) numbers.Enqueue(number);
            List<RunRequest> keyed = [.. requests.Where(request => request is { Key: not null, FireTime: null })];
            if (keyed.Count > 0)
            {
                foreach (var (job, key, run, until) in await Db.QueryAsync(KeysOf,
                    static row => (row.Long(0), row.Text(1), new RunId(row.Long(2), row.Long(0), row.Long(3)), row.MaybeAt(4)),
                    keyed.Select(request => jobs[request.Job].Number).ToArray(), keyed.Select(request => request.Key).ToArray()))
                {
                    if (!EnqueueRules.IsKeyFree(until, tx.Now)) keys[(job, key)] = run;
                }
            }

            List<RunId> asked = [.. requests.Where(request => request.FireTime is not null)
                .Select(request => new RunId(request.FireTime!.Value.ToMicros(), jobs[request.Job].Number, 0)).Distinct()];
            if (asked.Count == 0) return;
            ran.UnionWith(await RunTable.RanAsync(Db, asked));
            foreach (var (run, reason) in await RunTable.MissedAsync(Db, asked)) missed[run] = reason;
        }

        /// <summary>Enqueues a requested run, or returns the run of its key.</summary>
        public async Task<Enqueued> EnqueueAsync(RunRequest request)
        {
            var stored = jobs[request.Job];
            if (request.Key is { } key && keys.TryGetValue((stored.Number, key), out var existing))
            {
                // The caller of a repeated request may also wait for the end of the run.
                if (request.Watched) await WatchAsync(existing);
                return new(existing, existing: true);
            }

            var run = EnqueueRules.WaitingRun(stored.Number, request, numbers.Dequeue(), tx.Now);
            Add(run);
            if (request.Key is { } named)
            {
                keys[(stored.Number, named)] = run.Id;
                newKeys[(stored.Number, named)] = (run.Id, EnqueueRules.KeyLasts(stored, request).Ticks / TimeSpan.TicksPerMicrosecond);
            }

            Changed(request.Job);
            if (EnqueueRules.ActionOf(jobs[request.Job], request, tx.Now) is { } action)
                await LedgerTable.AddAsync(Db, action, stored.Number);
            return new(run.Id, existing: false);
        }

        /// <summary>Enqueues the run of a fire time, or returns the existing run.</summary>
        public async Task<Enqueued> BackfillAsync(RunRequest request)
        {
            var stored = jobs[request.Job];
            var run = EnqueueRules.WaitingRun(stored.Number, request, 0, tx.Now);
            if (!ran.Add(run.Id))
            {
                if (request.Watched) await WatchAsync(run.Id);
                return new(run.Id, existing: true);
            }

            if (missed.TryGetValue(run.Id, out var reason))
            {
                replaced.Add(run.Id);
                entries.Add((stored.Number, EnqueueRules.EntryOf(stored, run.Id, reason), null));
            }

            Add(run);
            if (EnqueueRules.ActionOf(stored, request, tx.Now) is { } action && recorded.Add(stored.Number))
                await LedgerTable.AddAsync(Db, action, stored.Number);
            last[stored.Number] = EnqueueRules.LastAfter(last.GetValueOrDefault(stored.Number, stored.State.Last), run.Id);
            Changed(request.Job);
            return new(run.Id, existing: false);
        }

        public async Task WriteAsync()
        {
            if (waiting.Count == 0) return;
            if (replaced.Count > 0)
            {
                // The entry of a missed run replaces the entry of an earlier backfill of the fire time.
                await Db.RunAsync(DeleteEntriesOfFireTime, replaced.Select(run => run.FireTime).ToArray(),
                    replaced.Select(run => run.Job).ToArray());
                await LedgerTable.AddAsync(Db, entries);
                await RunTable.DeleteMissedAsync(Db, replaced);
            }

            await WaitingTable.AddAsync(Db, waiting);
            if (newKeys.Count > 0)
            {
                await Db.RunAsync(AddKeys, newKeys.Keys.Select(key => key.Job).ToArray(),
                    newKeys.Keys.Select(key => key.Key).ToArray<string?>(), newKeys.Values.Select(key => key.Run.FireTime).ToArray(),
                    newKeys.Values.Select(key => key.Run.Number).ToArray(), newKeys.Values.Select(key => key.Lasts).ToArray());
            }

            await Db.RunAsync(AddChange, waiting.Select(run => run.Id.Job).Distinct().ToArray());
            if (last.Count > 0) await JobTable.RaiseLastAsync(Db, last);
            tx.Notify(StoreSignal.Work);
        }

        void Add(WaitingRun run)
        {
            placeOf[run.Id] = waiting.Count;
            waiting.Add(run);
        }

        void Changed(JobId id) =>
            jobs[id] = jobs[id] with { State = jobs[id].State with { Change = jobs[id].State.Change + 1 } };

        async Task WatchAsync(RunId id)
        {
            if (placeOf.TryGetValue(id, out var place)) waiting[place] = waiting[place] with { Watched = true };
            else await RunTable.WatchAsync(Db, id);
        }
    }
}
