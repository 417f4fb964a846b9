using Escapement.Engine;
using Escapement.Leadership;
using Escapement.Ledger;
using Escapement.Stores;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Escapement.Core.Tests.Engine;

/// <summary>What an activation does beside its claims: it proves its right to start handlers, and deletes old history.</summary>
public sealed class ActiveTimeTests : IAsyncDisposable
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(30), Lease = TimeSpan.FromSeconds(15);
    static readonly DateTimeOffset Start = new(2030, 1, 1, 8, 0, 0, TimeSpan.Zero);

    readonly SteeredClock clock = new(Start);
    readonly TroubledStore store;
    readonly CancellationTokenSource stop = new();
    int beats, trims;

    public ActiveTimeTests() => store = new(clock)
    {
        After = method =>
        {
            if (method == "Beat") Interlocked.Increment(ref beats);
            if (method == "Trim") Interlocked.Increment(ref trims);
        },
    };

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        stop.Dispose();
        await store.DisposeAsync();
    }

    async Task<ActiveTime> BeginAsync()
    {
        await store.OpenAsync("tests", default);
        var name = new NodeName("node", 1, "here", Start, null);
        var locks = new NodeLocks(new FreeLock(), new FreeLock(), _ => null, _ => { }, () => null, _ => { }, () => 0);
        var parts = new NodeParts(
            name, store, locks, new("tests", Lease, TimeSpan.FromSeconds(25), TimeSpan.FromDays(30), TimeSpan.FromHours(24)),
            clock, TaskScheduler.Default, NullLogger.Instance);
        var begun = clock.GetTimestamp();
        var raised = await store.RaiseAsync(new(name, default, WithLock: true, EpochEnd.Left, [], 0), default);
        var activation = new Activation(raised.Epoch!, null, 0, null, begun, new LostNodes(parts), []);
        return new(parts, activation, () => { }, new StoreTrouble(NullLogger.Instance, _ => { }));
    }

    async Task UntilAsync(Func<bool> holds, TimeSpan step)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (!holds())
        {
            limit.Token.ThrowIfCancellationRequested();
            clock.Advance(step);
            await Task.Yield();
        }
    }

    [Fact]
    public async Task Runs_that_wait_for_the_lease_to_hold_again_share_their_beats()
    {
        using var time = await BeginAsync();
        var tries = 0;
        store.Before = _ =>
        {
            Interlocked.Increment(ref tries);
            throw TroubledStore.Away;
        };
        clock.Advance(Lease);
        var asking = Enumerable.Range(0, 100).Select(_ => time.MayStartAsync().AsTask()).ToList();
        Assert.Equal(1, Volatile.Read(ref tries));
        store.Before = _ => { };
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.DoesNotContain(false, await Task.WhenAll(asking).WaitAsync(Limit));
        Assert.Equal(1, beats);
    }

    [Fact]
    public async Task History_is_deleted_until_nothing_old_remains()
    {
        using var time = await BeginAsync();
        var left = 1_000;
        store.Trims = _ => Interlocked.Decrement(ref left) > 0;
        var running = time.RunAsync(stop.Token);
        await UntilAsync(() => Volatile.Read(ref trims) > 0, Lease / 3);
        await UntilAsync(() => Volatile.Read(ref left) == 0, TimeSpan.Zero);
        Assert.InRange(beats, 1, 3);
        await stop.CancelAsync();
        await running.WaitAsync(Limit);
    }

    [Fact]
    public async Task Nothing_is_deleted_within_an_hour_after_the_wall_clock_jumped_forward()
    {
        using var time = await BeginAsync();
        var running = time.RunAsync(stop.Token);
        clock.Off = TimeSpan.FromDays(365);
        for (var beat = 1; beat <= 5; beat++) await UntilAsync(() => Volatile.Read(ref beats) >= beat, Lease / 3);
        Assert.Equal(0, trims);
        clock.Off = TimeSpan.Zero;
        clock.Advance(TimeSpan.FromHours(1));
        await UntilAsync(() => Volatile.Read(ref trims) > 0, Lease / 3);
        await stop.CancelAsync();
        await running.WaitAsync(Limit);
    }
}
