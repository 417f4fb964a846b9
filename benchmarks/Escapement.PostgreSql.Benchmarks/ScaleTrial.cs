using System.Globalization;

namespace Escapement.PostgreSql.Benchmarks;

/// <summary>Throughput and the times of claims with more jobs, more nodes and more history.</summary>
static class ScaleTrial
{
    const int Jobs = 10_000, Nodes = 4;
    static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(15);

    public static async Task RunAsync(Server server, TimeSpan duration)
    {
        foreach (var jobs in (int[])[1_000, 10_000, 100_000, 1_000_000])
        {
            await StoreNode.CreateAsync(server, jobs);
            await LineAsync(server, $"{jobs:N0} jobs, {Nodes} nodes", Nodes, duration);
        }

        foreach (var nodes in (int[])[1, 2, 4, 8])
        {
            await StoreNode.CreateAsync(server, Jobs);
            await LineAsync(server, $"{Jobs:N0} jobs, {nodes} nodes", nodes, duration);
        }

        foreach (var rows in (int[])[0, 1_000_000, 10_000_000])
        {
            await StoreNode.CreateAsync(server, Jobs);
            await HistoryAsync(server, rows);
            await LineAsync(server, $"{Jobs:N0} jobs, {Nodes} nodes, {rows:N0} rows of history", Nodes, duration);
        }
    }

    static async Task LineAsync(Server server, string what, int nodes, TimeSpan duration)
    {
        var (perSecond, times) = await ThroughputTrial.StoreAsync(server, nodes, duration, WarmUp);
        Console.WriteLine($"{what}: {perSecond:N0} runs/s; {times}");
    }

    /// <summary>Writes runs of today, later in the day than the fire times of the trial, so that all are in the same partition.</summary>
    static async Task HistoryAsync(Server server, int rows)
    {
        if (rows == 0) return;
        var from = (new DateTimeOffset(DateTime.UtcNow.Date, TimeSpan.Zero).AddHours(12) - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        await server.ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"""
            insert into {StoreNode.Schema}.run(fire_time, job, number, epoch, token, attempt, claimed_at, started_at, finished_at, outcome)
            select at, i % {Jobs} + 1, 0, 1, i, 1, at + 1000, at + 1500, at + 2000, 1
            from (select i, {from} + (i / {Jobs}) * 1000000 as at from generate_series(0, {rows - 1}) i) r
            """));
        await server.ExecuteAsync($"vacuum analyze {StoreNode.Schema}.run");
        await server.ExecuteAsync("checkpoint");
    }
}
