using Escapement.Engine;
using Escapement.Leadership;
using Escapement.Ledger;
using Escapement.Stores;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Escapement.Core.Tests.Engine;

/// <summary>Tests of the scheduler's marks and their treatment by the first process of a store.</summary>
public sealed class ColdStartTests : IAsyncDisposable
{
    static readonly DateTimeOffset Start = new(2030, 1, 1, 8, 0, 0, TimeSpan.Zero);

    readonly FakeTimeProvider clock = new(Start);
    readonly TroubledStore store;

    public ColdStartTests() => store = new(clock);

    public ValueTask DisposeAsync() => store.DisposeAsync();

    async Task<SchedulerState> BeginAsync(SchedulerState before, bool startPaused, SchedulerState? meanwhile = null)
    {
        await store.OpenAsync("tests", default);
        await SetAsync(before);
        var locks = new FreeLocks();
        locks.Main.TryTake();
        var context = new NodeContext(
            new("node", 1, "here", Start, null), store, locks,
            new("tests", TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(25), TimeSpan.FromDays(30),
                TimeSpan.FromHours(24))
            { StartPaused = startPaused },
            clock, TaskScheduler.Default, NullLogger.Instance);
        store.Changes = change =>
        {
            if (change.State is null || meanwhile is null) return;
            store.Changes = _ => { };
            _ = SetAsync(meanwhile);
        };
        await new ColdStart(context).ClearAsync(default);
        return (await store.LookAsync(Sign.None, default)).State;
    }

    Task SetAsync(SchedulerState state) => store.ChangeAsync(new() { State = new(null, (_, _) => state) }, default);

    static readonly SchedulerState Known = new() { PausedBefore = new(Start.AddHours(-2), Start.AddHours(-1)), Declared = "hash" };

    [Fact]
    public async Task A_start_that_pauses_keeps_the_marks_that_it_does_not_change() =>
        Assert.Equal(Known with { Paused = new() { At = Start, By = "START_PAUSED", Action = 1 } },
            await BeginAsync(Known, startPaused: true));

    [Fact]
    public async Task The_end_of_a_shutdown_keeps_the_marks_that_it_does_not_change() =>
        Assert.Equal(Known, await BeginAsync(Known with { ShutDown = Start.AddMinutes(-1) }, startPaused: false));

    [Fact]
    public async Task A_pause_that_somebody_sets_meanwhile_stays_as_it_was_set()
    {
        var pause = new PauseRecord { At = Start, Until = Start.AddHours(1), By = "ops", Why = "migration" };
        Assert.Equal(Known with { Paused = pause }, await BeginAsync(Known, startPaused: true, meanwhile: Known with { Paused = pause }));
    }

    [Fact]
    public async Task A_shutdown_that_comes_meanwhile_holds()
    {
        var again = Known with { ShutDown = Start };
        Assert.Equal(again, await BeginAsync(Known with { ShutDown = Start.AddMinutes(-1) }, startPaused: false, meanwhile: again));
    }
}
