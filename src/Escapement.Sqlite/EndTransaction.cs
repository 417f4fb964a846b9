using Escapement.Ledger;
using Escapement.Rules;

namespace Escapement.Sqlite;

/// <summary>Ends claimed runs: records the outcome from their node, or settles the runs of a lost node. The later of
/// the two is rejected.</summary>
static class EndTransaction
{
    /// <summary>Writes outcomes, each only if its node still owns the run.</summary>
    /// <returns>The number of rejected outcomes.</returns>
    public static int Record(Transaction tx, IReadOnlyList<Finished> finished)
    {
        var refused = 0;
        Dictionary<long, int> freed = [];
        (long Epoch, string? Node) owner = default;
        foreach (var end in finished)
        {
            if (owner.Epoch != end.Epoch) owner = (end.Epoch, EpochTable.Row(tx.Db, end.Epoch)?.Node.Id);
            if (owner.Node == end.Node && Take(tx, end, end.Node) is { } open && RunEnds.Takes(open, end)) End(tx, open, end, freed);
            else if (!RunEnds.IsRecorded(RunTable.Find(tx.Db, new() { Id = end.Id }).Runs.SingleOrDefault(), end)) refused++;
        }

        Unblock(tx, freed);
        return refused;
    }

    static OpenRun? Take(Transaction tx, Finished end, string node)
    {
        var row = tx.Db[SqliteStatements.OwnRunning].With(end.Id.Job).With(end.Id.FireTime).With(end.Id.Number).With(end.Epoch)
            .With(end.Attempt);
        if (!row.Read()) return null;
        var open = RunTable.ReadRunning(row, node);
        row.Reset();
        tx.Db[SqliteStatements.DeleteRunning].With(end.Id.Job).With(end.Id.FireTime).With(end.Id.Number).Run();
        return open;
    }

    /// <summary>Settles the runs of lost nodes, and of epochs that another node ended.</summary>
    /// <returns>The number of settled runs.</returns>
    public static int Settle(Transaction tx, IReadOnlyCollection<string> lost)
    {
        Dictionary<long, Epoch?> epochs = [];
        Dictionary<long, int> freed = [];
        var settled = 0;
        foreach (var run in RunTable.Open(tx.Db))
        {
            if (!epochs.TryGetValue(run.Epoch, out var epoch)) epochs[run.Epoch] = epoch = EpochTable.Row(tx.Db, run.Epoch);
            if (!EpochRules.IsLost(epoch, lost)) continue;
            var open = run with { Node = epoch?.Node.Id };
            tx.Db[SqliteStatements.DeleteRunning].With(run.Id.Job).With(run.Id.FireTime).With(run.Id.Number).Run();
            End(tx, open, RunEnds.Lost(open, tx.Now), freed);
            settled++;
        }

        Unblock(tx, freed);
        return settled;
    }

    /// <summary>Puts the runs of unanswered claims back to waiting. These runs never started.</summary>
    public static void PutBack(Transaction tx, long epoch, long claim)
    {
        List<OpenRun> open = [];
        var row = tx.Db[SqliteStatements.RunningSince].With(epoch).With(claim).With(long.MaxValue);
        while (row.Read()) open.Add(RunTable.ReadRunning(row, null));
        foreach (var run in open)
        {
            tx.Db[SqliteStatements.DeleteRunning].With(run.Id.Job).With(run.Id.FireTime).With(run.Id.Number).Run();
            WaitingTable.Counts(tx, run.Id.Job, running: -1);
            if (tx.Job(run.Id.Job) is { } job) WaitingTable.Add(tx.Db, RunEnds.PutBack(run), job.Stored.Job.Options);
        }
    }

    static void End(Transaction tx, OpenRun open, Finished how, Dictionary<long, int> freed)
    {
        var job = tx.Job(open.Id.Job);
        freed[open.Id.Job] = freed.GetValueOrDefault(open.Id.Job) + 1;
        WaitingTable.Counts(tx, open.Id.Job, running: -1);
        var after = RunEnds.After(job?.Stored, open, how);
        if (after.Again is { } again)
        {
            WaitingTable.Add(tx.Db, again, job!.Stored.Job.Options);
            RunTable.AddAttempt(tx.Db, open.Id, RunEnds.AttemptOf(open, after.Attempt!));
        }

        if (after.End is { } end)
        {
            RunTable.Add(tx, end, open, open.Arguments, open.HasKey, open.Cause);
            if (FailuresInRow.AreCounted(job?.Stored)) Count(tx, job!.Stored, end);
        }

        if (after.Signal != StoreSignal.None) tx.Notify(after.Signal, open.Id);
    }

    /// <summary>Counts failures in a row, and pauses a job after as many as the job allows.</summary>
    static void Count(Transaction tx, StoredJob stored, RunEnd end)
    {
        // Another process may have counted without a new stamp, so the cached count may be old.
        var failures = (int)tx.Db[SqliteStatements.FailuresOf].With(stored.Number).Scalar()!.Value;
        var after = FailuresInRow.After(stored with { Failures = failures }, end);
        if (after.Count is { } count) tx.Db[SqliteStatements.CountFailures].With(count).With(stored.Number).Run();
        if (after.Pause is not { } pause) return;
        if (JobTable.Find(tx.Db, pause.Job, tx) is not { Job.Error: null } found
            || JobEdits.Apply(found, pause, tx.Now, tx.Scopes) is not { Changed: true } edited)
        {
            return;
        }

        JobTable.Write(tx, edited);
        tx.Notify(edited.Signal);
    }

    // Runs that wait for a run of their own job become visible to claims again. Each claim decides anew.
    static void Unblock(Transaction tx, Dictionary<long, int> freed)
    {
        foreach (var (job, places) in freed) WaitingTable.Unblock(tx, job, places);
    }

    /// <summary>Updates a changed job's waiting runs: the runs get the job's executor, priority and limit, or end with
    /// the job.</summary>
    public static void Follow(Transaction tx, EditedJob edited, StoredJob after)
    {
        if (edited.Waiting == WaitingFate.Stay) return;
        WaitingTable.Counts(tx, after.Number);
        if (edited.EndsWaiting is not { } reason)
        {
            tx.Db[SqliteStatements.MoveWaiting].With(after.Job.Options.Executor).With(after.Job.Options.Priority).With(after.Number).Run();
            return;
        }

        List<WaitingRun> waiting = [];
        var row = tx.Db[SqliteStatements.WaitingOfJob].With(after.Number);
        while (row.Read()) waiting.Add(WaitingTable.Read(row));
        foreach (var run in waiting) EndWaiting(tx, run, RunEnds.Unclaimed(run, reason, tx.Now));
    }

    /// <summary>Ends a waiting run that never starts.</summary>
    public static void EndWaiting(Transaction tx, WaitingRun run, RunEnd end)
    {
        WaitingTable.Delete(tx.Db, run.Id);
        RunTable.Add(tx, end, null, run.Arguments, run.HasKey, run.Cause);
        if (run.Watched) tx.Notify(StoreSignal.RunEnded, run.Id);
    }
}
