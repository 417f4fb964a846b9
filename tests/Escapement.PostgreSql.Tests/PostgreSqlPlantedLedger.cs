using Escapement.Planted;
using Escapement.Stores;

namespace Escapement.PostgreSql.Tests;

/// <summary>A ledger in a schema, whose rows a test changes by hand.</summary>
public sealed class PostgreSqlPlantedLedger : PlantedLedger
{
    readonly PostgreSqlUnderTest source = new();
    readonly List<PostgreSqlStore> stores = [];

    public override string Watermark => "next";

    protected override string Moving(string value) => $"next = {value}, at = {value}";

    public override async Task<IJobStore> OpenAsync(TimeProvider clock)
    {
        var store = source.Store(clock);
        stores.Add(store);
        await store.OpenAsync("tests", CancellationToken.None);
        return store;
    }

    public override async ValueTask DisposeAsync()
    {
        foreach (var store in stores) await store.DisposeAsync();
        await source.DisposeAsync();
    }

    protected override Task<int> ExecuteAsync(string sql) => Server.Current.ExecuteAsync(sql, source.Schema);
}
