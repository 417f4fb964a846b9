using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;

namespace Escapement.Sqlite;

/// <summary>Runs that are not yet claimed.</summary>
static class WaitingTable
{
    public static WaitingRun Read(Statement row) => new()
    {
        Id = new(row.Long(0), row.Long(1), row.Long(2)),
        Due = row.Long(3),
        Attempt = Math.Max(1, row.Int(4)),
        Arguments = Arguments(row, 5),
        Watched = row.Long(7) != 0,
        HasKey = row.Long(8) != 0,
        Cause = (RunCause)row.Long(9),
    };

    /// <summary>Reads arguments from two columns. Returns null if the run has no arguments of its own.</summary>
    public static JobArguments? Arguments(Statement row, int column) =>
        row.MaybeText(column) is { } args ? new(args, row.MaybeText(column + 1) ?? "{}") : null;

    public static void Add(SqliteSession db, WaitingRun run, JobOptions options) =>
        db[SqliteStatements.AddWaiting].With(run.Id.FireTime).With(run.Id.Job).With(run.Id.Number)
        .With(options.Executor).With(options.Priority).With(run.Due).With(run.Attempt).With(run.Arguments?.Args).With(run.Arguments?.Kwargs)
            .With(run.Watched).With(run.HasKey).With((long)run.Cause).Run();

    /// <returns>False if the row does not exist.</returns>
    public static bool Delete(SqliteSession db, RunId id) =>
        db[SqliteStatements.DeleteWaiting].With(id.FireTime).With(id.Job).With(id.Number).Run() == 1;

    /// <summary>Hides a run from claims until a run of its job ends. Any jitter of the run is dropped.</summary>
    public static void Block(Transaction tx, RunId id)
    {
        tx.Db[SqliteStatements.Block].With(id.FireTime).With(id.Job).With(id.Number).Run();
        Counts(tx, id.Job, blocked: 1);
    }

    /// <summary>Unblocks as many of a job's blocked runs as places became free. With more unblocked runs, each claim
    /// would check the rest in vain.</summary>
    public static void Unblock(Transaction tx, long job, int places)
    {
        if (Blocked(tx, job) == 0) return;
        List<RunId> blocked = [];
        var row = tx.Db[SqliteStatements.BlockedOfJob].With(job).With(places);
        while (row.Read()) blocked.Add(new(row.Long(0), job, row.Long(1)));
        foreach (var id in blocked) tx.Db[SqliteStatements.Unblock].With(id.FireTime).With(id.Job).With(id.Number).Run();
        Counts(tx, job, blocked: -blocked.Count);
        if (blocked.Count > 0) tx.Notify(StoreSignal.Work);
    }

    /// <summary>Returns the number of claimed runs of a job.</summary>
    public static int Running(Transaction tx, CachedJob job)
    {
        tx.TakeCounts();
        return job.Running ??= (int)tx.Db[SqliteStatements.CountRunning].With(job.Stored.Number).Scalar()!.Value;
    }

    static int Blocked(Transaction tx, long number)
    {
        tx.TakeCounts();
        if (tx.Job(number) is not { } job) return 0;
        return job.Blocked ??= (int)tx.Db[SqliteStatements.CountBlocked].With(number).Scalar()!.Value;
    }

    /// <summary>Updates the cached counts of a job.</summary>
    public static void Counts(Transaction tx, long number, int running = 0, int blocked = 0)
    {
        tx.TakeCounts();
        if (tx.Job(number) is not { } job) return;
        tx.Jobs.Touch(number);
        (job.Running, job.Blocked) = (job.Running + running, job.Blocked + blocked);
    }
}
