using System.Globalization;
using Npgsql;

namespace Escapement.PostgreSql.Benchmarks;

/// <summary>Recorded runs a second with saturated nodes before, during and after a transaction that stays open and a reader of the
/// whole history, and the graceful stop of saturated engines.</summary>
static class PressureTrial
{
    const int Nodes = 4, Jobs = 10_000, EngineJobs = 2_000;
    static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(15), Part = TimeSpan.FromSeconds(10), Recovery = TimeSpan.FromMinutes(2);

    public static async Task RunAsync(Server server, TimeSpan duration)
    {
        await StoreNode.CreateAsync(server, Jobs);
        var nodes = await Node.StartAsync(Nodes, number => ["store", server.ConnectionString, ThroughputTrial.Text(number)]);
        try
        {
            // The first question begins the work.
            await RunsAsync(nodes);
            await Task.Delay(WarmUp);
            await PrintAsync(server, nodes, "before", Part);
            using (CancellationTokenSource over = new())
            {
                var reader = ReadAsync(server, over.Token);
                await PrintAsync(server, nodes, "a transaction is open, and a reader reads the history", duration);
                await over.CancelAsync();
                await reader;
            }

            await PrintAsync(server, nodes, "after", Recovery);
        }
        finally
        {
            foreach (var node in nodes) await node.DisposeAsync();
        }

        await StopAsync(server);
    }

    /// <summary>Prints the rate of each part of a time.</summary>
    static async Task PrintAsync(Server server, List<Node> nodes, string what, TimeSpan duration)
    {
        for (var done = TimeSpan.Zero; done < duration; done += Part)
        {
            var (begun, first) = (TimeProvider.System.GetTimestamp(), await RunsAsync(nodes));
            await Task.Delay(Part);
            var rate = (await RunsAsync(nodes) - first) / TimeProvider.System.GetElapsedTime(begun).TotalSeconds;
            var size = await server.LongAsync($"select pg_total_relation_size('{StoreNode.Schema}.due') / 1048576");
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}, {done.TotalSeconds:0} s: {rate:N0} runs/s, due {size} MB"));
        }
    }

    static async Task<long> RunsAsync(List<Node> nodes) => (await Task.WhenAll(nodes.Select(node => node.CountAsync()))).Sum();

    /// <summary>Holds a snapshot, in which the whole history is read again and again.</summary>
    static async Task ReadAsync(Server server, CancellationToken cancellationToken)
    {
        await using NpgsqlConnection connection = new(server.ConnectionString);
        await connection.OpenAsync(CancellationToken.None);
        await using var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, CancellationToken.None);
        while (!cancellationToken.IsCancellationRequested)
        {
            await using NpgsqlCommand command = new(
                $"select job, count(*), max(finished_at - started_at) from {StoreNode.Schema}.run group by job order by 2 desc limit 10",
                connection, transaction);
            await command.ExecuteNonQueryAsync(CancellationToken.None);
            await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Stops engines with more due fire times than they can run.</summary>
    static async Task StopAsync(Server server)
    {
        var nodes = await EngineNode.StartAsync(server, 2, EngineJobs, isSpread: false);
        await Task.Delay(WarmUp);
        foreach (var node in nodes)
        {
            var begun = TimeProvider.System.GetTimestamp();
            await node.DisposeAsync();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"a graceful stop with {EngineJobs:N0} fire times a second: {TimeProvider.System.GetElapsedTime(begun).TotalSeconds:0.0} s"));
        }
    }
}
