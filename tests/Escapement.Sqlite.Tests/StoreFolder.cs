using Escapement.Stores;

namespace Escapement.Sqlite.Tests;

/// <summary>A separate folder for a test, deleted after the test.</summary>
sealed class StoreFolder : IAsyncDisposable
{
    readonly List<SqliteStore> stores = [];

    public string Folder { get; } = Directory.CreateTempSubdirectory("escapement-sqlite-").FullName;

    public string Path => System.IO.Path.Combine(Folder, "jobs.db");

    public SqliteStore Store(TimeProvider? clock = null, TimeSpan? lease = null, string? path = null)
    {
        var store = new SqliteStore(new(path ?? Path, lease ?? TimeSpan.FromSeconds(15)), clock ?? TimeProvider.System);
        stores.Add(store);
        return store;
    }

    public async Task<SqliteStore> OpenAsync(TimeProvider? clock = null, TimeSpan? lease = null, string? path = null,
        string application = "tests")
    {
        var store = Store(clock, lease, path);
        await store.OpenAsync(application, CancellationToken.None);
        return store;
    }

    public async Task<string> RefusedAsync(string? path = null, string application = "tests") =>
        (await Assert.ThrowsAsync<StoreRefusedException>(() => Store(path: path).OpenAsync(application, CancellationToken.None))).Message;

    public async ValueTask DisposeAsync()
    {
        foreach (var store in stores) await store.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }
}
