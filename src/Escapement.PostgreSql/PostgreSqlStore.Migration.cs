using System.Globalization;
using Npgsql;

namespace Escapement.PostgreSql;

public sealed partial class PostgreSqlStore
{
    static readonly Sql HasSchema = new("select 1::bigint where exists (select from pg_namespace where nspname = $1)");

    static readonly Sql HasState = new("select 1::bigint where to_regclass('esc.state') is not null");

    // Each node of an application may start at once, and one of them migrates.
    static readonly Sql TakeMigration = new("select pg_advisory_xact_lock(hashtextextended('escapement migration esc.', 0))");

    static readonly Sql WaitForMigration = new(
        "select set_config('lock_timeout', '60000', true), set_config('statement_timeout', '0', true)");

    static readonly Sql Version = new("select version, application from esc.state");

    // The living epochs have the number of the state. Without an epoch the store is new.
    static readonly Sql WriteState = new(string.Create(CultureInfo.InvariantCulture,
        $"insert into esc.state(one, version, application, number) select 1, {PostgreSqlSchema.Newest}, '', coalesce(max(state), 0) from esc.epoch;"));

    static readonly Sql WriteVersion = new(string.Create(CultureInfo.InvariantCulture,
        $"update esc.state set version = {PostgreSqlSchema.Newest};"));

    static readonly Sql WriteOwner = new("update esc.state set application = $1 where application = ''");

    /// <summary>Returns what <see cref="MigrateAsync(CancellationToken)"/> would do, and changes nothing.</summary>
    /// <exception cref="InvalidOperationException">The store is open.</exception>
    /// <exception cref="Stores.StoreRefusedException">The database cannot hold a store, or its schema is newer than this
    /// program.</exception>
    /// <exception cref="Stores.StoreUnavailableException">The database does not answer.</exception>
    public Task<SchemaMigration> PlanMigrationAsync(CancellationToken cancellationToken) => MigrateAsync(isPlan: true, cancellationToken);

    /// <summary>Creates the schema of the store, or brings the schema to the version of this program, in a single transaction.
    /// A start does the same. A program with a role without these rights can then start.</summary>
    /// <returns>The statements that were executed.</returns>
    /// <inheritdoc cref="PlanMigrationAsync" path="/exception"/>
    public Task<SchemaMigration> MigrateAsync(CancellationToken cancellationToken) => MigrateAsync(isPlan: false, cancellationToken);

    async Task<SchemaMigration> MigrateAsync(bool isPlan, CancellationToken cancellationToken)
    {
        if (application is not null) throw new InvalidOperationException($"The store {Place.Name} is open, and has its schema.");
        await UseUnopenedAsync(CheckServerAsync, cancellationToken, opens: true);
        return await UseUnopenedAsync(async db =>
        {
            await db.BeginAsync();
            var migration = isPlan ? await PlanAsync(db) : await MigrateAsync(db);
            if (!isPlan) await CheckSchemaAsync(db);
            await db.CommitAsync();
            return migration;
        }, cancellationToken, opens: true);
    }

    async Task<SchemaMigration> MigrateAsync(Session db)
    {
        db.WaitWithoutLimit();
        await db.CallAsync(WaitForMigration);
        await db.CallAsync(TakeMigration);
        var migration = await PlanAsync(db);
        foreach (var statement in migration.Statements) await db.ExecuteAsync(statement);
        return migration;
    }

    async Task<SchemaMigration> PlanAsync(Session db)
    {
        List<string> statements = [];
        if (await db.ScalarAsync(HasSchema, options.Schema) is null) statements.Add($"create schema {schema};");
        var stored = await db.ScalarAsync(HasState) is null ? (0, null) : await StoredVersionAsync(db, writesAnew: true);
        var version = (int)(stored?.Version ?? PostgreSqlSchema.Newest);
        foreach (var step in PostgreSqlSchema.Migrations[version..])
            statements.Add(step.Replace("esc.", schema + ".", StringComparison.Ordinal));
        if (version == 0 || stored is null) statements.Add(WriteState.Of(schema));
        else if (version < PostgreSqlSchema.Newest) statements.Add(WriteVersion.Of(schema));

        // For an operator who executes the statements of a plan.
        if (statements.Count > 0) statements.Insert(0, TakeMigration.Of(schema) + ";");
        return new(version, PostgreSqlSchema.Newest, statements);
    }

    /// <summary>Migrates the store, and enters its application.</summary>
    async Task MigrateAsync(Session db, string application)
    {
        await MigrateAsync(db);
        if ((await StoredVersionAsync(db))!.Value.Owner is not { } owner)
        {
            await db.RunAsync(WriteOwner, application);
        }
        else if (owner != application)
        {
            throw PostgreSqlFaults.Refused(
                $"The store {Place.Name} belongs to the application '{owner}', but this application is '{application}'. Give each application its own schema (SCHEMA), or set APPLICATION to '{owner}' if the application was renamed.");
        }
    }

    /// <summary>Returns the application to which an existing store belongs.</summary>
    async Task<string> OwnerAsync(Session db)
    {
        var stored = await db.ScalarAsync(HasState) is null ? null : await StoredVersionAsync(db);
        if (stored is not { Owner: { } owner, Version: var version })
        {
            var (database, schema) = (new NpgsqlConnectionStringBuilder(options.Database.ConnectionString).Database, options.Schema);
            throw PostgreSqlFaults.Refused(stored is null
                ? $"The database {database} has no store in the schema '{schema}'. Start the application once, or name another database or schema."
                : $"The store in the schema '{schema}' of the database {database} has its tables, and no application has started yet. Start the application once.");
        }

        return version == PostgreSqlSchema.Newest ? owner : throw PostgreSqlFaults.Refused(string.Create(CultureInfo.InvariantCulture,
            $"The store {Place.Name} has schema version {version}, and this program needs version {PostgreSqlSchema.Newest}. Start the application once with this version."));
    }

    /// <summary>Returns the stored version, and the application, which is null until the first start of the application.</summary>
    /// <param name="db">The session.</param>
    /// <param name="writesAnew">True to return null for a missing row, which the caller writes.</param>
    async Task<(long Version, string? Owner)?> StoredVersionAsync(Session db, bool writesAnew = false)
    {
        var rows = await db.QueryAsync(Version, static row => (row.Long(0), row.Text(1)));
        if (rows is not [var (version, owner)]) return writesAnew ? null : throw StateTable.Missing(db);
        if (version < 1)
        {
            throw PostgreSqlFaults.Refused(string.Create(CultureInfo.InvariantCulture,
                $"The store {Place.Name} has schema version {version} in the table state, which no version of Escapement writes. Allowed: 1 – {PostgreSqlSchema.Newest}. Correct the column version, or restore a backup."));
        }

        return version <= PostgreSqlSchema.Newest
            ? (version, owner.Length == 0 ? null : owner)
            : throw PostgreSqlFaults.Refused(string.Create(CultureInfo.InvariantCulture,
                $"The store {Place.Name} has schema version {version}, but this version of Escapement supports versions up to {PostgreSqlSchema.Newest}. Update this program, or name another schema (SCHEMA)."));
    }
}
