using Escapement.Stores;
using Microsoft.Extensions.Time.Testing;

namespace Escapement.Sqlite.Tests;

public sealed class WriteQueueTests : IAsyncDisposable
{
    static readonly TimeSpan Long = TimeSpan.FromSeconds(30);
    readonly StoreFolder folder = new();

    public ValueTask DisposeAsync() => folder.DisposeAsync();

    WriteQueue Queue(TimeProvider? clock = null) => new(folder.Path, TimeSpan.FromSeconds(15), clock ?? TimeProvider.System);

    [Fact]
    public async Task Writers_get_it_in_the_order_in_which_they_came()
    {
        using WriteQueue first = Queue(), second = Queue(), third = Queue();
        await first.TakeAsync(CancellationToken.None);
        List<int> order = [];
        var two = Taken(second, 2);
        var twoAgain = Taken(second, 3);
        Assert.False(two.IsCompleted);

        first.Release();
        await Task.WhenAll(two, twoAgain).WaitAsync(Long);
        Assert.Equal([2, 3], order);

        async Task Taken(WriteQueue queue, int number)
        {
            await queue.TakeAsync(CancellationToken.None);
            lock (order) order.Add(number);
            queue.Release();
        }
    }

    [Fact]
    public async Task Who_lets_it_go_and_wants_it_again_queues_behind_the_others()
    {
        using WriteQueue busy = Queue(), other = Queue();
        await busy.TakeAsync(CancellationToken.None);
        var waits = other.TakeAsync(CancellationToken.None).AsTask();

        // The second queue holds the next lock and blocks on the
        // turn as soon as the busy queue cannot take the next lock.
        using (var next = Leadership.OwnFile.Open(folder.Path + ".next", create: false)!)
        {
            await Until.HoldsAsync(() =>
            {
                if (!next.TryLock()) return true;
                next.Unlock();
                return false;
            }, "the other one has next");
        }

        busy.Release();
        var again = busy.TakeAsync(CancellationToken.None).AsTask();

        await waits.WaitAsync(Long);
        Assert.False(again.IsCompleted);
        other.Release();
        await again.WaitAsync(Long);
        busy.Release();
    }

    [Fact]
    public async Task A_stopped_process_that_has_it_is_named_with_what_to_do_and_its_end_gives_it()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("Only on Linux.");
        using var other = await OtherProcess.StartAsync("turn", folder.Path);
        await other.StopAsync();
        var clock = new FakeTimeProvider();
        using var queue = Queue(clock);
        var waits = queue.TakeAsync(CancellationToken.None).AsTask();
        clock.Advance(TimeSpan.FromSeconds(16));

        var e = await Assert.ThrowsAsync<StoreUnavailableException>(() => waits.WaitAsync(Long));

        Assert.Contains($"process {other.Pid}, which is stopped, has held the write turn since 20", e.Message, StringComparison.Ordinal);
        Assert.Contains($"kill -CONT {other.Pid}", e.Message, StringComparison.Ordinal);
        other.Signal("KILL");
        await queue.TakeAsync(CancellationToken.None).AsTask().WaitAsync(Long);
        queue.Release();
    }

    [Fact]
    public async Task Who_really_has_it_is_named_whatever_its_file_says()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("Only on Linux.");
        using var other = await OtherProcess.StartAsync("turn", folder.Path);
        using (var text = Leadership.OwnFile.Open(folder.Path + ".turn", create: false)!) text.Write("# Escapement turn 1 0 and more of it");
        var clock = new FakeTimeProvider();
        using var queue = Queue(clock);
        var waits = queue.TakeAsync(CancellationToken.None).AsTask();
        clock.Advance(TimeSpan.FromSeconds(16));

        var e = await Assert.ThrowsAsync<StoreUnavailableException>(() => waits.WaitAsync(Long));

        Assert.Contains($"process {other.Pid} has held the write turn. ", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_that_were_deleted_are_made_anew_and_queued_on()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("Only on Linux.");
        var clock = new FakeTimeProvider();
        using WriteQueue first = Queue(clock);
        foreach (var end in (string[])[".next", ".turn"]) File.Delete(folder.Path + end);
        using var second = Queue();
        clock.Advance(TimeSpan.FromSeconds(1));
        await first.TakeAsync(CancellationToken.None);
        first.Release();

        await first.TakeAsync(CancellationToken.None);
        var waits = second.TakeAsync(CancellationToken.None).AsTask();
        Assert.False(waits.IsCompleted);
        first.Release();
        await waits.WaitAsync(Long);
        second.Release();
    }

    [Fact]
    public async Task A_wait_that_is_no_longer_wanted_gives_the_turn_up()
    {
        using WriteQueue first = Queue(), second = Queue(), third = Queue();
        await first.TakeAsync(CancellationToken.None);
        using var cancellationToken = new CancellationTokenSource();
        var unwanted = second.TakeAsync(cancellationToken.Token).AsTask();
        await cancellationToken.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => unwanted);

        first.Release();

        await third.TakeAsync(CancellationToken.None).AsTask().WaitAsync(Long);
        third.Release();
    }

    [Fact]
    public async Task A_queue_that_is_closed_leaves_the_turn_to_who_has_it()
    {
        using WriteQueue first = Queue(), second = Queue(), third = Queue();
        await first.TakeAsync(CancellationToken.None);
        var waits = second.TakeAsync(CancellationToken.None).AsTask();
        first.Release();
        await waits.WaitAsync(Long);

        second.Dispose();

        var next = third.TakeAsync(CancellationToken.None).AsTask();
        Assert.False(next.IsCompleted);
        second.Release();
        await next.WaitAsync(Long);
        third.Release();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_writer_whose_turn_cannot_be_locked_says_so_and_holds_up_nobody(bool atOnce)
    {
        using var first = Queue();
        await first.TakeAsync(CancellationToken.None);
        using WriteQueue failing = new(folder.Path, TimeSpan.FromSeconds(15), TimeProvider.System, path =>
            path.EndsWith(".turn", StringComparison.Ordinal)
                ? new Failing(Leadership.OwnFile.Open(path, create: true)!) { Path = path, AtOnce = atOnce }
                : Leadership.OwnFile.Open(path, create: true)!);

        var e = await Assert.ThrowsAsync<StoreUnavailableException>(() =>
            failing.TakeAsync(CancellationToken.None).AsTask().WaitAsync(Long));

        Assert.Equal($"The store {folder.Path} cannot be written: no locks available.", e.Message);
        first.Release();
        using var third = Queue();
        await third.TakeAsync(CancellationToken.None).AsTask().WaitAsync(Long);
        third.Release();
    }

    /// <summary>A file whose lock the kernel refuses, either at once or only to a waiting caller.</summary>
    sealed class Failing(Leadership.Flock file) : Leadership.Flock(file.Handle)
    {
        public required bool AtOnce { get; init; }

        public override bool TryLock() => AtOnce ? throw new IOException("no locks available.") : false;

        public override void Lock() => throw new IOException("no locks available.");

        public override void Unlock() => throw new IOException("no locks available.");
    }

    [Fact]
    public async Task Many_writers_of_two_stores_all_get_their_turn()
    {
        await using var one = await folder.OpenAsync();
        await using var two = await folder.OpenAsync();
        var writers = Enumerable.Range(0, 16).Select(number => Task.Run(async () =>
        {
            for (var i = 0; i < 25; i++)
                await (number % 2 == 0 ? one : two).LookAsync(new Sign.Probe("n", default), CancellationToken.None);
        }));

        await Task.WhenAll(writers).WaitAsync(Long);
    }
}
