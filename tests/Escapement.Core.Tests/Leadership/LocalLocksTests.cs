using Escapement.Leadership;
using Escapement.Ledger;
using Xunit;

namespace Escapement.Core.Tests.Leadership;

/// <summary>The locks of several nodes in a process behave like lock files.</summary>
public sealed class LocalLocksTests
{
    readonly LocalLocks locks = new();

    static NodeName Name(string id) => new(id, 4711, "web-1", DateTimeOffset.UnixEpoch, id);

    [Fact]
    public void The_main_lock_has_one_holder()
    {
        var (a, b) = (locks.Open("a", freeMeansGone: true), locks.Open("b", freeMeansGone: true));
        Assert.True(a.Main.TryTake());
        Assert.True(a.Main.TryTake());
        Assert.False(b.Main.TryTake());
        Assert.Equal((true, false), (a.Main.Held, b.Main.Held));
        b.Main.Release();
        Assert.True(a.Main.Held);
        a.Main.Release();
        Assert.True(b.Main.TryTake());
    }

    [Fact]
    public async Task Waiters_get_the_lock_in_the_order_of_their_waits()
    {
        var (a, b, c) = (locks.Open("a", freeMeansGone: true), locks.Open("b", freeMeansGone: true), locks.Open("c", freeMeansGone: true));
        Assert.True(a.Main.TryTake());
        var (second, third) = (b.Main.TakeAsync(CancellationToken.None), c.Main.TakeAsync(CancellationToken.None));
        a.Main.Release();
        await second;
        Assert.Equal((true, false), (b.Main.Held, third.IsCompleted));
        b.Main.Dispose();
        await third;
        Assert.True(c.Main.Held);
    }

    [Fact]
    public async Task A_cancelled_wait_gets_no_lock()
    {
        var (a, b, c) = (locks.Open("a", freeMeansGone: true), locks.Open("b", freeMeansGone: true), locks.Open("c", freeMeansGone: true));
        using CancellationTokenSource stop = new();
        Assert.True(a.Main.TryTake());
        var cancelled = b.Main.TakeAsync(stop.Token);
        var next = c.Main.TakeAsync(CancellationToken.None);
        await stop.CancelAsync();
        await Assert.ThrowsAsync<TaskCanceledException>(() => cancelled);
        a.Main.Release();
        await next;
        Assert.Equal((false, true), (b.Main.Held, c.Main.Held));
        await Assert.ThrowsAsync<OperationCanceledException>(() => b.Main.TakeAsync(stop.Token));
    }

    [Fact]
    public async Task The_locks_of_a_node_that_is_gone_come_free()
    {
        var (a, b) = (locks.Open("a", freeMeansGone: true), locks.Open("b", freeMeansGone: true));
        Assert.True(a.Main.TryTake());
        var life = b.LifeOf(Name("a"))!;
        Assert.False(life.TryTake());
        var waits = life.TakeAsync(CancellationToken.None);
        var main = b.Main.TakeAsync(CancellationToken.None);
        locks.Release("a");
        await waits;
        await main;
        Assert.Equal((true, true, false, false), (life.Held, b.Main.Held, a.Main.Held, a.Life.Held));
    }

    [Fact]
    public void The_life_lock_of_an_unknown_or_removed_node_is_not_found()
    {
        var a = locks.Open("a", freeMeansGone: false);
        Assert.Null(a.LifeOf(Name("z")));
        _ = locks.Open("b", freeMeansGone: false);
        Assert.NotNull(a.LifeOf(Name("b")));
        a.Remove(Name("b"));
        Assert.Null(a.LifeOf(Name("b")));
        Assert.False(a.FreeMeansGone);
    }

    [Fact]
    public void All_nodes_read_the_last_holder()
    {
        var (a, b) = (locks.Open("a", freeMeansGone: true), locks.Open("b", freeMeansGone: true));
        Assert.Equal((null, 0), (b.Holder(), b.Floor()));
        LockHolder holder = new(4711, "web-1", DateTimeOffset.UnixEpoch, "shop", "the store", 7);
        a.Write(holder);
        Assert.Equal((holder, 7), (b.Holder(), b.Floor()));
    }
}
