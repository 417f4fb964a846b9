using System.Text;
using Escapement.Leadership;
using Xunit;

namespace Escapement.Core.Tests.Leadership;

/// <summary>Tests of foreign text in the lock file. The text is recognized and never trusted.</summary>
public sealed class LockTextTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("escapement-text-").FullName;

    string LockFile => Path.Combine(folder, "jobs.lock");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    public static TheoryData<string> Foreign { get; } =
    [
        "", "\0\0\0\0", "4711", "hello\nworld\n", "pid\nhost\nsince\nepoch\n", "pid 4711\nhost web-1\nsin",
        "pid -1\nhost a\nsince 2026-01-01T00:00:00Z\nepoch 3\n", "pid 99999999999\nhost a\nsince 2026-01-01T00:00:00Z\nepoch 3\n",
        "pid 1\nhost a\nsince yesterday\nepoch 3\n", "pid 1\nhost a\nsince 2026-01-01T00:00:00Z\nepoch 9223372036854775807\n",
        "pid 1\nhost a\nsince 2026-01-01T00:00:00Z\nepoch -3\n", "pid 1 host a since 2026-01-01T00:00:00Z epoch 3",
    ];

    [Theory]
    [MemberData(nameof(Foreign))]
    public void Lines_that_are_not_ours_are_nobodys_and_no_floor(string text)
    {
        File.WriteAllText(LockFile, OwnFile.Mark + "lock\n" + text);
        using var locks = Open("one");
        Assert.Null(locks.Locks.Holder());
        Assert.Equal(0, locks.Locks.Floor());
    }

    [Fact]
    public void A_megabyte_is_read_no_further_than_its_beginning_and_cut_off_by_the_next_holder()
    {
        File.WriteAllText(LockFile, OwnFile.Mark + string.Concat(Enumerable.Repeat("epoch 5\nnonsense\n", 70_000)));
        using var locks = Open("one");
        Assert.Equal(0, locks.Locks.Floor());
        Assert.True(locks.Locks.Main.TryTake());
        locks.Locks.Write(Me(epoch: 2));
        Assert.Equal(1024, new FileInfo(LockFile).Length);
        Assert.Equal(2, locks.Locks.Floor());
    }

    [Theory]
    [InlineData("notes of somebody\n")]
    [InlineData("4711\n")]
    [InlineData("\0\0\0 a picture")]
    public void A_file_with_another_programs_text_is_refused_each_time_and_stays_as_it_is(string text)
    {
        File.WriteAllText(LockFile, text);
        for (var start = 0; start < 2; start++)
        {
            var e = Assert.Throws<LockRefusedException>(() => Open("one"));
            Assert.Equal($"The lock file '{LockFile}' has a text that is not Escapement's. A lock file is a regular file that is empty or begins with '# Escapement'. The file was not changed. "
                + "Move the file away, or set SCHEDULER_LOCK_FILE to another path.", e.ToString());
            Assert.Equal(text, File.ReadAllText(LockFile));
        }

        Assert.Equal([LockFile], Directory.GetFileSystemEntries(folder));
    }

    [Fact]
    public void A_file_that_a_loss_of_power_left_without_its_text_is_ours()
    {
        File.WriteAllBytes(LockFile, new byte[1024]);
        using var locks = Open("one");
        Assert.True(locks.Locks.Main.TryTake());
    }

    [Fact]
    public void A_symbolic_link_is_refused_and_what_it_leads_to_stays_as_it_is()
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("Not on Windows.");
        var other = Path.Combine(folder, "other");
        File.CreateSymbolicLink(LockFile, other);
        Assert.Contains($"is a symbolic link to '{other}'", Assert.Throws<LockRefusedException>(() => Open("one")).Message,
            StringComparison.Ordinal);
        Assert.False(File.Exists(other));
    }

    [Fact]
    public async Task A_pipe_is_refused_and_not_waited_for()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("Only on Linux.");
        using (var mkfifo = System.Diagnostics.Process.Start("mkfifo", LockFile))
        {
            await mkfifo.WaitForExitAsync(
            TestContext.Current.CancellationToken);
        }

        var opening = Task.Run(() => Assert.Throws<LockRefusedException>(() => Open("one")), TestContext.Current.CancellationToken);
        Assert.Contains("is not a regular file but a pipe",
            (await opening.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-wal")]
    [InlineData("-shm")]
    [InlineData(".turn")]
    public void A_file_of_the_store_is_refused_also_before_it_exists(string end)
    {
        var store = Path.Combine(folder, "jobs.db");
        var e = Assert.Throws<LockRefusedException>(() => FileLocks.Open(store + end, "one", store));
        Assert.Contains($"'{store + end}' is a file of the store", e.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(folder));
    }

    [Fact]
    public void The_files_and_the_folder_of_the_locks_are_their_owners_alone()
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("Not on Windows.");
        using var locks = Open("one");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(LockFile));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(locks.Locks.LifeLock!));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute,
            File.GetUnixFileMode(Path.GetDirectoryName(locks.Locks.LifeLock!)!));
    }

    [Fact]
    public void Beside_a_store_that_several_users_share_they_share_the_locks()
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("Not on Windows.");
        var store = Path.Combine(folder, "jobs.db");
        File.WriteAllText(store, "");
        File.SetUnixFileMode(store, (UnixFileMode)0b110_110_000);
        var locks = FileLocks.Open(LockFile, "one", store);
        using var opened = new Opened(locks);
        Assert.Equal((UnixFileMode)0b110_110_000, File.GetUnixFileMode(LockFile));
        Assert.Equal((UnixFileMode)0b110_110_000, File.GetUnixFileMode(locks.LifeLock!));
        Assert.Equal((UnixFileMode)0b111_111_000, File.GetUnixFileMode(Path.GetDirectoryName(locks.LifeLock)!));
    }

    [Fact]
    public void A_process_that_does_not_hold_the_lock_is_not_named_as_if_it_did()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("Only on Linux.");
        using var first = Open("one");
        Assert.True(first.Locks.Main.TryTake());
        File.WriteAllBytes(LockFile + ".text",
            Encoding.UTF8.GetBytes(new LockHolder(1, "elsewhere", DateTimeOffset.UnixEpoch, "other", "other.db", 4).ToText()));
        Overwrite(File.ReadAllText(LockFile + ".text"));
        using var second = Open("two");

        var holder = second.Locks.Holder()!;

        Assert.Equal((Environment.ProcessId, Environment.MachineName), (holder.Pid, holder.Host));
        Assert.Equal(4, second.Locks.Floor());
    }

    [Fact]
    public void The_files_look_used_after_a_beat()
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("Not on Windows.");
        using var locks = Open("one");
        var now = new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);
        locks.Locks.Touch(now);
        foreach (var file in (string[])[LockFile, locks.Locks.LifeLock!])
            Assert.Equal((now.UtcDateTime, now.UtcDateTime), (File.GetLastWriteTimeUtc(file), File.GetLastAccessTimeUtc(file)));
    }

    [Fact]
    public void The_kernels_table_tells_who_holds_a_byte()
    {
        string[] lines =
        [
            "1: FLOCK  ADVISORY  WRITE 8090 fe:00:77 0 EOF", "1: -> FLOCK  ADVISORY  WRITE 8091 fe:00:77 0 EOF",
            "2: POSIX  ADVISORY  WRITE 8092 fe:00:77 120 120",
            "3: POSIX  ADVISORY  READ 8093 fe:00:77 121 123", "4: FLOCK  ADVISORY  WRITE 8094 00:2a:78 0 EOF",
            "5: FLOCK  ADVISORY  WRITE 0 fe:00:79 0 EOF", "half a line",
        ];
        var device = 0xfeUL << 32;
        Assert.Equal(8090, KernelLocks.Find(lines, "FLOCK", new(device, 77), 0));
        Assert.Equal(8092, KernelLocks.Find(lines, "POSIX", new(device, 77), 120));
        Assert.Null(KernelLocks.Find(lines, "POSIX", new(device, 77), 121));
        Assert.Equal(8094, KernelLocks.Find(lines, "FLOCK", new(device, 78), 0));
        Assert.Null(KernelLocks.Find(lines, "FLOCK", new(device, 79), 0));
    }

    void Overwrite(string text)
    {
        using var file = OwnFile.Open(LockFile, create: false)!;
        file.Write(text);
    }

    static LockHolder Me(long epoch) => new(Environment.ProcessId, "here", DateTimeOffset.UnixEpoch, "tests", "jobs.db", epoch);

    Opened Open(string node)
    {
        return new(FileLocks.Open(LockFile, node));
    }

    sealed record Opened(INodeLocks Locks) : IDisposable
    {
        public void Dispose()
        {
            Locks.Main.Dispose();
            Locks.Life.Dispose();
        }
    }
}
