using System.Globalization;
using Escapement.Sqlite;
using Escapement.Stores;

namespace Escapement.Testing.Tests;

/// <summary>The faults that a test can bring, with a store in memory and with a SQLite file.</summary>
public sealed class FaultTests
{
    static readonly DateTimeOffset Start = new(2041, 5, 6, 8, 0, 0, TimeSpan.Zero);

    public static TheoryData<string> Stores => ["memory", "sqlite", "each"];

    static SchedulerTestOptions With(string store) => new()
    {
        Start = Start,
        EveryProcessActive = store == "each",
        Store = store == "sqlite" ? Sqlite : null,
    };

    static IJobStore Sqlite(TimeProvider clock, string folder) =>
        new SqliteStore(new(Path.Combine(folder, "jobs.db"), TimeSpan.FromMinutes(15)), clock);

    static Task<SchedulerTest> StartAsync(string store, TimeSpan? takes = null, string at = "0 * * * *") => SchedulerTest.StartAsync(
        scheduler => scheduler.Add("hour", at, async (TimeProvider clock, CancellationToken stop) =>
        {
            if (takes is { } time) await Task.Delay(time, clock, stop);
        }), options: With(store));

    [Theory, MemberData(nameof(Stores))]
    public async Task A_killed_process_is_replaced_at_once(string store)
    {
        await using var test = await StartAsync(store);
        var other = await test.StartProcessAsync();
        await test.AdvanceAsync(TimeSpan.FromHours(2));
        await test.Process.CrashAsync();
        Assert.Same(other, test.Process);
        await test.AdvanceAsync(TimeSpan.FromHours(2));
        test.Ran("hour").AtExactly("2041-05-06 08:00", "2041-05-06 09:00", "2041-05-06 10:00", "2041-05-06 11:00", "2041-05-06 12:00");
        Assert.Equal("process-4712", test.Runs[^1].Process);
        Assert.Equal(["process-4712"], (await test.Scheduler.NodesAsync()).Select(node => node.Id));
        Assert.Equal(5, (await test.AuditAsync()).Balances().Account.Ran);
    }

    [Theory, MemberData(nameof(Stores))]
    public async Task A_killed_handler_does_not_go_on(string store)
    {
        await using var test = await StartAsync(store, takes: TimeSpan.FromMinutes(30));
        await test.AdvanceAsync(TimeSpan.FromMinutes(70));
        await test.CrashAsync();
        await test.AdvanceAsync(TimeSpan.FromHours(1));
        var run = test.Ran("hour").Times(2).All[1];
        Assert.Null(run.EndedAt);
        await test.StartProcessAsync();

        // If every process is active, a free lock alone does not prove the end of a process, and the lease runs out.
        await test.AdvanceAsync(TimeSpan.FromMinutes(store == "each" ? 20 : 1));
        Assert.Equal(Ledger.Outcome.Interrupted, (await test.Scheduler.FindRunAsync(run.Run.ToString()))!.Outcome);
    }

    [Theory, MemberData(nameof(Stores))]
    public async Task A_stop_lets_runs_go_on_until_the_drain_limit(string store)
    {
        await using var test = await StartAsync(store, takes: TimeSpan.FromMinutes(30));
        await test.AdvanceAsync(TimeSpan.FromMinutes(29.8));
        await test.StopAsync();
        Assert.Equal(Start.AddMinutes(30), test.Now);
        test.Ran("hour").Once().Succeeded();
        Assert.False(test.Process.IsAlive);
        await test.StartProcessAsync();
        await test.AdvanceAsync(TimeSpan.FromMinutes(31));
        await test.StopAsync();
        Assert.Equal(Start.AddMinutes(61).AddSeconds(25), test.Now);
        Assert.IsType<OperationCanceledException>(test.Ran("hour").Times(2).All[1].Exception, exactMatch: false);
    }

    [Theory, MemberData(nameof(Stores))]
    public async Task A_restart_keeps_the_jobs(string store)
    {
        await using var test = await StartAsync(store);
        await test.Scheduler.PauseAsync("hour");
        var again = await test.RestartAsync();
        Assert.Equal(2, test.Processes.Count);
        Assert.NotNull((await again.Scheduler.JobAsync("hour")).Paused);
        await test.AdvanceAsync(TimeSpan.FromHours(3));
        test.Ran("hour").AtExactly("2041-05-06 08:00");
    }

    [Theory, MemberData(nameof(Stores))]
    public async Task A_slow_store_delays_the_runs_by_the_clock(string store)
    {
        await using var test = await StartAsync(store);
        await test.AdvanceAsync(TimeSpan.FromMinutes(50));
        test.StoreDelay = TimeSpan.FromSeconds(4);
        await test.AdvanceAsync(TimeSpan.FromMinutes(20));
        Assert.InRange(test.Ran("hour").Times(2).All[1].StartedAt, Start.AddHours(1).AddSeconds(4), Start.AddHours(1).AddSeconds(20));
        Assert.Throws<ArgumentOutOfRangeException>(() => test.StoreDelay = TimeSpan.FromTicks(-1));
    }

    [Theory, MemberData(nameof(Stores))]
    public async Task An_outage_of_the_store_misses_fire_times_beyond_their_grace(string store)
    {
        await using var test = await SchedulerTest.StartAsync(scheduler =>
        {
            scheduler.Add("strict", "0 * * * *", () => { }).MisfireGrace(TimeSpan.FromMinutes(1));
            scheduler.Add("patient", "30 8 * * *", () => { });
        }, options: With(store) with { Start = Start.AddMinutes(1) });
        test.StoreIsAvailable = false;
        Assert.False(test.StoreIsAvailable);
        await test.AdvanceAsync(TimeSpan.FromHours(2));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => test.Scheduler.JobsAsync());
        test.StoreIsAvailable = true;
        await test.AdvanceAsync(TimeSpan.FromHours(1));
        test.Ran("strict").AtExactly("2041-05-06 11:00");
        test.Ran("patient").AtExactly("2041-05-06 08:30");
        Assert.InRange(test.Ran("patient").All[0].StartedAt, Start.AddMinutes(121), Start.AddMinutes(122));
        var account = (await test.AuditAsync()).Balances().Account;
        Assert.Equal((4, 2, 2), (account.Due, account.Ran, account.Missed));
    }

    [Theory, MemberData(nameof(Stores))]
    public async Task A_clock_that_jumps_forward_makes_fire_times_due(string store)
    {
        await using var test = await StartAsync(store);
        await test.AdvanceAsync(TimeSpan.FromMinutes(1));
        test.JumpClock(TimeSpan.FromHours(2));
        Assert.Equal(Start.AddMinutes(121), test.Now);
        await test.AdvanceAsync(TimeSpan.FromMinutes(5));
        test.Ran("hour").AtExactly("2041-05-06 08:00", "2041-05-06 10:00");
    }

    [Theory, MemberData(nameof(Stores))]
    public async Task A_clock_that_is_set_back_runs_nothing_twice(string store)
    {
        await using var test = await StartAsync(store);
        await test.AdvanceAsync(TimeSpan.FromMinutes(61));
        test.JumpClock(TimeSpan.FromHours(-1));
        await test.AdvanceAsync(TimeSpan.FromHours(2));
        Assert.Equal(Start.AddMinutes(121), test.Now);
        test.Ran("hour").AtExactly("2041-05-06 08:00", "2041-05-06 09:00", "2041-05-06 10:00");
    }

    [Theory, MemberData(nameof(Stores))]
    public async Task A_process_counts_as_active_although_its_clock_was_set_back_before_its_start(string store)
    {
        await using var test = await SchedulerTest.StartAsync(scheduler => scheduler.Add("merged", "* * * * * *", () => { }),
            options: With(store) with { Lease = TimeSpan.FromSeconds(15) });
        await test.AdvanceAsync(TimeSpan.FromMinutes(1));
        test.JumpClock(TimeSpan.FromHours(-1));
        await test.AdvanceAsync(TimeSpan.FromMinutes(1));
        var from = test.Now;
        test.StoreDelay = TimeSpan.FromSeconds(3);
        await test.AdvanceAsync(TimeSpan.FromMinutes(1));
        test.StoreDelay = TimeSpan.Zero;
        await test.AdvanceAsync(TimeSpan.FromSeconds(20));

        var merged = (await test.Scheduler.WhyAsync("merged", from)).Items.Where(item => item.Reason == Ledger.Reason.Coalesced).ToList();
        Assert.NotEmpty(merged);
        Assert.All(merged, item => Assert.DoesNotContain("no process was active", item.Sentence, StringComparison.Ordinal));
        (await test.AuditAsync(from)).Balances();
    }

    [Theory, MemberData(nameof(Stores))]
    public async Task The_same_test_gives_the_same_result_fifty_times(string store)
    {
        var first = await StoryAsync(store);
        Assert.Contains("process-4713", first, StringComparison.Ordinal);
        for (var i = 1; i < 50; i++) Assert.Equal(first, await StoryAsync(store));
    }

    static async Task<string> StoryAsync(string store)
    {
        await using var test = await StartAsync(store, takes: TimeSpan.FromMinutes(7), at: "*/5 * * * *");
        await test.StartProcessAsync();
        await test.AdvanceAsync(TimeSpan.FromMinutes(33));
        await test.Process.CrashAsync();
        await test.AdvanceAsync(TimeSpan.FromMinutes(8));
        await test.StartProcessAsync();
        test.StoreDelay = TimeSpan.FromMilliseconds(700);
        await test.AdvanceAsync(TimeSpan.FromMinutes(9));
        test.JumpClock(TimeSpan.FromMinutes(11));
        await test.Process.StopAsync();
        test.StoreDelay = TimeSpan.Zero;
        test.StoreIsAvailable = false;
        await test.AdvanceAsync(TimeSpan.FromMinutes(12));
        test.StoreIsAvailable = true;
        await test.AdvanceAsync(TimeSpan.FromMinutes(40));
        return string.Join('\n', test.Runs.Select(run => string.Create(CultureInfo.InvariantCulture,
            $"{run.FireTime:O} {run.Attempt} {run.StartedAt:O} {run.EndedAt:O} {run.Process} {run.Exception?.GetType().Name}")));
    }
}
