using Escapement.Jobs;
using Escapement.Rules;
using Escapement.Stores;
using Npgsql;

namespace Escapement.PostgreSql.Tests;

/// <summary>A store behind a connection pooler: the pooler is found at the opening, and nothing of a session is relied upon if each
/// transaction has another session.</summary>
public sealed class PoolerTests
{
    static int count;

    readonly string schema = $"pooler{Interlocked.Increment(ref count)}";

    [Theory]
    [InlineData("transaction", 1), InlineData("transaction", 5), InlineData("session", 20)]
    public async Task A_pooler_is_found(string mode, int sessions)
    {
        await using var bouncer = await PgBouncer.StartAsync(Server.Current, mode, sessions);
        await using var database = NpgsqlDataSource.Create(bouncer.ConnectionString);
        Assert.Equal(mode == "session" ? Pooling.Connections : Pooling.Transactions, await PoolerCheck.FindAsync(database, default));
    }

    [Fact]
    public async Task A_pooler_that_other_programs_keep_busy_is_found()
    {
        await using var bouncer = await PgBouncer.StartAsync(Server.Current, "transaction", 4);
        await using var others = NpgsqlDataSource.Create(bouncer.ConnectionString);
        using CancellationTokenSource over = new();
        var busy = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            await using var connection = await others.OpenConnectionAsync();
            while (!over.IsCancellationRequested)
            {
                await using NpgsqlCommand command = new("select pg_sleep(random() * 0.01)", connection);
                await command.ExecuteNonQueryAsync();
            }
        })).ToList();
        for (var i = 0; i < 20; i++)
        {
            await using var database = NpgsqlDataSource.Create(bouncer.ConnectionString);
            Assert.Equal(Pooling.Transactions, await PoolerCheck.FindAsync(database, default));
        }

        await over.CancelAsync();
        await Task.WhenAll(busy);
    }

    [Fact]
    public async Task The_server_itself_is_no_pooler()
    {
        await using var database = NpgsqlDataSource.Create(Server.Current.ConnectionString);
        Assert.Equal(Pooling.None, await PoolerCheck.FindAsync(database, default));
    }

    [Fact]
    public async Task Nothing_is_left_in_the_sessions_that_other_programs_share()
    {
        await using var bouncer = await PgBouncer.StartAsync(Server.Current, "transaction", 1);
        var options = PostgreSqlStoreOptions.Of(bouncer.ConnectionString, TimeSpan.FromSeconds(15)) with { Schema = schema };
        await using PostgreSqlStore store = new(options, TimeProvider.System);
        await store.OpenAsync("test", default);
        await store.ChangeAsync(new() { Jobs = [JobEdits.Add(new() { Id = JobId.Parse("mail"), Name = "mail", Handler = "mail" })] }, default);
        await store.EnqueueAsync([new() { Job = JobId.Parse("mail") }], default);
        await store.LookAsync(new Sign.Enter(new(schema, 1, "h", DateTimeOffset.UnixEpoch, null), [], []), default);

        await using var database = NpgsqlDataSource.Create(bouncer.ConnectionString);
        await using var command = database.CreateCommand("""
            select current_setting('enable_seqscan') || ' ' || current_setting('lock_timeout') || ' ' || current_setting('search_path')
                || ' ' || (select count(*) from pg_prepared_statements) || ' ' || (select count(*) from pg_listening_channels())
            """);
        Assert.Equal("on 0 \"$user\", public 0 0", await command.ExecuteScalarAsync());
        await options.Database.DisposeAsync();
    }

    [Fact]
    public async Task The_limits_of_a_session_hold_in_each_transaction()
    {
        await using var bouncer = await PgBouncer.StartAsync(Server.Current, "transaction", 2);
        await using var database = NpgsqlDataSource.Create(bouncer.ConnectionString);
        await using SessionPool sessions = new(new(database, TimeSpan.FromSeconds(15)), "\"any\"",
            new("the server", Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance));
        await using var session = await sessions.OpenAsync("limits", default);
        Sql settings = new("""
            select current_setting('lock_timeout') || ' ' || current_setting('statement_timeout') || ' '
                || current_setting('idle_in_transaction_session_timeout') || ' ' || current_setting('application_name')
            """);
        Assert.Equal(["500ms 5s 5s escapement limits"], await session.QueryAsync(settings, row => row.Text(0)));
        await session.BeginAsync();
        Assert.Equal(["500ms 5s 5s escapement limits"], await session.QueryAsync(settings, row => row.Text(0)));
        await session.CommitAsync();

        // The pooler has connected to a promoted replica.
        session.Timeline++;
        await Assert.ThrowsAsync<StoreUnavailableException>(() => session.BeginAsync());
        await session.RollbackAsync();
    }

    [Fact]
    public async Task A_statement_is_isolated_as_the_store_needs_and_an_error_leaves_no_transaction_open()
    {
        await Server.Current.ExecuteAsync($"create database {schema}");
        await Server.Current.ExecuteAsync($"alter database {schema} set default_transaction_isolation to serializable");
        await using var bouncer = await PgBouncer.StartAsync(Server.Current, "transaction", 2);
        await using var database = NpgsqlDataSource.Create($"{bouncer.ConnectionString};Database={schema}");
        await using SessionPool sessions = new(new(database, TimeSpan.FromSeconds(15)), "\"any\"",
            new("the server", Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance));
        await using var session = await sessions.OpenAsync("isolated", default);
        Sql level = new("select current_setting('transaction_isolation')"), error = new("select 1 / (random() * 0)::int");
        Assert.Equal(["read committed"], await session.QueryAsync(level, row => row.Text(0)));
        await Assert.ThrowsAsync<PostgresException>(() => session.QueryAsync(error, row => row.Text(0)));
        await Assert.ThrowsAsync<PostgresException>(() => session.RunAsync(error));
        Assert.Equal(["read committed"], await session.QueryAsync(level, row => row.Text(0)));
    }

    [Fact]
    public async Task A_driver_that_prepares_statements_is_refused()
    {
        await using var bouncer = await PgBouncer.StartAsync(Server.Current, "transaction", 2);
        await using var database = NpgsqlDataSource.Create(bouncer.ConnectionString + ";Max Auto Prepare=20");
        await using PostgreSqlStore store = new(new(database, TimeSpan.FromSeconds(15)) { Schema = schema }, TimeProvider.System);
        var told = await Assert.ThrowsAsync<StoreRefusedException>(() => store.OpenAsync("test", default));
        Assert.Contains("Max Auto Prepare=0", told.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_setting_that_the_pooler_does_not_know_is_told()
    {
        await using var bouncer = await PgBouncer.StartAsync(Server.Current, "transaction", 2);
        await using var database = NpgsqlDataSource.Create(bouncer.ConnectionString + ";Options=-c work_mem=8MB");
        await using PostgreSqlStore store = new(new(database, TimeSpan.FromSeconds(15)) { Schema = schema }, TimeProvider.System);
        var told = await Assert.ThrowsAsync<StoreRefusedException>(() => store.OpenAsync("test", default));
        Assert.Contains("ignore_startup_parameters", told.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_behind_a_pooler_names_no_life_lock()
    {
        await using var bouncer = await PgBouncer.StartAsync(Server.Current, "transaction", 2);
        await using var database = NpgsqlDataSource.Create(bouncer.ConnectionString);
        await using PostgreSqlStore store = new(new(database, TimeSpan.FromSeconds(15)) { Schema = schema }, TimeProvider.System);
        using var locks = store.OpenLifeLocks("node");
        await store.OpenAsync("test", default);
        Assert.Equal((null, false), (locks.Key, locks.IsHeld));
    }
}
