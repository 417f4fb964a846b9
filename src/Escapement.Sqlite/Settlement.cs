using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;

namespace Escapement.Sqlite;

/// <summary>The ends of claimed runs: recorded by their node, or settled because it is lost. Whichever comes second is refused.</summary>
static class Settlement
{
    const int MostError = 4_000;

    readonly record struct Open(RunId Id, int Attempt, Luggage Luggage);

    /// <summary>Writes outcomes, each only if its node still owns the run.</summary>
    /// <returns>How many were refused.</returns>
    public static int Record(Transaction tx, IReadOnlyList<Finished> finished)
    {
        var refused = 0;
        Dictionary<long, int> freed = [];
        foreach (var run in finished)
        {
            if (OwnedBy(tx.Db, run) is not { } open) refused++;
            else End(tx, open, run, freed);
        }
        Unblock(tx, freed);
        return refused;
    }

    static Open? OwnedBy(SqliteSession db, Finished run)
    {
        var row = db[SqliteStatements.RunningById].With(run.Id.Job).With(run.Id.FireTime).With(run.Id.Number);
        if (!row.Read()) return null;
        Open? open = row.Long(1) == run.Epoch && row.Int(2) == run.Attempt && row.MaybeText(0) == run.Node
            ? new(run.Id, run.Attempt, Luggage.Read(row, 3))
            : null;
        row.Reset();
        return open;
    }

    /// <summary>Settles the runs of all epochs that others ended.</summary>
    public static int OfOvertaken(Transaction tx, long current) => Settle(tx, tx.Db[SqliteStatements.RunningOfOvertaken].With(current));

    /// <summary>Settles what lost nodes left, and forgets them.</summary>
    public static int OfLost(Transaction tx, long current, IReadOnlyCollection<string> lost)
    {
        var settled = 0;
        foreach (var node in lost)
        {
            settled += Settle(tx, tx.Db[SqliteStatements.RunningOfNode].With(node).With(current));
            EpochTable.Forget(tx.Db, node);
        }
        return settled;
    }

    static int Settle(Transaction tx, Statement row)
    {
        List<Open> open = [];
        while (row.Read()) open.Add(new(new(row.Long(1), row.Long(0), row.Long(2)), row.Int(3), Luggage.Read(row, 4)));
        Dictionary<long, int> freed = [];
        foreach (var run in open)
            End(tx, run, new(run.Id, "", 0, run.Attempt, null, tx.Now, Outcome.Interrupted, Reason.Interrupted), freed);
        Unblock(tx, freed);
        return open.Count;
    }

    static void End(Transaction tx, Open open, Finished how, Dictionary<long, int> freed)
    {
        var id = open.Id;
        tx.Db[SqliteStatements.DeleteRunning].With(id.Job).With(id.FireTime).With(id.Number).Run();
        freed[id.Job] = freed.GetValueOrDefault(id.Job) + 1;
        if (how.Outcome == Outcome.Interrupted && tx.Job(id.Job).Stored is var stored
            && Decide.RunsAgain(stored))
        {
            tx.Db[SqliteStatements.DeleteRun].With(id.FireTime).With(id.Job).With(id.Number).Run();
            WaitingTable.Add(tx.Db, new(id, tx.NowMicros, open.Attempt + 1, open.Luggage), stored.Job.Options.Executor);
            tx.Bells |= Bell.Work;
            return;
        }
        var error = how.Error is { Length: > MostError } text ? text[..MostError] : how.Error;
        tx.Db[SqliteStatements.EndRun].With(how.StartedAt?.ToMicros()).With(how.FinishedAt.ToMicros()).With((long)how.Outcome).With((long?)how.Reason)
            .With(error).With(how.Outcome == Outcome.Missed) // it was an attempt only in the plan
            .With(id.FireTime).With(id.Job).With(id.Number).Run();
        if (open.Luggage.Watched) tx.Bells |= Bell.RunEnded;
    }

    // What waited for a run of its own job comes into sight of the claims again; each claim judges it anew.
    static void Unblock(Transaction tx, Dictionary<long, int> freed)
    {
        foreach (var (job, places) in freed)
            if (WaitingTable.Unblock(tx.Db, job, places))
                tx.Bells |= Bell.Work;
    }
}
