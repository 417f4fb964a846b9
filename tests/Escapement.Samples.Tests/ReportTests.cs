// snippet
using Escapement;
using Escapement.Ledger;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
// end

namespace Samples.Tests;

/// <summary>The tests that docs/testing.md shows: jobs under a clock that the test moves.</summary>
public sealed class ReportTests
{
    // snippet
    [Fact]
    public async Task The_report_is_written_at_nine()
    {
        FakeTimeProvider clock = new(new DateTimeOffset(2041, 5, 6, 8, 0, 0, TimeSpan.Zero));
        TaskCompletionSource<DateTimeOffset> written = new();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton<TimeProvider>(clock);
        builder.AddEscapement(scheduler => scheduler.UseMemory()
            .Add("report", scheduler.Cron("0 9 * * *", zone: "UTC"), (JobContext run) => written.SetResult(run.FireTime)));
        using var host = builder.Build();
        await host.StartAsync();
        clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(clock.GetUtcNow(), await written.Task);
    }
    // end

    // snippet
    [Fact]
    public async Task A_mail_without_an_address_fails()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.AddEscapement(scheduler => scheduler.UseMemory()
            .Add("mail", void (string to) => throw new FormatException($"'{to}' is not an address.")));
        using var host = builder.Build();
        await host.StartAsync();
        var run = await host.Services.GetRequiredService<IScheduler>().RunAsync("mail", new { to = "nobody" });
        var ended = await run.EndAsync();
        Assert.Equal(Outcome.Failed, ended.Outcome);
        Assert.Contains("'nobody' is not an address.", ended.Error);
    }
    // end
}
