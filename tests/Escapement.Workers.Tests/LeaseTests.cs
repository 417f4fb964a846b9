using System.Diagnostics;
using System.Globalization;

namespace Escapement.Workers.Tests;

public sealed class LeaseTests
{
    [Fact]
    public async Task A_stopped_worker_is_replaced_after_a_lease()
    {
        await using var launched = await LaunchedServer.ServeAsync(LaunchedServer.Plain, workers: 2, "SCHEDULER_LEASE=3s");
        LaunchedServer.Signal(launched.Workers[1], LaunchedServer.Stop);
        await launched.LineAsync(LauncherEvent.NotAnswered, line => line.Pid == launched.Workers[1]);
        Assert.Equal("by SIGKILL", (await launched.LineAsync(LauncherEvent.Ended, line => line.Pid == launched.Workers[1])).How);
        await launched.LineAsync(LauncherEvent.Answers);
        Assert.DoesNotContain($"Worker {launched.Workers[0]}", launched.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_stops_for_itself_may_take_longer_than_a_lease()
    {
        await using var launched = await LaunchedServer.ServeAsync(LaunchedServer.Plain, workers: 1, "SCHEDULER_LEASE=2s", "--drain", "4");
        using var client = new HttpClient();
        await client.PostAsync(new Uri(launched.Url, "/stop"), null);
        Assert.Equal("with exit code 0", (await launched.LineAsync(LauncherEvent.Ended, line => line.Pid == launched.Workers[0])).How);
        await launched.LineAsync(LauncherEvent.Answers);
    }

    [Fact]
    public async Task One_that_a_debugger_holds_is_let_be()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/strace"), "strace, which stands for a debugger, is not installed.");
        await using var launched = await LaunchedServer.ServeAsync(LaunchedServer.Plain, workers: 1, "SCHEDULER_LEASE=3s");
        var held = launched.Workers[0];
        using var tracer = Process.Start(new ProcessStartInfo("/usr/bin/strace",
            ["-p", held.ToString(CultureInfo.InvariantCulture), "-e", "trace=none", "-o", "/dev/null"])
        {
            RedirectStandardError = true,
        })!;
        Assert.Contains("attached", await tracer.StandardError.ReadLineAsync(), StringComparison.Ordinal);
        LaunchedServer.Signal(held, LaunchedServer.Stop);
        await launched.LineAsync(LauncherEvent.Kept, line => line.Pid == held);
        tracer.Kill();
        await launched.LineAsync(LauncherEvent.NotAnswered, line => line.Pid == held);
    }
}
