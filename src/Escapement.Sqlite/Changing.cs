using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;

namespace Escapement.Sqlite;

/// <summary>Changes of jobs: the editors are asked inside the transaction, and what they answer is written.</summary>
static class Changing
{
    /// <summary>From this many edits on, all of <c>due</c> is read once: each single look reads an executor's part.</summary>
    const int Many = 8;

    public static StoredJob?[] Change(Transaction tx, IReadOnlyList<JobEdit> edits)
    {
        long? trimmed = null;
        var due = edits.Count < Many ? null : JobTable.AllDue(tx.Db);
        var stored = new StoredJob?[edits.Count];
        for (var i = 0; i < edits.Count; i++)
        {
            var before = JobTable.Find(tx.Db, edits[i].Job, due);
            var account = new JobAccount(tx.Now, fireTime =>
                RunTable.Ran(tx.Db, before!.Number, fireTime.ToMicros(), trimmed ??= StateTable.Read(tx.Db).Trimmed));
            var after = edits[i].Edit(before, account);
            if (after is not null && after.Job.Id != edits[i].Job)
                throw new InvalidOperationException($"An edit of job {edits[i].Job} answered job {after.Job.Id}.");
            if (after is not null && !ReferenceEquals(before, after))
            {
                stored[i] = Save(tx, before, after, due);
                JobTable.Write(tx.Db, stored[i]!, account);
            }
            else
            {
                stored[i] = after;
            }
        }
        return stored;
    }

    static StoredJob Save(Transaction tx, StoredJob? before, StoredJob after, Dictionary<long, DuePlace>? due)
    {
        after = JobTable.Save(tx, before, after);
        if (due is not null)
        {
            if (JobTable.PlaceOf(after) is { } place) due[after.Number] = place;
            else due.Remove(after.Number);
        }
        if (before is not null) WaitingTable.Follow(tx, after);
        tx.Bells |= Bell.Work;
        return after;
    }
}
