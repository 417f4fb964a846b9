using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;

namespace Escapement.Sqlite;

/// <summary>Applies the retention: deletes records that ended before an instant, a bounded number of rows per
/// call.</summary>
static class TrimTransaction
{
    /// <summary>The maximum number of rows of a kind that a call deletes. Takes a few milliseconds of the write
    /// turn.</summary>
    public const int MaxRows = 500;

    /// <param name="tx">The transaction.</param>
    /// <param name="before">The beginning of the retention.</param>
    /// <param name="beyond">Runs beyond the history limits of their jobs, at most <see cref="MaxRows"/>.</param>
    /// <returns>True if more rows remain.</returns>
    public static bool Run(Transaction tx, DateTimeOffset before, IReadOnlyList<RunId> beyond)
    {
        var (db, instant) = (tx.Db, before.ToMicros());
        db[SqliteStatements.BeginRecordAt].With(instant).Run();
        Delete(tx, beyond);
        if (beyond.Count == MaxRows) return true;
        var runs = Runs(tx, instant);
        var entries = db[TrimStatements.TrimEntries].With(instant).With(MaxRows).Run();
        var actions = db[TrimStatements.TrimActions].With(instant).With(MaxRows).Run();
        var keys = db[TrimStatements.TrimKeys].With(instant).With(MaxRows).Run();
        var pauses = db[TrimStatements.TrimPauses].With(instant).With(MaxRows).Run();
        if (runs == MaxRows || entries == MaxRows || actions == MaxRows || keys == MaxRows || pauses == MaxRows) return true;

        // Epochs last, because the node of a run is read from its epoch.
        db[TrimStatements.TrimEpochs].With(instant).Run();
        foreach (var statement in new[] { TrimStatements.TrimDefinitions, TrimStatements.TrimMarks })
            db[statement].With(instant).Run();
        return Tombstones(tx, before) == MaxRows;
    }

    static int Runs(Transaction tx, long before)
    {
        var db = tx.Db;
        List<RunId> old = [];
        var row = db[TrimStatements.OldRuns].With(before).With(MaxRows);
        while (row.Read()) old.Add(new(row.Long(0), row.Long(1), row.Long(2)));

        Remember(tx, old);
        if (old is [.., var last])
        {
            db[TrimStatements.DeleteRunsTo].With(last.FireTime).With(last.Job).With(last.Number).Run();
            db[TrimStatements.DeleteKeysTo].With(last.FireTime).With(last.Job).With(last.Number)
                .With(EnqueueRules.WithHistory.ToMicros()).Run();
            db[TrimStatements.DeleteAttempts].With(last.FireTime).With(last.Job).With(last.Number).Run();
            db[TrimStatements.DeleteArguments].With(last.FireTime).With(last.Job).With(last.Number).Run();
        }

        return old.Count;
    }

    /// <summary>Deletes runs by key, with their keys, attempts and arguments.</summary>
    static void Delete(Transaction tx, IReadOnlyList<RunId> runs)
    {
        Remember(tx, runs);
        foreach (var run in runs)
        {
            var db = tx.Db;
            db[TrimStatements.DeleteRun].With(run.FireTime).With(run.Job).With(run.Number).Run();
            db[TrimStatements.DeleteKeyOfRun].With(run.FireTime).With(run.Job).With(run.Number)
                .With(EnqueueRules.WithHistory.ToMicros()).Run();
            db[TrimStatements.DeleteAttemptsOfRun].With(run.FireTime).With(run.Job).With(run.Number).Run();
            db[TrimStatements.DeleteArgumentsOfRun].With(run.FireTime).With(run.Job).With(run.Number).Run();
        }
    }

    /// <summary>Records the newest deleted fire time of each job, because a deleted run still counts as run.</summary>
    /// <param name="tx">The transaction.</param>
    /// <param name="runs">The runs, oldest first for each job and limit.</param>
    static void Remember(Transaction tx, IReadOnlyList<RunId> runs)
    {
        Dictionary<long, long> newest = [];
        foreach (var run in runs)
            if (run.Number == 0) newest[run.Job] = Math.Max(newest.GetValueOrDefault(run.Job, long.MinValue), run.FireTime + 1);
        var stamp = newest.Count > 0 ? JobTable.Stamp(tx) : 0;
        foreach (var (job, trimmed) in newest)
        {
            tx.Db[TrimStatements.RememberTrim].With(trimmed).With(stamp).With(job).Run();
            tx.Jobs.Remove(job);
        }
    }

    static int Tombstones(Transaction tx, DateTimeOffset before)
    {
        List<long> numbers = [];
        var row = tx.Db[TrimStatements.OldTombstones].With(before.ToMicros()).With(MaxRows);
        while (row.Read()) numbers.Add(row.Long(0));
        var forgotten = 0;
        foreach (var number in numbers)
        {
            if (tx.Job(number) is not { } job || !TrimRules.IsExpired(job.Stored, before)) continue;
            tx.Db[SqliteStatements.DeleteActionsOfJob].With(number).Run();
            tx.Db[TrimStatements.DeleteDefinitionsOfJob].With(number).Run();
            tx.Db[SqliteStatements.DeleteJob].With(number).Run();
            tx.Jobs.Remove(number);
            forgotten++;
        }

        return forgotten;
    }
}
