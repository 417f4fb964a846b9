using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Escapement.SchedulerTool.Tests;

/// <summary>A program with the real engine, a SQLite store and the REST API on a free port of this machine.</summary>
public sealed class RunningScheduler : IAsyncLifetime
{
    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("escapement-cli-");
    readonly Dictionary<string, string?> settings = new() { ["SCHEDULER_TIMEZONE"] = "UTC" };
    WebApplication? app;

    /// <summary>The file of the store.</summary>
    public string Store => Path.Combine(folder.FullName, "escapement.db");

    /// <summary>The address of the API.</summary>
    public string Url => app!.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First() + "/scheduler";

    public IScheduler Scheduler => app!.Services.GetRequiredService<IScheduler>();

    /// <summary>Sets a setting before the start.</summary>
    public RunningScheduler With(string key, string value)
    {
        settings[key] = value;
        return this;
    }

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = folder.FullName });
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["SCHEDULER_STORE"] = Store });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.AddEscapement(scheduler =>
        {
            scheduler.Add("report", "0 9 1 1 *", () => { }).Tags("files");
            scheduler.Add("mail", (string to) => to.Contains('@', StringComparison.Ordinal)
                ? "sent" : throw new FormatException($"'{to}' is not an address."));
            scheduler.Add("slow", async (CancellationToken stop) => await Task.Delay(Timeout.Infinite, stop));
        });
        app = builder.Build();
        app.MapEscapement();
        await app.StartAsync();
    }

    /// <summary>Stops the program. The file of the store stays.</summary>
    public async Task StopAsync()
    {
        if (app is null) return;
        await app.StopAsync();
        await app.DisposeAsync();
        app = null;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        folder.Delete(recursive: true);
    }
}
