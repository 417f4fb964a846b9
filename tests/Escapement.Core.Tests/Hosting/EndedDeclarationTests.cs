using Escapement.Core.Tests.Engine;
using Escapement.Stores;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Escapement.Core.Tests.Hosting;

/// <summary>Tests of declared jobs that no longer run: removed jobs, and jobs whose fire times are over.</summary>
public sealed class EndedDeclarationTests : IAsyncDisposable
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    readonly FakeTimeProvider clock = new(new(2030, 1, 1, 8, 0, 0, TimeSpan.Zero));
    readonly MemoryStore store;
    readonly List<string> lines = [];

    public EndedDeclarationTests() => store = new(clock);

    public ValueTask DisposeAsync() => store.DisposeAsync();

    async Task RunAsync(Func<IScheduler, Task> act)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new() { ApplicationName = "tests" });
        builder.Logging.ClearProviders().AddProvider(new ListLoggerProvider(lines));
        builder.Services.AddSingleton<TimeProvider>(clock);
        builder.Services.AddEscapementCore(scheduler =>
        {
            scheduler.UseStore(_ => store);
            scheduler.Add("report", "0 9 * * *", () => { });
            scheduler.Add("launch", "at 2029-12-31 09:00", () => { }).MisfireGrace(TimeSpan.FromSeconds(1));
            scheduler.Add("fine", "@daily", () => { });
        });
        using var host = builder.Build();
        await host.StartAsync().WaitAsync(Limit);
        await act(host.Services.GetRequiredService<IScheduler>());
        await host.StopAsync().WaitAsync(Limit);
    }

    async Task UntilLoggedAsync(string text)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (!IsLogged())
        {
            limit.Token.ThrowIfCancellationRequested();
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        bool IsLogged()
        {
            lock (lines) return lines.Exists(line => line.Contains(text, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task The_next_start_names_the_jobs_and_the_remedy()
    {
        await RunAsync(async scheduler =>
        {
            using var limit = new CancellationTokenSource(Limit);
            while ((await scheduler.JobsAsync(limit.Token)).Any(job => job.Id.Value == "launch"))
            {
                clock.Advance(TimeSpan.FromSeconds(1));
                await Task.Yield();
            }

            await scheduler.RemoveAsync("report", cancellationToken: limit.Token);
        });
        Assert.DoesNotContain(lines, line => line.Contains("stay removed", StringComparison.Ordinal));

        await RunAsync(_ => UntilLoggedAsync("fire times are over"));
        Assert.Contains(
            "Declared jobs that stay removed, because they were removed over REST or by the program: report. To restore a job, change its declaration or add the job again.",
            lines);
        Assert.Contains("Declared jobs whose fire times are over: launch.", lines);
    }
}
