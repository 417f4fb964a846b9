using Escapement.Rules;
using Escapement.Stores;
using Microsoft.Data.Sqlite;

namespace Escapement.Sqlite.Tests;

public sealed class SqliteStoreTests : IAsyncDisposable
{
    readonly StoreFolder folder = new();

    public ValueTask DisposeAsync() => folder.DisposeAsync();

    [Fact]
    public async Task The_last_folder_is_created_and_no_other()
    {
        await folder.OpenAsync(path: Path.Combine(folder.Folder, ".escapement", "jobs.db"));
        Assert.True(Directory.Exists(Path.Combine(folder.Folder, ".escapement")));

        var message = await folder.RefusedAsync(Path.Combine(folder.Folder, "no", "such", "jobs.db"));
        Assert.Contains(Path.Combine(folder.Folder, "no", "such"), message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(folder.Folder, "no")));
    }

    [Fact]
    public async Task A_folder_is_no_store() =>
        Assert.Contains("is a folder", await folder.RefusedAsync(folder.Folder), StringComparison.Ordinal);

    [Fact]
    public async Task A_store_that_is_used_before_the_start_or_after_the_end_says_so()
    {
        var store = folder.Store();
        await SaysAsync();
        await store.OpenAsync("tests", CancellationToken.None);
        await store.DisposeAsync();
        await SaysAsync();

        async Task SaysAsync()
        {
            Func<Task>[] uses =
            [
                () => store.JobsAsync(JobQuery.All, CancellationToken.None), () => store.LookAsync(Sign.None, CancellationToken.None),
                () => store.ChangeAsync(new() { State = SchedulerEdits.Pause() }, CancellationToken.None),
            ];
            foreach (var use in uses)
            {
                Assert.Contains("from the start of the host", (await Assert.ThrowsAsync<InvalidOperationException>(use)).Message,
                    StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task A_store_belongs_to_one_application()
    {
        await folder.OpenAsync(application: "shop");
        await folder.OpenAsync(application: "shop");

        var message = await folder.RefusedAsync(application: "mail");

        Assert.Contains("'shop'", message, StringComparison.Ordinal);
        Assert.Contains("'mail'", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_newer_schema_is_refused_and_stays_as_it_is()
    {
        await (await folder.OpenAsync()).DisposeAsync();
        Execute("pragma user_version = 999");

        var message = await folder.RefusedAsync();

        Assert.Contains("999", message, StringComparison.Ordinal);
        Assert.Contains("Update this program", message, StringComparison.Ordinal);
        Execute("select count(*) from job");
    }

    [Fact]
    public async Task Another_programs_database_is_refused_and_stays_as_it_is()
    {
        Execute("create table theirs(x)");
        var before = await File.ReadAllBytesAsync(folder.Path);

        Assert.Contains("another program", await folder.RefusedAsync(), StringComparison.Ordinal);

        Assert.Equal(before, await File.ReadAllBytesAsync(folder.Path));
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_refused()
    {
        await File.WriteAllTextAsync(folder.Path, string.Concat(Enumerable.Repeat("These are my notes, and no database. ", 50)));

        Assert.Contains("not a SQLite database", await folder.RefusedAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(".next")]
    [InlineData(".turn")]
    public async Task A_file_in_a_queue_files_place_is_refused_and_stays_as_it_is(string end)
    {
        await File.WriteAllTextAsync(folder.Path + end, "my notes", TestContext.Current.CancellationToken);

        var message = await folder.RefusedAsync();

        Assert.Contains($"The lock file '{folder.Path}{end}' has a text that is not Escapement's.", message, StringComparison.Ordinal);
        Assert.DoesNotContain("writable by", message, StringComparison.Ordinal);
        Assert.Equal("my notes", await File.ReadAllTextAsync(folder.Path + end, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_queue_file_that_is_a_symbolic_link_is_refused()
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("Not on Windows.");
        File.CreateSymbolicLink(folder.Path + ".turn", Path.Combine(folder.Folder, "other"));

        Assert.Contains("is a symbolic link to", await folder.RefusedAsync(), StringComparison.Ordinal);

        Assert.False(File.Exists(Path.Combine(folder.Folder, "other")));
    }

    [Fact]
    public async Task A_pipe_in_the_place_of_the_queue_is_refused_and_not_waited_for()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("Only on Linux.");
        using (var mkfifo = System.Diagnostics.Process.Start("mkfifo", folder.Path + ".turn"))
        {
            await mkfifo.WaitForExitAsync(
            TestContext.Current.CancellationToken);
        }

        Assert.Contains("not a regular file but a pipe", await Task.Run(() => folder.RefusedAsync(), TestContext.Current.CancellationToken)
            .WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pipe_in_the_place_of_the_store_is_told_until_it_is_gone_and_not_waited_for()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("Only on Linux.");
        using (var mkfifo = System.Diagnostics.Process.Start("mkfifo", folder.Path))
        {
            await mkfifo.WaitForExitAsync(
            TestContext.Current.CancellationToken);
        }

        var opening = Task.Run(() => folder.OpenAsync(), TestContext.Current.CancellationToken)
            .WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Contains("not a regular file but a pipe", (await Assert.ThrowsAsync<StoreUnavailableException>(() => opening)).Message,
            StringComparison.Ordinal);

        File.Delete(folder.Path);
        await folder.OpenAsync();
    }

    [Fact]
    public async Task The_files_and_folders_of_a_store_are_their_owners_alone()
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("Not on Windows.");
        var path = Path.Combine(folder.Folder, ".escapement", "jobs.db");
        await folder.OpenAsync(path: path);

        Assert.Equal((UnixFileMode)0b111_000_000, File.GetUnixFileMode(Path.GetDirectoryName(path)!));
        Assert.Equal((UnixFileMode)0b111_000_000, File.GetUnixFileMode(path + ".notify"));
        foreach (var file in Directory.GetFiles(Path.GetDirectoryName(path)!, "*", SearchOption.AllDirectories))
            Assert.Equal((file, (UnixFileMode)0b110_000_000), (file, File.GetUnixFileMode(file)));
        Assert.Equal(6, Directory.GetFiles(Path.GetDirectoryName(path)!, "*", SearchOption.AllDirectories).Length);
    }

    [Fact]
    public async Task Beside_a_store_that_several_users_share_they_share_its_files()
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("Not on Windows.");
        await File.WriteAllTextAsync(folder.Path, "", TestContext.Current.CancellationToken);
        File.SetUnixFileMode(folder.Path, (UnixFileMode)0b110_110_000);
        await folder.OpenAsync();

        Assert.Equal((UnixFileMode)0b111_111_000, File.GetUnixFileMode(folder.Path + ".notify"));
        foreach (var file in Directory.GetFiles(folder.Folder, "*", SearchOption.AllDirectories))
            Assert.Equal((file, (UnixFileMode)0b110_110_000), (file, File.GetUnixFileMode(file)));
    }

    [Fact]
    public async Task A_damaged_store_is_refused_with_what_to_do()
    {
        await (await folder.OpenAsync()).DisposeAsync();
        var bytes = await File.ReadAllBytesAsync(folder.Path);
        bytes.AsSpan(4096).Fill(0x5a);
        bytes.AsSpan(108, 800).Fill(0x5a);
        await File.WriteAllBytesAsync(folder.Path, bytes);

        Assert.Contains(".recover", await folder.RefusedAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_that_may_only_be_read_is_refused()
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("Not on Windows.");
        await (await folder.OpenAsync()).DisposeAsync();
        if (OtherProcess.User is null) Assert.Skip("Root may write what others may not, and this is not root with setpriv.");
        File.SetUnixFileMode(folder.Path, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        File.SetUnixFileMode(folder.Folder, (UnixFileMode)0b111_111_111);
        foreach (var file in Directory.GetFiles(folder.Folder, "*.next").Concat(Directory.GetFiles(folder.Folder, "*.turn")))
        {
            File.SetUnixFileMode(file, (UnixFileMode)0b110_110_110);
        }

        var said = await OtherProcess.RunAsync("open", folder.Path);

        Assert.Contains("is read-only for the user", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_may_not_be_written_is_refused()
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("Not on Windows.");
        if (OtherProcess.User is null) Assert.Skip("Root may write what others may not, and this is not root with setpriv.");
        File.SetUnixFileMode(folder.Folder, (UnixFileMode)0b101_101_101);

        var said = await OtherProcess.RunAsync("open", folder.Path);

        Assert.Contains("must be writable by", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_locked_by_a_shell_names_the_process()
    {
        await using var store = await folder.OpenAsync();
        using var shell = new SqliteConnection($"Data Source={folder.Path};Pooling=False");
        shell.Open();
        using (var begin = new SqliteCommand("begin immediate", shell)) begin.ExecuteNonQuery();

        var e = await Assert.ThrowsAsync<StoreUnavailableException>(() =>
            store.ChangeAsync(new() { State = SchedulerEdits.ShutDown }, CancellationToken.None));

        if (OperatingSystem.IsLinux()) Assert.Contains($"process {Environment.ProcessId}", e.Message, StringComparison.Ordinal);
        using (var end = new SqliteCommand("rollback", shell)) end.ExecuteNonQuery();
        await store.ChangeAsync(new() { State = SchedulerEdits.ShutDown }, CancellationToken.None);
        Assert.NotNull((await store.LookAsync(Sign.None, CancellationToken.None)).State.ShutDown);
    }

    void Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={folder.Path};Pooling=False");
        connection.Open();
        using var command = new SqliteCommand(sql, connection);
        command.ExecuteNonQuery();
    }
}
