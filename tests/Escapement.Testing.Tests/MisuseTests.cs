namespace Escapement.Testing.Tests;

/// <summary>Calls that cannot give a true answer fail at once.</summary>
public sealed class MisuseTests
{
    static readonly DateTimeOffset Start = new(2041, 5, 6, 8, 0, 0, TimeSpan.Zero);

    static Task<SchedulerTest> StartAsync(DateTimeOffset? start = null, SchedulerTestOptions? options = null) =>
        SchedulerTest.StartAsync(scheduler => scheduler.Add("report", "0 9 * * *", () => { }), start: start, options: options);

    [Theory]
    [InlineData("9:00")]
    [InlineData("09:00+02:00")]
    [InlineData("05-06 09:00")]
    [InlineData("May 6")]
    [InlineData("2041-05")]
    [InlineData("05/06/2041 09:00")]
    [InlineData("2041-05-066")]
    [InlineData("2041-13-01 09:00")]
    [InlineData("")]
    [InlineData(null)]
    public async Task An_expected_fire_time_needs_a_full_date(string? text)
    {
        await using var test = await StartAsync(Start);
        var failure = Assert.Throws<FormatException>(() => test.Ran("report").AtExactly(text!, "2041-05-06 09:00"));
        Assert.StartsWith($"'{text}' is not an instant with a full date;", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_full_date_has_several_forms()
    {
        await using var test = await StartAsync(Start);
        await test.AdvanceAsync(TimeSpan.FromHours(2));
        foreach (var text in (string[])["2041-05-06 9:00", "2041-05-06T09:00Z", "2041-05-06 09:00:00 +00:00", "2041-05-06T11:00:00.000+02:00"])
            test.Ran("report").AtExactly(text);
    }

    [Fact(Timeout = 60_000)]
    public async Task An_advance_beyond_the_year_9999_is_refused()
    {
        await using var test = await StartAsync(Start);
        foreach (var time in (TimeSpan[])[TimeSpan.MaxValue, DateTimeOffset.MaxValue - Start + TimeSpan.FromTicks(1)])
        {
            var failure = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => test.AdvanceAsync(time).WaitAsync(TestContext.Current.CancellationToken));
            Assert.StartsWith($"time is {time}, and the clock is at 2041-05-06 08:00:00 +00:00;", failure.Message, StringComparison.Ordinal);
        }

        test.JumpClock(TimeSpan.FromDays(1));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => test.AdvanceAsync(DateTimeOffset.MaxValue - Start));
        Assert.Throws<ArgumentOutOfRangeException>(() => test.JumpClock(TimeSpan.MaxValue));
        await test.AdvanceAsync(TimeSpan.FromHours(1));
        Assert.Equal(Start.AddDays(1).AddHours(1), test.Now);
    }

    [Fact]
    public async Task Two_starts_are_refused()
    {
        var failure = await Assert.ThrowsAsync<ArgumentException>(() => StartAsync(Start, new() { Start = Start.AddDays(1) }));
        Assert.StartsWith("start is 2041-05-06 08:00:00 +00:00 and options.Start is 2041-05-07 08:00:00 +00:00; only one of both is allowed.",
            failure.Message, StringComparison.Ordinal);
        await using var test = await StartAsync(Start, new() { Lease = TimeSpan.FromMinutes(5) });
        Assert.Equal(Start, test.Now);
        await using var other = await StartAsync(options: new() { Start = Start });
        Assert.Equal(Start, other.Now);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_run_without_a_process_is_refused_at_once()
    {
        await using var test = await StartAsync(Start);
        await test.StopAsync();
        var now = test.Now;
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(
            () => test.RunAsync("report").WaitAsync(TestContext.Current.CancellationToken));
        Assert.Equal("No process of the test runs, so the run of job 'report' cannot begin. Start a process with StartProcessAsync.",
            failure.Message);
        Assert.Equal(now, test.Now);
        await test.StartProcessAsync();
        await test.RunAsync("report");
        test.Ran("report").Once().Succeeded();
        test.Asked("report").Once();
    }

    [Fact(Timeout = 60_000)]
    public async Task A_disposed_test_answers_no_question()
    {
        var test = await StartAsync(Start);
        await test.RunAsync("report");
        await test.DisposeAsync();
        await test.DisposeAsync();
        Assert.Throws<ObjectDisposedException>(() => test.Ran("report"));
        Assert.Throws<ObjectDisposedException>(() => test.Asked("report"));
        Assert.Throws<ObjectDisposedException>(() => test.JumpClock(TimeSpan.FromDays(1)));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => test.AdvanceAsync(TimeSpan.FromDays(1)).WaitAsync(TestContext.Current.CancellationToken));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => test.AdvanceToAsync(Start.AddDays(1)));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => test.AuditAsync());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => test.RunAsync("report").WaitAsync(TestContext.Current.CancellationToken));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => test.StartProcessAsync());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => test.RestartAsync());
    }
}
