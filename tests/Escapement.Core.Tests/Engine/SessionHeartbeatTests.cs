using Escapement.Engine;
using Escapement.Leadership;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Escapement.Core.Tests.Engine;

/// <summary>
/// Tests of the heartbeats of an active node, which renew its permit to start handlers and delete old history.
/// </summary>
public sealed class SessionHeartbeatTests : IAsyncDisposable
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(30), Lease = TimeSpan.FromSeconds(15);
    static readonly DateTimeOffset Start = new(2030, 1, 1, 8, 0, 0, TimeSpan.Zero);

    readonly SteeredClock clock = new(Start);
    TroubledStore store = null!;
    readonly CancellationTokenSource cancellationToken = new();
    readonly PumpScheduler pump = new();
    int beats, trims;

    public SessionHeartbeatTests() => Use(ActiveNodes.One);

    void Use(ActiveNodes actives) => store = new(clock, actives: actives)
    {
        After = method =>
        {
            if (method == "Beat") Interlocked.Increment(ref beats);
            if (method == "Trim") Interlocked.Increment(ref trims);
        },
    };

    public async ValueTask DisposeAsync()
    {
        await cancellationToken.CancelAsync();
        cancellationToken.Dispose();
        await store.DisposeAsync();
    }

    async Task<SessionHeartbeat> BeginAsync()
    {
        await store.OpenAsync("tests", default);
        var name = new NodeName("node", 1, "here", Start, null);
        var locks = new FreeLocks();
        var context = new NodeContext(
            name, store, locks, new("tests", Lease, TimeSpan.FromSeconds(25), TimeSpan.FromDays(30), TimeSpan.FromHours(24)),
            clock, TaskScheduler.Default, NullLogger.Instance);
        var begun = clock.GetTimestamp();
        var raised = await store.ChangeEpochsAsync(new() { Begin = name, WithLock = true, Newest = default(EpochSeen) }, default);
        var raise = new Raise(raised.Begun!, null, 0, null, begun, new LostNodes(context), []);
        return new(context, raise, new WakeUp(clock, Lease), new StoreOutage(clock, NullLogger.Instance));
    }

    /// <summary>Starts the heartbeats on the test's own thread.</summary>
    Task<SessionEnd> Beat(SessionHeartbeat heartbeat)
    {
        var running = Task.Factory.StartNew(() =>
            heartbeat.RunAsync(cancellationToken.Token), CancellationToken.None, TaskCreationOptions.None, pump).Unwrap();
        pump.RunAll();
        return running;
    }

    void LetPass(TimeSpan span)
    {
        clock.Advance(span);
        pump.RunAll();
    }

    async Task EndAsync(Task running)
    {
        await cancellationToken.CancelAsync();
        pump.RunAll();
        await running.WaitAsync(Limit);
    }

    [Fact]
    public async Task Runs_that_wait_for_the_lease_to_hold_again_share_their_beats()
    {
        using var heartbeat = await BeginAsync();
        var tries = 0;
        store.Before = _ =>
        {
            Interlocked.Increment(ref tries);
            throw TroubledStore.Away;
        };
        clock.Advance(Lease);
        var asking = Enumerable.Range(0, 100).Select(_ => heartbeat.Permit.MayStartAsync().AsTask()).ToList();
        Assert.Equal(1, Volatile.Read(ref tries));
        store.Before = _ => { };
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.DoesNotContain(false, await Task.WhenAll(asking).WaitAsync(Limit));
        Assert.Equal(1, beats);
    }

    [Fact]
    public async Task Where_every_node_is_active_a_start_follows_a_sign_of_life_within_half_a_second()
    {
        Use(ActiveNodes.Each);
        using var heartbeat = await BeginAsync();
        Assert.True(await heartbeat.Permit.MayStartAsync());
        Assert.Equal(0, beats);

        clock.Advance(TimeSpan.FromSeconds(0.5));
        Assert.True(await heartbeat.Permit.MayStartAsync());
        Assert.True(await heartbeat.Permit.MayStartAsync());
        Assert.Equal(1, beats);

        clock.Advance(TimeSpan.FromSeconds(0.5));
        heartbeat.Accepted(clock.GetTimestamp());
        Assert.True(await heartbeat.Permit.MayStartAsync());
        Assert.Equal(1, beats);
    }

    [Fact]
    public async Task History_is_deleted_until_nothing_old_remains()
    {
        using var heartbeat = await BeginAsync();
        var left = 1_000;
        store.Trims = _ => --left > 0;
        var running = Beat(heartbeat);
        LetPass(Lease / 3);
        Assert.Equal((0, 1), (left, beats));
        await EndAsync(running);
    }

    [Fact]
    public async Task Nothing_is_deleted_within_an_hour_after_the_wall_clock_jumped_forward()
    {
        using var heartbeat = await BeginAsync();
        var running = Beat(heartbeat);
        clock.Off = TimeSpan.FromDays(365);
        for (var beat = 1; beat <= 10; beat++) LetPass(Lease / 3);
        Assert.Equal((0, 10), (trims, beats));
        clock.Off = TimeSpan.Zero;
        LetPass(TimeSpan.FromHours(1));
        LetPass(Lease / 3);
        Assert.Equal(1, trims);
        await EndAsync(running);
    }
}
