using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;
using Microsoft.Data.Sqlite;

namespace Escapement.Sqlite.Tests;

public sealed class StoreReplacedTests : IAsyncDisposable
{
    static readonly CancellationToken None = CancellationToken.None;
    static readonly NodeName Node = new("node", 1, "here", DateTimeOffset.UnixEpoch, null);
    readonly StoreFolder folder = new();

    public ValueTask DisposeAsync() => folder.DisposeAsync();

    [Fact]
    public async Task Is_noticed_at_the_next_write_and_the_epoch_of_the_old_one_is_over_there()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("Only on Linux.");
        await using var store = await folder.OpenAsync();
        var backup = folder.Path + ".backup";
        Backup(backup);
        var epoch = (await store.ChangeEpochsAsync(new() { Begin = Node, WithLock = true, Newest = default(EpochSeen) }, None)).Begun!;
        Assert.Equal(1, (await store.LookAsync(new Sign.Heartbeat("node", epoch.Number), None)).Newest!.Heartbeat);

        File.Move(backup, folder.Path, overwrite: true);

        Assert.Null((await store.LookAsync(new Sign.Heartbeat("node", epoch.Number), None)).Newest);
        Assert.Null((await store.LookAsync(Sign.None, None)).Newest);
        var claimed = await store.ClaimAsync(new()
        {
            Node = "node",
            Epoch = epoch.Number,
            Handlers = new HashSet<string>(),
            FreePlaces = new Dictionary<string, int>(),
            GraceLimit = TimeSpan.FromDays(1)
        }, None);
        Assert.True(claimed.Fenced);
    }

    [Fact]
    public async Task Whose_file_is_gone_is_not_written_and_is_not_made_anew()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("Only on Linux.");
        await using var store = await folder.OpenAsync();
        File.Move(folder.Path, folder.Path + ".away");

        var e = await Assert.ThrowsAsync<StoreUnavailableException>(() => store.LookAsync(new Sign.Heartbeat("node", 1), None));
        Assert.Contains("is missing", e.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(folder.Path));

        File.Move(folder.Path + ".away", folder.Path);
        Assert.Null((await store.LookAsync(new Sign.Heartbeat("node", 1), None)).Newest);
    }

    [Fact]
    public async Task Whose_backup_shows_a_living_epoch_ends_it_and_leaves_a_newer_one()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("Only on Linux.");
        await using var store = await folder.OpenAsync();
        await using var other = await folder.OpenAsync();
        await store.ChangeEpochsAsync(new() { Begin = Node, WithLock = true, Newest = default(EpochSeen) }, None);
        var backup = folder.Path + ".backup";
        Backup(backup);

        File.Move(backup, folder.Path, overwrite: true);

        var look = await store.LookAsync(new Sign.Heartbeat("node", 1), None);
        Assert.Equal((1, EpochEnd.StoreReplaced), (look.Newest!.Number, look.Newest.How));
        Assert.Equal(2, (await store.ChangeEpochsAsync(
            new() { Begin = Node, WithLock = true, Newest = EpochSeen.Of(look.Newest), Floor = 1 }, None)).Begun!.Number);

        // The second process only reads, arrives later, and has seen only the first epoch.
        Assert.Equal((2, null), (await other.LookAsync(Sign.None, None)).Newest is { } seen ? (seen.Number, seen.Ended) : default);
    }

    [Fact]
    public async Task That_is_none_is_refused_in_words_and_taken_up_once_it_is_one()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("Only on Linux.");
        await using var store = await folder.OpenAsync();
        var backup = folder.Path + ".backup";
        Backup(backup);
        await File.WriteAllTextAsync(folder.Path + ".wrong", new string('x', 8192));
        File.Move(folder.Path + ".wrong", folder.Path, overwrite: true);

        for (var time = 0; time < 2; time++)
        {
            await Assert.ThrowsAsync<StoreRefusedException>(() => store.LookAsync(new Sign.Heartbeat("node", 1), None));
            await Assert.ThrowsAsync<StoreRefusedException>(() => store.LookAsync(Sign.None, None));
        }

        File.Move(backup, folder.Path, overwrite: true);
        Assert.Null((await store.LookAsync(Sign.None, None)).Newest);
    }

    [Fact]
    public async Task Whose_backup_comes_in_two_steps_has_its_living_epoch_ended_all_the_same()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("Only on Linux.");
        await using var store = await folder.OpenAsync();
        await store.ChangeEpochsAsync(new() { Begin = Node, WithLock = true, Newest = default(EpochSeen) }, None);
        var backup = folder.Path + ".backup";
        Backup(backup);
        await File.WriteAllTextAsync(folder.Path + ".wrong", new string('x', 8192));
        File.Move(folder.Path + ".wrong", folder.Path, overwrite: true);
        await Assert.ThrowsAsync<StoreRefusedException>(() => store.LookAsync(new Sign.Heartbeat("node", 1), None));

        File.Move(backup, folder.Path, overwrite: true);

        Assert.Equal(EpochEnd.StoreReplaced, (await store.LookAsync(new Sign.Heartbeat("node", 1), None)).Newest!.How);
    }

    [Fact]
    public async Task That_is_closed_still_makes_the_writes_that_wait_for_their_turn()
    {
        var store = await folder.OpenAsync();
        using var other = new WriteQueue(folder.Path, TimeSpan.FromSeconds(15), TimeProvider.System);
        await other.TakeAsync(None);
        var write = store.LookAsync(new Sign.Enter(Node, [], []), None);

        var closed = store.DisposeAsync().AsTask();
        other.Release();

        await write;
        await closed;
        await using var again = await folder.OpenAsync();
        Assert.Equal("node", Assert.Single((await again.LookAsync(Sign.None, None)).Nodes).Name.Id);
    }

    [Fact]
    public async Task A_rehearsal_leaves_nothing_behind()
    {
        await using var store = await folder.OpenAsync();
        await store.WarmUpAsync(Node, new HashSet<string>(), 3, None);

        Assert.Null((await store.LookAsync(Sign.None, None)).Newest);
        Assert.Empty((await store.JobsAsync(new() { Ended = true }, None)).Jobs);
        Assert.Empty((await store.RunsAsync(new(), None)).Runs);
    }

    [Fact]
    public async Task A_stretch_of_skipped_fire_times_is_one_entry()
    {
        var clock = new Testing.Stores.ManualClock(DateTimeOffset.UnixEpoch);
        await using var store = await folder.OpenAsync(clock);
        var job = new Jobs.Job
        {
            Id = Jobs.JobId.Parse("long"),
            Name = "long",
            Handler = "work",
            Options = new() { MisfireGrace = Jobs.MisfireGrace.Unlimited },
            Trigger = new Triggers.IntervalTrigger(TimeSpan.FromSeconds(1), clock.GetUtcNow(), Triggers.ZoneClock.Utc),
        };
        await store.ChangeAsync(new() { Jobs = [JobEdits.Add(job)] }, None);
        await store.ChangeEpochsAsync(new() { Begin = Node, WithLock = true, Newest = default(EpochSeen) }, None);
        for (var second = 0; second <= 20; second++)
        {
            await store.ClaimAsync(new()
            {
                Node = "node",
                Epoch = 1,
                Handlers = new HashSet<string> { "work" },
                FreePlaces = new Dictionary<string, int> { ["default"] = 5 },
                GraceLimit = TimeSpan.FromDays(1)
            }, None);
            clock.Move(TimeSpan.FromSeconds(1));
        }

        var entry = Assert.Single((await store.LedgerAsync(new(), None)).Entries);

        Assert.Equal(Reason.MaxInstancesReached, entry.Reason);
        Assert.Equal(TimeSpan.FromSeconds(19), entry.Last - entry.First);
    }

    void Backup(string to)
    {
        using var from = new SqliteConnection($"Data Source={folder.Path};Pooling=False");
        using var copy = new SqliteConnection($"Data Source={to};Pooling=False");
        from.Open();
        copy.Open();
        from.BackupDatabase(copy);
    }
}
