using System.Globalization;

namespace Escapement.PostgreSql.Benchmarks;

/// <summary>What four engines ask of the database when nothing is due.</summary>
static class IdleTrial
{
    const int Nodes = 4;

    // A statement outside of a transaction is a transaction of its own. A session reports its counts after at most a second.
    const string Transactions = "select (xact_commit + xact_rollback)::bigint from pg_stat_database where datname = current_database()";

    public static async Task RunAsync(Server server, TimeSpan duration)
    {
        var nodes = await EngineNode.StartAsync(server, Nodes);
        try
        {
            // The transactions of autovacuum would count too.
            await server.ExecuteAsync("alter system set autovacuum = off");
            await server.ExecuteAsync("select pg_reload_conf()");

            // The nodes trust each other's locks after a lease, and the sessions report what they did before.
            await Task.Delay(TimeSpan.FromSeconds(30));
            var first = (await server.LongAsync(Transactions))!.Value;
            var (wal, begun) = (await WalAsync(server), TimeProvider.System.GetTimestamp());
            await Task.Delay(duration);
            var last = (await server.LongAsync(Transactions))!.Value;
            var took = TimeProvider.System.GetElapsedTime(begun).TotalSeconds;
            var written = await WalAsync(server) - wal;

            // Two of the transactions are of this trial.
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{Nodes} nodes, nothing due, {took:0} s: {(last - first - 2) / took / Nodes:0.00} transactions a second and node, {written / took / Nodes:0} B of WAL a second and node"));
        }
        finally
        {
            foreach (var node in nodes) await node.DisposeAsync();
        }
    }

    static async Task<long> WalAsync(Server server) => (await server.LongAsync("select (pg_current_wal_lsn() - '0/0')::bigint"))!.Value;
}
