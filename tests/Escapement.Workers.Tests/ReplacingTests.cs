using System.Net.Http.Json;

namespace Escapement.Workers.Tests;

public sealed class ReplacingTests
{
    [Fact]
    public async Task A_killed_worker_is_replaced_at_once()
    {
        await using var launched = await LaunchedServer.ServeAsync(LaunchedServer.Plain, workers: 1);
        using var client = new HttpClient();
        // A worker that lived less than a second would be restarted after a pause.
        // No event marks the beginning of its life, which precedes the first answer.
        await Task.Delay(TimeSpan.FromSeconds(1.1), TestContext.Current.CancellationToken);
        LaunchedServer.Signal(launched.Workers[0], LaunchedServer.KillNow);
        var ended = await launched.LineAsync(LauncherEvent.Ended, line => line.Pid == launched.Workers[0]);
        Assert.Equal(("by SIGKILL", "now"), (ended.How, ended.Pause));
        await launched.LineAsync(LauncherEvent.Answers);
        Assert.NotEqual(launched.Workers[0], await client.GetFromJsonAsync<int>(new Uri(launched.Url, "/pid")));
    }

    [Fact]
    public async Task One_that_does_not_start_again_is_tried_after_growing_pauses()
    {
        var file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        await using var launched = await LaunchedServer.ServeAsync(LaunchedServer.Plain, workers: 1, "--fails-with", file);
        await File.WriteAllTextAsync(file, "");
        LaunchedServer.Signal(launched.Workers[0], LaunchedServer.KillNow);
        await launched.LineAsync(LauncherEvent.Ended, ended => ended.How == "with exit code 3");
        await launched.LineAsync(LauncherEvent.Ended, ended => ended.Pause == "in 0.4 s");
        File.Delete(file);
        await launched.LineAsync(LauncherEvent.Answers);
    }

    [Fact]
    public async Task A_program_that_has_never_started_is_not_tried_again()
    {
        var file = Path.GetTempFileName();
        await using var launched = LaunchedServer.Start(LaunchedServer.Plain, "--workers", "2", "--urls", "http://127.0.0.1:0",
            "--fails-with", file);
        Assert.Equal(3, await launched.EndAsync());
        Assert.Equal("A worker ended with exit code 3 before any worker had answered. The program does not start, and is not retried.",
            launched.Output);
        File.Delete(file);
    }
}
