using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;

namespace Escapement.Sqlite;

/// <summary>What goes with a run from its asking to its end.</summary>
/// <param name="Arguments">In place of the job's own.</param>
/// <param name="Key">Unique among the job's runs that wait or run.</param>
/// <param name="Watched">Whether its end rings.</param>
readonly record struct Luggage(JobArguments? Arguments, string? Key, bool Watched)
{
    /// <summary>From four columns.</summary>
    public static Luggage Read(Statement row, int column) => new(
        row.MaybeText(column) is { } args ? new(args, row.Text(column + 1)) : null, row.MaybeText(column + 2), row.Long(column + 3) != 0);

    public Statement With(Statement statement) => statement.With(Arguments?.Args).With(Arguments?.Kwargs).With(Key).With(Watched);
}

/// <summary>A waiting run.</summary>
/// <param name="Id">Names it.</param>
/// <param name="Due">From when on.</param>
/// <param name="Attempt">Which attempt its next start is.</param>
/// <param name="Luggage">What goes with it.</param>
readonly record struct WaitingRun(RunId Id, long Due, int Attempt, Luggage Luggage);

/// <summary>Runs that are not yet claimed.</summary>
static class WaitingTable
{
    public static WaitingRun Read(Statement row) =>
        new(new(row.Long(0), row.Long(1), row.Long(2)), row.Long(3), row.Int(4), Luggage.Read(row, 5));

    /// <returns>False when there is one of this id.</returns>
    public static bool Add(SqliteSession db, WaitingRun run, string executor) => run.Luggage.With(db[SqliteStatements.AddWaiting]
            .With(run.Id.FireTime).With(run.Id.Job).With(run.Id.Number).With(executor).With(run.Due).With(run.Attempt))
        .With(false).Run() == 1;

    public static void Delete(SqliteSession db, RunId id) => db[SqliteStatements.DeleteWaiting].With(id.FireTime).With(id.Job).With(id.Number).Run();

    /// <summary>A run that will never begin.</summary>
    public static void Miss(Transaction tx, WaitingRun run, Reason reason)
    {
        Delete(tx.Db, run.Id);
        tx.Db[SqliteStatements.AddMissedRun].With(run.Id.FireTime).With(run.Id.Job).With(run.Id.Number)
            .With(run.Attempt - 1).With(tx.NowMicros).With((long)reason).Run();
        if (run.Luggage.Watched) tx.Bells |= Bell.RunEnded;
    }

    /// <summary>Takes a run out of what claims read, until one of its job's runs ends. A jitter that it had is over.</summary>
    public static void Block(SqliteSession db, RunId id) => db[SqliteStatements.Block].With(id.FireTime).With(id.Job).With(id.Number).Run();

    /// <summary>Brings as many of a job's runs into sight of the claims again as places came free; all would be looked at in vain by each claim.</summary>
    /// <returns>Whether there was one.</returns>
    public static bool Unblock(SqliteSession db, long job, int places)
    {
        var row = db[SqliteStatements.BlockedOfJob].With(job).With(places);
        List<RunId>? blocked = null;
        while (row.Read()) (blocked ??= []).Add(new(row.Long(0), job, row.Long(1)));
        if (blocked is null) return false;
        foreach (var id in blocked) db[SqliteStatements.Unblock].With(id.FireTime).With(id.Job).With(id.Number).Run();
        return true;
    }

    /// <summary>Adds asked-for runs, or finds those that stand under their keys.</summary>
    public static AskedRun[] Ask(Transaction tx, IReadOnlyList<RunRequest> requests)
    {
        Dictionary<JobId, (long Number, string Executor)> known = [];
        var asked = new AskedRun[requests.Count];
        for (var i = 0; i < requests.Count; i++)
        {
            var request = requests[i];
            if (!known.TryGetValue(request.Job, out var job)) known.Add(request.Job, job = JobOf(tx, request.Job));
            if (request.Key is { } key && RunOfKey(tx.Db, job.Number, key) is { } existing)
            {
                // Who asks again may want to hear of the end, too.
                if (request.Watched) Watch(tx.Db, existing);
                asked[i] = new(existing, Existing: true);
                continue;
            }
            var due = request.DueAt?.ToMicros() ?? tx.NowMicros;
            var number = tx.Db[SqliteStatements.LastNumber].With(due).With(job.Number).Scalar()!.Value + 1;
            var id = new RunId(due, job.Number, number);
            Add(tx.Db, new(id, due, 1, new(request.Arguments, request.Key, request.Watched)), job.Executor);
            asked[i] = new(id, Existing: false);
        }
        tx.Bells |= Bell.Work;
        return asked;
    }

    static (long, string) JobOf(Transaction tx, JobId id)
    {
        if (JobTable.NumberOf(tx.Db, id) is not { } number) throw new JobNotFoundException(id);
        var stored = tx.Job(number).Stored;
        return stored.Ended is null ? (number, stored.Job.Options.Executor) : throw new JobNotFoundException(id);
    }

    static RunId? RunOfKey(SqliteSession db, long job, string key)
    {
        var row = db[SqliteStatements.RunOfKey].With(job).With(key);
        if (!row.Read()) return null;
        var id = new RunId(row.Long(0), job, row.Long(1));
        row.Reset();
        return id;
    }

    static void Watch(SqliteSession db, RunId id)
    {
        db[SqliteStatements.WatchWaiting].With(id.FireTime).With(id.Job).With(id.Number).Run();
        db[SqliteStatements.WatchRunning].With(id.FireTime).With(id.Job).With(id.Number).Run();
    }

    /// <summary>Keeps a changed job's waiting runs in step: they follow its executor and its limit, or end as missed when it has ended.</summary>
    public static void Follow(Transaction tx, StoredJob after)
    {
        if (Decide.EndsWaiting(after.Ended) is { } reason)
        {
            List<WaitingRun> missed = [];
            var row = tx.Db[SqliteStatements.WaitingOfJob].With(after.Number);
            while (row.Read()) missed.Add(Read(row));
            foreach (var run in missed) Miss(tx, run, reason);
            return;
        }
        tx.Db[SqliteStatements.MoveWaiting].With(after.Job.Options.Executor).With(after.Number).Run();
        Unblock(tx.Db, after.Number, int.MaxValue);
    }
}
