using Escapement.Hosting;
using Escapement.Jobs;
using Escapement.Rules;
using Escapement.Stores;
using Escapement.Triggers;
using Microsoft.Data.Sqlite;

namespace Escapement.Sqlite.Tests;

/// <summary>A guest opens the store of another program as it is.</summary>
public sealed class GuestTests : IAsyncDisposable
{
    static readonly CancellationToken None = CancellationToken.None;
    static readonly Job Job = new()
    {
        Id = JobId.Parse("report"),
        Name = "report",
        Handler = "report",
        Options = new(),
        Trigger = new DateTrigger(DateTimeOffset.UnixEpoch.AddYears(100), ZoneClock.Utc),
    };

    readonly StoreFolder folder = new();

    public ValueTask DisposeAsync() => folder.DisposeAsync();

    [Fact]
    public async Task A_guest_reads_a_store_that_nobody_has_open_and_changes_no_byte()
    {
        await WrittenAsync();
        var before = await File.ReadAllBytesAsync(folder.Path, None);
        await using (var guest = await GuestAsync())
        {
            Assert.Equal("report", Assert.Single((await guest.JobsAsync(JobQuery.All, None)).Jobs).Job.Id.Value);
            Assert.Empty((await guest.LookAsync(Sign.None, None)).Nodes);
            await guest.LedgerAsync(new(), None);
        }

        Assert.Equal(before, await File.ReadAllBytesAsync(folder.Path, None));
    }

    [Fact]
    public async Task A_guest_sees_what_a_killed_program_left_in_the_log()
    {
        var store = await folder.OpenAsync();
        await store.ChangeAsync(new() { Jobs = [JobEdits.Add(Job)] }, None);
        var left = Path.Combine(folder.Folder, "left.db");
        foreach (var end in (string[])["", "-wal"]) File.Copy(folder.Path + end, left + end);
        await using var guest = await GuestAsync(left);
        Assert.Single((await guest.JobsAsync(JobQuery.All, None)).Jobs);
    }

    [Fact]
    public async Task A_change_of_a_guest_is_a_change_of_the_store()
    {
        var store = await folder.OpenAsync();
        await store.ChangeAsync(new() { Jobs = [JobEdits.Add(Job)] }, None);
        TaskCompletionSource told = new();
        using var listening = store.Notifier.Subscribe(_ => told.TrySetResult());
        await using var guest = await GuestAsync();
        await GuestScheduler.Over(guest, TimeProvider.System).PauseAsync("report", new("li", "db move"), cancellationToken: None);
        var paused = Assert.Single((await store.JobsAsync(JobQuery.All, None)).Jobs).Paused!;
        Assert.Equal(("li", "db move"), (paused.By, paused.Why));
        await told.Task.WaitAsync(TimeSpan.FromSeconds(10), None);
        Assert.Empty((await store.LookAsync(Sign.None, None)).Nodes);
    }

    [Fact]
    public async Task A_guest_enqueues_a_run_whose_handler_it_does_not_know()
    {
        await WrittenAsync();
        await using var guest = await GuestAsync();
        var scheduler = GuestScheduler.Over(guest, TimeProvider.System);
        var run = await scheduler.RunAsync("report", cancellationToken: None);
        Assert.NotNull(await scheduler.FindRunAsync(run.Id.ToString(), None));
        Assert.Null(Assert.Single(await scheduler.JobsAsync(None)).Error);
    }

    [Fact]
    public async Task A_missing_file_is_refused_and_not_created()
    {
        Assert.Contains("There is no file", await RefusedAsync(), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Folder));
    }

    [Fact]
    public async Task A_folder_and_another_file_are_refused()
    {
        Assert.Contains("is a folder", await RefusedAsync(folder.Folder), StringComparison.Ordinal);
        await File.WriteAllTextAsync(folder.Path, "no database, but a text that is long enough to be looked at", None);
        Assert.Contains("is not a SQLite database", await RefusedAsync(), StringComparison.Ordinal);
        await File.WriteAllTextAsync(folder.Path, "", None);
        Assert.Contains("is an empty file", await RefusedAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_database_of_another_program_is_refused()
    {
        Execute("create table theirs(x)");
        Assert.Contains("database of another program", await RefusedAsync(), StringComparison.Ordinal);
        Assert.Equal([folder.Path], Directory.GetFileSystemEntries(folder.Folder));
    }

    async Task WrittenAsync()
    {
        await using var store = await folder.OpenAsync();
        await store.ChangeAsync(new() { Jobs = [JobEdits.Add(Job)] }, None);
    }

    async Task<SqliteStore> GuestAsync(string? path = null)
    {
        SqliteStore guest = new(new(path ?? folder.Path, TimeSpan.FromSeconds(15)) { AsGuest = true }, TimeProvider.System);
        await guest.OpenAsync("tool", None);
        return guest;
    }

    async Task<string> RefusedAsync(string? path = null) =>
        (await Assert.ThrowsAsync<StoreRefusedException>(() => GuestAsync(path))).Message;

    void Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={folder.Path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
