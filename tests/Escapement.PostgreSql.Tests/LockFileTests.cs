using Escapement.Stores;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Escapement.PostgreSql.Tests;

/// <summary>A program that came from SQLite, and still has the setting of a lock file.</summary>
public sealed class LockFileTests : IDisposable
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    readonly string folder = Directory.CreateTempSubdirectory("escapement-lock-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_lock_file_is_not_used_over_a_database()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["SCHEDULER_SCHEMA"] = "lockfile",
            ["SCHEDULER_LOCK_FILE"] = Path.Combine(folder, "scheduler.lock"),
        });
        using CollectedLog log = new();
        builder.Logging.ClearProviders().AddProvider(log);
        builder.AddEscapementCore(scheduler => scheduler.UsePostgreSql(Server.Current.ConnectionString).Add("mail", () => { }));
        using var host = builder.Build();
        await host.StartAsync();

        var run = await host.Services.GetRequiredService<IScheduler>().RunAsync("mail");
        await run.EndAsync().WaitAsync(Limit, TimeProvider.System);
        var look = await host.Services.GetRequiredService<IJobStore>().LookAsync(Sign.None, default);
        await host.StopAsync();

        Assert.Empty(Directory.GetFileSystemEntries(folder));
        Assert.DoesNotContain(folder, Assert.Single(look.Nodes).Name.LifeLock, StringComparison.Ordinal);
        Assert.Single(log.Lines, line => line.StartsWith("LOCK_FILE is set, but the store ", StringComparison.Ordinal));
    }
}
