using Escapement.Jobs;
using Escapement.Rows;
using Escapement.Rules;

namespace Escapement.PostgreSql;

/// <summary>Applies the retention: deletes records that ended before an instant, a bounded number of rows per
/// call.</summary>
static class TrimTransaction
{
    /// <summary>The maximum number of rows of a kind that a call deletes.</summary>
    public const int MaxRows = 500;

    static readonly Sql OldRuns = new("""
        select fire_time, job, number from esc.run where fire_time < $1 order by fire_time, job, number limit $2
        """);

    static readonly Sql DeleteRuns = new(Delete("run"));

    static readonly Sql DeleteArguments = new(Delete("run_args"));

    static readonly Sql DeleteAttempts = new(Delete("attempt") + """
         and not exists (select from esc.waiting w where w.fire_time = r.fire_time and w.job = r.job and w.number = r.number)
            and not exists (select from esc.running o where o.fire_time = r.fire_time and o.job = r.job and o.number = r.number)
        """);

    static readonly Sql DeleteKeys = new(Delete("key") + " and r.until = $4");

    static readonly Sql Remember = new("""
        update esc.job set trimmed = v.trimmed from unnest($1, $2) v(job, trimmed)
        where job.number = v.job and (job.trimmed is null or job.trimmed < v.trimmed)
        """);

    static readonly Sql TrimEntries = new("""
        delete from esc.entry where (last, job, first, change) in
            (select last, job, first, change from esc.entry where last < $1 order by last, job, first, change limit $2)
        """);

    static readonly Sql TrimActions = new("""
        delete from esc.action where number in (select number from esc.action where at < $1 and (moved_from is null or moved_from < $1)
            and (moved_to is null or moved_to < $1) order by number limit $2)
        """);

    static readonly Sql TrimEpochs = new($"""
        delete from esc.epoch where ended < $1 and number < (select max(number) from esc.epoch where {EpochChecks.IsNumber})
            and number not in (select epoch from esc.running)
        """);

    static readonly Sql TrimDefinitions = new("delete from esc.definition where accounts_to < $1");

    // The pause of a tag or an executor ends by itself, without a write.
    static readonly Sql TrimPauses = new("""
        delete from esc.pause where (scope, name, at) in (select scope, name, at from esc.pause
            where coalesce(ended, case when scope >= 2 then until end) < $1 limit $2)
        """);

    static readonly Sql TrimMarks = new("delete from esc.mark where to_at < $1");

    static readonly Sql TrimKeys = new(
        "delete from esc.key where (job, key) in (select job, key from esc.key where until <= $1 limit $2)");

    static readonly Sql OldTombstones = new("""
        select number from esc.job left join esc.due on due.job = job.number
        where ended is not null and marked_at < $1 and (last_fire is null or last_fire < $1) and coalesce(due.running, 0) = 0
            and not exists (select from esc.waiting where waiting.job = job.number)
            and not exists (select from esc.run where outcome > 1 and run.fire_time >= $1 and run.job = job.number) limit $2
        """);

    static readonly Sql DeleteActionsOfJob = new("delete from esc.action where job = $1");

    static readonly Sql DeleteDefinitionsOfJob = new("delete from esc.definition where job = $1");

    static readonly Sql DeleteDue = new("delete from esc.due where job = $1");

    static readonly Sql DeleteJob = new("delete from esc.job where number = $1");

    static string Delete(string table) => $"""
        delete from esc.{table} r using unnest($1, $2, $3) k(fire_time, job, number)
        where r.fire_time = k.fire_time and r.job = k.job and r.number = k.number
        """;

    /// <param name="tx">The transaction.</param>
    /// <param name="before">The beginning of the retention.</param>
    /// <param name="beyond">Runs beyond the history limits of their jobs, at most <see cref="MaxRows"/>.</param>
    /// <returns>True if more rows remain.</returns>
    public static async Task<bool> RunAsync(Transaction tx, DateTimeOffset before, IReadOnlyList<RunId> beyond)
    {
        var db = tx.Db;
        await StateTable.BeginRecordAsync(db, before);
        var old = beyond.Count == MaxRows ? [] : await db.QueryAsync(OldRuns,
            static row => new RunId(row.Long(0), row.Long(1), row.Long(2)), before, MaxRows);
        await DeleteAsync(tx, [.. beyond, .. old.Except(beyond)]);
        if (beyond.Count == MaxRows) return true;
        var entries = await db.RunAsync(TrimEntries, before, MaxRows);
        var actions = await db.RunAsync(TrimActions, before, MaxRows);
        var keys = await db.RunAsync(TrimKeys, before, MaxRows);
        var pauses = await db.RunAsync(TrimPauses, before, MaxRows);
        if (old.Count == MaxRows || entries == MaxRows || actions == MaxRows || keys == MaxRows || pauses == MaxRows) return true;

        // Epochs last, because the node of a run is read from its epoch.
        await db.RunAsync(TrimEpochs, before);
        await db.RunAsync(TrimDefinitions, before);
        await db.RunAsync(TrimMarks, before);
        return await TombstonesAsync(tx, before) == MaxRows;
    }

    /// <summary>Deletes runs with their keys, attempts and arguments.</summary>
    static async Task DeleteAsync(Transaction tx, IReadOnlyList<RunId> runs)
    {
        if (runs.Count == 0) return;
        var newest = runs.Where(run => run.Number == 0).GroupBy(run => run.Job)
            .ToDictionary(job => job.Key, job => job.Max(run => run.FireTime) + 1);
        await RememberAsync(tx.Db, newest);
        Arg[] keys = [runs.Select(run => run.FireTime).ToArray(), runs.Select(run => run.Job).ToArray(),
            runs.Select(run => run.Number).ToArray()];
        await tx.Db.RunAsync(DeleteRuns, keys);
        await tx.Db.RunAsync(DeleteKeys, [.. keys, EnqueueRules.WithHistory]);
        await tx.Db.RunAsync(DeleteAttempts, keys);
        await tx.Db.RunAsync(DeleteArguments, keys);
    }

    /// <summary>Records the newest deleted fire time of each job, because a deleted run still counts as run.</summary>
    public static async Task RememberAsync(Session db, IReadOnlyDictionary<long, long> newest)
    {
        if (newest.Count == 0) return;
        await JobTable.LockAsync(db, newest.Keys);
        await db.RunAsync(Remember, newest.Keys.ToArray(), newest.Values.ToArray());
        await JobTable.StampAsync(db, newest.Keys);
    }

    static async Task<int> TombstonesAsync(Transaction tx, DateTimeOffset before)
    {
        var db = tx.Db;
        var numbers = await db.QueryAsync(OldTombstones, static row => row.Long(0), before, MaxRows);
        if (numbers.Count == 0) return 0;
        await JobTable.LockAsync(db, numbers);
        var forgotten = 0;
        foreach (var job in await JobTable.FindAsync(db, numbers))
        {
            if (!TrimRules.IsExpired(job.Stored, before)) continue;
            foreach (var statement in new[] { DeleteActionsOfJob, DeleteDefinitionsOfJob, DeleteDue, DeleteJob })
                await db.RunAsync(statement, job.Stored.Number);
            forgotten++;
        }

        return forgotten;
    }
}
