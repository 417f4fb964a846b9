using Microsoft.Extensions.DependencyInjection;

namespace Escapement.Testing.Tests;

/// <summary>The clock stops at each instant with anything to do, and waits until everything is done.</summary>
public sealed class AdvanceTests
{
    static readonly DateTimeOffset Start = new(2041, 5, 6, 8, 0, 0, TimeSpan.Zero);
    static readonly SchedulerTestOptions Hasty = new() { Start = Start, RealTimeLimit = TimeSpan.FromMilliseconds(300) };

    [Fact]
    public async Task A_job_runs_at_its_fire_times()
    {
        await using var test = await SchedulerTest.StartAsync(scheduler => scheduler.Add("report", "0 9 * * *", () => { }), start: Start);
        await test.AdvanceAsync(TimeSpan.FromDays(3));
        Assert.Equal(Start.AddDays(3), test.Now);
        test.Ran("report").AtExactly("2041-05-06 09:00", "2041-05-07 09:00", "2041-05-08 09:00").Succeeded();
        Assert.Equal(test.Ran("report").FireTimes, test.Ran("report").All.Select(run => run.StartedAt));
    }

    [Fact]
    public async Task An_advance_includes_its_end()
    {
        await using var test = await SchedulerTest.StartAsync(scheduler => scheduler.Add("report", "0 9 * * *", () => { }), start: Start);
        await test.AdvanceToAsync(Start.AddHours(1).AddTicks(-1));
        test.Ran("report").Never();
        await test.AdvanceAsync(TimeSpan.FromTicks(1));
        test.Ran("report").Once();
    }

    [Fact]
    public async Task A_day_of_a_minute_job_and_a_year_of_an_hourly_job()
    {
        await using var test = await SchedulerTest.StartAsync(scheduler =>
        {
            scheduler.Add("hour", "0 * * * *", () => { });
            scheduler.Add("minute", Every.Minutes(1).Until(Start.AddDays(1).AddMinutes(1)), () => { });
        }, start: Start.AddMinutes(1));
        await test.AdvanceAsync(TimeSpan.FromDays(365));
        test.Ran("minute").Times(1440);
        test.Ran("hour").Times(8760);
    }

    [Fact]
    public async Task A_handler_that_waits_for_the_clock_ends_at_its_instant()
    {
        await using var test = await SchedulerTest.StartAsync(scheduler => scheduler.Add("long", "0 9 * * *",
            async (TimeProvider clock, CancellationToken stop) => await Task.Delay(TimeSpan.FromMinutes(90), clock, stop)), start: Start);
        await test.AdvanceAsync(TimeSpan.FromHours(2));
        Assert.Null(Assert.Single(test.Ran("long").All).EndedAt);
        await test.AdvanceAsync(TimeSpan.FromHours(1));
        Assert.Equal(Start.AddMinutes(150), Assert.Single(test.Ran("long").Succeeded().All).EndedAt);
    }

    [Fact]
    public async Task The_clock_waits_for_real_work_of_a_handler()
    {
        await using var test = await SchedulerTest.StartAsync(scheduler => scheduler.Add("io", "* * * * *", async () =>
        {
            for (var i = 0; i < 20; i++) await Task.Run(() => Thread.SpinWait(1000)).ConfigureAwait(false);
        }), start: Start);
        await test.AdvanceAsync(TimeSpan.FromMinutes(30));
        Assert.All(test.Ran("io").Times(31).Succeeded().All, run => Assert.Equal(run.StartedAt, run.EndedAt));
    }

    [Fact]
    public async Task A_time_limit_of_the_clock_ends_a_wait_for_something_that_never_comes()
    {
        await using var test = await SchedulerTest.StartAsync(scheduler => scheduler.Add("ask", "0 9 * * *", async (TimeProvider clock) =>
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10), clock);
            await Task.Delay(Timeout.Infinite, limit.Token);
        }), options: Hasty with { TimeoutPatience = TimeSpan.FromMilliseconds(50), RealTimeLimit = TimeSpan.FromSeconds(30) });
        await test.AdvanceAsync(TimeSpan.FromHours(2));
        Assert.Equal(Start.AddHours(1).AddSeconds(10), Assert.Single(test.Ran("ask").All).EndedAt);
        Assert.IsType<TaskCanceledException>(test.Ran("ask").All[0].Exception);
    }

    [Fact]
    public async Task The_clock_waits_for_real_work_under_a_time_limit()
    {
        await using var test = await SchedulerTest.StartAsync(scheduler => scheduler.Add("ask", "0 9 * * *", async (TimeProvider clock) =>
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10), clock);
            await Task.Run(() => Thread.SpinWait(100_000), limit.Token).ConfigureAwait(false);
            limit.Token.ThrowIfCancellationRequested();
        }), options: Hasty with { TimeoutPatience = TimeSpan.FromSeconds(30), RealTimeLimit = TimeSpan.FromSeconds(60) });
        await test.AdvanceAsync(TimeSpan.FromHours(2));
        test.Ran("ask").Once().Succeeded();
    }

    [Fact]
    public async Task A_handler_that_awaits_something_else_is_named()
    {
        await using var test = await SchedulerTest.StartAsync(scheduler =>
            scheduler.Add("stuck", "0 9 * * *", async () => await Task.Delay(Timeout.Infinite)), options: Hasty);
        var failure = await Assert.ThrowsAsync<SchedulerTestException>(() => test.AdvanceAsync(TimeSpan.FromHours(2)));
        Assert.StartsWith(
            "The clock stands at 2041-05-06 09:00:00Z: for 0.3 s of real time, the handler of job 'stuck' (fire time 2041-05-06 09:00:00Z) has awaited something that is not the clock of the test",
            failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_handler_that_blocks_its_thread_is_named()
    {
        using var gate = new ManualResetEventSlim();
        await using var test = await SchedulerTest.StartAsync(scheduler => scheduler.Add("blocks", "0 9 * * *", () =>
        {
            gate.Wait(TestContext.Current.CancellationToken);
        }), options: Hasty);
        var failure = await Assert.ThrowsAsync<SchedulerTestException>(() => test.AdvanceAsync(TimeSpan.FromHours(2)));
        gate.Set();
        Assert.Equal(
            "The clock stands at 2041-05-06 09:00:00Z: for 0.3 s of real time, the handler of job 'blocks' (fire time 2041-05-06 09:00:00Z) has blocked its thread. Let the handler await instead of blocking.",
            failure.Message);
    }

    [Fact]
    public async Task A_handler_may_wait_for_the_test()
    {
        TaskCompletionSource go = new();
        SchedulerTest? mine = null;
        await using var test = mine = await SchedulerTest.StartAsync(scheduler =>
            scheduler.Add("waits", "0 9 * * *", async () => await mine!.WaitForTestAsync(go.Task)), options: Hasty);
        await test.AdvanceAsync(TimeSpan.FromHours(2));
        Assert.Null(Assert.Single(test.Ran("waits").All).EndedAt);
        go.SetResult();
        await test.AdvanceAsync(TimeSpan.Zero);
        test.Ran("waits").Once().Succeeded();
    }

    [Fact]
    public async Task A_handler_cannot_advance_the_clock()
    {
        SchedulerTest? mine = null;
        await using var test = mine = await SchedulerTest.StartAsync(scheduler =>
            scheduler.Add("inside", "0 9 * * *", async () => await mine!.AdvanceAsync(TimeSpan.FromDays(1))), start: Start);
        await test.AdvanceAsync(TimeSpan.FromHours(2));
        test.Ran("inside").Failed("The clock was advanced inside the handler of job 'inside'");
    }

    [Fact]
    public async Task Advances_are_awaited_one_after_the_other()
    {
        TaskCompletionSource go = new();
        await using var test = await SchedulerTest.StartAsync(scheduler =>
            scheduler.Add("io", "0 9 * * *", async () => await go.Task), start: Start);
        var first = test.AdvanceAsync(TimeSpan.FromHours(2));
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => test.AdvanceAsync(TimeSpan.FromHours(1)));
        Assert.Equal("The clock is already being advanced. Await each advance before the next.", failure.Message);
        go.SetResult();
        await first;
        test.Ran("io").Once();
    }

    [Fact]
    public async Task The_clock_goes_forward_only()
    {
        await using var test = await SchedulerTest.StartAsync(scheduler => scheduler.Add("job", () => { }), start: Start);
        var below = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => test.AdvanceAsync(TimeSpan.FromSeconds(-1)));
        Assert.StartsWith("time is -00:00:01; zero or more is allowed. JumpClock sets the clock back.", below.Message, StringComparison.Ordinal);
        var before = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => test.AdvanceToAsync(Start.AddSeconds(-1)));
        Assert.StartsWith("The clock is at 2041-05-06 08:00:00 +00:00, after 2041-05-06 07:59:59 +00:00.", before.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_timer_of_the_program_that_throws_fails_the_advance()
    {
        await using var test = await SchedulerTest.StartAsync(scheduler => scheduler.Add("job", () => { }), start: Start);
        using var timer = test.Services.GetRequiredService<TimeProvider>().CreateTimer(
            _ => throw new FormatException("broken"), null, TimeSpan.FromHours(1), Timeout.InfiniteTimeSpan);
        var failure = await Assert.ThrowsAsync<SchedulerTestException>(() => test.AdvanceAsync(TimeSpan.FromHours(2)));
        Assert.Equal("A timer of the program threw at 2041-05-06 09:00:00Z: broken", failure.Message);
        Assert.IsType<FormatException>(failure.InnerException);
    }

    [Fact]
    public async Task A_periodic_timer_of_the_program_rings_at_each_period()
    {
        await using var test = await SchedulerTest.StartAsync(scheduler => scheduler.Add("job", () => { }), start: Start);
        List<DateTimeOffset> rung = [];
        await using var timer = test.Clock.CreateTimer(_ => rung.Add(test.Now), null, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(20));
        await test.AdvanceAsync(TimeSpan.FromHours(1));
        Assert.Equal([Start.AddMinutes(1), Start.AddMinutes(21), Start.AddMinutes(41)], rung);
        Assert.True(timer.Change(TimeSpan.FromMinutes(2), Timeout.InfiniteTimeSpan));
        await test.AdvanceAsync(TimeSpan.FromHours(1));
        Assert.Equal(4, rung.Count);
        await timer.DisposeAsync();
        Assert.False(timer.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan));
        Assert.Throws<ArgumentOutOfRangeException>(() => test.Clock.CreateTimer(_ => { }, null, TimeSpan.FromSeconds(-2), TimeSpan.Zero));
    }

    [Fact]
    public void Limits_in_real_time_are_above_zero() =>
        Assert.StartsWith("RealTimeLimit is 00:00:00; above zero and at most 1 hour is allowed.",
            Assert.Throws<ArgumentOutOfRangeException>(() => new SchedulerTestOptions { RealTimeLimit = TimeSpan.Zero }).Message, StringComparison.Ordinal);
}
