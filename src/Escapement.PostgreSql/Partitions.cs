using System.Globalization;
using Escapement.Ledger;
using Npgsql;

namespace Escapement.PostgreSql;

/// <summary>The partitions of the history: a day of fire times each. Expired days are dropped as a whole.</summary>
static class Partitions
{
    const string Prefix = "run_", Form = "yyyyMMdd";

    /// <summary>The number of days in advance for which there are partitions.</summary>
    const int Ahead = 2;

    const int JobsAtOnce = 1_000, RowsAtOnce = 5_000;

    static readonly Sql All = new("""
        select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'esc.run'::regclass order by c.relname
        """);

    static readonly Sql HasOthers = new(
        "select 1::bigint where exists (select from esc.run_other where fire_time >= $1 and fire_time < $2)");

    static readonly Sql TakeTurn = new("select pg_advisory_xact_lock(hashtextextended('escapement partitions esc.', 0))");

    static readonly Sql DeleteArguments = new(Delete("run_args", ""));

    static readonly Sql DeleteKeys = new(Delete("key", "and until = $2"));

    static readonly Sql DeleteAttempts = new(Delete("attempt", """
        and not exists (select from esc.waiting w where w.fire_time = r.fire_time and w.job = r.job and w.number = r.number)
        and not exists (select from esc.running o where o.fire_time = r.fire_time and o.job = r.job and o.number = r.number)
        """));

    static string Delete(string table, string condition) => string.Create(CultureInfo.InvariantCulture, $"""
        delete from esc.{table} where ctid = any(array(
            select ctid from esc.{table} r where fire_time < $1 {condition} limit {RowsAtOnce}))
        """);

    /// <summary>Adds the partitions of the current and the next days. Another session may be adding them, an operator's partition may
    /// contain a part of the day, or rows of a day may lie outside already: then the day stays without a partition, and its rows are
    /// deleted one by one.</summary>
    /// <returns>False if the role may not add a partition.</returns>
    public static async Task<bool> AddAsync(Session db, DateTimeOffset now)
    {
        var may = true;
        var known = (await NamesAsync(db)).ToHashSet(StringComparer.Ordinal);
        for (var day = 0; day <= Ahead; day++)
        {
            var from = new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero).AddDays(day);
            if (!known.Contains(NameOf(from))) may &= await AddDayAsync(db, from);
        }

        return may;
    }

    static async Task<bool> AddDayAsync(Session db, DateTimeOffset from)
    {
        var (name, first, end) = (NameOf(from), from.ToMicros(), from.AddDays(1).ToMicros());
        await db.BeginAsync();
        try
        {
            await db.RunAsync(TakeTurn);
            if (!(await NamesAsync(db)).Contains(name) && await db.ScalarAsync(HasOthers, first, end) is null)
            {
                // Attached, and not created as a partition, which would lock the whole history.
                await db.ExecuteAsync($"create table {db.Schema}.{name} (like {db.Schema}.run including defaults)");
                await db.ExecuteAsync(string.Create(CultureInfo.InvariantCulture,
                    $"alter table {db.Schema}.run attach partition {db.Schema}.{name} for values from ({first}) to ({end})"));
            }

            await db.CommitAsync();
            return true;
        }
        catch (PostgresException e) when (IsBusy(e))
        {
            await db.RollbackAsync();
            return e.SqlState != PostgresErrorCodes.InsufficientPrivilege;
        }
    }

    /// <summary>Drops the oldest partition whose fire times have all expired.</summary>
    /// <returns>True if a partition was dropped.</returns>
    public static async Task<bool> DropAsync(Session db, DateTimeOffset before)
    {
        foreach (var name in await NamesAsync(db))
        {
            if (DayOf(name) is not { } day || before - day < TimeSpan.FromDays(1)) continue;
            await RememberAsync(db, name);
            try
            {
                // The lock of the history is held for the drop alone.
                var end = day.AddDays(1);
                await DeleteAsync(db, DeleteKeys, end, Rules.EnqueueRules.WithHistory);
                await DeleteAsync(db, DeleteAttempts, end);
                await DeleteAsync(db, DeleteArguments, end);
                await db.BeginAsync();
                await db.ExecuteAsync($"drop table {db.Schema}.{name}");
                await db.CommitAsync();
                return true;
            }
            catch (PostgresException e) when (IsBusy(e))
            {
                // A long reader of the history. The rows expire at the next call, or one by one.
                await db.RollbackAsync();
                return false;
            }
        }

        return false;
    }

    static async Task DeleteAsync(Session db, Sql statement, params Arg[] args)
    {
        int deleted;
        do
        {
            await db.BeginAsync();
            deleted = await db.RunAsync(statement, args);
            await db.CommitAsync();
        }
        while (deleted == RowsAtOnce);
    }

    /// <summary>Records the newest fire time of each job in a partition, in small transactions, because claims pass over the jobs
    /// meanwhile.</summary>
    static async Task RememberAsync(Session db, string name)
    {
        List<(long Job, long Trimmed)> newest = [];
        await db.BeginAsync();
        await db.CallAsync(Session.Patient);
        await using (var command = db.CommandOf(
            $"""
            select r.job, max(r.fire_time) + 1 from {db.Schema}.{name} r join {db.Schema}.job on job.number = r.job
            where r.number = 0 group by r.job, job.trimmed having job.trimmed is null or job.trimmed <= max(r.fire_time)
            """))
        await using (var reader = await command.ExecuteReaderAsync(db.Cancellation))
        {
            while (await reader.ReadAsync(db.Cancellation)) newest.Add((reader.Long(0), reader.Long(1)));
        }

        await db.CommitAsync();
        foreach (var jobs in newest.Chunk(JobsAtOnce))
        {
            await db.BeginAsync();
            await TrimTransaction.RememberAsync(db, jobs.ToDictionary(job => job.Job, job => job.Trimmed));
            await db.CommitAsync();
        }
    }

    static Task<List<string>> NamesAsync(Session db) => db.QueryAsync(All, static row => row.Text(0));

    static string NameOf(DateTimeOffset day) => Prefix + day.UtcDateTime.ToString(Form, CultureInfo.InvariantCulture);

    /// <summary>Returns the day of a partition, or null for a partition of an operator.</summary>
    public static DateTimeOffset? DayOf(string name) =>
        name.StartsWith(Prefix, StringComparison.Ordinal) && DateTime.TryParseExact(name[Prefix.Length..], Form,
            CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? new(day, TimeSpan.Zero)
            : null;

    static bool IsBusy(PostgresException e) => e.SqlState is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DuplicateTable
        or PostgresErrorCodes.InvalidObjectDefinition or PostgresErrorCodes.CheckViolation or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.InsufficientPrivilege
        or PostgresErrorCodes.QueryCanceled;
}
