namespace Escapement.Sqlite;

/// <summary>Where a SQLite store is, and how long a writer waits for its turn.</summary>
/// <param name="Path">The file of the store. Its folder is created if only this last folder is missing.</param>
/// <param name="Lease">How long a writer waits for another process's write before it says so; the scheduler's lease. Above zero.</param>
public sealed record SqliteStoreOptions(string Path, TimeSpan Lease)
{
    /// <summary>The path, made absolute.</summary>
    public string FullPath { get; } = Path is { Length: > 0 }
        ? System.IO.Path.GetFullPath(Path)
        : throw new ArgumentException("The path of the SQLite store is empty. Give it a file, such as .escapement/escapement.db.",
            nameof(Path));

    /// <summary>How long a writer waits for its turn.</summary>
    public TimeSpan Lease { get; } = Lease > TimeSpan.Zero
        ? Lease
        : throw new ArgumentOutOfRangeException(nameof(Lease), Lease, $"The lease is {Lease}; it must be above zero, such as 15 seconds.");
}
