using System.Globalization;
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
        await LockedRoleAsync();
        Assert.Contains("user and the password", await RefusedAsync(Server.For("postgres", name, Password)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_without_a_user_is_told()
    {
        var told = await RefusedAsync($"Host=127.0.0.1;Port={Server.Port};Database=postgres;Timeout=15");
        Assert.Contains($"the role '{Environment.GetEnvironmentVariable("PGUSER") ?? Environment.UserName}', because the connection string has no Username,",
            told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_does_not_exist_is_refused() =>
        Assert.Contains("createdb --encoding=UTF8 --template=template0 \"nowhere\"", await RefusedAsync(Server.For("nowhere", "postgres", Password)), StringComparison.Ordinal);

    [Fact]
    public async Task A_role_that_may_not_create_the_schema_is_refused()
    {
        await Server.ExecuteAsync($"create role {name} login");
        var told = await RefusedAsync(Server.For("postgres", name, Password));
        Assert.Contains($"grant create on database \"postgres\" to \"{name}\".", told, StringComparison.Ordinal);

        // The statements of the message are enough.
        await Server.ExecuteAsync($"grant create on database \"postgres\" to \"{name}\"");
        await OpenAsync(Server.For("postgres", name, Password));
    }

    [Fact]
    public async Task A_role_that_may_not_write_is_refused()
    {
        await Server.ExecuteAsync($"create role {name} login superuser; alter role {name} set default_transaction_read_only = on");
        Assert.Contains("primary", await RefusedAsync(Server.For("postgres", name, Password)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pool_that_is_too_small_is_refused() => Assert.Contains(
        "opens at most 4 connections; 5 or more are needed. Set Maximum Pool Size",
        await RefusedAsync(Server.ConnectionString + ";Maximum Pool Size=4"), StringComparison.Ordinal);

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

    [Theory]
    [InlineData("alter table {0}.waiting drop column cause", "waiting.cause")]
    [InlineData("drop table {0}.run_args; alter table {0}.due drop column blocked", "due.blocked, run_args")]
    public async Task Columns_that_only_a_later_operation_needs_are_missed_at_the_start(string sql, string missing)
    {
        await OpenOnceAsync();
        await Server.ExecuteAsync(string.Format(CultureInfo.InvariantCulture, sql, name));
        Assert.Contains($"It lacks: {missing}.", await RefusedAsync(Server.ConnectionString), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_checked_columns_are_those_of_the_schema()
    {
        await OpenOnceAsync();
        await using var database = NpgsqlDataSource.Create(Server.ConnectionString);
        await using var command = database.CreateCommand($"""
            select string_agg(line, e'\n' order by line) from (
                select c.relname || ': ' || string_agg(a.attname, ' ' order by a.attnum) collate "C" line from pg_class c
                    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
                where c.relnamespace = '{name}'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition group by c.relname) t
            """);
        Assert.Equal(SchemaCheck.Tables.ReplaceLineEndings("\n"), await command.ExecuteScalarAsync());
    }

    [Fact]
    public async Task A_role_without_rights_on_a_table_is_refused_at_the_start()
    {
        await OpenOnceAsync();
        await Server.ExecuteAsync($"""
            create role {name} login; grant usage on schema {name} to {name}; grant all on all tables in schema {name} to {name};
            grant all on all sequences in schema {name} to {name};
            revoke insert on {name}.run from {name}; revoke all on {name}.token from {name};
            revoke update on {name}.enqueued from {name}
            """);
        var told = await RefusedAsync(Server.For("postgres", name, Password));
        Assert.Contains($"the role '{name}' may not read and write in the schema '{name}': enqueued, run, token.", told, StringComparison.Ordinal);
        await Server.ExecuteAsync(told[told.IndexOf("grant usage", StringComparison.Ordinal)..].TrimEnd('.'));
        await OpenAsync(Server.For("postgres", name, Password));
    }

    [Fact]
    public async Task A_password_that_is_not_given_is_refused()
    {
        await LockedRoleAsync();
        var told = await RefusedAsync(Server.For("postgres", name));
        Assert.Contains("No password", told, StringComparison.Ordinal);
        Assert.Contains("Give Password in the connection string", told, StringComparison.Ordinal);
        Assert.DoesNotContain("SSL Mode", told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_encryption_that_the_server_does_not_have_is_refused() => Assert.Contains("SSL Mode",
        await RefusedAsync(Server.ConnectionString + ";SSL Mode=Require"), StringComparison.Ordinal);

    [Fact]
    public async Task What_an_operator_breaks_and_mends_is_an_outage()
    {
        await using var database = NpgsqlDataSource.Create(Server.ConnectionString);
        await using PostgreSqlStore store = new(new(database, TimeSpan.FromSeconds(15)) { Schema = name }, TimeProvider.System);
        await store.OpenAsync("test", default);
        await Server.ExecuteAsync($"alter schema {name} rename to {name}_away");
        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.LookAsync(Sign.None, default));
        await Server.ExecuteAsync($"alter schema {name}_away rename to {name}");
        Assert.Empty((await store.LookAsync(Sign.None, default)).Nodes);
    }

    [Fact]
    public async Task A_deleted_row_of_the_state_is_written_anew_at_a_start()
    {
        await OpenOnceAsync();
        await Server.ExecuteAsync($"delete from {name}.state");
        await OpenOnceAsync();
        await OpenOnceAsync();
    }

    [Theory]
    [InlineData("Target Session Attributes=primary"), InlineData("Target Session Attributes=read-write")]
    public async Task Attributes_of_a_session_are_accepted_with_a_single_host(string setting)
    {
        var options = PostgreSqlStoreOptions.Of($"{Server.ConnectionString};{setting}", TimeSpan.FromSeconds(15));
        await using PostgreSqlStore store = new(options with { Schema = name }, TimeProvider.System);
        await store.OpenAsync("test", default);
        await options.Database.DisposeAsync();
    }

    [Theory]
    [InlineData("Database=shop;Password=tell-nobody", "Host"), InlineData("Host=db;Minimum Pool Size=900;Maximum Pool Size=3", "Pool")]
    public void A_connection_that_the_driver_refuses_is_told(string connection, string says)
    {
        var told = Assert.Throws<FormatException>(() => PostgreSqlStoreOptions.Of(connection, TimeSpan.FromSeconds(15)));
        Assert.Contains(says, told.Message, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(Password, told.Message, StringComparison.Ordinal);
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
        Assert.EndsWith(").", told.Message, StringComparison.Ordinal);
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

    /// <summary>Creates a role for which the server asks for a password.</summary>
    async Task LockedRoleAsync() => await Server.ExecuteAsync($"""
        do $$ begin create role locked; exception when duplicate_object or unique_violation then null; end $$;
        create role {name} login password 'another'; grant locked to {name}
        """);

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
