using System.Diagnostics;
using Escapement.TestProcesses;
using Xunit;

namespace Escapement.Scenarios.Tests;

/// <summary>
/// Tests of failing starts and of starts without scheduling.
/// The program writes a sentence with the place and the value, and never a stack trace.
/// </summary>
public sealed class StartTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("escapement-start-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    async Task<string> FailsAsync(params string[] settings)
    {
        using var node = NodeProcess.Start(folder, settings);
        Assert.Equal(1, await node.EndAsync());
        Assert.DoesNotContain("   at ", node.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("Unhandled exception", node.Log, StringComparison.Ordinal);
        return node.Log;
    }

    [Theory]
    [InlineData("--Escapement:Timezone", "Asia/Shangai", "Asia/Shanghai")]
    [InlineData("--Escapement:Lease", "soon", "soon")]
    [InlineData("--Escapement:Leese", "15s", "Lease")]
    [InlineData("--Escapement:LockFile", "nowhere/at/all.lock", "does not exist")]
    [InlineData("--Escapement:Jobstores:other:type", "sqlite", "other")]
    [InlineData("--Escapement:Jobstores:default:type", "mysql", "mysql")]
    [InlineData("--Escapement:Jobs:nope:cron", "* * * * *", "nope")]
    [InlineData("--Escapement:RequireCluster", "true", "REQUIRE_CLUSTER")]
    public async Task A_wrong_setting_stops_the_start(string key, string value, string word) =>
        Assert.Contains(word, Assert.Single((await FailsAsync(key, value)).Split('\n'), line =>
            line.Contains(word, StringComparison.Ordinal)), StringComparison.Ordinal);

    [Fact]
    public async Task A_store_that_is_no_database_is_named()
    {
        await File.WriteAllTextAsync(Path.Combine(folder, "jobs.db"), new string('x', 8192), TestContext.Current.CancellationToken);
        Assert.Contains("jobs.db", await FailsAsync(), StringComparison.Ordinal);
        Assert.Equal(new string('x', 8192),
            await File.ReadAllTextAsync(Path.Combine(folder, "jobs.db"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_store_of_another_application_is_refused()
    {
        using (var first = NodeProcess.Start(folder))
        {
            await first.SaysAsync(LogEvent.Serving);
            first.Signal(NodeProcess.Terminate);
            Assert.Equal(0, await first.EndAsync());
        }

        var log = await FailsAsync("--Escapement:Application", "another");
        Assert.Contains("another", log, StringComparison.Ordinal);
        Assert.Contains("Escapement.TestProcesses", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_that_is_not_allowed_serves_and_says_so()
    {
        using var node = NodeProcess.Start(folder, "--Escapement:AllowedHosts:0", "somewhere-else");
        Assert.Contains("SCHEDULER_ALLOWED_HOSTS", (await node.SaysAsync(LogEvent.RefusedBySetting)).Text, StringComparison.Ordinal);
        using var http = new HttpClient { BaseAddress = new(node.Url) };
        await node.SaysAsync(LogEvent.Serving);
        Assert.Contains("\"refused\"", await http.GetStringAsync("/scheduler/nodes", TestContext.Current.CancellationToken),
            StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(folder, "jobs.db.lock")));
    }

    [Fact]
    public async Task An_asked_for_end_leaves_no_process_and_answers_zero()
    {
        // A shell starts background processes with SIGINT ignored.
        using var node = NodeProcess.StartAs(["/usr/bin/env", "--default-signal=INT"], null, folder, "--load", "10");
        await node.SaysAsync(LogEvent.Serving);
        node.Signal(2);
        Assert.Equal(0, await node.EndAsync());
        Assert.DoesNotContain(Process.GetProcesses(), process => process.Id == node.Pid);
    }

    [Fact]
    public async Task A_machine_without_zone_data_says_what_to_install()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/env"), "The variable is set by env.");
        var none = Directory.CreateDirectory(Path.Combine(folder, "no-zones")).FullName;
        using (var node = NodeProcess.StartAs(["/usr/bin/env", "TZDIR=" + none], null, folder))
        {
            Assert.Contains("has no time zone data, so only UTC is known. Install the package tzdata",
                (await node.SaysAsync(LogEvent.Remark)).Text, StringComparison.Ordinal);
            await node.IsActiveAsync(1);
        }

        using var refused = NodeProcess.StartAs(["/usr/bin/env", "TZDIR=" + none], null, folder, "--Escapement:Timezone", "Asia/Shanghai");
        Assert.NotEqual(0, await refused.EndAsync());
        Assert.Contains("'Asia/Shanghai' is not known. This machine has no time zone data", refused.Log, StringComparison.Ordinal);
    }
}
