using System.Globalization;

namespace Escapement.PostgreSql.Benchmarks;

/// <summary>What four engines ask of the database when nothing is due.</summary>
static class IdleTrial
{
    const int Nodes = 4;

    /// <summary>The settings of the server of this trial.</summary>
    public static string[] Settings => ["shared_preload_libraries=pg_stat_statements"];

    // Each statement counts, begin and commit too. The statements of this trial do not.
    const string Statements = "select coalesce(sum(calls), 0)::bigint from pg_stat_statements where query not like '%pg_stat_statements%'";

    public static async Task RunAsync(Server server, TimeSpan duration)
    {
        var nodes = await EngineNode.StartAsync(server, Nodes);
        try
        {
            // The nodes trust each other's locks after a lease.
            await Task.Delay(TimeSpan.FromSeconds(30));
            await server.ExecuteAsync("create extension pg_stat_statements");
            var first = (await server.LongAsync(Statements))!.Value;
            var (wal, begun) = (await WalAsync(server), TimeProvider.System.GetTimestamp());
            await Task.Delay(duration);
            var last = (await server.LongAsync(Statements))!.Value;
            var took = TimeProvider.System.GetElapsedTime(begun).TotalSeconds;
            var written = await WalAsync(server) - wal;

            // Two of the statements are of this trial.
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{Nodes} nodes, nothing due, {took:0} s: {(last - first - 2) / took / Nodes:0.00} statements a second and node, {written / took / Nodes:0} B of WAL a second and node"));
        }
        finally
        {
            foreach (var node in nodes) await node.DisposeAsync();
        }
    }

    static async Task<long> WalAsync(Server server) => (await server.LongAsync("select (pg_current_wal_lsn() - '0/0')::bigint"))!.Value;
}
