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

    string[] Lines()
    {
        lock (lines) return [.. lines];
    }

    async Task<int> HourOf(string job) => (await Scheduler.JobAsync(job)).NextFireTime!.Value.Hour;

    [Fact]
    public async Task A_changed_job_of_the_settings_is_taken_over()
    {
        Assert.Equal(9, await HourOf("report"));
        Change("Escapement:Jobs:report:Cron", "0 11 * * *");
        await UntilAsync(async () => await HourOf("report") == 11);
        Assert.Contains(Lines(), line => line.StartsWith("The jobs of the settings have changed.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_invalid_change_is_refused_and_the_jobs_stay_as_they_are()
    {
        Change("Escapement:Jobs:report:Cron", "0 25 * * *");
        Assert.Contains(Lines(), line => line.StartsWith("The changed settings are rejected", StringComparison.Ordinal)
            && line.Contains("Escapement:Jobs:report", StringComparison.Ordinal) && line.Contains("25", StringComparison.Ordinal));
        Assert.Equal(9, await HourOf("report"));
        Change("Escapement:Jobs:report:Cron", "0 12 * * *");
        await UntilAsync(async () => await HourOf("report") == 12);
    }

    [Fact]
    public async Task A_change_of_other_settings_changes_no_job()
    {
        Change("Logging:LogLevel:Default", "Debug");
        Assert.DoesNotContain(Lines(), line => line.Contains("settings", StringComparison.Ordinal));
        Assert.Equal(9, await HourOf("report"));
    }

    [Fact]
    public async Task A_change_back_and_forth_ends_with_the_last_state_and_tells_each_rejection()
    {
        for (var hour = 10; hour < 20; hour++) Change("Escapement:Jobs:report:Cron", $"0 {hour} * * *");
        await UntilAsync(async () => await HourOf("report") == 19);
        for (var i = 0; i < 2; i++)
        {
            Change("Escapement:Jobs:report:Cron", "0 25 * * *");
            Change("Escapement:Jobs:report:Cron", "0 19 * * *");
        }

        Assert.Equal(2, Lines().Count(line => line.StartsWith("The changed settings are rejected", StringComparison.Ordinal)));
        Assert.Equal(19, await HourOf("report"));
    }
}

/// <summary>Tests of changed settings in two processes of a store.</summary>
public sealed class JobSettingsOfTwoHostsTests : IAsyncLifetime
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    readonly string folder = Directory.CreateTempSubdirectory("escapement-watch-").FullName;
    readonly FakeTimeProvider clock = new(new(2030, 1, 1, 8, 0, 0, TimeSpan.Zero));
    readonly List<string> lines = [];
    readonly TroubledStore store;
    (IHost Host, IConfigurationRoot Configuration) first, second;

    public JobSettingsOfTwoHostsTests() => store = new(clock);

    public async ValueTask InitializeAsync()
    {
        first = await StartAsync();
        second = await StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (host, _) in new[] { first, second })
        {
            await host.StopAsync().WaitAsync(Limit);
            await ((IAsyncDisposable)host).DisposeAsync();
        }

        Directory.Delete(folder, recursive: true);
        await store.DisposeAsync();
    }

    async Task<(IHost, IConfigurationRoot)> StartAsync()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new() { ApplicationName = "tests", ContentRootPath = folder });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["SCHEDULER_JOBS"] = """[{"id": "hello", "func": "jobs:hello", "trigger": "cron", "expression": "0 9 * * *"}]""",
            ["SCHEDULER_TIMEZONE"] = "UTC",
        });
        builder.Logging.ClearProviders().AddProvider(new ListLoggerProvider(lines));
        builder.Services.AddSingleton<TimeProvider>(clock);
        builder.Services.AddEscapementCore(scheduler => scheduler.UseStore(_ => store).Handler("jobs:hello", () => { })
            .Configure(options => options.LockFile = Path.Combine(folder, "lock")));
        var host = builder.Build();
        await host.StartAsync().WaitAsync(Limit);
        return (host, builder.Configuration);
    }

    static void Change(IConfigurationRoot configuration, string jobs)
    {
        configuration["SCHEDULER_JOBS"] = jobs;
        configuration.Reload();
    }

    async Task UntilAsync(Func<IReadOnlyList<JobInfo>, bool> isDone)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (!isDone(await second.Host.Services.GetRequiredService<IScheduler>().JobsAsync(limit.Token)))
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
    }

    [Fact]
    public async Task A_job_is_retired_when_the_settings_of_both_processes_lack_the_job()
    {
        Change(first.Configuration, """[{"id": "other", "func": "jobs:hello", "trigger": "cron", "expression": "0 9 * * *"}]""");
        await UntilAsync(jobs => jobs.Any(job => job.Id.Value == "other"));
        Assert.Contains(await second.Host.Services.GetRequiredService<IScheduler>().JobsAsync(), job => job.Id.Value == "hello");
        Change(second.Configuration, """[{"id": "other", "func": "jobs:hello", "trigger": "cron", "expression": "0 9 * * *"}]""");
        await UntilAsync(jobs => jobs.All(job => job.Id.Value == "other") && IsRetirementTold());

        bool IsRetirementTold()
        {
            lock (lines) return lines.Exists(line => line.StartsWith("Jobs that no running process declares: hello.", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_change_of_a_standby_is_applied_when_the_standby_takes_over()
    {
        Change(second.Configuration, """[{"id": "hello", "func": "jobs:hello", "trigger": "cron", "expression": "0 10 * * *"}]""");
        await first.Host.StopAsync().WaitAsync(Limit);
        await UntilAsync(jobs => jobs.Single().NextFireTime!.Value.Hour == 10);
    }
}
