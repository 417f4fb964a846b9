using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace Escapement.PostgreSql.Tests;

/// <summary>A pgbouncer in front of a server of the tests, with a private folder and a free port.</summary>
sealed class PgBouncer : IAsyncDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("escapement-bouncer-").FullName;
    readonly Process process;
    readonly Task<string> log;
    readonly Server server;

    PgBouncer(Server server, string mode, int sessions)
    {
        this.server = server;
        Port = Server.FreePort();
        var settings = Path.Combine(folder, "pgbouncer.ini");
        File.WriteAllText(Path.Combine(folder, "users.txt"), "\"postgres\" \"\"\n");
        File.WriteAllText(settings, string.Create(CultureInfo.InvariantCulture, $"""
            [databases]
            * = host=127.0.0.1 port={server.Port}
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = {Port}
            unix_socket_dir =
            auth_type = trust
            auth_file = {folder}/users.txt
            pool_mode = {mode}
            default_pool_size = {sessions}
            max_client_conn = 500
            """));

        // The pooler refuses to run as root, and its own user reads the folder.
        File.SetUnixFileMode(folder, File.GetUnixFileMode(folder) | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        process = Server.Start(FindProgram(), [settings]);
        log = process.StandardError.ReadToEndAsync();
    }

    /// <summary>The port of the pooler.</summary>
    public int Port { get; }

    /// <summary>The connection string of the superuser, through the pooler.</summary>
    public string ConnectionString => new NpgsqlConnectionStringBuilder(server.ConnectionString) { Port = Port }.ConnectionString;

    /// <summary>Starts a pooler, and waits until it answers.</summary>
    /// <param name="server">The server.</param>
    /// <param name="mode">The <c>pool_mode</c>: <c>transaction</c> or <c>session</c>.</param>
    /// <param name="sessions">The maximum number of sessions of the server.</param>
    public static async Task<PgBouncer> StartAsync(Server server, string mode, int sessions)
    {
        PgBouncer bouncer = new(server, mode, sessions);
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(30));
        while (true)
        {
            try
            {
                await using var source = NpgsqlDataSource.Create(bouncer.ConnectionString + ";Pooling=false");
                await using var connection = await source.OpenConnectionAsync(limit.Token);
                return bouncer;
            }
            catch (NpgsqlException) when (!bouncer.process.HasExited)
            {
                await Task.Delay(50, limit.Token);
            }
            catch (NpgsqlException e)
            {
                throw new InvalidOperationException($"pgbouncer ended: {await bouncer.log}", e);
            }
        }
    }

    static string FindProgram() => ((string[])["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer", "/usr/local/bin/pgbouncer"])
        .FirstOrDefault(File.Exists)
        ?? throw new InvalidOperationException("There is no pgbouncer. Install it with: apt-get install pgbouncer");

    public async ValueTask DisposeAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
        await log;
        process.Dispose();
        Directory.Delete(folder, recursive: true);
    }
}
