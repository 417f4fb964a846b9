using System.Collections.Concurrent;
using Npgsql;

namespace Escapement.PostgreSql;

/// <summary>The sessions of a store: connections that stay open, with their settings and prepared statements.</summary>
/// <param name="options">The options of the store.</param>
/// <param name="schema">The schema as a quoted identifier.</param>
/// <param name="timelines">Told of the timeline of each connection's server.</param>
sealed class SessionPool(PostgreSqlStoreOptions options, string schema, Timelines timelines) : IAsyncDisposable
{
    /// <summary>The beginning of the names of sessions.</summary>
    public const string Prefix = "escapement ";

    const string Unnamed = "session";

    /// <summary>The number of characters of a node's id in the name of a session, which the server cuts after 63. The end of an id
    /// tells nodes of a host apart.</summary>
    public const int MaxNode = 52;

    readonly ConcurrentStack<Session> idle = new();
    readonly SemaphoreSlim places = new(options.Sessions), finding = new(1);
    Pooling? pooling;
    string? node;
    volatile bool closed;

    /// <summary>The maximum time for which a session holds locks without a statement, or waits for a statement: a third of the lease,
    /// and at least a second.</summary>
    public TimeSpan Limit => PostgreSqlStoreOptions.LimitOf(options.Lease);

    /// <summary>The time in seconds for which a statement of a session waits for its answer.</summary>
    int Seconds => PostgreSqlStoreOptions.SecondsOf(options.Lease);

    static string NameOf(string name) => Prefix + (name.Length <= MaxNode ? name : name[^MaxNode..]);

    /// <summary>Names the node of this process, so that an operator and other nodes find its sessions.</summary>
    public void NameNode(string name) => node ??= name;

    /// <summary>The name of the schema.</summary>
    public string Schema => options.Schema;

    /// <summary>How the connections get their sessions, or null before the first connection.</summary>
    public Pooling? Pooling => pooling;

    /// <summary>Returns how the connections get their sessions. Found once, before any session gets its settings, because a pooler
    /// would pass the settings of a session on to other programs.</summary>
    public async Task<Pooling> FindPoolingAsync(CancellationToken cancellationToken)
    {
        await finding.WaitAsync(cancellationToken);
        try
        {
            return pooling ??= await PoolerCheck.FindAsync(options.Database, cancellationToken);
        }
        finally
        {
            finding.Release();
        }
    }

    /// <summary>Opens a connection with the settings of a session, outside of the pool.</summary>
    /// <param name="name">The name of the session, after <c>escapement</c>.</param>
    /// <param name="cancellationToken">Cancels the opening.</param>
    public async Task<Session> OpenAsync(string? name, CancellationToken cancellationToken)
    {
        var perTransaction = await FindPoolingAsync(cancellationToken) == PostgreSql.Pooling.Transactions;
        var connection = await PoolerCheck.ConnectAsync(options.Database, cancellationToken);
        try
        {
            var timeline = await TimelineAsync(connection, cancellationToken);
            timelines.See(timeline);
            var limit = Session.Milliseconds(Limit);
            if (perTransaction)
            {
                return new(connection, schema)
                {
                    Node = name,
                    Timeline = timeline,
                    LockWait = options.LockWait,
                    Seconds = Seconds,
                    Cancellation = cancellationToken,
                    PerTransaction = (NameOf(name ?? Unnamed), limit),
                };
            }

            await using var command = new NpgsqlCommand(Settings, connection) { CommandTimeout = Seconds };
            command.Parameters.Add(new() { Value = NameOf(name ?? Unnamed) });
            command.Parameters.Add(new() { Value = limit });
            command.Parameters.Add(new() { Value = Session.Milliseconds(options.LockWait) });
            await command.ExecuteNonQueryAsync(cancellationToken);
            return new(connection, schema)
            {
                Node = name,
                Timeline = timeline,
                LockWait = options.LockWait,
                Seconds = Seconds,
                Cancellation = cancellationToken,
            };
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Returns the timeline of the server, or 0 of a replica and of a database that has none.</summary>
    async Task<long> TimelineAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            await using NpgsqlCommand command = new(
                $"select case when pg_is_in_recovery() then 0 else {Session.TimelineNow} end", connection)
            { CommandTimeout = Seconds };
            return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.UndefinedFunction or PostgresErrorCodes.FeatureNotSupported
            or PostgresErrorCodes.InsufficientPrivilege or PostgresErrorCodes.ObjectNotInPrerequisiteState)
        {
            return 0;
        }
    }

    // The plans of an empty history would be sequential scans, and stay so when the history has grown. What is committed must outlive
    // a crash of the server. A wait for a lock must end before others count a node as lost.
    const string Settings = """
        select set_config('application_name', $1, false), set_config('plan_cache_mode', 'force_generic_plan', false),
            set_config('enable_seqscan', 'off', false), set_config('jit', 'off', false), set_config('lock_timeout', $3, false),
            set_config('idle_in_transaction_session_timeout', $2, false), set_config('idle_session_timeout', '0', false),
            set_config('statement_timeout', $2, false),
            set_config('client_connection_check_interval', case when version() like '%linux%' then '1000' else '0' end, false),
            set_config('tcp_keepalives_idle', '5', false), set_config('tcp_keepalives_interval', '3', false),
            set_config('tcp_keepalives_count', '3', false),
            set_config('tcp_user_timeout', $2, false), set_config('timezone', 'UTC', false),
            set_config('search_path', 'pg_catalog', false), set_config('default_transaction_isolation', 'read committed', false),
            set_config('synchronous_commit', case when current_setting('synchronous_commit') = 'off' then 'on'
                else current_setting('synchronous_commit') end, false)
        """;

    static readonly Sql Rename = new("select set_config('application_name', $1, false)");

    /// <summary>Takes a session, which the caller returns or discards.</summary>
    public async Task<Session> TakeAsync(CancellationToken cancellationToken)
    {
        await places.WaitAsync(cancellationToken);
        try
        {
            ObjectDisposedException.ThrowIf(closed, this);
            while (idle.TryPop(out var session))
            {
                if (session.Connection.FullState != System.Data.ConnectionState.Open || session.Timeline != timelines.Current)
                {
                    await session.DisposeAsync();
                    continue;
                }

                session.Cancellation = cancellationToken;
                if (node is not null && session.Node != node)
                {
                    if (session.PerTransaction is var (_, limit)) session.PerTransaction = (NameOf(node), limit);
                    else await session.RunAsync(Rename, NameOf(node));
                    session.Node = node;
                }

                return session;
            }

            return await OpenAsync(node, cancellationToken);
        }
        catch
        {
            places.Release();
            throw;
        }
    }

    /// <summary>Returns a session whose connection can be used further.</summary>
    public async Task ReturnAsync(Session session)
    {
        if (closed) await session.DisposeAsync();
        else idle.Push(session);
        places.Release();
    }

    /// <summary>Closes a session whose connection cannot be trusted. Nothing that comes on it is used.</summary>
    /// <param name="session">The session.</param>
    /// <param name="withIdle">True to close the idle sessions too, which are likely as the session is, for example after a restart of
    /// the server.</param>
    public async Task DiscardAsync(Session session, bool withIdle = false)
    {
        try
        {
            // The driver would keep connections to hand them out again.
            if (withIdle) options.Database.Clear();
            await session.DisposeAsync();
            if (withIdle) await DisposeIdleAsync();
        }
        finally
        {
            places.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        closed = true;
        await DisposeIdleAsync();
    }

    async Task DisposeIdleAsync()
    {
        while (idle.TryPop(out var session)) await session.DisposeAsync();
    }
}
