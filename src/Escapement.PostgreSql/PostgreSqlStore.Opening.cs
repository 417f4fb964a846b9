using System.Globalization;
using Npgsql;

namespace Escapement.PostgreSql;

public sealed partial class PostgreSqlStore
{
    /// <summary>The oldest version of the server, in the form of <c>server_version_num</c>.</summary>
    const long OldestServer = 140_000;

    static readonly Sql Server = new("""
        select current_setting('server_version_num')::bigint, current_setting('server_encoding'), pg_is_in_recovery()
        """);

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

        const int Fewest = PostgreSqlStoreOptions.MinSessions + PostgreSqlStoreOptions.OtherSessions;
        if (options.PoolSize < Fewest)
        {
            throw PostgreSqlFaults.Refused(string.Create(CultureInfo.InvariantCulture,
                $"The source of connections of the store {Place.Name} opens at most {options.PoolSize} connections; {Fewest} or more are needed. Set Maximum Pool Size in its connection string."));
        }

        await UseUnopenedAsync(CheckServerAsync, cancellationToken, opens: true);
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
            await AddPartitionsAsync(db, host?.GetUtcNow() ?? await db.NowAsync());
            await LookRows.ReadAsync(db, declares: true);
            return true;
        }, cancellationToken, opens: true);
        await notifier.OpenAsync(cancellationToken);
        if (sessions.Pooling == Pooling.Transactions) PostgreSqlLog.Pooled(log, options.Lease / 3, options.Lease);
        this.application = application;
    }

    async Task<bool> CheckServerAsync(Session db)
    {
        var (version, encoding, isReplica) = (await db.QueryAsync(Server,
            static row => (row.Long(0), row.Text(1), row.Bool(2))))[0];
        if (version < OldestServer)
        {
            throw PostgreSqlFaults.Refused(string.Create(CultureInfo.InvariantCulture,
                $"The server of the store {Place.Name} is PostgreSQL {version / 10_000}; {OldestServer / 10_000} or newer is needed. Update the server."));
        }

        if (encoding != "UTF8")
        {
            throw PostgreSqlFaults.Refused(
                $"The database of the store {Place.Name} has the encoding {encoding}, which cannot hold every text; UTF8 is needed. Create another database with: {PostgreSqlFaults.CreateDatabase("NAME")}.");
        }

        if (isReplica)
        {
            throw PostgreSqlFaults.Refused(
                $"The server of the store {Place.Name} is a replica, which is read-only. Connect to the primary server: name all servers in the connection string, with Target Session Attributes=primary.");
        }

        CheckPooling();
        identity = await DatabaseIdentity.FindAsync(db);
        return true;
    }

    /// <summary>Refuses a driver that prepares statements behind a pooler that gives each transaction another session.</summary>
    void CheckPooling()
    {
        if (sessions.Pooling == Pooling.Transactions && new NpgsqlConnectionStringBuilder(options.Database.ConnectionString).MaxAutoPrepare > 0)
        {
            throw PostgreSqlFaults.Refused(
                $"The store {Place.Name} is behind a pooler that gives each transaction another session, and the source of connections prepares statements, which belong to a session. Set Max Auto Prepare=0 in its connection string.");
        }
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
}
