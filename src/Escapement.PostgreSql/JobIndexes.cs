using Npgsql;

namespace Escapement.PostgreSql;

/// <summary>The indexes by job of the history. The partition of a day gets its index after the day, because each record would write into
/// the index on the day itself. The newest runs and the account of a job then read the rows of this job alone.</summary>
static class JobIndexes
{
    const string Suffix = "_by_job";

    /// <summary>The maximum duration of the statement that adds an index, which also waits for older transactions.</summary>
    static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    // Only the owner of a table may add an index.
    static readonly Sql Missing = new($"""
        select p.relname, i.oid is not null from pg_inherits h join pg_class p on p.oid = h.inhrelid
            left join pg_class i on i.relnamespace = p.relnamespace and i.relname = p.relname || '{Suffix}'
            left join pg_index x on x.indexrelid = i.oid
        where h.inhparent = 'esc.run'::regclass and pg_relation_size(p.oid) >= $1 and pg_has_role(p.relowner, 'usage')
            and coalesce(x.indisvalid, i.oid is not null) = false order by p.relname
        """);

    static readonly Sql TakeTurn = new("select 1::bigint where pg_try_advisory_lock(hashtextextended('escapement indexes esc.', 0))");

    /// <summary>Adds the index of the oldest partition without an index whose day is over, if no other process is adding indexes.</summary>
    /// <param name="db">A session, outside of a transaction.</param>
    /// <param name="minSize">The size in bytes below which a partition has no index, because it is read as fast without.</param>
    /// <param name="now">The current instant.</param>
    /// <returns>True if an index was added.</returns>
    public static async Task<bool> AddAsync(Session db, long minSize, DateTimeOffset now)
    {
        if ((await MissingAsync(db, minSize, now)).Count == 0 || await db.ScalarAsync(TakeTurn) is null) return false;
        try
        {
            // Another process may have added the index since.
            if (await MissingAsync(db, minSize, now) is not [var (partition, isLeftOver), ..]) return false;
            if (isLeftOver) await db.MaintainAsync($"drop index concurrently {db.Schema}.{partition}{Suffix}", Limit);
            await db.MaintainAsync(
                $"create index concurrently {partition}{Suffix} on {db.Schema}.{partition}(job, fire_time, number)", Limit);
            return true;
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.QueryCanceled or PostgresErrorCodes.DeadlockDetected
            or PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InsufficientPrivilege)
        {
            // A long transaction, a partition that another process has dropped, or a role that may not add to the schema. The next
            // call drops what is left over, and begins anew.
            return false;
        }
        finally
        {
            await db.FreeAsync();
        }
    }

    static async Task<List<(string Partition, bool IsLeftOver)>> MissingAsync(Session db, long minSize, DateTimeOffset now) =>
        (await db.QueryAsync(Missing, static row => (Partition: row.Text(0), IsLeftOver: row.Bool(1)), minSize))
            .FindAll(index => Partitions.DayOf(index.Partition) is { } day && now - day >= TimeSpan.FromDays(1));
}
