using Escapement.Engine;
using Escapement.Jobs;
using Escapement.Leadership;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;
using Escapement.Triggers;
using Xunit;

namespace Escapement.Core.Tests.Engine;

/// <summary>Tests of jobs that were declared while the wall clock was ahead.</summary>
public sealed class ClockAheadTests : IAsyncDisposable
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    static readonly DateTimeOffset Start = new(2030, 1, 1, 8, 0, 0, TimeSpan.Zero);
    static readonly JobId Id = JobId.Parse("tick");

    readonly SteeredClock clock = new(Start);
    readonly PumpScheduler pump = new();
    readonly MemoryStore store;
    readonly List<string> lines = [];
    int ran;

    public ClockAheadTests() => store = new(clock);

    public ValueTask DisposeAsync() => store.DisposeAsync();

    async Task<NodeLifecycle> StartAsync(TriggerBuilder trigger)
    {
        await store.OpenAsync("tests", CancellationToken.None);
        var settings = new EngineSettings(
            "tests", TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(25), TimeSpan.FromDays(30), TimeSpan.FromHours(24));
        var context = new NodeContext(
            new("node", 1, "here", Start, null), store, new FreeLocks(), settings, clock, pump, new ListLogger(lines));
        var handlers = new HandlerRegistry([new("note", (_, _, _) => { ran++; return default; }, false, false, _ => { })]);
        var node = new NodeLifecycle(context, handlers, null, now => new([Declared(trigger, now)], new Dictionary<JobId, string>()));
        await DoneAsync(node.StartAsync(CancellationToken.None));
        return node;
    }

    static Job Declared(TriggerBuilder trigger, DateTimeOffset now) => new()
    {
        Id = Id,
        Name = "tick",
        Handler = "note",
        Origin = JobOrigin.Code,
        DeclaredHash = "1",
        Trigger = trigger.Build(new(ZoneClock.Utc, now)),
    };

    async Task StopAsync(NodeLifecycle node)
    {
        await DoneAsync(node.StopAsync(CancellationToken.None));
        await DoneAsync(node.DisposeAsync().AsTask());
    }

    async Task DoneAsync(Task task)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (!task.IsCompleted)
        {
            limit.Token.ThrowIfCancellationRequested();
            pump.RunAll();
            await Task.Yield();
        }

        await task;
    }

    void Pass(int seconds)
    {
        for (var i = 0; i < seconds; i++)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            pump.RunAll();
        }
    }

    async Task<DateTimeOffset?> NextAsync() =>
        Assert.Single((await store.JobsAsync(new() { Id = Id }, CancellationToken.None)).Jobs).Next;

    async Task<JobAction?> ToldAsync() => (await store.LedgerAsync(new() { Job = Id }, CancellationToken.None)).Actions
        .FirstOrDefault(action => action.Kind == ActionKind.ClockWentBack);

    bool IsTold => lines.Any(line => line.StartsWith("Job tick begins anew", StringComparison.Ordinal));

    [Theory, InlineData(1), InlineData(24)]
    public async Task An_interval_fires_within_a_heartbeat_after_the_clock_was_set_right(int hours)
    {
        clock.Off = TimeSpan.FromHours(hours);
        var node = await StartAsync(Every.Seconds(1));
        Pass(10);
        clock.Off = TimeSpan.Zero;
        var before = ran;
        Pass(10);
        Assert.True(ran >= before + 4, $"{ran - before} runs in 10 s.");
        Assert.True(IsTold);
        Assert.True((await ToldAsync())!.To < Start.AddMinutes(1));
        await StopAsync(node);
    }

    [Theory, InlineData(0), InlineData(10)]
    public async Task An_interval_fires_after_a_restart_with_the_clock_set_right(int secondsAhead)
    {
        clock.Off = TimeSpan.FromDays(1);
        var node = await StartAsync(Every.Seconds(1));
        Pass(secondsAhead);
        await StopAsync(node);

        clock.Off = TimeSpan.Zero;
        var before = ran;
        node = await StartAsync(Every.Seconds(1));
        Pass(10);
        Assert.True(ran >= before + 4, $"{ran - before} runs in 10 s.");
        Assert.True(IsTold);
        await StopAsync(node);
    }

    [Fact]
    public async Task A_limited_interval_among_several_triggers_begins_anew_too()
    {
        clock.Off = TimeSpan.FromDays(1);
        var node = await StartAsync(TriggerBuilder.Any(Every.Seconds(2).Times(1000), TriggerBuilder.Cron("0 0 1 1 *")));
        clock.Off = TimeSpan.Zero;
        Pass(12);
        Assert.True(IsTold);
        Assert.True(await NextAsync() < Start.AddMinutes(1));
        await StopAsync(node);
    }

    [Fact]
    public async Task A_start_given_by_the_declaration_stays()
    {
        clock.Off = TimeSpan.FromHours(1);
        var node = await StartAsync(Every.Seconds(1).From(Start.AddHours(3)));
        clock.Off = TimeSpan.Zero;
        Pass(20);
        Assert.Equal((Start.AddHours(3), false), (await NextAsync(), IsTold));
        await StopAsync(node);
    }

    [Fact]
    public async Task A_later_start_given_by_a_user_stays()
    {
        var node = await StartAsync(Every.Seconds(1));
        var later = Every.Seconds(1).From(Start.AddHours(3)).Build(new(ZoneClock.Utc, Start));
        await store.ChangeAsync(new() { Jobs = [JobEdits.Change(Id, job => job with { Trigger = later })] }, CancellationToken.None);
        clock.Off = TimeSpan.FromHours(1);
        Pass(10);
        clock.Off = TimeSpan.Zero;
        Pass(20);
        Assert.Equal((Start.AddHours(3), false), (await NextAsync(), IsTold));
        await StopAsync(node);
    }

    [Fact]
    public async Task A_change_of_the_trigger_while_the_clock_is_ahead_stays()
    {
        clock.Off = TimeSpan.FromHours(1);
        var node = await StartAsync(Every.Seconds(1));
        var daily = TriggerBuilder.Cron("0 3 * * *").Build(new(ZoneClock.Utc, Start));
        await store.ChangeAsync(new() { Jobs = [JobEdits.Change(Id, job => job with { Trigger = daily })] }, CancellationToken.None);
        clock.Off = TimeSpan.Zero;
        Pass(20);
        Assert.Equal((Start.AddHours(19), false), (await NextAsync(), IsTold));
        await StopAsync(node);
    }
}
