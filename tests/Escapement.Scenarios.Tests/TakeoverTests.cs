using Escapement.Ledger;
using Escapement.TestProcesses;
using Xunit;

namespace Escapement.Scenarios.Tests;

/// <summary>
/// Tests that kill and stop real processes. They check guarantees, and the trials measure the figures.
/// </summary>
public sealed class TakeoverTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("escapement-takeover-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Killed_three_times_under_load_it_loses_nothing_and_starts_nothing_twice()
    {
        var result = await KillTrial.RunAsync(folder, times: 3, load: 100, TestContext.Current.TestOutputHelper!.WriteLine);
        Assert.Empty(result.Account.Unaccounted);
        Assert.Empty(result.Account.StartedTwice);
        Assert.True(result.Account.Runs > 100, result.Account.ToString());
    }

    [Fact]
    public async Task A_run_whose_process_is_killed_is_recorded_as_interrupted_by_the_next()
    {
        using var first = NodeProcess.Start(folder);
        await first.IsActiveAsync();
        using var second = NodeProcess.Start(folder);
        await second.SaysAsync(LogEvent.Serving);
        using var http = new HttpClient { BaseAddress = new(second.Url) };
        await Api.AddAsync(http, new { id = "long", func = "long", kwargs = new { seconds = 600 }, misfire_grace_time = 600 });
        await AddTrial.StartedAsync(first.JournalFile, "long");
        first.Signal(NodeProcess.Kill);
        var taken = await second.SaysAsync(LogEvent.TakenOver);
        Assert.Equal(("its process is gone", "1"), (taken["How"], taken["Settled"]));
        await using var store = await KillTrial.OpenAsync(folder);
        var run = Assert.Single(await Account.AllRunsAsync(store));
        Assert.Equal((Outcome.Interrupted, Reason.Interrupted), (run.Outcome, run.Reason));
    }

    [Fact]
    public async Task A_graceful_stop_hands_over_at_once_and_finishes_its_run()
    {
        var result = await LeaveTrial.RunAsync(folder, seconds: 3, load: 100);
        Assert.Equal(Outcome.Succeeded, result.LongRun.Outcome);
        Assert.Equal(result.Owner, result.LongRun.Node);
        Assert.False(result.Overlapped, "Another run of the job started while the first went on.");
        Assert.NotEmpty(result.Lateness);
        Assert.True(result.Account.Balances, string.Join('\n', result.Account.Unaccounted.Concat(result.Account.StartedTwice)));
    }

    [Fact]
    public async Task The_standby_names_who_holds_the_lock_and_what_to_do()
    {
        using var first = NodeProcess.Start(folder);
        await first.IsActiveAsync();
        using var second = NodeProcess.Start(folder);
        var line = (await second.SaysAsync(LogEvent.Standby)).Text;
        Assert.Contains($"Process {first.Pid} on {Environment.MachineName} has held the lock since ", line, StringComparison.Ordinal);
        Assert.Contains($"stop process {first.Pid}: kill {first.Pid}.", line, StringComparison.Ordinal);
        await second.SaysAsync(LogEvent.Serving);
        second.Signal(NodeProcess.Terminate);
        Assert.Equal(0, await second.EndAsync());
        Assert.Single(second.Log.Split('\n'), text => text.Contains("has held the lock since", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_second_interrupt_stops_the_runs_at_once_and_records_them_as_interrupted()
    {
        const int interrupt = 2;

        // A shell starts background processes with SIGINT ignored.
        using (var node = NodeProcess.StartAs(["/usr/bin/env", "--default-signal=INT"], null, folder, "--Escapement:Drain", "1h"))
        {
            await node.SaysAsync(LogEvent.Serving);
            using var http = new HttpClient { BaseAddress = new(node.Url) };
            await Api.AddAsync(http, new { id = "long", func = "long", kwargs = new { seconds = 600 }, misfire_grace_time = 600 });
            await AddTrial.StartedAsync(node.JournalFile, "long");
            node.Signal(interrupt);
            Assert.Equal("long", (await node.SaysAsync(LogEvent.StillRunning))["Jobs"]);
            node.Signal(interrupt);
            Assert.Equal("long", (await node.SaysAsync(LogEvent.StopsRuns))["Jobs"]);
            Assert.Equal(0, await node.EndAsync());
        }

        await using var store = await KillTrial.OpenAsync(folder);
        var run = Assert.Single(await Account.AllRunsAsync(store));
        Assert.Equal((Outcome.Interrupted, Reason.Draining), (run.Outcome, run.Reason));
    }
}
