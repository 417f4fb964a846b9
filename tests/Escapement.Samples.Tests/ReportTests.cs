// snippet
using Escapement.Testing;
using Microsoft.Extensions.DependencyInjection;
// end

namespace Samples.Tests;

/// <summary>The tests that docs/testing.md shows: jobs on a clock that the test advances.</summary>
public sealed class ReportTests
{
    // snippet
    [Fact]
    public async Task The_report_is_sent_on_weekdays_at_nine()
    {
        await using var test = await SchedulerTest.StartAsync(
            scheduler => scheduler.Add("report", "0 9 * * mon-fri", (IReports reports) => reports.SendAsync()),
            services => services.AddSingleton<IReports, FakeReports>(),
            start: new(2041, 5, 9, 8, 0, 0, TimeSpan.Zero));    // a Thursday
        await test.AdvanceAsync(TimeSpan.FromDays(5));
        test.Ran("report").AtExactly("2041-05-09 09:00", "2041-05-10 09:00", "2041-05-13 09:00").Succeeded();
    }
    // end

    // snippet
    [Fact]
    public async Task A_mail_without_an_address_fails()
    {
        await using var test = await SchedulerTest.StartAsync(scheduler => scheduler.Add("mail",
            void (string to) => throw new FormatException($"'{to}' is not an address.")));
        await Assert.ThrowsAsync<FormatException>(() => test.RunAsync("mail", new { to = "nobody" }));
    }
    // end

    // snippet
    [Fact]
    public async Task A_killed_process_is_replaced_and_no_report_is_sent_twice()
    {
        await using var test = await SchedulerTest.StartAsync(scheduler => scheduler.Add("report", "*/10 * * * *", () => { }));
        await test.StartProcessAsync();
        await test.AdvanceAsync(TimeSpan.FromMinutes(25));
        await test.Process.CrashAsync();
        await test.AdvanceAsync(TimeSpan.FromMinutes(10));
        test.Ran("report").AtExactly("2030-01-01 00:00", "2030-01-01 00:10", "2030-01-01 00:20", "2030-01-01 00:30");
        (await test.AuditAsync()).Balances();
    }
    // end

    // snippet
    [Fact]
    public async Task A_call_that_never_ends_is_given_up_after_ten_seconds()
    {
        await using var test = await SchedulerTest.StartAsync(scheduler => scheduler.Add("ask", async (TimeProvider clock) =>
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10), clock);
            await Task.Delay(Timeout.Infinite, limit.Token);
        }), options: new() { TimeoutPatience = TimeSpan.FromMilliseconds(50) });
        var begun = test.Now;
        await Assert.ThrowsAsync<TaskCanceledException>(() => test.RunAsync("ask"));
        Assert.Equal(begun.AddSeconds(10), test.Now);
    }
    // end

    // snippet
    interface IReports
    {
        Task SendAsync();
    }

    sealed class FakeReports : IReports
    {
        public Task SendAsync() => Task.CompletedTask;
    }
    // end
}
