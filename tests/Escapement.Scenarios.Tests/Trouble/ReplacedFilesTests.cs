using System.Diagnostics;
using System.Net;
using Escapement.TestProcesses;
using Xunit;

namespace Escapement.Scenarios.Tests.Trouble;

/// <summary>Tests of protocol files that are deleted, replaced, or filled with foreign content.</summary>
public sealed class ReplacedFilesTests : IDisposable
{
    readonly Nodes nodes = new();

    public void Dispose() => nodes.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_lock_file_that_is_gone_or_another_costs_nobody_the_epoch(bool replaced)
    {
        var all = await nodes.StartAsync(2);
        await using var store = await nodes.OpenAsync();
        if (replaced)
        {
            await File.WriteAllTextAsync(nodes.LockFile + ".other",
                "# Escapement lock\npid 1\nhost elsewhere\nsince 2020-01-01T00:00:00Z\nepoch 7\n");
            File.Move(nodes.LockFile + ".other", nodes.LockFile, overwrite: true);
        }
        else
        {
            File.Delete(nodes.LockFile);
        }

        // A new process may get the new file's lock, which proves nothing.
        var third = nodes.Start();
        await all[0].SaysAsync(LogEvent.LockFileReplaced);
        await Nodes.StandsByAsync(third, all[0]);
        Assert.Equal((1, all[0].Pid), (await Nodes.HeartbeatsAsync(store, 4)) is var epoch ? (epoch.Number, epoch.Node.Pid) : default);

        all[0].Signal(NodeProcess.Kill);

        var next = await await Task.WhenAny(all[1].SaysAsync(LogEvent.TakenOver), third.SaysAsync(LogEvent.TakenOver));
        Assert.Equal(("its process is gone", replaced ? "8" : "2"), (next["How"], next["Epoch"]));
    }

    [Fact]
    public async Task A_backup_put_in_the_stores_place_is_taken_up_under_a_higher_epoch()
    {
        var all = await nodes.StartAsync(2);
        var backup = Path.Combine(nodes.Folder, "backup.db");
        await using (var store = await nodes.OpenAsync()) await Nodes.HeartbeatsAsync(store, 1);
        using (var shell = Process.Start("/usr/bin/sqlite3",
            ["-batch", nodes.StoreFile, $".backup '{backup}'"]))
        {
            await shell.WaitForExitAsync();
        }

        Assert.Equal(HttpStatusCode.OK, (await nodes.WriteAsync(all[1], "after-the-backup")).Status);

        File.Move(backup, nodes.StoreFile, overwrite: true);

        var fenced = await all[0].SaysAsync(LogEvent.Fenced);
        Assert.StartsWith("The store's file was replaced", fenced["Sentence"], StringComparison.Ordinal);
        await await Task.WhenAny(all[0].IsActiveAsync(2), all[1].IsActiveAsync(2));
        await using var there = await nodes.OpenAsync();
        Assert.Equal(2, (await Nodes.HeartbeatsAsync(there, 3)).Number);
        foreach (var node in all)
        {
            Assert.Equal(HttpStatusCode.NotFound, (await nodes.ReadAsync(node, "/scheduler/jobs/after-the-backup")).Status);
            Assert.Equal(HttpStatusCode.OK, (await nodes.WriteAsync(node, $"again-{node.Pid}")).Status);
        }
    }

    [Fact]
    public async Task Write_queue_files_that_are_deleted_are_made_anew_by_all()
    {
        var all = await nodes.StartAsync(2, "--busy", "50");
        foreach (var end in (string[])[".next", ".turn"]) File.Delete(nodes.StoreFile + end);
        var third = nodes.Start("--busy", "50");
        await third.SaysAsync(LogEvent.WarmedUp);
        for (var i = 0; i < 20; i++)
        {
            foreach (var node in (NodeProcess[])[.. all, third])
                Assert.Equal(HttpStatusCode.OK, (await nodes.WriteAsync(node, $"{i}-{node.Pid}")).Status);
        }

        // All processes queue on the current files.
        await Nodes.UntilAsync(async () =>
        {
            foreach (var node in (NodeProcess[])[.. all, third])
            {
                await nodes.WriteAsync(node, $"one-more-{Guid.NewGuid():N}");
                if (!OpenFiles(node.Pid).Contains(nodes.StoreFile + ".turn")
                    || OpenFiles(node.Pid).Any(file => file.EndsWith(".turn (deleted)", StringComparison.Ordinal)))
                {
                    return false;
                }
            }

            return true;
        }, "all have the new files open");
    }

    [Fact]
    public async Task A_lock_file_with_a_megabyte_of_others_lines_behind_the_mark_is_no_obstacle()
    {
        await File.WriteAllTextAsync(nodes.LockFile,
            "# Escapement lock\n" + string.Concat(Enumerable.Repeat("pid 1\nhost elsewhere\nnot ours at all ", 30_000)));
        var all = await nodes.StartAsync(2);
        await Nodes.StandsByAsync(all[1], all[0]);
        Assert.StartsWith("# Escapement lock. ", Text(nodes.LockFile), StringComparison.Ordinal);
        Assert.Contains($"\npid {all[0].Pid}\n", Text(nodes.LockFile), StringComparison.Ordinal);
        Assert.Equal(1024, new FileInfo(nodes.LockFile).Length);
    }

    // A FileStream would take a lock of its own.
    static string Text(string file)
    {
        using var open = Leadership.OwnFile.Open(file, create: false)!;
        return open.Read();
    }

    static List<string> OpenFiles(int pid) =>
        [.. Directory.EnumerateFileSystemEntries($"/proc/{pid}/fd").Select(entry => new FileInfo(entry).LinkTarget ?? "")];
}
