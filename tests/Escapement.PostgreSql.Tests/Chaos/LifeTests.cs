using Escapement.Ledger;

namespace Escapement.PostgreSql.Tests.Chaos;

/// <summary>The end of a process is seen by the lock of its session, long before its lease is over.</summary>
[Collection(ChaosServer.Name)]
public sealed class LifeTests
{
    [Fact]
    public async Task The_run_of_a_killed_node_is_settled_long_before_its_lease_is_over()
    {
        await using var cluster = await Cluster.OpenAsync(lease: 10);
        for (var i = 0; i < 2; i++) await cluster.AddAsync(load: 0);

        // A session that is younger than the lease proves nothing: the server may have lost all sessions at once.
        await Task.Delay(cluster.Lease);
        var owner = await cluster.RunLongAsync();
        cluster.Kill(owner);
        var run = await cluster.UntilAsync(async () => (await cluster.Store.RunsAsync(
            new() { Outcomes = new HashSet<Outcome> { Outcome.Interrupted } }, CancellationToken.None)).Runs is [var run, ..] ? run : null);

        Assert.Equal(Reason.Interrupted, run.Reason);
        Assert.Contains((await cluster.AuditAsync()).Activations, epoch => epoch.How == EpochEnd.ProcessGone && epoch.Node.Pid == owner.Pid);
        await cluster.CheckAsync();
    }
}
