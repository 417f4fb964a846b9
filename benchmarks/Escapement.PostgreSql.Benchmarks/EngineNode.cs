using System.Globalization;

namespace Escapement.PostgreSql.Benchmarks;

/// <summary>A process with the whole engine.</summary>
static class EngineNode
{
    public const string Schema = "engine";

    /// <summary>The handler of jobs that do not fire in a trial.</summary>
    public const string IdleHandler = "long";

    /// <summary>The process.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="jobs">The number of jobs that fire each second.</param>
    /// <param name="isSpread">True to spread their fire times evenly over the second. Otherwise all are at the same instant.</param>
    /// <param name="lease">The lease in seconds.</param>
    public static async Task<int> RunAsync(string connection, int jobs, bool isSpread, int lease)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["SCHEDULER_SCHEMA"] = Schema,
            ["SCHEDULER_LEASE"] = string.Create(CultureInfo.InvariantCulture, $"{lease}s"),
        });
        builder.AddEscapementCore(scheduler =>
        {
            scheduler.UsePostgreSql(connection);
            scheduler.Configure(options => options.Executors = new Dictionary<string, ExecutorOptions> { ["default"] = new(500) });
            scheduler.Handler(IdleHandler, (CancellationToken cancellationToken) => Task.Delay(TimeSpan.FromHours(1), cancellationToken));
            for (var number = 0; number < jobs; number++)
            {
                var first = DateTimeOffset.UnixEpoch + (isSpread ? TimeSpan.FromMilliseconds(1000.0 * number / jobs) : TimeSpan.Zero);
                scheduler.Add(string.Create(CultureInfo.InvariantCulture, $"job-{number}"),
                    TriggerBuilder.Interval(TimeSpan.FromSeconds(1), first), () => { });
            }
        });
        using var host = builder.Build();
        await host.StartAsync();
        await Node.ServeAsync(() => "-");
        await host.StopAsync();
        return 0;
    }

    /// <summary>Starts engines, and waits until each of them is active.</summary>
    /// <param name="server">The server.</param>
    /// <param name="count">The number of processes.</param>
    /// <param name="jobs">The number of jobs that fire each second.</param>
    /// <param name="isSpread">True to spread their fire times evenly over the second.</param>
    /// <param name="lease">The lease in seconds.</param>
    /// <param name="already">The number of engines that are active already.</param>
    public static async Task<List<Node>> StartAsync(
        Server server, int count, int jobs = 0, bool isSpread = true, int lease = 15, int already = 0)
    {
        var nodes = await Node.StartAsync(count, _ => ["engine", server.ConnectionString, ThroughputTrial.Text(jobs),
            isSpread ? "spread" : "together", ThroughputTrial.Text(lease)]);
        await server.UntilAsync(string.Create(CultureInfo.InvariantCulture,
            $"select count(*) from {Schema}.epoch where ended is null having count(*) >= {count + already}"));
        return nodes;
    }
}
