using Xunit;

namespace Escapement.Simulation.Tests;

/// <summary>Jobs in 64 partitions by a hash of their ids, with eight nodes, and with kills, outages and failovers.</summary>
public sealed class PartitionTests
{
    static readonly TimeSpan Length = TimeSpan.FromMinutes(16);

    [Fact]
    public async Task Partitions_balance_alone_and_together_and_do_not_delay_each_other()
    {
        var results = await Task.WhenAll(Task.Run(Run), Task.Run(Run));

        var result = results[0];
        Assert.Equal(result.Digests, results[1].Digests);
        Assert.Equal(result.Plan.FireTimes(), result.Due);
        Assert.Equal(64, result.Balanced);
        Assert.Equal(0, result.Starts.Twice);
        Assert.Equal(TimeSpan.Zero, result.Others);
        Assert.All(Enum.GetValues<PartitionEvent>(), what => Assert.Contains(result.Traces, trace => trace.Fault.Event == what));
        Assert.Contains(result.Traces, trace => trace.Own > TimeSpan.FromSeconds(1));
        Assert.True(result.Holds, result.Text());
    }

    [Fact]
    public void Sessions_that_partitions_share_let_an_outage_delay_other_partitions()
    {
        var result = PartitionRun.Of(new(1, 640, Length) { SharedSessions = 1 });

        Assert.True(result.Others > TimeSpan.FromSeconds(1), result.Text());
        Assert.Equal((0, 64), (result.Starts.Twice, result.Balanced));
    }

    static PartitionResult Run() => PartitionRun.Of(new(seed: 1, jobs: 640, Length));
}
