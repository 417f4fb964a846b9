using System.Text.Json;
using Escapement.Cli.Tests;
using Escapement.Stores;
using Npgsql;

namespace Escapement.PostgreSql.Tests;

/// <summary>The command <c>migrate</c>, beside the migration of a start.</summary>
public sealed class MigrationTests : IAsyncDisposable
{
    readonly string schema = $"m{Guid.NewGuid():N}";
    readonly NpgsqlDataSource database = Server.Current.Database;

    [Fact]
    public async Task A_plan_changes_nothing_and_its_script_creates_the_schema()
    {
        var plan = await RunAsync("migrate", "--plan");
        Assert.Equal(0, plan.ExitCode);
        Assert.Contains("does not exist. A migration creates schema version 1.", plan.Error, StringComparison.Ordinal);
        Assert.StartsWith("begin;", plan.Output, StringComparison.Ordinal);
        Assert.False(await ExistsAsync());

        await using (var script = database.CreateCommand(plan.Output)) await script.ExecuteNonQueryAsync();
        var again = await RunAsync("migrate", "--plan");
        Assert.Equal((0, ""), (again.ExitCode, again.Output));
        Assert.Contains("has schema version 1, which is up to date.", again.Error, StringComparison.Ordinal);
        await OpenAsync("shop");
    }

    [Fact]
    public async Task A_schema_that_the_tool_created_belongs_to_the_first_application_that_starts()
    {
        var created = await RunAsync("migrate", "--json");
        Assert.Equal(0, created.ExitCode);
        using (var answer = JsonDocument.Parse(created.Output))
        {
            Assert.Equal((0, 1, true), (answer.RootElement.GetProperty("stored").GetInt32(), answer.RootElement.GetProperty("needed").GetInt32(),
                answer.RootElement.GetProperty("done").GetBoolean()));
        }

        Assert.Contains("Start the application once", (await RunAsync("audit")).Error, StringComparison.Ordinal);
        await OpenAsync("shop");
        Assert.Equal(0, (await RunAsync("audit")).ExitCode);
        var refused = await Assert.ThrowsAsync<StoreRefusedException>(() => OpenAsync("books"));
        Assert.Contains("belongs to the application 'shop'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_schema_of_a_newer_version_is_neither_changed_nor_planned()
    {
        Assert.Equal(0, (await RunAsync("migrate")).ExitCode);
        await using (var newer = database.CreateCommand($"update {schema}.state set version = 99")) await newer.ExecuteNonQueryAsync();

        foreach (var command in (string[][])[["migrate"], ["migrate", "--plan"]])
        {
            var refused = await RunAsync(command);
            Assert.Equal((3, ""), (refused.ExitCode, refused.Output));
            Assert.Contains("has schema version 99", refused.Error, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(0), InlineData(-1)]
    public async Task A_version_that_no_program_writes_is_named_as_a_wrong_value(int version)
    {
        Assert.Equal(0, (await RunAsync("migrate")).ExitCode);
        await using (var edit = database.CreateCommand($"update {schema}.state set version = {version}")) await edit.ExecuteNonQueryAsync();

        foreach (var error in (string[])[(await RunAsync("migrate")).Error, (await RunAsync("audit")).Error,
            (await Assert.ThrowsAsync<StoreRefusedException>(() => OpenAsync("shop"))).Message])
        {
            Assert.Contains($"has schema version {version} in the table state, which no version of Escapement writes. Allowed: 1 – 1.",
                error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Tools_and_starts_at_once_create_a_single_schema()
    {
        var started = Enumerable.Range(0, 3).Select(_ => OpenAsync("shop"));
        var migrated = Enumerable.Range(0, 3).Select(async _ => Assert.Equal(0, (await RunAsync("migrate")).ExitCode));
        await Task.WhenAll([.. started, .. migrated]);
        Assert.True(await ExistsAsync());
    }

    [Theory]
    [InlineData("--store", "jobs.db")]
    [InlineData]
    public async Task A_file_is_not_migrated(params string[] place)
    {
        var refused = await Tool.Run(["migrate", .. place]);
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("--store: give the connection of a PostgreSQL database", refused.Error, StringComparison.Ordinal);
    }

    async Task OpenAsync(string application)
    {
        await using PostgreSqlStore store = new(new(database, TimeSpan.FromSeconds(15)) { Schema = schema }, TimeProvider.System);
        await store.OpenAsync(application, CancellationToken.None);
    }

    async Task<bool> ExistsAsync()
    {
        await using var command = database.CreateCommand($"select to_regclass('{schema}.run') is not null");
        return (bool)(await command.ExecuteScalarAsync())!;
    }

    Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] command) =>
        Tool.Run([.. command, "--store", Server.Current.ConnectionString, "--schema", schema]);

    public async ValueTask DisposeAsync()
    {
        await using (var drop = database.CreateCommand($"drop schema if exists {schema} cascade")) await drop.ExecuteNonQueryAsync();
    }
}
