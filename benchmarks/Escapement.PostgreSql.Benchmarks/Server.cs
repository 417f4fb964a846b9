using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Escapement.PostgreSql.Benchmarks;

/// <summary>A private PostgreSQL server with the settings of a fresh installation: <c>fsync</c>, <c>synchronous_commit</c> and
/// <c>full_page_writes</c> are on. The server runs as its own user, because it refuses to run as root.</summary>
sealed class Server : IAsyncDisposable
{
    readonly string folder;
    readonly string binaries;

    Server(string folder, string binaries) => (this.folder, this.binaries) = (folder, binaries);

    public int Port { get; private init; }

    public string ConnectionString => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = Port,
        Database = "postgres",
        Username = "postgres",
        Timeout = 10,
        CommandTimeout = 600,
    }.ConnectionString;

    static bool AsRoot => Environment.UserName == "root";

    /// <summary>Creates a server in a new folder, starts it, and prints the flush time of its disk.</summary>
    /// <param name="place">The folder in which the server's folder is created: on a disk, or in <c>/dev/shm</c>.</param>
    /// <param name="settings">Further settings of the server.</param>
    public static async Task<Server> StartAsync(string place, params string[] settings)
    {
        var folder = Path.Combine(place, string.Create(CultureInfo.InvariantCulture, $"escapement-pg-{Environment.ProcessId}"));
        Directory.CreateDirectory(folder);
        Server server = new(folder, FindBinaries()) { Port = FreePort() };
        Console.WriteLine(Figures.Line($"fdatasync in {place}", Enumerable.Range(0, 200).Select(_ => Figures.Flush(folder)).ToList()));
        if (AsRoot) await RunAsync("chown", ["postgres", folder], asPostgres: false);
        await RunAsync(Path.Combine(server.binaries, "initdb"),
            ["-D", server.Data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C"]);
        var own = string.Concat(settings.Select(setting => $" -c {setting}"));
        await RunAsync(Path.Combine(server.binaries, "pg_ctl"), ["-D", server.Data, "-w", "-l", Path.Combine(folder, "log"), "-o",
            $"-p {server.Port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=300{own}", "start"]);
        Console.WriteLine(string.Join(", ", await server.TextsAsync(
            "select 'PostgreSQL ' || current_setting('server_version') union all select name || ' ' || current_setting(name) from pg_settings "
            + "where name in ('fsync', 'synchronous_commit', 'full_page_writes', 'shared_buffers', 'max_wal_size')")));
        return server;
    }

    string Data => Path.Combine(folder, "data");

    /// <summary>Returns the processor time of the server's processes so far, also of those that have ended.</summary>
    public TimeSpan Processor()
    {
        var parent = File.ReadLines(Path.Combine(Data, "postmaster.pid")).First();
        var ticks = 0L;
        foreach (var process in Directory.EnumerateDirectories("/proc").Where(path => char.IsAsciiDigit(Path.GetFileName(path)[0])))
        {
            try
            {
                // After the name in brackets: the state, the parent, and from the 12th field on the times in ticks of 10 ms, then the
                // times of ended children.
                var fields = File.ReadAllText(Path.Combine(process, "stat")).Split(") ")[^1].Split(' ');
                var isParent = Path.GetFileName(process) == parent;
                if (!isParent && fields[1] != parent) continue;
                foreach (var field in fields[11..(isParent ? 15 : 13)]) ticks += long.Parse(field, CultureInfo.InvariantCulture);
            }
            catch (IOException)
            {
                // The process has ended.
            }
        }

        return TimeSpan.FromMilliseconds(10 * ticks);
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Returns the first column of the first row.</summary>
    public async Task<long?> LongAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync() as long?;
    }

    public async Task<List<string>> TextsAsync(string sql) => await RowsAsync(sql, row => row.GetString(0));

    public async Task<List<T>> RowsAsync<T>(string sql, Func<NpgsqlDataReader, T> read)
    {
        await using var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        List<T> rows = [];
        while (await reader.ReadAsync()) rows.Add(read(reader));
        return rows;
    }

    /// <summary>Waits until a query returns a number of at least 1.</summary>
    public async Task UntilAsync(string sql, TimeSpan? pause = null)
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (await LongAsync(sql) is not > 0)
        {
            if (TimeProvider.System.GetElapsedTime(begun) > TimeSpan.FromMinutes(2)) throw new TimeoutException($"Not true after 2 minutes: {sql}");
            await Task.Delay(pause ?? TimeSpan.FromMilliseconds(50));
        }
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        await RunAsync(Path.Combine(binaries, "pg_ctl"), ["-D", Data, "-w", "-m", "immediate", "stop"]);
        Directory.Delete(folder, recursive: true);
    }

    static async Task RunAsync(string program, string[] arguments, bool asPostgres = true)
    {
        string[] command = AsRoot && asPostgres
            ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--reset-env", program, .. arguments]
            : [program, .. arguments];
        ProcessStartInfo start = new(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        using var process = Process.Start(start)!;

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

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
