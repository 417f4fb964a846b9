using System.Net;
using Escapement.Ledger;
using Escapement.TestProcesses;
using Xunit;

namespace Escapement.Scenarios.Tests.Trouble;

/// <summary>
/// Tests of several processes at once.
/// A whole group is stopped, a process saturates the store, and a draining process is killed.
/// </summary>
public sealed class ManyProcessesTests : IDisposable
{
    readonly Nodes nodes = new();

    public void Dispose() => nodes.Dispose();

    [Fact]
    public async Task A_group_that_is_stopped_for_longer_than_a_lease_goes_on_as_it_was()
    {
        var first = nodes.Start("--group", "0");
        await first.IsActiveAsync(1);
        var others = new[] { nodes.Start("--group", Nodes.Id(first)), nodes.Start("--group", Nodes.Id(first)) };
        foreach (var other in others) await other.SaysAsync(LogEvent.WarmedUp);
        await using var store = await nodes.OpenAsync();

        NodeProcess.Signal(-first.Pid, NodeProcess.Stop);
        foreach (var node in (NodeProcess[])[first, .. others]) await Nodes.StandsAsync(node.Pid);
        await Nodes.LetPassAsync(Nodes.Lease * 1.5);
        NodeProcess.Signal(-first.Pid, NodeProcess.Continue);

        var epoch = await Nodes.HeartbeatsAsync(store, 6); // two leases
        Assert.Equal((1, first.Pid), (epoch.Number, epoch.Node.Pid));
        foreach (var node in (NodeProcess[])[first, .. others]) Assert.False(node.HasSaid(LogEvent.Fenced));
    }

    [Fact]
    public async Task Standbys_that_go_on_first_leave_the_active_one_its_epoch()
    {
        var all = await nodes.StartAsync(3);
        await using var store = await nodes.OpenAsync();
        await nodes.StopAsync(all[0], Nodes.BeforeAHeartbeat);
        foreach (var other in all[1..])
        {
            other.Signal(NodeProcess.Stop);
            await Nodes.StandsAsync(other.Pid);
        }

        await Nodes.LetPassAsync(Nodes.Lease * 1.5);

        // The signals are sent without a pause, because all of them must arrive within a lease even on a busy machine.
        foreach (var node in (NodeProcess[])[.. all[1..], all[0]]) node.Signal(NodeProcess.Continue);

        var epoch = await Nodes.HeartbeatsAsync(store, 3);
        Assert.Equal((1, all[0].Pid), (epoch.Number, epoch.Node.Pid));
        Assert.False(all[0].HasSaid(LogEvent.Fenced));
        foreach (var other in all[1..]) Assert.Equal("standby", (await nodes.SelfAsync(other)).Role);
    }

    [Fact]
    public async Task A_draining_one_that_is_killed_leaves_its_run_to_the_next()
    {
        var all = await nodes.StartAsync(2);
        await using var store = await nodes.OpenAsync();
        await nodes.RunLongAsync(all[0]);
        all[0].Signal(NodeProcess.Terminate);
        Assert.Equal("1", (await all[0].SaysAsync(LogEvent.Leaving))["Epoch"]);
        Assert.Equal("long", (await all[0].SaysAsync(LogEvent.StillRunning))["Jobs"]);
        await all[1].IsActiveAsync(2);
        Assert.Equal(RunState.Running, Assert.Single((await store.RunsAsync(new(), CancellationToken.None)).Runs).State);

        all[0].Signal(NodeProcess.Kill);

        Assert.Equal("1", (await all[1].SaysAsync(LogEvent.Settled))["Count"]);
        var run = await Nodes.EndedAsync(store, "long");
        Assert.Equal((Outcome.Interrupted, Reason.Interrupted), (run.Outcome, run.Reason));
    }

    [Fact]
    public async Task A_second_one_writes_beside_one_that_is_saturated()
    {
        var all = await nodes.StartAsync(2, "--busy", "200");
        await using var store = await nodes.OpenAsync();
        for (var i = 0; i < 100; i++) Assert.Equal(HttpStatusCode.OK, (await nodes.WriteAsync(all[1], $"beside-{i}")).Status);
        Assert.Equal(1, (await Nodes.EpochAsync(store)).Number);
        Assert.False(all[0].HasSaid(LogEvent.ClaimsStopped));
    }
}
