using System.Globalization;
using Escapement.Jobs;
using Escapement.Rules;
using Npgsql;

namespace Escapement.PostgreSql.Benchmarks;

/// <summary>Nodes with a run under way are killed. The time until the run is recorded as interrupted is taken.</summary>
static class SettleTrial
{
    const int Nodes = 8, Lease = 15;

    public static async Task RunAsync(Server server, int times)
    {
        await using var database = NpgsqlDataSource.Create(server.ConnectionString);
        List<Node> nodes = await EngineNode.StartAsync(server, Nodes, lease: Lease);
        List<double> settled = [];
        try
        {
            await using PostgreSqlStore store = new(new(database, TimeSpan.FromSeconds(Lease)) { Schema = EngineNode.Schema, AsGuest = true },
                TimeProvider.System);
            await store.OpenAsync("bench", default);
            var job = JobId.Parse("long");
            await store.ChangeAsync(new()
            {
                Jobs = [JobEdits.Add(new() { Id = job, Name = "long", Handler = EngineNode.IdleHandler, Options = new() { MaxInstances = null } })],
            }, default);
            while (settled.Count < times)
            {
                // A node trusts its lock, and the lock of another node, after a lease.
                await Task.Delay(TimeSpan.FromSeconds(Lease + 3));
                while (nodes.Count > 1 && settled.Count < times)
                {
                    await store.EnqueueAsync([new() { Job = job }], default);
                    var (pid, run) = await RunningAsync(server);
                    var victim = nodes.Single(node => node.Pid == pid);
                    nodes.Remove(victim);
                    var begun = TimeProvider.System.GetTimestamp();
                    victim.Kill();
                    await server.UntilAsync($"select count(*) from {EngineNode.Schema}.run where {run} and outcome = 5", TimeSpan.FromMilliseconds(2));
                    settled.Add(TimeProvider.System.GetElapsedTime(begun).TotalMilliseconds);
                    await victim.DisposeAsync();

                    // Whether the nodes have seen each other's new neighbours is not under test.
                    await Task.Delay(TimeSpan.FromSeconds(1));
                }

                if (settled.Count < times) nodes.AddRange(await EngineNode.StartAsync(server, Nodes - 1, lease: Lease, already: 1));
            }
        }
        finally
        {
            foreach (var node in nodes) await node.DisposeAsync();
        }

        Console.WriteLine(Figures.Line("kill -9 to the recorded outcome", settled));
    }

    /// <summary>Returns the process with the run that is under way, and a condition for the run.</summary>
    static async Task<(int Pid, string Run)> RunningAsync(Server server)
    {
        while (true)
        {
            var rows = await server.RowsAsync(
                $"select e.pid, r.job, r.fire_time, r.number from {EngineNode.Schema}.running r join {EngineNode.Schema}.epoch e on e.number = r.epoch",
                row => ((int)row.GetInt64(0), string.Create(CultureInfo.InvariantCulture,
                    $"job = {row.GetInt64(1)} and fire_time = {row.GetInt64(2)} and number = {row.GetInt64(3)}")));
            if (rows is [var row]) return row;
            await Task.Delay(10);
        }
    }
}
