using System.Transactions;
using Escapement.Jobs;
using Escapement.Rules;
using Escapement.Stores;
using Escapement.TestProcesses;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Escapement.PostgreSql.Tests;

/// <summary>The sessions of a store outlive what happens to their server and their program.</summary>
public sealed class SessionTests : IAsyncDisposable
{
    static readonly TimeSpan Lease = TimeSpan.FromSeconds(3);

    static int count;

    readonly string name = $"session{Interlocked.Increment(ref count)}";
    readonly NpgsqlDataSource database = NpgsqlDataSource.Create(Server.Current.ConnectionString);

    [Fact]
    public async Task A_session_that_is_read_only_costs_one_operation()
    {
        await Server.Current.ExecuteAsync($"create role {name} login superuser");
        await using var source = NpgsqlDataSource.Create(Server.Current.For("postgres", name));
        await using PostgreSqlStore store = new(new(source, TimeSpan.FromSeconds(15)) { Schema = name }, TimeProvider.System);
        await store.OpenAsync("test", default);
        await Server.Current.ExecuteAsync($"""
            alter role {name} set default_transaction_read_only = on;
            select pg_terminate_backend(pid) from pg_stat_activity where usename = '{name}' and application_name not like '%notifier%'
            """);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.LookAsync(Sign.None, default));
        await store.LookAsync(Sign.None, default);
        await Server.Current.ExecuteAsync($"alter role {name} reset default_transaction_read_only");

        var told = await Assert.ThrowsAsync<StoreUnavailableException>(() => store.LookAsync(Enter(), default));
        Assert.Contains("read-only", told.Message, StringComparison.Ordinal);
        Assert.Single((await store.LookAsync(Enter(), default)).Nodes);
    }

    [Fact]
    public async Task A_broken_session_closes_the_idle_sessions()
    {
        await using var sessions = Pool(Unknown());
        var taken = new[] { await sessions.TakeAsync(default), await sessions.TakeAsync(default), await sessions.TakeAsync(default) };
        int[] processes = [.. taken.Select(session => session.Connection.ProcessID)];
        await sessions.ReturnAsync(taken[0]);
        await sessions.ReturnAsync(taken[1]);

        await sessions.DiscardAsync(taken[2], withIdle: true);

        var next = await sessions.TakeAsync(default);
        Assert.DoesNotContain(next.Connection.ProcessID, processes);
        await sessions.ReturnAsync(next);
    }

    [Fact]
    public async Task A_scope_of_the_program_takes_nothing_back()
    {
        await using var store = Store();
        using (new TransactionScope(TransactionScopeAsyncFlowOption.Enabled))
        {
            await store.OpenAsync("test", default);
            await store.ChangeAsync(new() { Jobs = [JobEdits.Add(new() { Id = JobId.Parse("mail"), Name = "mail", Handler = "mail" })] }, default);
            await store.EnqueueAsync([new() { Job = JobId.Parse("mail") }], default);
        }

        await using var command = database.CreateCommand($"select count(*) from {name}.waiting");
        Assert.Equal(1L, await command.ExecuteScalarAsync());
    }

    [Fact]
    public async Task The_settings_of_a_session_outlive_a_scope_of_the_program()
    {
        await using var sessions = Pool(Unknown());
        Session session;
        using (new TransactionScope(TransactionScopeAsyncFlowOption.Enabled)) session = await sessions.OpenAsync("scope", default);
        await using var opened = session;
        Assert.Equal(["500ms 0"], await session.QueryAsync(
            new("select current_setting('lock_timeout') || ' ' || current_setting('idle_session_timeout')"), row => row.Text(0)));
    }

    [Fact]
    public void A_source_of_a_connection_string_does_not_join_a_scope()
    {
        using var source = PostgreSqlStoreOptions.Of(Server.Current.ConnectionString, Lease).Database;
        NpgsqlConnectionStringBuilder settings = new(source.ConnectionString);
        Assert.Equal((false, 3), (settings.Enlist, settings.CommandTimeout));
    }

    [Fact]
    public async Task An_answer_is_waited_for_longer_than_the_server_executes()
    {
        await using var sessions = Pool(Unknown());
        await using var session = await sessions.OpenAsync("limits", default);
        Assert.Equal(3, Timeout());
        await session.BeginAsync();
        await session.CallAsync(Session.Patient);
        Assert.Equal(125, Timeout());
        await session.CommitAsync();
        Assert.Equal(3, Timeout());
        await session.BeginAsync();
        session.WaitWithoutLimit();
        Assert.Equal(0, Timeout());
        await session.RollbackAsync();
        Assert.Equal(3, Timeout());

        int Timeout()
        {
            using var command = session.CommandOf("select 1");
            return command.CommandTimeout;
        }
    }

    [Theory]
    [InlineData("run", false), InlineData("job", true)]
    public async Task Waiting_reads_and_writes_leave_sessions_for_a_heartbeat(string table, bool writes)
    {
        PostgreSqlStoreOptions options = new(database, TimeSpan.FromSeconds(60)) { Schema = name, LockWait = TimeSpan.FromSeconds(10) };
        await using PostgreSqlStore store = new(options, TimeProvider.System);
        await store.OpenAsync("test", default);
        await store.ChangeAsync(new() { Jobs = [JobEdits.Add(new() { Id = JobId.Parse("mail"), Name = "mail", Handler = "mail" })] }, default);
        await using var connection = await database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (NpgsqlCommand take = new($"lock table {name}.{table} in access exclusive mode", connection)) await take.ExecuteNonQueryAsync();
        Task[] waiting = [.. Enumerable.Range(0, 10).Select(_ => writes
            ? (Task)store.EnqueueAsync([new() { Job = JobId.Parse("mail") }], default)
            : store.RunsAsync(new(), default))];

        await store.LookAsync(Sign.None, default);

        Assert.DoesNotContain(waiting, task => task.IsCompleted);
        await transaction.RollbackAsync();
        await Task.WhenAll(waiting);
    }

    [Fact]
    public async Task A_role_that_may_not_add_partitions_is_told_once()
    {
        await using (var owner = Store()) await owner.MigrateAsync(default);
        await Server.Current.ExecuteAsync($"""
            create role {name} login; grant usage on schema {name} to {name}; grant all on all tables in schema {name} to {name};
            grant all on all sequences in schema {name} to {name}
            """);
        await using var source = NpgsqlDataSource.Create(Server.Current.For("postgres", name));
        using CollectedLog log = new();
        await using PostgreSqlStore store = new(new(source, TimeSpan.FromSeconds(15)) { Schema = name }, TimeProvider.System, log);
        await store.OpenAsync("test", default);
        await store.TrimAsync(DateTimeOffset.UnixEpoch, default);
        Assert.Contains($"alter table \"{name}\".run owner to \"{name}\"", Assert.Single(log.Lines), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("run_mine", 0, 4_102_444_800_000_000)]
    [InlineData("run_99991231", 253_402_214_400_000_000, 253_402_300_800_000_000)]
    public async Task A_partition_of_an_operator_is_left_alone(string table, long from, long to)
    {
        await using (var owner = Store()) await owner.MigrateAsync(default);
        await Server.Current.ExecuteAsync($"create table {name}.{table} partition of {name}.run for values from ({from}) to ({to})");
        await using var store = Store();
        await store.OpenAsync("test", default);
        await store.TrimAsync(DateTimeOffset.UnixEpoch, default);
        await using var command = database.CreateCommand($"select to_regclass('{name}.{table}') is not null");
        Assert.Equal(true, await command.ExecuteScalarAsync());
    }

    [Fact]
    public async Task A_start_does_not_wait_for_a_partition()
    {
        await using (var owner = Store()) await owner.MigrateAsync(default);
        await using var connection = await database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (NpgsqlCommand take = new($"lock table {name}.run in share update exclusive mode", connection))
            await take.ExecuteNonQueryAsync();

        // The server ends the statement before the wait for the lock is over.
        await using PostgreSqlStore store = new(new(database, Lease) { Schema = name, LockWait = TimeSpan.FromSeconds(10) }, TimeProvider.System);
        await store.OpenAsync("test", default);
    }

    [Fact]
    public async Task A_notifier_does_not_end_at_a_server_that_was_replaced()
    {
        var timelines = Unknown();
        await using var sessions = Pool(timelines);
        timelines.See(1_000);
        await using PostgreSqlNotifier notifier = new(sessions, name, TimeProvider.System, null);
        await notifier.OpenAsync(default);
        notifier.Notify(new(StoreSignal.Work));
    }

    [Theory]
    [InlineData("", 8), InlineData(";Maximum Pool Size=6", 3), InlineData(";Maximum Pool Size=11", 8), InlineData(";Maximum Pool Size=1", 2),
        InlineData(";Maximum Pool Size=6;Pooling=false", 8)]
    public async Task Operations_have_what_the_pool_leaves(string size, int sessions)
    {
        await using var source = NpgsqlDataSource.Create(Server.Current.ConnectionString + size);
        Assert.Equal(sessions, new PostgreSqlStoreOptions(source, Lease).Sessions);
    }

    [Fact]
    public async Task The_smallest_pool_is_enough_for_all_sessions_of_a_node()
    {
        await using var source = NpgsqlDataSource.Create(Server.Current.ConnectionString + ";Maximum Pool Size=5;Timeout=60");
        await using PostgreSqlStore store = new(new(source, TimeSpan.FromSeconds(15)) { Schema = name }, TimeProvider.System);
        await store.OpenAsync("test", default);
        using var locks = store.OpenLifeLocks(name);
        using CancellationTokenSource limit = new(NodeProcess.Limit);
        var waiting = locks.WaitUntilFreeAsync("postgresql:1", limit.Token);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => i % 2 == 0
            ? (Task)store.LookAsync(Sign.None, limit.Token)
            : store.RunsAsync(new(), limit.Token)));
        await waiting;
    }

    [Fact]
    public async Task A_closed_store_leaves_neither_a_lock_nor_a_channel_in_the_connections_of_the_program()
    {
        await using var source = NpgsqlDataSource.Create(Server.Current.ConnectionString + ";Maximum Pool Size=5;No Reset On Close=true");
        PostgreSqlStore store = new(new(source, TimeSpan.FromSeconds(15)) { Schema = name }, TimeProvider.System);
        await store.OpenAsync("test", default);
        using CancellationTokenSource limit = new(NodeProcess.Limit);
        using (var locks = store.OpenLifeLocks(name))
            while (!locks.IsHeld) await Task.Delay(10, limit.Token);
        await store.DisposeAsync();

        // Each connection of the pool, all at once.
        List<NpgsqlConnection> all = [];
        for (var i = 0; i < 5; i++) all.Add(await source.OpenConnectionAsync(limit.Token));
        foreach (var connection in all)
        {
            await using var command = new NpgsqlCommand("""
                select (select count(*) from pg_listening_channels()) + (select count(*) from pg_locks where locktype = 'advisory' and pid = pg_backend_pid())
                """, connection);
            Assert.Equal(0L, await command.ExecuteScalarAsync(limit.Token));
            await connection.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_lost_connection_to_the_server_is_told_once_for_both_sessions_of_the_life_locks()
    {
        using CollectedLog log = new();
        await using PostgreSqlStore store = new(new(database, TimeSpan.FromSeconds(15)) { Schema = name }, TimeProvider.System, log);
        await store.OpenAsync("test", default);
        using CancellationTokenSource limit = new(NodeProcess.Limit);
        using var neighbour = store.OpenLifeLocks($"{name}-neighbour");
        while (!neighbour.IsHeld) await Task.Delay(10, limit.Token);
        using var locks = store.OpenLifeLocks(name);
        var free = locks.WaitUntilFreeAsync(neighbour.Key!, limit.Token);
        while (!locks.IsHeld || locks.Session < 2) await Task.Delay(10, limit.Token);

        await Server.Current.ExecuteAsync(
            $"select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'escapement {name}'");
        while (!locks.IsHeld || locks.Session < 6) await Task.Delay(10, limit.Token);

        Assert.StartsWith("The session that proves the life of this process was lost", Assert.Single(log.Lines), StringComparison.Ordinal);
        neighbour.Dispose();
        await free;
    }

    [Fact]
    public void The_channel_binding_of_an_address_is_known() => Assert.Equal(ChannelBinding.Require,
        ConnectionText.Read("postgresql://shop@db/shop?channel_binding=require").ChannelBinding);

    Sign.Enter Enter() => new(new(name, 1, "h", DateTimeOffset.UnixEpoch, null), [], []);

    PostgreSqlStore Store() => new(new(database, TimeSpan.FromSeconds(15)) { Schema = name }, TimeProvider.System);

    SessionPool Pool(Timelines timelines) => new(new(database, Lease), $"\"{name}\"", timelines);

    static Timelines Unknown() => new("the server", NullLogger.Instance);

    public ValueTask DisposeAsync() => database.DisposeAsync();
}
