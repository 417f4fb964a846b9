using Escapement.Stores;
using Escapement.TestProcesses;
using Xunit;

namespace Escapement.Scenarios.Tests.Trouble;

/// <summary>
/// Tests of a wall clock that is set forward a day by mistake and back again.
/// No job waits until the next day, and no fire time runs twice.
/// </summary>
public sealed class ClockJumpTests : IDisposable
{
    static readonly TimeSpan Day = TimeSpan.FromDays(1);

    readonly Nodes nodes = new();

    public void Dispose() => nodes.Dispose();

    [Fact]
    public async Task A_day_forward_and_back_costs_nobody_the_epoch_and_no_fire_time_its_run()
    {
        // The job fires once a second. The second node has a correct clock.
        var all = await nodes.StartAsync(2, "--load", "1");
        await using var store = await nodes.OpenAsync();
        await StartsAsync(all[0], 2);

        var ahead = (await store.RunsAsync(new() { Limit = 1 }, CancellationToken.None)).Runs[0].FireTime + Day / 2;
        nodes.SetClockOff(all[0], Day);
        await all[0].SaysAsync(LogEvent.ClockJumped);
        await StartsAsync(all[0], 2);
        Assert.Contains((await store.RunsAsync(new() { Limit = 1000 }, CancellationToken.None)).Runs, run => run.FireTime > ahead);

        nodes.SetClockOff(all[0], TimeSpan.Zero);
        await all[0].SaysAsync(LogEvent.ClockJumped, line => line["Jump"].StartsWith('-'));
        await Nodes.UntilAsync(async () => ((await store.JobsAsync(JobQuery.All, CancellationToken.None)).Jobs)
            .All(job => job.Next < ahead), "the next fire time is today's");
        await StartsAsync(all[0], 2);

        var epoch = await Nodes.EpochAsync(store);
        Assert.Equal((1, all[0].Pid), (epoch.Number, epoch.Node.Pid));
        var starts = AddTrial.Lines(all[0].JournalFile).Select(line => line.Split(' ')[2]).ToList();
        Assert.Equal(starts.Count, starts.Distinct().Count());
    }

    /// <summary>Waits for the given number of further handler starts.</summary>
    static Task StartsAsync(NodeProcess node, int more)
    {
        var before = AddTrial.Lines(node.JournalFile).Count();
        return Nodes.UntilAsync(() =>
            Task.FromResult(AddTrial.Lines(node.JournalFile).Count() >= before + more), $"{more} more handlers start");
    }
}
