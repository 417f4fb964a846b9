using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;
using Escapement.Triggers;

namespace Escapement.Sqlite;

/// <summary>Rehearses a takeover, a claim and a record with a temporary job, in a transaction that is rolled
/// back.</summary>
static class WarmUp
{
    public static bool Walk(Transaction tx, NodeName node)
    {
        var newest = EpochTable.Newest(tx.Db);
        var change = new EpochChange
        {
            Begin = node,
            WithLock = true,
            Newest = EpochSeen.Of(newest),
            Ends = newest is { Ended: null }
            ? [(EpochSeen.Of(newest), EpochEnd.ProcessGone)]
            : []
        };

        // Nothing is claimed while the scheduler is shut down.
        if (EpochTransaction.Change(tx, change) is not { Begun: { } epoch }) return false;

        // Node ids are unique, so no other job has this executor or handler.
        var name = "warm-up " + node.Id;
        var options = new JobOptions { Executor = name, MisfireGrace = MisfireGrace.Unlimited };
        var job = new Job
        {
            Id = JobId.Parse(name),
            Name = name,
            Handler = name,
            Options = options,
            Trigger = new IntervalTrigger(TimeSpan.FromMinutes(1), tx.Now, ZoneClock.Utc)
        };
        ChangeTransaction.Run(tx, new() { Jobs = [JobEdits.Add(job)] });
        EnqueueTransaction.Run(tx, [new() { Job = job.Id }]);
        var claimed = ClaimTransaction.Run(tx, new()
        {
            Node = node.Id,
            Epoch = epoch.Number,
            Handlers = new HashSet<string> { name },
            FreePlaces = new Dictionary<string, int> { [name] = 2 },
            GraceLimit = TimeSpan.FromDays(1),
        });
        if (claimed.Runs is not [var run, ..]) return false;
        EndTransaction.Record(tx, [new()
        {
            Id = run.Id, Node = node.Id, Epoch = epoch.Number, Attempt = run.Attempt, StartedAt = tx.Now, FinishedAt = tx.Now,
            Outcome = Outcome.Succeeded,
        }]);
        EndTransaction.Settle(tx, [node.Id]);
        EpochTransaction.Sign(tx, new Sign.Heartbeat(node.Id, epoch.Number));
        return EpochTable.Look(tx.Db).Newest is not null;
    }
}
