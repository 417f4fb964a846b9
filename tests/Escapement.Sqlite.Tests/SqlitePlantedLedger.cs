using Escapement.Planted;
using Escapement.Stores;
using Microsoft.Data.Sqlite;

namespace Escapement.Sqlite.Tests;

/// <summary>A ledger in a file, whose rows a test changes by hand.</summary>
public sealed class SqlitePlantedLedger : PlantedLedger
{
    readonly StoreFolder folder = new();

    public override string Watermark => "at";

    public override async Task<IJobStore> OpenAsync(TimeProvider clock) => await folder.OpenAsync(clock);

    public override ValueTask DisposeAsync() => folder.DisposeAsync();

    protected override async Task<int> ExecuteAsync(string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={folder.Path};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return await command.ExecuteNonQueryAsync();
    }
}
