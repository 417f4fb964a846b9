using Escapement.Ledger;
using Escapement.TestProcesses;

namespace Escapement.PostgreSql.Tests.Chaos;

/// <summary>Real processes behind a pgbouncer that gives each transaction another session: the lease alone decides.</summary>
[Collection(ChaosServer.Name)]
public sealed class PoolerChaosTests
{
    [Fact]
    public async Task Two_nodes_behind_a_pooler_run_each_fire_time_once_and_a_killed_one_is_taken_over()
    {
        await using var bouncer = await PgBouncer.StartAsync(ChaosServer.Current, "transaction", 4);
        await using var cluster = await Cluster.OpenAsync(lease: 3);
        for (var i = 0; i < 2; i++) await cluster.AddAsync(load: 50, bouncer.Port);
        await cluster.BacklogAsync(jobs: 20, seconds: 50);
        await cluster.AccountIsAsync(account => account.Ran >= 1_000);
        var killed = await cluster.RunLongAsync();
        var at = cluster.Store.Clock.GetUtcNow();
        cluster.Kill(killed);
        var run = await cluster.UntilAsync(async () => (await cluster.Store.RunsAsync(
            new() { Outcomes = new HashSet<Outcome> { Outcome.Interrupted } }, CancellationToken.None)).Runs is [var run, ..] ? run : null);

        Assert.Equal(Reason.Interrupted, run.Reason);
        Assert.InRange(cluster.Store.Clock.GetUtcNow() - at, cluster.Lease / 2, cluster.Lease * 10);
        await cluster.RunsGoOnAsync();
        var audit = await cluster.CheckAsync();
        var runs = await Account.AllRunsAsync(cluster.Store);

        Assert.Equal(1_000, runs.Count(ran => ran.Job.Value.StartsWith("due-", StringComparison.Ordinal)));
        Assert.Single(audit.Activations, epoch => epoch.How == EpochEnd.LeaseOver && epoch.Node.Pid == killed.Pid);
        Assert.All(cluster.Nodes, node => Assert.Equal(1, node.Log.Split("gives each transaction another session").Length - 1));
    }
}
