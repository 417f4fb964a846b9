using System.Diagnostics;
using Escapement.TestProcesses;
using Npgsql;

namespace Escapement.PostgreSql.Tests.Chaos;

/// <summary>A server whose disk becomes full. Only with the environment variable <c>ESCAPEMENT_SOAK=1</c>, and as root, because the disk
/// is a small file system in memory.</summary>
public sealed class FullDiskTests
{
    const int Load = 50;

    [Fact]
    public async Task A_full_disk_stops_the_runs_and_loses_nothing()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("ESCAPEMENT_SOAK") == "1", "Takes a minute. ESCAPEMENT_SOAK=1 runs the test.");
        Assert.SkipUnless(Environment.UserName == "root", "Mounting a small file system needs root.");
        await using var disk = await SmallDisk.MountAsync(megabytes: 192);
        Server server = new("-small", disk.Folder);
        await server.InitializeAsync();
        try
        {
            await using var cluster = await Cluster.OpenAsync(connection: server.ConnectionString);
            for (var i = 0; i < 2; i++) await cluster.AddAsync(Load);
            await cluster.RunsGoOnAsync();

            await FillAsync(server, disk);
            foreach (var node in cluster.Nodes) await node.SaysAsync(LogEvent.ClaimsStopped);
            disk.Free();
            await server.RestartAsync("immediate");
            await server.ExecuteAsync("drop table if exists filler");

            await cluster.RunsGoOnAsync();
            await cluster.CheckAsync();
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    /// <summary>Fills the disk, and the free room inside of the files of the server.</summary>
    static async Task FillAsync(Server server, SmallDisk disk)
    {
        await server.ExecuteAsync("create table filler(text text)");
        disk.Fill();
        try
        {
            while (true) await server.ExecuteAsync("insert into filler select repeat('x', 1000) from generate_series(1, 1000)");
        }
        catch (NpgsqlException)
        {
            // The server refuses the rows, or has ended because its log has no room.
        }
    }

    /// <summary>A small file system in memory.</summary>
    sealed class SmallDisk : IAsyncDisposable
    {
        SmallDisk(string folder) => Folder = folder;

        public string Folder { get; }

        string Ballast => Path.Combine(Folder, "ballast");

        public static async Task<SmallDisk> MountAsync(int megabytes)
        {
            SmallDisk disk = new(Directory.CreateTempSubdirectory("escapement-disk-").FullName);
            await RunAsync("mount", "-t", "tmpfs", "-o", $"size={megabytes}m,mode=755", "tmpfs", disk.Folder);
            return disk;
        }

        /// <summary>Takes all free room.</summary>
        public void Fill()
        {
            using var file = File.Create(Ballast);
            var block = new byte[64 * 1024];
            try
            {
                while (true) file.Write(block);
            }
            catch (IOException)
            {
                // The disk is full.
            }
        }

        public void Free() => File.Delete(Ballast);

        static async Task RunAsync(string program, params string[] arguments)
        {
            using var process = Process.Start(program, arguments);
            await process.WaitForExitAsync();
            Assert.Equal(0, process.ExitCode);
        }

        public async ValueTask DisposeAsync()
        {
            await RunAsync("umount", Folder);
            Directory.Delete(Folder);
        }
    }
}
