using Escapement.Core.Tests.Engine;
using Escapement.Stores;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Escapement.Core.Tests.Hosting;

/// <summary>Tests of changes to the jobs in the settings while the program runs, and of jobs that stay removed.</summary>
public sealed class JobSettingsWatchTests : IAsyncLifetime
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    readonly FakeTimeProvider clock = new(new(2030, 1, 1, 8, 0, 0, TimeSpan.Zero));
    readonly Dictionary<string, string?> settings = new()
    {
        ["Escapement:Timezone"] = "UTC",
        ["Escapement:Jobs:report:Cron"] = "0 9 * * *",
    };
    readonly List<string> lines = [];
    readonly MemoryStore store;
    IHost host = null!;
    IConfigurationRoot configuration = null!;

    public JobSettingsWatchTests() => store = new(clock);

    public async ValueTask InitializeAsync()
    {
        host = Make();
        await host.StartAsync().WaitAsync(Limit);
    }

    public async ValueTask DisposeAsync()
    {
        await host.StopAsync().WaitAsync(Limit);
        host.Dispose();
        await store.DisposeAsync();
    }

    IHost Make()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new() { ApplicationName = "tests" });
        builder.Configuration.AddInMemoryCollection(settings);
        configuration = builder.Configuration;
        builder.Logging.ClearProviders().AddProvider(new ListLoggerProvider(lines));
        builder.Services.AddSingleton<TimeProvider>(clock);
        builder.Services.AddEscapementCore(scheduler =>
        {
            scheduler.UseMemory();
            scheduler.Add("report", "0 8 * * *", () => { });
            scheduler.Handler("jobs:hello", () => { });
        });
        return builder.Build();
    }

    IScheduler Scheduler => host.Services.GetRequiredService<IScheduler>();

    void Change(string key, string? value)
    {
        configuration[key] = value;
        configuration.Reload();
    }

    async Task UntilAsync(Func<Task<bool>> isDone)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (!await isDone())
        {
            limit.Token.ThrowIfCancellationRequested();
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
    }

    async Task<int> HourOf(string job) => (await Scheduler.JobAsync(job)).NextFireTime!.Value.Hour;

    [Fact]
    public async Task A_changed_job_of_the_settings_is_taken_over()
    {
        Assert.Equal(9, await HourOf("report"));
        Change("Escapement:Jobs:report:Cron", "0 11 * * *");
        await UntilAsync(async () => await HourOf("report") == 11);
        Assert.Contains(lines, line => line.StartsWith("The jobs of the settings have changed.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_invalid_change_is_refused_and_the_jobs_stay_as_they_are()
    {
        Change("Escapement:Jobs:report:Cron", "0 25 * * *");
        Assert.Contains(lines, line => line.StartsWith("The changed settings are not taken over", StringComparison.Ordinal)
            && line.Contains("Escapement:Jobs:report", StringComparison.Ordinal) && line.Contains("25", StringComparison.Ordinal));
        Assert.Equal(9, await HourOf("report"));
        Change("Escapement:Jobs:report:Cron", "0 12 * * *");
        await UntilAsync(async () => await HourOf("report") == 12);
    }

    [Fact]
    public async Task A_change_of_other_settings_changes_no_job()
    {
        Change("Logging:LogLevel:Default", "Debug");
        Assert.DoesNotContain(lines, line => line.Contains("settings", StringComparison.Ordinal));
        Assert.Equal(9, await HourOf("report"));
    }
}
