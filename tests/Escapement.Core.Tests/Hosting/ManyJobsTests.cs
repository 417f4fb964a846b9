using Escapement.Engine;
using Escapement.Hosting;
using Escapement.Leadership;
using Escapement.Stores;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Escapement.Core.Tests.Hosting;

public sealed class ManyJobsTests
{
    const int Few = 2_000;

    const int Many = 8 * Few;

    readonly FakeTimeProvider clock = new(new(2030, 1, 1, 8, 0, 0, TimeSpan.Zero));

    /// <summary>
    /// Measures allocated memory, which is the same on each machine.
    /// A search through all jobs for each job would allocate more.
    /// </summary>
    [Fact]
    public async Task The_work_for_declared_jobs_grows_with_their_number_and_not_with_its_square()
    {
        await DeclareAsync(Few);
        var (few, many) = (await DeclareAsync(Few), await DeclareAsync(Many));
        Assert.InRange((double)many / Many, 0, 2.0 * few / Few);
    }

    /// <summary>Declares jobs, a tenth of them overridden by the settings, and writes the jobs to a store.</summary>
    /// <returns>The number of allocated bytes.</returns>
    async Task<long> DeclareAsync(int count)
    {
        var (begun, thread) = (GC.GetAllocatedBytesForCurrentThread(), Environment.CurrentManagedThreadId);
        (string, string?)[] overrides = [("SCHEDULER_TIMEZONE", "UTC"), .. Enumerable.Range(0, count / 10)
            .Select(i => ($"Escapement:Jobs:JOB-{i}:Cron", (string?)"0 6 * * *"))];
        await using var provider = new ServiceCollection().AddSingleton(Configured.By(overrides)).AddSingleton<TimeProvider>(clock)
            .AddEscapementCore(scheduler =>
        {
            for (var i = 0; i < count; i++)
            {
                var number = i;
                scheduler.Add($"job-{i}", "0 9 * * mon-fri", (int more) => number + more).Args(1);
            }
        }).BuildServiceProvider();
        await using var store = new MemoryStore(clock);
        await store.OpenAsync("tests", default);
        var context = new NodeContext(
            new("node", 1, "here", clock.GetUtcNow(), null), store, new FreeLocks(),
            new("tests", TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(25), TimeSpan.FromDays(30), TimeSpan.FromHours(24)),
            clock, TaskScheduler.Default, NullLogger.Instance);
        var reconciler = new Reconciler(context, new HashSet<string>(), provider.GetRequiredService<JobDeclarations>().Build);
        await reconciler.RunAsync(default);
        Assert.Equal(count, (await store.JobsAsync(JobQuery.All, default)).Jobs.Count);
        Assert.Equal(thread, Environment.CurrentManagedThreadId);
        return GC.GetAllocatedBytesForCurrentThread() - begun;
    }
}
