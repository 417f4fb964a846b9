using Escapement.Core.Tests.Engine;
using Escapement.Engine;
using Escapement.Hosting;
using Escapement.Ledger;
using Escapement.Stores;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Escapement.Core.Tests.Hosting;

/// <summary>Tests of a host whose startup or store fails.</summary>
public sealed class SchedulerServiceTests : IAsyncDisposable
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    readonly string folder = Directory.CreateTempSubdirectory("escapement-host-").FullName;
    readonly FakeTimeProvider clock = new(new(2030, 1, 1, 8, 0, 0, TimeSpan.Zero));
    readonly TroubledStore store;

    public SchedulerServiceTests() => store = new(clock);

    public ValueTask DisposeAsync()
    {
        Directory.Delete(folder, recursive: true);
        return store.DisposeAsync();
    }

    IHost Make(Action<EscapementOptions>? configure = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new() { ApplicationName = "tests", ContentRootPath = folder });
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<TimeProvider>(clock);
        builder.Services.AddEscapementCore(scheduler => scheduler.UseStore(_ => store).Configure(options =>
        {
            options.LockFile = Path.Combine(folder, "lock");
            configure?.Invoke(options);
        }));
        return builder.Build();
    }

    async Task UntilAsync(Func<bool> holds)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (!holds())
        {
            limit.Token.ThrowIfCancellationRequested();
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
    }

    static NodeState StateOf(IHost host) => host.Services.GetRequiredService<ThisNode>().State;

    [Fact]
    public async Task A_start_that_the_store_refuses_leaves_nothing_locked_and_nothing_behind()
    {
        store.Before = _ => throw new StoreRefusedException("Not yours.");
        var host = Make();
        await Assert.ThrowsAsync<StoreRefusedException>(() => host.StartAsync().WaitAsync(Limit));
        await ((IAsyncDisposable)host).DisposeAsync();
        Assert.Empty(Directory.GetFiles(Path.Combine(folder, "lock.life")));
    }

    [Fact]
    public async Task A_start_that_is_given_up_starts_nothing_later()
    {
        store.Before = _ => throw TroubledStore.Away;
        var host = Make();
        await host.StartAsync().WaitAsync(Limit);
        Assert.Equal(Reason.StoreUnavailable, StateOf(host).Reason);
        var self = host.Services.GetRequiredService<ThisNode>();
        await ((IAsyncDisposable)host).DisposeAsync();
        store.Before = _ => { };
        for (var i = 0; i < 10; i++)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.Null(self.Node);
        Assert.Null((await store.LookAsync(Sign.None, default)).Newest);
    }

    [Fact]
    public async Task A_store_that_is_refused_after_it_was_away_is_tried_again_too()
    {
        store.Before = _ => throw TroubledStore.Away;
        using var host = Make();
        await host.StartAsync().WaitAsync(Limit);
        var refused = false;
        store.Before = _ =>
        {
            refused = true;
            throw new StoreRefusedException("Not yours.");
        };
        await UntilAsync(() => Volatile.Read(ref refused));
        store.Before = _ => { };
        await UntilAsync(() => StateOf(host) is NodeState.Active);
        await host.StopAsync().WaitAsync(Limit);
    }

    [Fact]
    public async Task A_process_that_may_not_schedule_opens_a_store_that_was_away_once_it_is_back()
    {
        store.Before = _ => throw TroubledStore.Away;
        using var host = Make(options => options.Enabled = false);
        await host.StartAsync().WaitAsync(Limit);
        Assert.Equal(Reason.SwitchedOff, StateOf(host).Reason);
        var opened = false;
        store.Before = method => opened |= method == "Open";
        await UntilAsync(() => Volatile.Read(ref opened));
        await host.StopAsync().WaitAsync(Limit);
    }
}
