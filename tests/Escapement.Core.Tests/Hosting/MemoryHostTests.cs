using Escapement.Engine;
using Escapement.Hosting;
using Escapement.Ledger;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Escapement.Core.Tests.Hosting;

/// <summary>
/// Tests of hosts with in-memory jobs. Each host is a separate scheduler, unless the hosts share a lock file.
/// </summary>
public sealed class MemoryHostTests : IDisposable
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    readonly string folder = Directory.CreateTempSubdirectory("escapement-memory-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    IHost Make(string? lockFile = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new() { ApplicationName = "tests", ContentRootPath = folder });
        builder.Logging.ClearProviders();
        builder.Services.AddEscapementCore(scheduler => scheduler.UseMemory().Configure(options => options.LockFile = lockFile));
        return builder.Build();
    }

    static NodeState StateOf(IHost host) => host.Services.GetRequiredService<ThisNode>().State;

    [Fact]
    public async Task Two_hosts_in_one_process_are_both_active_and_leave_no_file()
    {
        using var one = Make();
        using var two = Make();
        await one.StartAsync().WaitAsync(Limit);
        await two.StartAsync().WaitAsync(Limit);
        Assert.IsType<NodeState.Active>(StateOf(one));
        Assert.IsType<NodeState.Active>(StateOf(two));
        await one.StopAsync().WaitAsync(Limit);
        await two.StopAsync().WaitAsync(Limit);
        Assert.Empty(Directory.GetFileSystemEntries(folder));
    }

    [Fact]
    public async Task With_a_lock_file_the_second_host_waits_for_the_first()
    {
        using var one = Make("jobs.lock");
        using var two = Make("jobs.lock");
        await one.StartAsync().WaitAsync(Limit);
        await two.StartAsync().WaitAsync(Limit);
        Assert.IsType<NodeState.Active>(StateOf(one));
        Assert.Equal(Reason.Standby, StateOf(two).Reason);
        Assert.StartsWith($"Another host in this process {Environment.ProcessId} has held the lock since", StateOf(two).Sentence,
            StringComparison.Ordinal);
        Assert.DoesNotContain("kill", StateOf(two).Sentence, StringComparison.Ordinal);
        await one.StopAsync().WaitAsync(Limit);
        await two.StopAsync().WaitAsync(Limit);
    }
}
