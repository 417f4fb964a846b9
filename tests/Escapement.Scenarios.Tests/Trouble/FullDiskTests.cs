using System.Diagnostics;
using System.Net;
using Escapement.Ledger;
using Escapement.TestProcesses;
using Xunit;

namespace Escapement.Scenarios.Tests.Trouble;

/// <summary>Tests of a full disk, and of folders without write permission.</summary>
public sealed class FullDiskTests
{
    [Fact]
    public async Task A_full_disk_stops_claims_costs_nobody_the_epoch_and_is_forgotten_when_it_has_room_again()
    {
        using var disk = SmallDisk.Mount(megabytes: 3);
        using var nodes = new Nodes(Directory.CreateDirectory(Path.Combine(disk.Folder, "store")).FullName);
        var all = await nodes.StartAsync(2);
        await using var store = await nodes.OpenAsync();
        var until = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        await nodes.AddAsync(all[0], new { id = "ends-meanwhile", func = "stubborn", kwargs = new { until }, misfire_grace_time = 600 });
        await AddTrial.StartedAsync(all[0].JournalFile, "ends-meanwhile");
        disk.Fill();

        const string Sentence =
            "cannot be written: the disk is full. Nothing was changed. Free some disk space, and work continues automatically.";

        // On a busy machine, claims may have stopped earlier for a different reason.
        await all[0].SaysAsync(LogEvent.ClaimsStopped, line => line["Message"].Contains(Sentence, StringComparison.Ordinal));
        await all[1].SaysAsync(LogEvent.StoreDown, line => line["Message"].Contains(Sentence, StringComparison.Ordinal));
        var (status, text) = await nodes.WriteAsync(all[1], "no-room");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Contains(Sentence, text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await nodes.ReadAsync(all[0], "/scheduler/jobs")).Status);
        await nodes.SaysOfItselfAsync(all[0], Sentence);
        await File.WriteAllTextAsync(until, "");
        Assert.Equal("1", (await all[0].SaysAsync(LogEvent.RecordFailed))["Count"]);
        await Nodes.LetPassAsync(Nodes.Lease * 1.5);

        disk.Free();

        Assert.Equal(Outcome.Succeeded, (await Nodes.EndedAsync(store, "ends-meanwhile")).Outcome);
        await all[0].SaysAsync(LogEvent.ClaimsGoOn);
        await all[1].SaysAsync(LogEvent.StoreUp);
        var epoch = await Nodes.HeartbeatsAsync(store, 3);
        Assert.Equal((1, all[0].Pid), (epoch.Number, epoch.Node.Pid));
        File.Delete(until);
    }

    [Fact]
    public async Task A_lock_folder_without_rights_stops_the_start_and_names_the_folder()
    {
        SkipWhereNoOtherUserIs();
        using var nodes = new Nodes();
        using var user = OtherUser.With(nodes.Folder);
        var locks = Directory.CreateDirectory(Path.Combine(nodes.Folder, "locks")).FullName;
        var node = user.Start(nodes, "--Escapement:LockFile", Path.Combine(locks, "jobs.lock"));
        Assert.NotEqual(0, await node.EndAsync());
        Assert.Contains($"The lock file '{locks}/jobs.lock' cannot be opened for writing: Permission denied.", node.Log,
            StringComparison.Ordinal);
        Assert.Contains("SCHEDULER_LOCK_FILE sets another path.", node.Log, StringComparison.Ordinal);
        Assert.All(node.Log.Split('\n'), line => Assert.True(line.Split($"'{locks}/jobs.lock'").Length <= 2, "It is said twice: " + line));
        Assert.DoesNotContain("   at ", node.Log, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(locks));
    }

    [Fact]
    public async Task A_store_that_may_only_be_read_stops_the_start_and_nothing_is_left_behind()
    {
        SkipWhereNoOtherUserIs();
        using var nodes = new Nodes();
        var first = nodes.Start();
        await first.SaysAsync(LogEvent.Serving);
        first.Signal(NodeProcess.Terminate);
        Assert.Equal(0, await first.EndAsync());
        foreach (var file in Directory.EnumerateFiles(nodes.Folder).Where(file => file != nodes.StoreFile)) File.Delete(file);
        Directory.Delete(nodes.LockFile + ".life", recursive: true);
        using var user = OtherUser.With(nodes.Folder);
        var before = Directory.EnumerateFileSystemEntries(nodes.Folder, "jobs.db*").ToList();

        var node = user.Start(nodes);

        Assert.NotEqual(0, await node.EndAsync());
        Assert.Contains($"The store {nodes.StoreFile} is read-only for the user nobody.", node.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", node.Log, StringComparison.Ordinal);
        Assert.Equal(before, Directory.EnumerateFileSystemEntries(nodes.Folder, "jobs.db*").ToList());
    }

    static void SkipWhereNoOtherUserIs() =>
        Assert.SkipUnless(Environment.UserName == "root"
            && File.Exists("/usr/bin/setpriv"), "Only root can start a process as another user; setpriv comes with util-linux.");

    /// <summary>
    /// An unprivileged user with write access to a single folder and read access to a copy of the program.
    /// </summary>
    sealed class OtherUser(string program) : IDisposable
    {
        public static OtherUser With(string folder)
        {
            var copy = Directory.CreateTempSubdirectory("escapement-program-").FullName;
            Run("/bin/cp", "-r", Path.GetDirectoryName(typeof(NodeProcess).Assembly.Location)! + "/.", copy);
            Run("/bin/chmod", "-R", "a+rX", copy);
            Run("/bin/chown", "nobody", folder);
            return new(copy);
        }

        public NodeProcess Start(Nodes nodes, params string[] settings) => nodes.StartAs(
            ["/usr/bin/setpriv", "--reuid", "nobody", "--regid", "65534", "--clear-groups", "env", "HOME=/tmp"], program, settings);

        public void Dispose() => Directory.Delete(program, recursive: true);
    }

    /// <summary>A file system in memory that can be filled up.</summary>
    sealed class SmallDisk : IDisposable
    {
        public string Folder { get; } = Directory.CreateTempSubdirectory("escapement-disk-").FullName;

        string Ballast => Path.Combine(Folder, "ballast");

        public static SmallDisk Mount(int megabytes)
        {
            var disk = new SmallDisk();
            if (Run("/bin/mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "escapement", disk.Folder) is not { Length: > 0 } refusal)
            {
                return disk;
            }

            Directory.Delete(disk.Folder);
            Assert.Skip($"A full disk is not tried here: a file system of {megabytes} MB cannot be mounted: {refusal}");
            return disk;
        }

        public void Fill()
        {
            using var file = new FileStream(Ballast, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
            try
            {
                var page = new byte[4096];
                while (true) file.Write(page);
            }
            catch (IOException)
            {
                // The disk is full.
            }
        }

        public void Free() => File.Delete(Ballast);

        public void Dispose()
        {
            Run("/bin/umount", Folder);
            Directory.Delete(Folder, recursive: true);
        }
    }

    /// <returns>The output on standard error.</returns>
    static string Run(string file, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(file, arguments) { RedirectStandardError = true })!;
        var text = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return text;
    }
}
