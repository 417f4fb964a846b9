namespace Escapement.PostgreSql;

/// <summary>The statements that bring the schema of a store to the version that a program needs.</summary>
/// <param name="Stored">The version of the schema in the database, or 0 without a store.</param>
/// <param name="Needed">The version that this program needs.</param>
/// <param name="Statements">The SQL texts in their order, without the transaction around them. Empty if nothing is to be
/// done.</param>
public sealed record SchemaMigration(int Stored, int Needed, IReadOnlyList<string> Statements);
