using Escapement.Rules;
using Escapement.Stores;
using Microsoft.Extensions.Time.Testing;

namespace Escapement.Sqlite.Tests;

public sealed class SocketNotifierTests : IAsyncDisposable
{
    static readonly TimeSpan Long = TimeSpan.FromSeconds(30);
    readonly StoreFolder folder = new();

    public ValueTask DisposeAsync() => folder.DisposeAsync();

    static NodeInfo Report(string id) =>
        new()
        {
            Id = id,
            Pid = 1,
            Host = "here",
            Role = "standby",
            Reason = Ledger.Reason.Standby,
            Sentence = "waits",
            Epoch = 3,
            StartedAt = DateTimeOffset.UnixEpoch,
            LastSeen = DateTimeOffset.UnixEpoch,
            Version = "1.0",
            Scope = "this machine",
        };

    [Fact]
    public async Task Another_process_hears_each_ring_and_rings_back()
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("Not on Windows.");
        await using var store = await folder.OpenAsync();
        using var other = await OtherProcess.StartAsync("notify", folder.Path);
        var answers = new SemaphoreSlim(0);
        using var listening = store.Notifier.Subscribe(notification =>
        {
            if (notification.Signal == StoreSignal.Probe) answers.Release();
        });
        for (var i = 0; i < 300; i++)
        {
            store.Notifier.Notify(new(StoreSignal.Work));
            Assert.True(await answers.WaitAsync(Long));
        }
    }

    [Fact]
    public async Task A_ring_for_which_a_busy_process_has_no_room_comes_later()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("Only on Linux.");
        await using var busy = await folder.OpenAsync();
        await using var store = await folder.OpenAsync();
        using var release = new ManualResetEventSlim();
        var heard = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var listening = busy.Notifier.Subscribe(notification =>
        {
            release.Wait(Long);
            if ((notification.Signal & StoreSignal.Work) != 0) heard.TrySetResult();
        });

        // More notifications than the kernel queues for a socket.
        var most = int.Parse(await File.ReadAllTextAsync("/proc/sys/net/unix/max_dgram_qlen", TestContext.Current.CancellationToken),
            System.Globalization.CultureInfo.InvariantCulture);
        for (var i = 0; i < most + 20; i++) store.Notifier.Notify(new(StoreSignal.Probe));
        store.Notifier.Notify(new(StoreSignal.Work));
        release.Set();
        await heard.Task.WaitAsync(Long, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_listener_that_throws_fails_no_change_and_stops_no_other_listener()
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("Not on Windows.");
        await using var one = await folder.OpenAsync();
        await using var two = await folder.OpenAsync();
        var heard = new SemaphoreSlim(0);
        foreach (var store in (SqliteStore[])[one, two])
        {
            store.Notifier.Subscribe(_ => throw new InvalidOperationException("a listener's own fault"));
            store.Notifier.Subscribe(_ => heard.Release());
        }

        for (var i = 0; i < 3; i++)
        {
            await one.LookAsync(new Sign.Probe("n", default), CancellationToken.None);
            Assert.True(await heard.WaitAsync(Long));
            Assert.True(await heard.WaitAsync(Long));
        }
    }

    [Fact]
    public async Task A_folder_that_was_deleted_is_made_anew_at_the_next_look()
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("Not on Windows.");
        var clock = new FakeTimeProvider();
        await using var one = await folder.OpenAsync(clock);
        await using var two = await folder.OpenAsync(clock);
        one.Notifier.Answer("one", () => Report("one"));
        two.Notifier.Answer("two", () => Report("two"));
        Directory.Delete(folder.Path + ".notify", recursive: true);
        Assert.Single(await one.Notifier.AskNodesAsync(Long, CancellationToken.None));

        clock.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(2, (await one.Notifier.AskNodesAsync(Long, CancellationToken.None)).Count);
        Assert.Equal(2, (await two.Notifier.AskNodesAsync(Long, CancellationToken.None)).Count);
    }

    [Fact]
    public async Task A_socket_that_fails_is_bound_anew_at_the_next_look()
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("Not on Windows.");
        var clock = new FakeTimeProvider();
        await using var one = await folder.OpenAsync(clock);
        await using var two = await folder.OpenAsync(clock);
        var heard = new TaskCompletionSource<StoreSignal>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var listening = two.Notifier.Subscribe(notification => heard.TrySetResult(notification.Signal));
        var broken = ((SocketNotifier)two.Notifier).Bound!;
        broken.Break();
        await Until.HoldsAsync(() => !broken.IsThere, "the receiving has failed");

        clock.Advance(TimeSpan.FromSeconds(5));
        one.Notifier.Notify(new(StoreSignal.Epoch));

        Assert.Equal(StoreSignal.Epoch, await heard.Task.WaitAsync(Long));
    }

    [Fact]
    public async Task Every_process_that_lives_says_who_it_is()
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("Not on Windows.");
        await using var one = await folder.OpenAsync();
        await using var tool = await folder.OpenAsync();
        await using var two = await folder.OpenAsync();
        one.Notifier.Answer("one", () => Report("one"));
        two.Notifier.Answer("two", () => Report("two"));

        var reports = await one.Notifier.AskNodesAsync(Long, CancellationToken.None);

        Assert.Equivalent((NodeInfo[])[Report("one"), Report("two")], reports, strict: true);
        Assert.Equal(2, (await tool.Notifier.AskNodesAsync(Long, CancellationToken.None)).Count);
    }

    [Fact]
    public async Task A_process_that_is_gone_is_not_waited_for_and_its_socket_is_deleted()
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("Not on Windows.");
        await using var store = await folder.OpenAsync();
        var other = await OtherProcess.StartAsync("notify", folder.Path);
        Assert.Single(await store.Notifier.AskNodesAsync(Long, CancellationToken.None));
        Assert.Equal(2, Directory.GetFiles(folder.Path + ".notify").Length);
        other.Dispose();

        Assert.Empty(await store.Notifier.AskNodesAsync(Long, CancellationToken.None));

        Assert.Single(Directory.GetFiles(folder.Path + ".notify"));
    }

    [Fact]
    public async Task A_process_that_ends_with_the_question_unread_is_not_waited_for()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("Only on Linux.");
        await using var store = await folder.OpenAsync();
        var other = await OtherProcess.StartAsync("notify", folder.Path);
        await other.StopAsync();
        var asking = store.Notifier.AskNodesAsync(TimeSpan.FromMinutes(10), TestContext.Current.CancellationToken);
        Assert.False(asking.IsCompleted);
        other.Dispose();

        Assert.Empty(await asking.WaitAsync(Long, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_path_that_is_longer_than_a_sockets_address_rings_too()
    {
        var path = Path.Combine(Directory.CreateDirectory(Path.Combine(folder.Folder, new string('d', 120))).FullName, "jobs.db");
        await using var one = await folder.OpenAsync(path: path);
        await using var two = await folder.OpenAsync(path: path);
        var heard = new TaskCompletionSource<StoreSignal>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var listening = two.Notifier.Subscribe(notification => heard.TrySetResult(notification.Signal));

        one.Notifier.Notify(new(StoreSignal.Epoch));

        if (!OperatingSystem.IsWindows()) Assert.Equal(StoreSignal.Epoch, await heard.Task.WaitAsync(Long));
    }

    [Fact]
    public async Task What_has_no_sense_is_passed_over()
    {
        Assert.Null(NotifierMessage.Read([]));
        Assert.Null(NotifierMessage.Read("A12345678x\n{not json"u8));
        Assert.Null(NotifierMessage.Read("Z12345678"u8));
        Assert.False(SocketFolder.IsName("../../etc/x.sock"));
        Assert.Equal(new NotifierMessage.Notified(new(StoreSignal.Work)),
            NotifierMessage.Read(NotifierMessage.Notify(new(StoreSignal.Work))));
        await Task.CompletedTask;
    }
}
