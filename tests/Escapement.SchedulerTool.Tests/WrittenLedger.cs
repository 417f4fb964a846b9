using Escapement.Sqlite;
using Escapement.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Escapement.SchedulerTool.Tests;

/// <summary>A morning of the real engine on a fake clock, in the file of a SQLite store that no process has open: a killed
/// process, a pause with a reason, a changed expression, and a failed run. A program that runs no jobs serves the API over
/// the same file.</summary>
public sealed class WrittenLedger : IAsyncLifetime
{
    /// <summary>The span of the morning, as options of the tool.</summary>
    public static readonly string[] Span = ["--from", "2025-03-03T08:00:00Z", "--to", "2025-03-03T12:00:00Z"];

    static readonly DateTimeOffset Start = new(2025, 3, 3, 8, 0, 0, TimeSpan.Zero);

    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("escapement-ledger-");
    WebApplication? app;

    /// <summary>The file of the store.</summary>
    public string Store => Path.Combine(folder.FullName, "escapement.db");

    /// <summary>The address of the API.</summary>
    public string Url { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        await WriteAsync();
        await ServeAsync();
    }

    async Task WriteAsync()
    {
        var isBroken = false;
        await using var test = await SchedulerTest.StartAsync(
            scheduler =>
            {
                scheduler.Add("report", "*/5 * * * *", () =>
                {
                    if (isBroken) throw new InvalidOperationException("the disk is full");
                }).Coalesce(false).MisfireGrace(TimeSpan.FromMinutes(1));
                scheduler.Add("tick", Every.Seconds(30), () => { });
            },
            options: new()
            {
                Start = Start,
                Lease = TimeSpan.FromSeconds(15),
                Store = (clock, _) => new SqliteStore(new(Store, TimeSpan.FromSeconds(15)), clock),
            });
        await test.AdvanceToAsync(Start.AddMinutes(58));
        await test.CrashAsync();
        await test.AdvanceToAsync(Start.AddMinutes(72));
        await test.RestartAsync();
        await test.AdvanceToAsync(Start.AddMinutes(122));
        await test.Scheduler.PauseAsync("report", new("li", "db move"));
        await test.AdvanceToAsync(Start.AddMinutes(144));
        await test.Scheduler.ResumeAsync("report");
        isBroken = true;
        await test.AdvanceToAsync(Start.AddMinutes(147));
        isBroken = false;
        await test.Scheduler.ChangeAsync("report", new() { Trigger = TriggerBuilder.Cron("*/10 * * * *") });
        await test.AdvanceToAsync(Start.AddHours(4));
        await test.StopAsync();
    }

    async Task ServeAsync()
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = folder.FullName });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["SCHEDULER_STORE"] = Store,
            ["SCHEDULER_ENABLED"] = "false",
            ["SCHEDULER_TIMEZONE"] = "UTC",
            ["SCHEDULER_APPLICATION"] = Value("select application from state"),
        });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.AddEscapement();
        app = builder.Build();
        app.MapEscapement();
        await app.StartAsync();
        Url = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First() + "/scheduler";
    }

    string Value(string sql)
    {
        using SqliteConnection connection = new($"Data Source={Store};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (string)command.ExecuteScalar()!;
    }

    public async ValueTask DisposeAsync()
    {
        if (app is not null)
        {
            await app.StopAsync();
            await app.DisposeAsync();
        }

        folder.Delete(recursive: true);
    }
}
