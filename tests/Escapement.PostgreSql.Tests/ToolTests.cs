using System.Text.Json;
using Escapement.Cli.Tests;
using Escapement.Jobs;
using Escapement.Rules;
using Escapement.Triggers;
using Npgsql;

namespace Escapement.PostgreSql.Tests;

/// <summary>The tool over a database, without a process of the scheduler.</summary>
public sealed class ToolTests : IAsyncLifetime
{
    const string Schema = "tool";

    readonly NpgsqlDataSource database = Server.Current.Database;

    public async ValueTask InitializeAsync()
    {
        await using PostgreSqlStore store = new(new(database, TimeSpan.FromSeconds(15)) { Schema = Schema }, TimeProvider.System);
        await store.OpenAsync("shop", CancellationToken.None);
        var due = store.Clock.GetUtcNow().AddMinutes(-5);
        await store.ChangeAsync(new()
        {
            Jobs =
            [
                JobEdits.Add(new()
                {
                    Id = JobId.Parse("report"),
                    Name = "report",
                    Handler = "report",
                    Trigger = new DateTrigger(due, ZoneClock.Utc),
                    Options = new() { MisfireGrace = MisfireGrace.Unlimited },
                }, next: due),
            ],
        }, CancellationToken.None);
    }

    [Fact]
    public async Task It_tells_why_and_changes_jobs()
    {
        var why = await RunAsync("why", "report", "--json");
        Assert.Equal((0, ""), (why.ExitCode, why.Error));
        using (var report = JsonDocument.Parse(why.Output))
            Assert.Equal("NoActiveNode", report.RootElement.GetProperty("entries")[0].GetProperty("reason").GetString());

        Assert.Equal(0, (await RunAsync("pause", "report", "--by", "li", "--why", "db move")).ExitCode);
        Assert.Contains("db move", (await RunAsync("pauses")).Output, StringComparison.Ordinal);
        Assert.Contains("db move", (await RunAsync("actions")).Output, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync("resume", "report")).ExitCode);
        Assert.Equal(0, (await RunAsync("audit")).ExitCode);
    }

    [Fact]
    public async Task It_creates_no_store()
    {
        var audit = await Tool.Run("audit", "--store", Server.Current.ConnectionString, "--schema", "nowhere");
        Assert.Equal(3, audit.ExitCode);
        Assert.Contains("has no store in the schema 'nowhere'", audit.Error, StringComparison.Ordinal);
        await using var schema = database.CreateCommand("select count(*) from pg_namespace where nspname = 'nowhere'");
        Assert.Equal(0L, await schema.ExecuteScalarAsync());
    }

    [Fact]
    public async Task A_store_that_no_application_has_started_is_told()
    {
        const string schema = "unstarted";
        Assert.Equal(0, (await Tool.Run("migrate", "--store", Server.Current.ConnectionString, "--schema", schema)).ExitCode);
        var audit = await Tool.Run("audit", "--store", Server.Current.ConnectionString, "--schema", schema);
        Assert.Equal(3, audit.ExitCode);
        Assert.Contains("no application has started yet", audit.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3, "cannot be reached", "Host=127.0.0.1;Port=1;Password=s3cret")]
    [InlineData(3, "cannot be reached", "postgresql://li:s3cret@127.0.0.1:1/shop")]
    [InlineData(2, "the key 'passwort' is not known", "Host=db;Passwort=s3cret")]
    [InlineData(2, "a connection string without Host", "Hots=db;Password=s3cret")]
    [InlineData(2, "--schema: 'A b' is no schema", "Host=db;Password=s3cret", "--schema", "A b")]
    [InlineData(2, "a file has no schemas", "jobs.db", "--schema", "shop")]
    public async Task A_wrong_place_is_told_without_its_password(int exitCode, string message, params string[] place)
    {
        var audit = await Tool.Run(["audit", "--store", .. place]);
        Assert.Equal(exitCode, audit.ExitCode);
        Assert.Contains(message, audit.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", audit.Error, StringComparison.Ordinal);
    }

    static Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] command) =>
        Tool.Run([.. command, "--store", Server.Current.ConnectionString, "--schema", Schema]);

    public async ValueTask DisposeAsync()
    {
        await using (var drop = database.CreateCommand($"drop schema {Schema} cascade")) await drop.ExecuteNonQueryAsync();
    }
}
