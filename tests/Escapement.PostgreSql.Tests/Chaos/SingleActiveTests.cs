using Escapement.Ledger;
using Escapement.Stores;
using Escapement.TestProcesses;

namespace Escapement.PostgreSql.Tests.Chaos;

/// <summary>Real processes with <c>SINGLE_ACTIVE=true</c>: one is active, and the others are on standby.</summary>
[Collection(ChaosServer.Name)]
public sealed class SingleActiveTests
{
    const int Load = 10;

    static readonly string[] Single = ["--Escapement:SingleActive", "true"];

    [Fact]
    public async Task A_standby_follows_a_killed_process_by_its_life_lock()
    {
        await using var cluster = await Cluster.OpenAsync(lease: 4);
        var (first, killed) = await StartAsync(cluster, 3);

        // A session that is younger than the lease proves nothing: the server may have lost all sessions at once.
        await Task.Delay(cluster.Lease);
        cluster.Kill(killed);
        var (second, _) = await ActiveAsync(cluster, first.Number);
        await cluster.RunsGoOnAsync(Load);

        var audit = await cluster.CheckAsync(oneIsActive: true);
        Assert.Equal((killed.Pid, EpochEnd.ProcessGone, second.Node.Id), OfEnd(audit.Activations[0]));
        Assert.Equal(second.Number, audit.Activations[1].Epoch);
    }

    [Fact]
    public async Task A_stopped_process_is_replaced_after_its_lease_and_goes_on_as_a_standby()
    {
        await using var cluster = await Cluster.OpenAsync(lease: 3);
        var (first, stopped) = await StartAsync(cluster, 2);
        stopped.Signal(NodeProcess.Stop);
        var (second, active) = await ActiveAsync(cluster, first.Number);
        await cluster.RunsGoOnAsync(Load);
        var journal = await File.ReadAllTextAsync(stopped.JournalFile);

        stopped.Signal(NodeProcess.Continue);
        await stopped.SaysAsync(LogEvent.Fenced);
        await stopped.SaysAsync(LogEvent.Standby, line => line.Text.Contains($" {active.Pid} ", StringComparison.Ordinal));
        await cluster.RunsGoOnAsync(Load);
        Assert.Equal(journal, await File.ReadAllTextAsync(stopped.JournalFile));

        active.Signal(NodeProcess.Terminate);
        cluster.Nodes.Remove(active);
        var (third, _) = await ActiveAsync(cluster, second.Number);
        await active.EndAsync();
        await cluster.RunsGoOnAsync(Load);

        var audit = await cluster.CheckAsync(oneIsActive: true);
        Assert.Equal((stopped.Pid, EpochEnd.LeaseOver, second.Node.Id), OfEnd(audit.Activations[0]));
        Assert.Equal((active.Pid, EpochEnd.SteppedDown, null), OfEnd(audit.Activations[1]));
        Assert.Equal((stopped.Pid, third.Number), (third.Node.Pid, audit.Activations[2].Epoch));
    }

    [Fact]
    public async Task A_graceful_stop_hands_over_long_before_the_next_look_of_a_standby()
    {
        await using var cluster = await Cluster.OpenAsync(lease: 60);
        var (first, leaving) = await StartAsync(cluster, 2);
        leaving.Signal(NodeProcess.Terminate);
        cluster.Nodes.Remove(leaving);
        var (second, _) = await ActiveAsync(cluster, first.Number);
        await leaving.EndAsync();
        await cluster.RunsGoOnAsync(Load);

        var audit = await cluster.CheckAsync(oneIsActive: true);
        Assert.Equal((leaving.Pid, EpochEnd.SteppedDown, null), OfEnd(audit.Activations[0]));
        Assert.InRange(second.Begun - audit.Activations[0].Ended!.Value, TimeSpan.Zero, cluster.Lease / 3);
    }

    [Theory]
    [InlineData(true), InlineData(false)]
    public async Task A_process_with_the_other_setting_tells_so_and_waits_for_the_end_of_the_active_process(bool isSingle)
    {
        await using var cluster = await Cluster.OpenAsync(lease: 6);
        var active = await cluster.AddAsync(Load, null, isSingle ? Single : []);
        var other = cluster.Start(Load, null, isSingle ? [] : Single);

        var told = await other.SaysAsync(LogEvent.StoreDown);
        await other.SaysAsync(LogEvent.Serving);
        await cluster.RunsGoOnAsync(Load);
        var look = await cluster.Store.LookAsync(Sign.None, CancellationToken.None);
        Assert.Contains($"Process {active.Pid} on ", told["Message"], StringComparison.Ordinal);
        Assert.Contains($"this process has SINGLE_ACTIVE={(isSingle ? "false" : "true")}", told["Message"], StringComparison.Ordinal);
        Assert.Equal(active.Pid, Assert.Single(look.Living).Node.Pid);

        active.Signal(NodeProcess.Terminate);
        cluster.Nodes.Remove(active);
        await other.IsActiveAsync();
        await active.EndAsync();
        await cluster.RunsGoOnAsync(Load);
        await cluster.CheckAsync(oneIsActive: true);
    }

    /// <summary>Starts processes, and waits until one is active and the others are on standby.</summary>
    static async Task<(Epoch Epoch, NodeProcess Active)> StartAsync(Cluster cluster, int count)
    {
        for (var i = 0; i < count; i++) cluster.Start(Load, null, Single);
        var (epoch, active) = await ActiveAsync(cluster, after: 0);
        foreach (var node in cluster.Nodes)
        {
            if (node != active)
                await node.SaysAsync(LogEvent.Standby, line => line.Text.Contains($" {active.Pid} ", StringComparison.Ordinal));
        }

        await cluster.RunsGoOnAsync(Load);
        Assert.Equal(epoch.Number, Assert.Single((await cluster.Store.LookAsync(Sign.None, CancellationToken.None)).Living).Number);
        return (epoch, active);
    }

    /// <summary>Waits for the next epoch.</summary>
    static async Task<(Epoch Epoch, NodeProcess Active)> ActiveAsync(Cluster cluster, long after)
    {
        var epoch = await cluster.UntilAsync(async () => (await cluster.Store.LookAsync(Sign.None, CancellationToken.None)).Newest is { } newest
            && newest.Number > after ? newest : null);
        return (epoch, cluster.Nodes.Single(node => node.Pid == epoch.Node.Pid));
    }

    static (int Pid, EpochEnd? How, string? By) OfEnd(NodeActivation activation) =>
        (activation.Node.Pid, activation.How, activation.EndedBy);
}
