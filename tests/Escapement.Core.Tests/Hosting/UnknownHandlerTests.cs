using Escapement.Core.Tests.Engine;
using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Escapement.Core.Tests.Hosting;

/// <summary>Tests of stored jobs whose handler the program lacks.</summary>
public sealed class UnknownHandlerTests : IAsyncDisposable
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    static readonly DateTimeOffset Start = new(2030, 1, 1, 8, 0, 0, TimeSpan.Zero);

    readonly FakeTimeProvider clock = new(Start);
    readonly MemoryStore store;
    readonly List<string> lines = [];

    public UnknownHandlerTests() => store = new(clock);

    public ValueTask DisposeAsync() => store.DisposeAsync();

    async Task<IHost> StartAsync()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new() { ApplicationName = "tests" });
        builder.Logging.ClearProviders().AddProvider(new ListLoggerProvider(lines));
        builder.Services.AddSingleton<TimeProvider>(clock);
        builder.Services.AddEscapementCore(scheduler => scheduler.UseStore(_ => store).Handler("mails", () => { }));
        var host = builder.Build();
        await host.StartAsync().WaitAsync(Limit);
        return host;
    }

    async Task AddAsync(string id, string handler = "mail")
    {
        await store.OpenAsync("tests", CancellationToken.None);
        var job = new Job
        {
            Id = JobId.Parse(id),
            Name = id,
            Handler = handler,
            Trigger = Every.Seconds(10).Build(new(Escapement.Triggers.ZoneClock.Utc, Start)),
            Options = new() { MisfireGrace = MisfireGrace.Of(TimeSpan.FromSeconds(1)) },
        };
        await store.ChangeAsync(new() { Jobs = [JobEdits.Add(job)] }, CancellationToken.None);
    }

    [Fact]
    public async Task The_start_names_each_job_with_the_nearest_handler_in_one_line()
    {
        await AddAsync("ghost");
        await AddAsync("other", "quite:different");
        await AddAsync("fine", "mails");
        using var host = await StartAsync();
        await host.StopAsync().WaitAsync(Limit);

        Assert.Equal(
            "Stored jobs without a handler in this program: ghost (func mail; the nearest is mails), other (func quite:different). After their misfire grace, their fire times are recorded as missed. Register the handlers, or remove the jobs.",
            Assert.Single(lines, line => line.Contains("without a handler", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_line_names_ten_jobs_at_most()
    {
        for (var i = 0; i < 13; i++) await AddAsync($"ghost-{i}");
        using var host = await StartAsync();
        await host.StopAsync().WaitAsync(Limit);
        Assert.Contains(" and 3 more. ", Assert.Single(lines, line => line.Contains("without a handler", StringComparison.Ordinal)),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_job_shows_the_lack_as_its_error()
    {
        await AddAsync("ghost");
        await AddAsync("fine", "mails");
        using var host = await StartAsync();
        var scheduler = host.Services.GetRequiredService<IScheduler>();
        Assert.Equal(
            "No handler is registered as 'mail' in this program, so the job does not run. The nearest is 'mails'. Register the handler, or remove the job.",
            (await scheduler.JobAsync("ghost")).Error);
        Assert.Equal([("fine", true), ("ghost", false)],
            (await scheduler.JobsAsync()).Select(job => (job.Id.Value, job.Error is null)).OrderBy(job => job.Value));
        await host.StopAsync().WaitAsync(Limit);
    }

    [Fact]
    public async Task Its_fire_times_become_missed_while_the_process_runs()
    {
        await AddAsync("ghost");
        using var host = await StartAsync();
        using var limit = new CancellationTokenSource(Limit);
        while (await MissedAsync() is not { Count: > 0 } || !await IsAheadAsync())
        {
            limit.Token.ThrowIfCancellationRequested();
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        await host.StopAsync().WaitAsync(Limit);
        Assert.All(await MissedAsync(), entry => Assert.Equal(Reason.HandlerNotRegistered, entry.Reason));

        async Task<IReadOnlyList<Entry>> MissedAsync() => (await store.LedgerAsync(new(), CancellationToken.None)).Entries;

        async Task<bool> IsAheadAsync() =>
            Assert.Single((await store.JobsAsync(JobQuery.All, CancellationToken.None)).Jobs).Next > clock.GetUtcNow();
    }
}
