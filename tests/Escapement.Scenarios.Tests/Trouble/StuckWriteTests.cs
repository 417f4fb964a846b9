using System.Diagnostics;
using System.Net;
using Escapement.TestProcesses;
using Xunit;

namespace Escapement.Scenarios.Tests.Trouble;

/// <summary>
/// Tests of a process that is stopped inside a write transaction, and of a foreign program that keeps the write lock.
/// Nothing is lost, every process names the process that blocks its writes, and reads continue.
/// </summary>
public sealed class StuckWriteTests : IDisposable
{
    readonly Nodes nodes = new();

    public void Dispose() => nodes.Dispose();

    [Fact]
    public async Task Of_the_active_one_goes_on_where_it_stood()
    {
        var all = await nodes.StartAsync(2);
        await using var store = await nodes.OpenAsync();
        await nodes.StopAsync(all[0], Nodes.InAWrite);

        var sentence = $"process {all[0].Pid}, which is stopped, has held the write turn since 20";
        await all[1].SaysAsync(LogEvent.StoreDown, line => Names(line, all[0].Pid));
        await SaysWhatToDoAsync(all[1], all[0].Pid, sentence);
        Assert.False(all[1].HasSaid(LogEvent.StoreUp));

        all[0].Signal(NodeProcess.Continue);

        await all[1].SaysAsync(LogEvent.StoreUp);
        Assert.Equal(1, (await Nodes.HeartbeatsAsync(store, 3)).Number);
        Assert.False(all[0].HasSaid(LogEvent.Fenced));
        Assert.Equal(HttpStatusCode.OK, (await nodes.WriteAsync(all[1], "after")).Status);
    }

    [Fact]
    public async Task Of_the_active_one_ends_with_it_and_the_next_follows_at_once()
    {
        // No lease ends during the test.
        var all = await nodes.StartAsync(2, "--Escapement:Lease", "1h");
        await nodes.StopAsync(all[0], Nodes.InAWrite, () => nodes.AddAsync(all[0], new { id = "lost", func = "note" }));

        all[0].Signal(NodeProcess.Kill);

        await Nodes.FollowsTheKilledAsync(all[1], epoch: 2);
        Assert.Equal(HttpStatusCode.NotFound, (await nodes.ReadAsync(all[1], "/scheduler/jobs/lost")).Status);
    }

    [Fact]
    public async Task Of_a_standby_is_told_by_the_active_one()
    {
        var all = await nodes.StartAsync(2);
        await using var store = await nodes.OpenAsync();
        await nodes.StopAsync(all[1], Nodes.InAWrite, () =>
            nodes.AddAsync(all[1], new { id = "slow", func = "note", trigger = "date", run_date = "2099-01-01T00:00:00Z" }));

        var sentence = $"process {all[1].Pid}, which is stopped, has held the write turn since 20";
        await all[0].SaysAsync(LogEvent.ClaimsStopped);
        await SaysWhatToDoAsync(all[0], all[1].Pid, sentence);

        all[1].Signal(NodeProcess.Continue);
        await all[0].SaysAsync(LogEvent.ClaimsGoOn);
        await nodes.SaysOfItselfAsync(all[0], "Active since ");
        Assert.Equal(1, (await Nodes.HeartbeatsAsync(store, 3)).Number);
        Assert.Equal(HttpStatusCode.OK, (await nodes.ReadAsync(all[0], "/scheduler/jobs/slow")).Status);
    }

    [Fact]
    public async Task Of_a_sqlite3_shell_is_told_as_such_and_costs_nobody_the_epoch()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/sqlite3"), "sqlite3 is not installed: test.sh does that.");
        var all = await nodes.StartAsync(2);
        await using var store = await nodes.OpenAsync();
        using var shell = Process.Start(new ProcessStartInfo("/usr/bin/sqlite3", ["-batch", nodes.StoreFile])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        try
        {
            await shell.StandardInput.WriteLineAsync(".timeout 60000\nbegin immediate;\nselect 'has it';");
            await shell.StandardInput.FlushAsync();
            Assert.Equal("has it", await shell.StandardOutput.ReadLineAsync());
            NodeProcess.Signal(shell.Id, NodeProcess.Stop);
            await Nodes.StandsAsync(shell.Id);

            var sentence = $"is locked by process {shell.Id}, which is stopped, which does not queue with Escapement's writers. To let it go on: kill -CONT {shell.Id}.";
            await all[0].SaysAsync(LogEvent.ClaimsStopped, line => Names(line, shell.Id));
            await all[1].SaysAsync(LogEvent.StoreDown, line => Names(line, shell.Id));
            foreach (var node in all) await SaysWhatToDoAsync(node, shell.Id, sentence);
        }
        finally
        {
            shell.Kill();
        }

        await all[0].SaysAsync(LogEvent.ClaimsGoOn);
        await all[1].SaysAsync(LogEvent.StoreUp);
        Assert.Equal(1, (await Nodes.HeartbeatsAsync(store, 3)).Number);
    }

    [Fact]
    public async Task Is_ended_by_the_launcher_after_a_lease_when_it_is_its_own_workers()
    {
        var launcher = nodes.Start("--workers", "2");
        await launcher.SaysAsync(LauncherEvent.Serving);
        await launcher.SaysAsync(LogEvent.Standby);
        nodes.StopAt(launcher, Nodes.InAWrite + " SqliteStore.LookAsync");

        await launcher.SaysAsync(LauncherEvent.NotAnswered);
        await Nodes.FollowsTheKilledAsync(launcher, epoch: 2);
        launcher.Signal(NodeProcess.Terminate);
        Assert.Equal(0, await launcher.EndAsync());
    }

    static bool Names(LogLine line, int pid) => line["Message"].Contains($"process {pid},", StringComparison.Ordinal);

    /// <summary>
    /// Asserts that the process reports the blocking process, allows reads, and answers a change with the report.
    /// </summary>
    async Task SaysWhatToDoAsync(NodeProcess node, int pid, string sentence)
    {
        var (status, text) = await nodes.WriteAsync(node, "unwritten");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Contains(sentence, text, StringComparison.Ordinal);
        Assert.Contains($"kill -CONT {pid}. To end it: kill -9 {pid}.", text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await nodes.ReadAsync(node, "/scheduler/jobs")).Status);
        await nodes.SaysOfItselfAsync(node, sentence);
        Assert.Equal("StoreUnavailable", (await nodes.SelfAsync(node)).Reason);
    }
}
