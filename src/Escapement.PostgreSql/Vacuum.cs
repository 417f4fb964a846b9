using Escapement.Stores;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Escapement.PostgreSql;

/// <summary>Removes the dead rows of claims and records from <c>due</c> and <c>running</c> while the store is busy. Autovacuum looks
/// once a minute, and until then each claim reads the index entries of all rows that died since.</summary>
/// <param name="sessions">The sessions of the store.</param>
/// <param name="options">The options of the store.</param>
/// <param name="role">The role of the sessions, as a part of a statement.</param>
/// <param name="log">The log.</param>
sealed class Vacuum(SessionPool sessions, PostgreSqlStoreOptions options, string role, ILogger log) : IAsyncDisposable
{
    /// <summary>The maximum duration of a vacuum. Autovacuum does what takes longer.</summary>
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    // The owner of a table or of the database may vacuum the table.
    static readonly Sql Table = new("""
        select c.reltuples::bigint, pg_has_role(c.relowner, 'usage') or pg_has_role(d.datdba, 'usage')
        from pg_class c, pg_database d where c.oid = 'esc.due'::regclass and d.datname = current_database()
        """);

    // Another process may be at it. The settings of the tables keep the vacuum from truncating them, which would hold up claims.
    static readonly Sql Clean = new("vacuum (skip_locked) esc.due, esc.running");

    readonly CancellationTokenSource closing = new();
    Task last = Task.CompletedTask;
    long runs, jobs;
    bool isRefused;

    /// <summary>Counts claimed runs, and begins a vacuum after many. Called by one claim at a time.</summary>
    /// <param name="claimed">The number of claimed runs.</param>
    /// <param name="nodes">The number of nodes that claim, each of which counts its own runs.</param>
    public void Count(int claimed, int nodes)
    {
        runs += claimed;

        // A vacuum reads the indexes as a whole, which takes longer with more jobs.
        if (!last.IsCompleted || isRefused || runs * nodes < options.VacuumAfter + (jobs / 2)) return;
        runs = 0;
        last = RunAsync();
    }

    async Task RunAsync()
    {
        // A pooler may give each statement another session.
        if (sessions.Pooling == Pooling.Transactions) return;
        Session? session = null;
        var isGood = false;
        try
        {
            session = await sessions.TakeAsync(closing.Token);
            (jobs, isRefused) = (await session.QueryAsync(Table, static row => (Math.Max(0, row.Long(0)), !row.Bool(1))))[0];
            if (isRefused) PostgreSqlLog.NoVacuum(log, PostgreSqlFaults.Quoted(options.Schema), role);
            else await session.MaintainAsync(Clean.Of(session.Schema), Limit);
            isGood = true;
        }
        catch (Exception e) when (e is NpgsqlException or StoreUnavailableException or IOException or TimeoutException
            or InvalidOperationException or OperationCanceledException)
        {
            // The next vacuum begins after as many runs again, and autovacuum works besides.
        }
        finally
        {
            if (session is not null) await (isGood ? sessions.ReturnAsync(session) : sessions.DiscardAsync(session));
        }
    }

    /// <summary>Ends a vacuum under way.</summary>
    public async ValueTask DisposeAsync()
    {
        await closing.CancelAsync();
        await last;
        closing.Dispose();
    }
}
