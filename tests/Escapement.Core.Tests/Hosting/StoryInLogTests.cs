using Escapement.Core.Tests.Engine;
using Escapement.Stores;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Escapement.Core.Tests.Hosting;

/// <summary>Tests of the lines about runs and missed fire times in the log of a program.</summary>
public sealed class StoryInLogTests : IAsyncDisposable
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    readonly FakeTimeProvider clock = new(new(2030, 1, 1, 8, 0, 30, TimeSpan.Zero));
    readonly MemoryStore store;
    readonly List<string> lines = [];

    public StoryInLogTests() => store = new(clock);

    public ValueTask DisposeAsync() => store.DisposeAsync();

    async Task<IHost> StartAsync(Action<EscapementBuilder> declare)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new() { ApplicationName = "tests" });
        builder.Logging.ClearProviders().AddProvider(new ListLoggerProvider(lines)).SetMinimumLevel(LogLevel.Debug);
        builder.Services.AddSingleton<TimeProvider>(clock);
        builder.Services.AddEscapementCore(scheduler => declare(scheduler.UseStore(_ => store)));
        var host = builder.Build();
        await host.StartAsync().WaitAsync(Limit);
        return host;
    }

    IReadOnlyList<string> Beginning(string text)
    {
        lock (lines) return [.. lines.Where(line => line.StartsWith(text, StringComparison.Ordinal))];
    }

    async Task UntilAsync(Func<bool> holds, int seconds = 1)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (!holds())
        {
            limit.Token.ThrowIfCancellationRequested();
            clock.Advance(TimeSpan.FromSeconds(seconds));
            await Task.Yield();
        }
    }

    [Fact]
    public async Task The_start_tells_once_what_runs_next()
    {
        using var host = await StartAsync(scheduler =>
        {
            scheduler.Add("yearly", "0 0 1 1 *", () => { });
            scheduler.Add("noon", scheduler.Cron("0 12 * * *", zone: "Asia/Shanghai"), () => { });
            scheduler.Add("hourly", Every.Hours(1), () => { });
            scheduler.Add("daily", scheduler.Cron("30 9 * * *", zone: "UTC"), () => { });
            scheduler.Add("on-demand", () => { });
            scheduler.Configure(options => options.Zone = Escapement.Triggers.ZoneClock.Utc);
        });
        await host.StopAsync().WaitAsync(Limit);
        Assert.Equal(
            ["Next: hourly at 2030-01-01 09:00:30 +00:00 (UTC), daily at 2030-01-01 09:30:00 +00:00 (UTC), noon at 2030-01-02 12:00:00 +08:00 (Asia/Shanghai) and 1 more."],
            Beginning("Next: "));
    }

    [Fact]
    public async Task A_finished_run_has_a_line_at_debug_level()
    {
        using var host = await StartAsync(scheduler => scheduler.Add("tick", Every.Seconds(10), () => { }));
        await UntilAsync(() => Beginning("Job tick ended for its fire time 2030-01-").Count > 0);
        await host.StopAsync().WaitAsync(Limit);
        Assert.Contains("Succeeded after ", Beginning("Job tick ended")[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missed_stretch_has_one_line_with_its_reason()
    {
        void Declare(EscapementBuilder scheduler)
        {
            foreach (var id in (string[])["a", "b", "c", "d", "e", "f"])
                scheduler.Add(id, scheduler.Cron("* * * * *", zone: "UTC"), () => { }).MisfireGrace(TimeSpan.FromSeconds(1));
        }

        using (var host = await StartAsync(Declare)) await host.StopAsync().WaitAsync(Limit);
        clock.Advance(TimeSpan.FromSeconds(605));
        using var again = await StartAsync(Declare);
        await UntilAsync(() => Beginning("Missed: ").Count > 0, seconds: 0);
        await again.StopAsync().WaitAsync(Limit);
        Assert.Equal(
            "Missed: a, b, c, d, e and 1 more, 2030-01-01 08:01:00Z to 2030-01-01 08:10:00Z. No process was active at that time.",
            Beginning("Missed: ")[0]);
    }
}
