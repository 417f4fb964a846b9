using System.Globalization;
using Npgsql;

namespace Escapement.PostgreSql;

public sealed partial class PostgreSqlStore
{
    /// <summary>The oldest version of the server, in the form of <c>server_version_num</c>.</summary>
    const long OldestServer = 140_000;

    static readonly Sql Server = new("""
        select current_setting('server_version_num')::bigint, current_setting('server_encoding'), pg_is_in_recovery(),
            pg_backend_pid()::bigint
        """);

    static readonly Sql HasSchema = new("select 1::bigint where exists (select from pg_namespace where nspname = $1)");

    static readonly Sql HasState = new("select 1::bigint where to_regclass('esc.state') is not null");

    // Each node of an application may start at once, and one of them migrates.
    static readonly Sql TakeMigration = new("select pg_advisory_xact_lock(hashtextextended('escapement migration esc.', 0))");

    static readonly Sql WaitForMigration = new(
        "select set_config('lock_timeout', '60000', true), set_config('statement_timeout', '0', true)");

    static readonly Sql Version = new("select version, application from esc.state");

    // The living epochs have the number of the state. Without an epoch the store is new.
    static readonly Sql WriteState = new("""
        insert into esc.state(one, version, application, number) select 1, $1, $2, coalesce(max(state), 0) from esc.epoch
        """);

    static readonly Sql WriteVersion = new("update esc.state set version = $1");

    /// <inheritdoc/>
    public async Task OpenAsync(string application, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(application);
        if (this.application is not null) throw new InvalidOperationException($"The store {Place.Name} is open already.");
        if (new NpgsqlConnectionStringBuilder(options.Database.ConnectionString).Multiplexing)
        {
            throw PostgreSqlFaults.Refused(
                $"The source of connections of the store {Place.Name} multiplexes, so that no operation has a session of its own. Set Multiplexing=false in its connection string.");
        }

        var pid = await UseUnopenedAsync(CheckServerAsync, cancellationToken, opens: true);
        await UseUnopenedAsync(db => CheckSessionsAsync(db, pid), cancellationToken, opens: true);
        if (options.AsGuest)
        {
            application = await UseUnopenedAsync(OwnerAsync, cancellationToken, opens: true);
            await UseUnopenedAsync(CheckSchemaAsync, cancellationToken, opens: true);
            await notifier.OpenAsync(cancellationToken);
            this.application = application;
            return;
        }

        await UseUnopenedAsync(async db =>
        {
            await db.BeginAsync();
            await MigrateAsync(db, application);
            await db.CommitAsync();
            await CheckSchemaAsync(db);
            await Partitions.AddAsync(db, host?.GetUtcNow() ?? await db.NowAsync());
            await EpochTable.LookAsync(db, declares: true);
            return true;
        }, cancellationToken, opens: true);
        await notifier.OpenAsync(cancellationToken);
        this.application = application;
    }

    async Task<long> CheckServerAsync(Session db)
    {
        var (version, encoding, isReplica, pid) = (await db.QueryAsync(Server,
            static row => (row.Long(0), row.Text(1), row.Bool(2), row.Long(3))))[0];
        if (version < OldestServer)
        {
            throw PostgreSqlFaults.Refused(string.Create(CultureInfo.InvariantCulture,
                $"The server of the store {Place.Name} is PostgreSQL {version / 10_000}; {OldestServer / 10_000} or newer is needed. Update the server."));
        }

        if (encoding != "UTF8")
        {
            throw PostgreSqlFaults.Refused(
                $"The database of the store {Place.Name} has the encoding {encoding}, which cannot hold every text; UTF8 is needed. Create a database with: createdb --encoding=UTF8 --template=template0 NAME.");
        }

        if (isReplica)
        {
            throw PostgreSqlFaults.Refused(
                $"The server of the store {Place.Name} is a replica, which is read-only. Connect to the primary server: name all servers in the connection string, with Target Session Attributes=primary.");
        }

        return pid;
    }

    /// <summary>Finds a pooler that gives each transaction another session: two connections then share a session.</summary>
    async Task<bool> CheckSessionsAsync(Session db, long pid)
    {
        if (db.Connection.ProcessID == pid) return true;
        await using var second = await sessions.OpenAsync("check", db.Cancellation);
        var (_, _, _, other) = (await second.QueryAsync(Server, static row => (row.Long(0), row.Text(1), row.Bool(2), row.Long(3))))[0];
        if (other != pid) return true;
        throw faults.Pooler(string.Create(CultureInfo.InvariantCulture,
            $"Two connections share the server process {pid}."));
    }

    /// <summary>Refuses a schema in which something is missing, and a role of a process that may not write a table.</summary>
    async Task<bool> CheckSchemaAsync(Session db)
    {
        if (await SchemaCheck.MissingAsync(db, options.Schema) is { Count: > 0 } missing)
            throw faults.Missing(string.Join(", ", missing));
        if (!options.AsGuest && await SchemaCheck.ForbiddenAsync(db, options.Schema) is { Count: > 0 } forbidden)
            throw faults.Forbidden(string.Join(", ", forbidden));
        return true;
    }

    async Task MigrateAsync(Session db, string application)
    {
        await db.CallAsync(WaitForMigration);
        await db.CallAsync(TakeMigration);
        if (await db.ScalarAsync(HasSchema, options.Schema) is null) await db.ExecuteAsync($"create schema {schema}");
        var (version, owner) = await db.ScalarAsync(HasState) is null ? (0, null) : await StoredVersionAsync(db, writesAnew: true);
        if (owner is not null && owner != application)
        {
            throw PostgreSqlFaults.Refused(
                $"The store {Place.Name} belongs to the application '{owner}', but this application is '{application}'. Give each application its own schema (SCHEMA), or set APPLICATION to '{owner}' if the application was renamed.");
        }

        for (var next = (int)version; next < PostgreSqlSchema.Newest; next++)
            await db.ExecuteAsync(PostgreSqlSchema.Migrations[next].Replace("esc.", schema + ".", StringComparison.Ordinal));
        if (owner is null) await db.RunAsync(WriteState, PostgreSqlSchema.Newest, application);
        else if (version < PostgreSqlSchema.Newest) await db.RunAsync(WriteVersion, PostgreSqlSchema.Newest);
    }

    /// <summary>Returns the application to which an existing store belongs.</summary>
    async Task<string> OwnerAsync(Session db)
    {
        if (await db.ScalarAsync(HasState) is null)
        {
            throw PostgreSqlFaults.Refused(
                $"The database {Place.Name} has no store in the schema '{options.Schema}'. Start the application once, or name another database or schema.");
        }

        var (version, owner) = await StoredVersionAsync(db);
        return version == PostgreSqlSchema.Newest ? owner! : throw PostgreSqlFaults.Refused(string.Create(CultureInfo.InvariantCulture,
            $"The store {Place.Name} has schema version {version}, and this program needs version {PostgreSqlSchema.Newest}. Start the application once with this version."));
    }

    async Task<(long Version, string? Owner)> StoredVersionAsync(Session db, bool writesAnew = false)
    {
        var stored = await db.QueryAsync(Version, static row => (row.Long(0), (string?)row.Text(1)));
        if (stored is not [var (version, owner)]) return writesAnew ? (PostgreSqlSchema.Newest, null) : throw StateTable.Missing(db);
        return version <= PostgreSqlSchema.Newest ? (version, owner) : throw PostgreSqlFaults.Refused(string.Create(CultureInfo.InvariantCulture,
            $"The store {Place.Name} has schema version {version}, but this version of Escapement supports versions up to {PostgreSqlSchema.Newest}. Update this program, or name another schema (SCHEMA)."));
    }
}
