using System.Globalization;
using Escapement.Ledger;
using Escapement.Stores;
using Npgsql;

namespace Escapement.PostgreSql;

/// <summary>A connection with its prepared statements. Used by one operation at a time.</summary>
/// <param name="connection">The open connection.</param>
/// <param name="schema">The schema of the store as a quoted identifier.</param>
/// <param name="prepares">True for a session of the store. False for the connection of a caller, on which nothing is left
/// behind.</param>
sealed class Session(NpgsqlConnection connection, string schema, bool prepares = true) : IAsyncDisposable
{
    /// <summary>The database's clock in microseconds since 1970-01-01 UTC. <c>clock_timestamp()</c> and not <c>now()</c>, which
    /// stands still in a transaction.</summary>
    public const string ClockMicros = "(extract(epoch from clock_timestamp()) * 1000000)::bigint";

    /// <summary>Lets a transaction take its time that reads a long history, or searches triggers in between, and holds no lock that
    /// others need.</summary>
    public static readonly Sql Patient = new("""
        select set_config('statement_timeout', '120000', true), set_config('idle_in_transaction_session_timeout', '60000', true)
        """);

    /// <summary>A message without a statement, which shows that the server answers and costs it nearly nothing.</summary>
    public const string Nothing = "--";

    /// <summary>The timeline of a server that is no replica.</summary>
    public const string TimelineNow = "('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::bigint";

    static readonly Sql Limits = new("select current_setting('statement_timeout'), current_setting('lock_timeout')");

    /// <summary>The time in seconds for which an answer is waited for beyond the time limit of the server.</summary>
    const int SecondsForAnswer = 5;

    /// <summary>The time in seconds for which an answer is waited for in a transaction after <see cref="Patient"/>.</summary>
    const int PatientSeconds = 125;

    static readonly Sql Clock = new("select " + ClockMicros);

    // The role or the database may have another default, which a pooler hands out.
    static readonly Sql Begin = new("begin isolation level read committed"), Commit = new("commit");

    // What a session sets once is set for each transaction behind a pooler, where the next transaction has another session.
    static readonly Sql SetOfTransaction = new("""
        select case when $3 and not pg_is_in_recovery() then
        """ + " " + TimelineNow + """
         else 0 end, set_config('application_name', $1, true), set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true),
            set_config('lock_timeout', $4, true), set_config('idle_in_transaction_session_timeout', $2, true),
            set_config('statement_timeout', $2, true), set_config('timezone', 'UTC', true), set_config('search_path', 'pg_catalog', true),
            set_config('client_connection_check_interval', case when version() like '%linux%' then '1000' else '0' end, true),
            set_config('synchronous_commit', case when current_setting('synchronous_commit') = 'off' then 'on'
                else current_setting('synchronous_commit') end, true)
        """);

    readonly Dictionary<int, NpgsqlCommand> commands = [];
    readonly Dictionary<int, NpgsqlBatch> batches = [];
    NpgsqlTransaction? transaction;
    int? transactionSeconds;

    public NpgsqlConnection Connection => connection;

    public string Schema => schema;

    /// <summary>The maximum time for which a statement waits for rows that another transaction holds.</summary>
    public TimeSpan LockWait { get; init; }

    /// <summary>The time in seconds for which an answer is waited for, above the limit of the server, so that no answer shows a broken
    /// network. Null for the value of the connection.</summary>
    public int? Seconds { get; init; }

    /// <summary>Cancels the statements of the operation under way.</summary>
    public CancellationToken Cancellation { get; set; }

    /// <summary>The node for which the session works, as its <c>application_name</c>, or null if not yet known.</summary>
    public string? Node { get; set; }

    /// <summary>The <c>application_name</c> and the time limit in milliseconds of each transaction, if a pooler gives each transaction
    /// another session. Null if the session has its settings, and prepares its statements.</summary>
    public (string Name, string Limit)? PerTransaction { get; set; }

    /// <summary>The timeline of the server, 0 if unknown, or <see cref="OtherTimeline"/>.</summary>
    public long Timeline { get; set; }

    /// <summary>The timeline of a session whose pooler has connected to another server.</summary>
    const long OtherTimeline = -1;

    public async Task BeginAsync(System.Data.IsolationLevel level = System.Data.IsolationLevel.ReadCommitted)
    {
        transaction = await connection.BeginTransactionAsync(level, Cancellation);
        if (PerTransaction is not var (name, limit)) return;
        await using var reader = await ReadAsync(SetOfTransaction, [name, limit, Timeline != 0, Milliseconds(LockWait)]);
        await CheckTimelineAsync(reader);
    }

    /// <summary>Reads the timeline behind a pooler, which may give each transaction a session of another server.</summary>
    async Task CheckTimelineAsync(NpgsqlDataReader reader)
    {
        if (await reader.ReadAsync(Cancellation) && reader.Long(0) == Timeline) return;
        Timeline = OtherTimeline;
        throw new StoreUnavailableException($"The store {schema} was moved to another server. The operation is repeated there.");
    }

    /// <summary>Waits for the answers of the open transaction without a limit.</summary>
    public void WaitWithoutLimit() => transactionSeconds = 0;

    /// <summary>Commits. Is not cancelled: a cancelled commit would leave open whether the changes exist.</summary>
    public async Task CommitAsync()
    {
        var open = transaction!;
        (transaction, transactionSeconds) = (null, null);
        await open.CommitAsync(CancellationToken.None);
        await open.DisposeAsync();
    }

    /// <summary>Rolls an open transaction back.</summary>
    /// <returns>False if the connection cannot be used any more.</returns>
    public async Task<bool> RollbackAsync()
    {
        try
        {
            var open = transaction;
            (transaction, transactionSeconds) = (null, null);
            if (open is not null)
            {
                await open.RollbackAsync(CancellationToken.None);
                await open.DisposeAsync();
            }
            else if (connection.FullState == System.Data.ConnectionState.Open)
            {
                // A statement between the begin and the commit of a batch failed, and the driver does not know of the transaction.
                await using var command = CommandOf("rollback");
                await command.ExecuteNonQueryAsync(CancellationToken.None);
            }

            return connection.FullState == System.Data.ConnectionState.Open;
        }
        catch (Exception e) when (e is NpgsqlException or InvalidOperationException or ObjectDisposedException or IOException)
        {
            return false;
        }
    }

    /// <summary>Returns the database's clock.</summary>
    public async Task<DateTimeOffset> NowAsync() => Instant.FromMicros((await ScalarAsync(Clock))!.Value);

    public async Task<List<T>> QueryAsync<T>(Sql sql, Func<NpgsqlDataReader, T> read, params Arg[] args)
    {
        try
        {
            await using var reader = await ReadAsync(sql, args);
            List<T> rows = [];
            while (await reader.ReadAsync(Cancellation)) rows.Add(read(reader));
            return rows;
        }
        catch (PostgresException) when (IsAlone)
        {
            await RollbackAsync();
            throw;
        }
    }

    /// <summary>Returns the first row, or null without a row.</summary>
    public async Task<T?> FirstAsync<T>(Sql sql, Func<NpgsqlDataReader, T> read, params Arg[] args)
    {
        var rows = await QueryAsync(sql, read, args);
        return rows.Count > 0 ? rows[0] : default;
    }

    /// <summary>Returns the first column of the first row, or null.</summary>
    public Task<long?> ScalarAsync(Sql sql, params Arg[] args) => FirstAsync(sql, static row => row.Maybe(0), args);

    /// <summary>Runs a statement whose result is of no interest.</summary>
    public Task CallAsync(Sql sql, params Arg[] args) => RunAsync(sql, args);

    /// <returns>The number of changed rows.</returns>
    public async Task<int> RunAsync(Sql sql, params Arg[] args)
    {
        try
        {
            await using var reader = await ReadAsync(sql, args);
            await reader.CloseAsync();
            if (sql == Patient) transactionSeconds = PatientSeconds;
            return reader.RecordsAffected;
        }
        catch (PostgresException) when (IsAlone)
        {
            await RollbackAsync();
            throw;
        }
    }

    /// <summary>True if a statement has a transaction of its own, which an error leaves open.</summary>
    bool IsAlone => PerTransaction is not null && transaction is null;

    async Task<NpgsqlDataReader> ReadAsync(Sql sql, Arg[] args)
    {
        if (PerTransaction is not var (name, limit) || transaction is not null)
            return await (await CommandAsync(sql, args)).ExecuteReaderAsync(Cancellation);

        // A single message with a transaction of its own.
        await using var batch = new NpgsqlBatch(connection);
        Add(batch, Begin, []);
        Add(batch, SetOfTransaction, [name, limit, Timeline != 0, Milliseconds(LockWait)]);
        Add(batch, sql, args);
        Add(batch, Commit, []);
        return await SecondResultAsync(batch);
    }

    async Task<NpgsqlDataReader> SecondResultAsync(NpgsqlBatch batch)
    {
        var reader = await ExecuteAsync(batch);
        try
        {
            await CheckTimelineAsync(reader);
            await reader.NextResultAsync(Cancellation);
            return reader;
        }
        catch
        {
            await reader.DisposeAsync();
            throw;
        }
    }

    Task<NpgsqlDataReader> ExecuteAsync(NpgsqlBatch batch)
    {
        batch.Timeout = (transactionSeconds ?? Seconds) ?? batch.Timeout;
        return batch.ExecuteReaderAsync(Cancellation);
    }

    /// <summary>Runs a statement without parameters that is not worth preparing.</summary>
    public async Task ExecuteAsync(string text)
    {
        await using var command = CommandOf(text);
        await command.ExecuteNonQueryAsync(Cancellation);
    }

    /// <summary>Runs a statement for the upkeep of tables outside of a transaction, such as a vacuum, with a time limit of the statement
    /// alone, and without a limit for locks.</summary>
    public async Task MaintainAsync(string text, TimeSpan limit)
    {
        var usual = await FirstAsync(Limits, static row => (Statement: row.Text(0), Lock: row.Text(1)));
        await ExecuteAsync($"set statement_timeout = {Milliseconds(limit)}; set lock_timeout = 0");
        try
        {
            await using var command = CommandOf(text);
            command.CommandTimeout = (int)limit.TotalSeconds + SecondsForAnswer;
            await command.ExecuteNonQueryAsync(Cancellation);
        }
        finally
        {
            if (connection.FullState == System.Data.ConnectionState.Open)
                await ExecuteAsync($"set statement_timeout = '{usual.Statement}'; set lock_timeout = '{usual.Lock}'");
        }
    }

    /// <summary>Returns a command that is not prepared.</summary>
    public NpgsqlCommand CommandOf(string text) => WithTimeout(new(text, connection));

    NpgsqlCommand WithTimeout(NpgsqlCommand command)
    {
        command.CommandTimeout = (transactionSeconds ?? Seconds) ?? command.CommandTimeout;
        return command;
    }

    /// <summary>Runs statements in a single round trip.</summary>
    /// <param name="statements">The statements, of which the first begins a transaction. A call with the same first statement has the
    /// same statements.</param>
    public async Task<NpgsqlDataReader> ReadTogetherAsync(params (Sql Sql, Arg[] Args)[] statements)
    {
        if (PerTransaction is var (name, limit))
        {
            await using var all = new NpgsqlBatch(connection);
            foreach (var (sql, args) in statements)
            {
                Add(all, sql, args);
                if (all.BatchCommands.Count == 1) Add(all, SetOfTransaction, [name, limit, Timeline != 0, Milliseconds(LockWait)]);
            }

            return await SecondResultAsync(all);
        }

        var key = statements[0].Sql.Number;
        if (!batches.TryGetValue(key, out var batch))
        {
            batch = new NpgsqlBatch(connection);
            foreach (var (sql, args) in statements) Add(batch, sql, args);
            batch.Timeout = Seconds ?? batch.Timeout;
            await batch.PrepareAsync(Cancellation);
            batches.Add(key, batch);
        }

        for (var i = 0; i < statements.Length; i++)
        {
            for (var j = 0; j < statements[i].Args.Length; j++)
                batch.BatchCommands[i].Parameters[j].Value = statements[i].Args[j].Value;
        }

        return await ExecuteAsync(batch);
    }

    void Add(NpgsqlBatch batch, Sql sql, Arg[] args)
    {
        var command = new NpgsqlBatchCommand(sql.Of(schema));
        foreach (var arg in args) command.Parameters.Add(ParameterOf(arg));
        batch.BatchCommands.Add(command);
    }

    async Task<NpgsqlCommand> CommandAsync(Sql sql, Arg[] args)
    {
        if (commands.TryGetValue(sql.Number, out var known))
        {
            for (var i = 0; i < args.Length; i++) known.Parameters[i].Value = args[i].Value;
            return WithTimeout(known);
        }

        var command = CommandOf(sql.Of(schema));
        foreach (var arg in args) command.Parameters.Add(ParameterOf(arg));
        if (!prepares || PerTransaction is not null) return command;
        await command.PrepareAsync(Cancellation);
        commands.Add(sql.Number, command);
        return command;
    }

    /// <summary>Frees the locks and the channels of the session before its end, because the source of connections may keep the session
    /// open for others.</summary>
    public async Task FreeAsync()
    {
        if (connection.FullState != System.Data.ConnectionState.Open) return;
        try
        {
            await using var command = CommandOf("select pg_advisory_unlock_all(); unlisten *");
            await command.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (Exception e) when (e is NpgsqlException or InvalidOperationException or IOException or TimeoutException)
        {
            // The server frees the locks and the channels of a lost session.
        }
    }

    /// <summary>Returns the text of a time limit in the settings of the server.</summary>
    public static string Milliseconds(TimeSpan limit) => ((long)limit.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);

    static NpgsqlParameter ParameterOf(Arg arg) => new() { NpgsqlDbType = arg.Type, Value = arg.Value };

    public async ValueTask DisposeAsync()
    {
        if (!prepares) return;
        foreach (var command in commands.Values) await command.DisposeAsync();
        foreach (var batch in batches.Values) await batch.DisposeAsync();
        await connection.DisposeAsync();
    }
}
