namespace Escapement.Workers.Tests;

public sealed class StoppingTests
{
    [Fact]
    public async Task A_termination_is_passed_on_and_leaves_no_process_behind()
    {
        await using var launched = await LaunchedServer.ServeAsync(LaunchedServer.Plain, workers: 2);
        launched.Signal(LaunchedServer.Terminate);
        Assert.Equal(0, await launched.EndAsync());
        foreach (var worker in launched.Workers) Assert.False(Directory.Exists($"/proc/{worker}"));
    }

    [Theory]
    [InlineData(LaunchedServer.Interrupt)]
    [InlineData(LaunchedServer.HangUp)]
    public async Task A_second_signal_and_one_from_the_terminal_to_all_change_nothing(int signal)
    {
        await using var launched = await LaunchedServer.ServeAsync(LaunchedServer.Plain, workers: 2, "--drain", "1");
        foreach (var pid in (int[])[.. launched.Workers, launched.Pid, launched.Pid]) LaunchedServer.Signal(pid, signal);
        Assert.Equal(0, await launched.EndAsync());
        Assert.DoesNotContain("ended", launched.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Workers_that_do_not_end_in_their_time_are_killed_and_named()
    {
        // The launcher waits for five seconds beyond the drain time.
        await using var launched = await LaunchedServer.ServeAsync(LaunchedServer.Plain, workers: 2, "SCHEDULER_DRAIN=0s");
        LaunchedServer.Signal(launched.Workers[0], LaunchedServer.Stop);
        launched.Signal(LaunchedServer.Terminate);
        Assert.Equal(1, await launched.EndAsync());
        Assert.Contains($"1 of 2 workers had not ended after 5 s and were killed: {launched.Workers[0]}.", launched.Output,
            StringComparison.Ordinal);
        Assert.False(Directory.Exists($"/proc/{launched.Workers[0]}"));
    }

    [Fact]
    public async Task Workers_end_by_themselves_when_the_launcher_is_killed()
    {
        await using var launched = await LaunchedServer.ServeAsync(LaunchedServer.Plain, workers: 2);
        launched.Signal(LaunchedServer.KillNow);
        Assert.Equal(128 + LaunchedServer.KillNow, await launched.EndAsync());
        foreach (var worker in launched.Workers) await LaunchedServer.GoneAsync(worker);
    }
}
