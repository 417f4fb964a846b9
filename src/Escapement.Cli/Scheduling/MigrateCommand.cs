using System.CommandLine;
using System.Text.Json;
using Escapement.PostgreSql;

namespace Escapement.Cli.Scheduling;

/// <summary>The command <c>escapement migrate</c>: creates the schema of a store in a PostgreSQL database, or brings the schema to
/// the version of the tool.</summary>
static class MigrateCommand
{
    public static Command Create(TimeProvider clock)
    {
        Option<string?> store = new("--store") { Description = "The connection of a PostgreSQL database.", HelpName = "connection" };
        Option<string?> schema = new("--schema") { Description = "The schema of the store. Default: escapement.", HelpName = "name" };
        Option<bool> plan = new("--plan") { Description = "Show the SQL statements, and change nothing." };
        Option<bool> json = new("--json") { Description = "Answer as JSON." };
        Command command = new("migrate", "Creates or updates the schema of a PostgreSQL store, as the first start of a program does.")
        {
            store, schema, plan, json,
        };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(store) is not { } place || !PostgreSqlStoreOptions.IsConnection(place))
            {
                return StandardError.Refuse(
                    "--store: give the connection of a PostgreSQL database, such as \"Host=db;Database=shop;Username=shop\". The file of a store is created and updated by each start.");
            }

            return SourceOptions.Run(place, async cancellationToken =>
            {
                await using PostgreSqlStore database = new(StoreSource.DatabaseOf(place, parsed.GetValue(schema)), clock);
                var isPlan = parsed.GetValue(plan);
                var migration = isPlan
                    ? await database.PlanMigrationAsync(cancellationToken)
                    : await database.MigrateAsync(cancellationToken);
                using Output output = new();
                if (parsed.GetValue(json)) output.Document(Output.Json, writer => Write(writer, migration, isPlan));
                else if (isPlan) PrintPlan(output, migration);
                output.Writer.Flush();
                StandardError.Say(Sentence(migration, isPlan, database.Place.Name));
                return ExitCode.Done;
            });
        });
        return command;
    }

    /// <summary>Writes a script for <c>psql</c>.</summary>
    static void PrintPlan(Output output, SchemaMigration migration)
    {
        if (migration.Statements.Count == 0) return;
        output.Line("begin;");
        foreach (var statement in migration.Statements) output.Line(statement);
        output.Line("commit;");
    }

    static void Write(Utf8JsonWriter writer, SchemaMigration migration, bool isPlan)
    {
        writer.WriteStartObject();
        writer.WriteNumber("stored", migration.Stored);
        writer.WriteNumber("needed", migration.Needed);
        writer.WriteBoolean("done", !isPlan || migration.Statements.Count == 0);
        writer.WriteStartArray("statements");
        foreach (var statement in migration.Statements) writer.WriteStringValue(statement);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    static string Sentence(SchemaMigration migration, bool isPlan, string place) => migration switch
    {
        { Statements.Count: 0 } => $"The store {place} has schema version {migration.Stored}, which is up to date.",
        { Stored: 0 } when isPlan => $"The store {place} does not exist. A migration creates schema version {migration.Needed}.",
        { Stored: 0 } => $"The store {place} was created with schema version {migration.Needed}.",
        _ when isPlan => $"The store {place} has schema version {migration.Stored}. A migration updates the schema to version {migration.Needed}.",
        _ => $"The store {place} was updated from schema version {migration.Stored} to {migration.Needed}.",
    };
}
