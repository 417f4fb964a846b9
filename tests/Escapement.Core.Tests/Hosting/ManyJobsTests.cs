using System.Globalization;
using Escapement.Engine;
using Escapement.Hosting;
using Escapement.Jobs;
using Escapement.Leadership;
using Escapement.Ledger;
using Escapement.Stores;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Escapement.Core.Tests.Hosting;

public sealed class ManyJobsTests
{
    const int Count = 100_000;

    /// <summary>In processor time, because the machine may be busy with other things: a debug build takes some 10 s, and what is quadratic takes minutes.</summary>
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(40);

    readonly FakeTimeProvider clock = new(new(2030, 1, 1, 8, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task The_time_for_declared_jobs_grows_with_their_number_and_not_with_its_square()
    {
        var (begun, thread) = (ProcessorTime(), Environment.CurrentManagedThreadId);
        (string, string?)[] overrides = [("SCHEDULER_TIMEZONE", "UTC"), .. Enumerable.Range(0, 1_000).Select(i => ($"Escapement:Jobs:JOB-{i}:Cron", (string?)"0 6 * * *"))];
        await using var provider = new ServiceCollection().AddSingleton(Configured.By(overrides)).AddSingleton<TimeProvider>(clock).AddEscapementCore(scheduler =>
        {
            for (var i = 0; i < Count; i++)
            {
                var number = i;
                scheduler.Add($"job-{i}", "0 9 * * mon-fri", (int count) => number + count).Args(1);
            }
        }).BuildServiceProvider();
        await using var store = new MemoryStore(clock);
        await store.OpenAsync("tests", default);
        var parts = new NodeParts(
            new("node", 1, "here", clock.GetUtcNow(), null), store, new FreeLocks(),
            new("tests", TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(25), TimeSpan.FromDays(30), TimeSpan.FromHours(24)),
            clock, TaskScheduler.Default, NullLogger.Instance);
        var reconciler = new Reconciler(parts, new HashSet<string>(), provider.GetRequiredService<JobDeclarations>().Build);
        await reconciler.RunAsync(default);
        Assert.Equal(Count, (await store.JobsAsync(JobQuery.All, default)).Jobs.Count);
        Assert.Equal(thread, Environment.CurrentManagedThreadId);
        Assert.InRange(ProcessorTime() - begun, TimeSpan.Zero, Limit);
    }

    /// <summary>The time that this thread has had a processor, from proc(5).</summary>
    static TimeSpan ProcessorTime()
    {
        var fields = File.ReadAllText("/proc/thread-self/stat").Split(") ")[^1].Split(' ');
        return TimeSpan.FromMilliseconds(10 * (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)));
    }
}
