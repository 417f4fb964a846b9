using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Stores;
using Escapement.Triggers;

namespace Escapement.Sqlite;

/// <summary>Raise, settle, claim and record with a job that is only there for it, in a transaction that is undone.</summary>
static class Rehearsal
{
    // No job can have this name or executor: a control character is in it.
    const string Name = "\u0001rehearsal";

    public static bool Walk(Transaction tx, NodeName node)
    {
        var raised = EpochTable.Raise(tx, new(node, default, WithLock: true, EpochEnd.ProcessGone, [], 0), rehearsal: true).Epoch!;
        var options = new JobOptions { Executor = Name, Grace = Grace.Unlimited };
        var job = new Job { Id = JobId.Parse("rehearsal " + node.Id), Name = Name, Handler = Name, Options = options, Trigger = new IntervalTrigger(TimeSpan.FromMinutes(1), tx.Now, ZoneClock.Utc) };
        JobTable.Save(tx, null, new StoredJob { Job = job, Next = tx.Now });
        WaitingTable.Ask(tx, [new(job.Id)]);
        var claimed = Claiming.Claim(tx, new(
            node.Id, raised.Number, new HashSet<string> { Name }, new Dictionary<string, int> { [Name] = 2 }, TimeSpan.FromDays(1)));
        // Nothing is claimed while the scheduler is shut down.
        if (claimed.Runs is not [var run, ..]) return false;
        Settlement.Record(tx, [new(run.Id, node.Id, raised.Number, run.Attempt, tx.Now, tx.Now, Outcome.Succeeded)]);
        Settlement.OfLost(tx, raised.Number, [node.Id]);
        EpochTable.Beat(tx, raised.Number, 0);
        return EpochTable.Look(tx.Db).Epoch is not null;
    }
}
