using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;

namespace Escapement.Sqlite;

/// <summary>Changes jobs and the scheduler state. The edits are computed inside the transaction.</summary>
static class ChangeTransaction
{
    /// <summary>The number of edits from which all of <c>due</c> is read in advance. Without a cached place each lookup
    /// scans the whole table.</summary>
    const int Many = 8;

    /// <summary>Reads the jobs that the edits change, outside the write transaction.</summary>
    public static Dictionary<JobId, StoredJob> Read(SqliteSession db, IReadOnlyList<JobEdit> edits) => edits.Count < Many
        ? edits.Select(edit => JobTable.Find(db, edit.Job)).OfType<StoredJob>().DistinctBy(job => job.Job.Id)
            .ToDictionary(job => job.Job.Id)
        : JobTable.All(db, ended: true).ToDictionary(job => job.Job.Id);

    /// <summary>Runs the trigger searches of the edits in advance.</summary>
    public static void Prepare(IReadOnlyList<JobEdit> edits, Dictionary<JobId, StoredJob> stored, DateTimeOffset now)
    {
        foreach (var edit in edits)
            if (edit.Prepare(now, stored.GetValueOrDefault(edit.Job)) is { } after) stored[edit.Job] = after;
    }

    public static Changed Run(Transaction tx, Change change)
    {
        _ = tx.State;
        if (change.Jobs.Count >= Many) tx.Places = JobTable.AllPlaces(tx.Db);
        var jobs = new StoredJob?[change.Jobs.Count];
        for (var i = 0; i < jobs.Length; i++)
        {
            var edited = JobEdits.Apply(JobTable.Find(tx.Db, change.Jobs[i].Job, tx), change.Jobs[i], tx.Now);
            jobs[i] = edited.Changed ? Write(tx, edited) : edited.After;
        }

        var state = StateTable.Read(tx.Db).Scheduler;
        if (change.State is { } asked && SchedulerEdits.Apply(state, asked, tx.Now) is { Changed: true } after)
        {
            StateTable.Write(tx, after);
            tx.Notify(after.Signal);
            state = StateTable.Read(tx.Db).Scheduler;
        }

        foreach (var mark in change.Marks) LedgerTable.Add(tx.Db, mark);
        return new() { Jobs = jobs, State = state, Notification = tx.Notification };
    }

    static StoredJob Write(Transaction tx, EditedJob edited)
    {
        var after = JobTable.Write(tx, edited);
        WaitingTable.Follow(tx, edited, after);
        tx.Notify(edited.Signal);
        return after;
    }
}
