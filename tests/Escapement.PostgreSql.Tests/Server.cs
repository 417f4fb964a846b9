using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Escapement.TestProcesses;
using Npgsql;

[assembly: AssemblyFixture(typeof(Escapement.PostgreSql.Tests.Server))]

namespace Escapement.PostgreSql.Tests;

/// <summary>A PostgreSQL server of the test program's own: a private folder, a free port on the loopback address, and its own user,
/// because the server refuses to run as root.</summary>
public sealed class Server : IAsyncLifetime
{
    static Server? current;

    readonly string folder;
    readonly string binaries = FindBinaries();
    NpgsqlDataSource? database;
    bool started;

    /// <summary>Creates the server of all tests that leave a server as it is.</summary>
    public Server() : this("") => current = this;

    /// <summary>Creates another server.</summary>
    /// <param name="suffix">Distinguishes the server from the others of the test program.</param>
    /// <param name="place">The folder in which the folder of the server is created, or null for the fastest place.</param>
    internal Server(string suffix, string? place = null) =>
        folder = Path.Combine(place ?? Fast ?? Path.GetTempPath(), $"escapement-pg-{Environment.ProcessId}{suffix}");

    /// <summary>The running server.</summary>
    public static Server Current => current ?? throw new InvalidOperationException("The server does not run.");

    public int Port { get; private set; }

    string Data => Path.Combine(folder, "data");

    /// <summary>The connection string of the superuser.</summary>
    public string ConnectionString => For("postgres", "postgres");

    /// <summary>The connections of the superuser, shared by all tests that need no connections of their own: each new source of
    /// connections reads the types of the database.</summary>
    public NpgsqlDataSource Database => database ?? throw new InvalidOperationException("The server does not run.");

    /// <summary>Returns a connection string.</summary>
    public string For(string database, string user, string? password = null) => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = Port,
        Database = database,
        Username = user,
        Password = password,
        Timeout = 5,
    }.ConnectionString;

    public async ValueTask InitializeAsync()
    {
        await MakeFolderAsync();
        await RunAsync(Path.Combine(binaries, "initdb"),
            ["-D", Data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]);
        var access = Path.Combine(Data, "pg_hba.conf");
        await File.WriteAllTextAsync(access,
            "host all +locked 127.0.0.1/32 scram-sha-256\nhost all,replication all 127.0.0.1/32 trust\n");
        await StartAsync();
    }

    /// <summary>Starts a replica of this server.</summary>
    /// <param name="suffix">Distinguishes the replica from the other servers of the test program.</param>
    internal async Task<Server> ReplicateAsync(string suffix)
    {
        Server replica = new(suffix);
        await replica.MakeFolderAsync();
        await RunAsync(Path.Combine(binaries, "pg_basebackup"),
            ["-h", "127.0.0.1", "-p", $"{Port}", "-U", "postgres", "-D", replica.Data, "-R", "-X", "stream", "-c", "fast", "--no-sync"]);
        await replica.StartAsync();
        return replica;
    }

    async Task MakeFolderAsync()
    {
        Directory.CreateDirectory(folder);
        if (AsRoot) await RunAsync("chown", ["postgres", folder], asPostgres: false);
    }

    async Task StartAsync()
    {
        Port = FreePort();

        // Durability is not under test, and the machine is shared.
        await RunAsync(Path.Combine(binaries, "pg_ctl"), ["-D", Data, "-w", "-l", Path.Combine(folder, "log"), "-o",
            $"-p {Port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c full_page_writes=off -c max_connections=200 -c shared_buffers=64MB",
            "start"]);
        started = true;
        database = NpgsqlDataSource.Create(ConnectionString);
    }

    /// <summary>Kills the server at once, as a machine that loses its power.</summary>
    internal async Task KillAsync()
    {
        var pid = int.Parse(File.ReadLines(Path.Combine(Data, "postmaster.pid")).First(), CultureInfo.InvariantCulture);
        NodeProcess.Signal(pid, NodeProcess.Kill);
        started = false;

        // The sessions end with the server.
        using CancellationTokenSource limit = new(NodeProcess.Limit);
        while (Directory.Exists($"/proc/{pid}")) await Task.Delay(20, limit.Token);
    }

    /// <summary>Makes a replica the primary server.</summary>
    internal Task PromoteAsync() => RunAsync(Path.Combine(binaries, "pg_ctl"), ["-D", Data, "-w", "promote"]);

    public async ValueTask DisposeAsync()
    {
        if (database is not null) await database.DisposeAsync();
        if (started) await RunAsync(Path.Combine(binaries, "pg_ctl"), ["-D", Data, "-w", "-m", "immediate", "stop"]);
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }

    /// <summary>Stops the server and starts the server again.</summary>
    /// <param name="mode"><c>fast</c> ends all sessions first, and <c>immediate</c> recovers at the start as after a crash.</param>
    public async Task RestartAsync(string mode)
    {
        await RunAsync(Path.Combine(binaries, "pg_ctl"), ["-D", Data, "-w", "-m", mode, "restart"]);
        Database.Clear();
    }

    /// <summary>Runs statements as the superuser.</summary>
    /// <param name="sql">The statements.</param>
    /// <param name="schema">The schema of tables without one.</param>
    /// <returns>The number of changed rows.</returns>
    public async Task<int> ExecuteAsync(string sql, string? schema = null)
    {
        await using var command = Database.CreateCommand(schema is null ? sql : $"set search_path to {schema}; {sql}");
        return await command.ExecuteNonQueryAsync();
    }

    /// <summary>Runs statements as the superuser in another database.</summary>
    public async Task ExecuteInAsync(string name, string sql)
    {
        await using var source = NpgsqlDataSource.Create(For(name, "postgres"));
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>A file system in memory with room for the schemas of all tests, or null.</summary>
    static string? Fast => Directory.Exists("/dev/shm") && new DriveInfo("/dev/shm").AvailableFreeSpace > 2L << 30 ? "/dev/shm" : null;

    static bool AsRoot => Environment.UserName == "root";

    /// <summary>Starts a program, as the server's user if the tests run as root.</summary>
    internal static Process Start(string program, string[] arguments, bool asPostgres = true)
    {
        var start = new ProcessStartInfo { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
        string[] command = AsRoot && asPostgres
            ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--reset-env", program, .. arguments]
            : [program, .. arguments];
        start.FileName = command[0];
        foreach (var argument in command[1..]) start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }

    static async Task RunAsync(string program, string[] arguments, bool asPostgres = true)
    {
        using var process = Start(program, arguments, asPostgres);

        // The server keeps the outputs of pg_ctl open, so they are not read to their end.
        var log = program.EndsWith("pg_ctl", StringComparison.Ordinal) ? null : process.StandardError.ReadToEndAsync();
        if (log is not null) _ = process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {(log is null ? "" : await log)}");
    }

    /// <summary>Returns the folder of the newest installed server. Debian keeps the programs outside of the path.</summary>
    static string FindBinaries()
    {
        var folders = Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql").Select(version => Path.Combine(version, "bin")).OrderDescending()
            : Enumerable.Empty<string>();
        return folders.Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator))
            .FirstOrDefault(path => File.Exists(Path.Combine(path, "initdb")))
            ?? throw new InvalidOperationException("There is no PostgreSQL server. Install it with: apt-get install postgresql");
    }

    internal static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
