using Escapement.Stores;
using Npgsql;

namespace Escapement.PostgreSql.Tests;

/// <summary>Each fault is told with what was tried, what PostgreSQL answered, and what to do, and without a password.</summary>
public sealed class FaultTests
{
    const string Password = "tell-nobody";

    static int count;

    readonly string name = $"fault{Interlocked.Increment(ref count)}";

    static Server Server => Server.Current;

    [Fact]
    public async Task A_wrong_password_is_refused()
    {
        await Server.ExecuteAsync($"create role locked; create role {name} login password 'another' in role locked");
        Assert.Contains("user and the password", await RefusedAsync(Server.For("postgres", name, Password)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_does_not_exist_is_refused() =>
        Assert.Contains("createdb", await RefusedAsync(Server.For("nowhere", "postgres", Password)), StringComparison.Ordinal);

    [Fact]
    public async Task A_role_that_may_not_create_the_schema_is_refused()
    {
        await Server.ExecuteAsync($"create role {name} login");
        Assert.Contains("grant create on database", await RefusedAsync(Server.For("postgres", name, Password)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_role_that_may_not_write_is_refused()
    {
        await Server.ExecuteAsync($"create role {name} login superuser; alter role {name} set default_transaction_read_only = on");
        Assert.Contains("primary", await RefusedAsync(Server.For("postgres", name, Password)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_schema_of_a_newer_version_is_refused()
    {
        await OpenOnceAsync();
        await Server.ExecuteAsync($"update {name}.state set version = 99");
        Assert.Contains("schema version 99", await RefusedAsync(Server.ConnectionString), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_column_that_is_missing_is_named()
    {
        await OpenOnceAsync();
        await Server.ExecuteAsync($"alter table {name}.epoch drop column probes");
        Assert.Contains("probes", await RefusedAsync(Server.ConnectionString), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_of_another_encoding_is_refused()
    {
        await Server.ExecuteAsync($"create database {name} encoding 'LATIN1' template template0 locale 'C'");
        Assert.Contains("LATIN1", await RefusedAsync(Server.For(name, "postgres", Password)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_does_not_answer_may_be_back_soon()
    {
        var connection = $"Host=127.0.0.1;Port=1;Username=postgres;Password={Password};Timeout=5";
        var told = await Assert.ThrowsAsync<StoreUnavailableException>(() => OpenAsync(connection));
        Assert.Contains("127.0.0.1:1/postgres cannot be reached", told.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Password, told.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lost_session_costs_one_operation()
    {
        await using var database = NpgsqlDataSource.Create(Server.ConnectionString);
        await using PostgreSqlStore store = new(new(database, TimeSpan.FromSeconds(15)) { Schema = name }, TimeProvider.System);
        await store.OpenAsync("test", default);
        await store.LookAsync(new Sign.Enter(new(name, 1, "h", DateTimeOffset.UnixEpoch, null), [], []), default);
        await store.LookAsync(Sign.None, default);
        await Server.ExecuteAsync($"select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'escapement {name}'");

        var told = await Assert.ThrowsAsync<StoreUnavailableException>(() => store.LookAsync(Sign.None, default));
        Assert.Contains("terminat", told.Message, StringComparison.Ordinal);
        Assert.Single((await store.LookAsync(Sign.None, default)).Nodes);
    }

    [Fact]
    public async Task Texts_that_PostgreSQL_cannot_hold_are_stored_all_the_same()
    {
        await using var database = NpgsqlDataSource.Create(Server.ConnectionString);
        await using PostgreSqlStore store = new(new(database, TimeSpan.FromSeconds(15)) { Schema = name }, TimeProvider.System);
        await store.OpenAsync("test", default);
        var look = await store.LookAsync(
            new Sign.Enter(new(name, 1, "a\0b\ud83dc\ud83d\ude00", DateTimeOffset.UnixEpoch, null), [], []), default);
        Assert.Equal("a\ufffdb\ufffdc\ud83d\ude00", Assert.Single(look.Nodes).Name.Host);
    }

    async Task OpenOnceAsync() => await OpenAsync(Server.ConnectionString);

    async Task<string> RefusedAsync(string connection)
    {
        var told = await Assert.ThrowsAsync<StoreRefusedException>(() => OpenAsync(connection));
        Assert.DoesNotContain(Password, told.Message + told.InnerException, StringComparison.Ordinal);
        return told.Message;
    }

    async Task OpenAsync(string connection)
    {
        await using var database = NpgsqlDataSource.Create(connection);
        await using PostgreSqlStore store = new(new(database, TimeSpan.FromSeconds(15)) { Schema = name }, TimeProvider.System);
        await store.OpenAsync("test", default);
    }
}
