namespace Escapement.Sqlite;

/// <summary>The path of a SQLite store, and how long a writer waits for its turn.</summary>
/// <param name="Path">The file of the store. A missing folder is created if its parent exists.</param>
/// <param name="Lease">The scheduler's lease, above zero. A writer waits up to a third of the lease, and at least 1 s,
/// for another process.</param>
public sealed record SqliteStoreOptions(string Path, TimeSpan Lease)
{
    /// <summary>The absolute path of the store.</summary>
    public string FullPath { get; } = Path is { Length: > 0 }
        ? System.IO.Path.GetFullPath(Path)
        : throw new ArgumentException("The path of the SQLite store is empty. Set the path of a file, such as .escapement/escapement.db.",
            nameof(Path));

    /// <summary>True to open the store of another program as it is: only an existing file, under the name of the
    /// application that owns the file. Nothing is created or written before the first change.</summary>
    public bool AsGuest { get; init; }

    /// <summary>The scheduler's lease. A writer waits up to a third of the lease, and at least 1 s, for its
    /// turn.</summary>
    public TimeSpan Lease { get; } = Lease > TimeSpan.Zero
        ? Lease
        : throw new ArgumentOutOfRangeException(nameof(Lease), Lease,
            $"The lease is {Lease}. The lease must be above zero, such as 15 seconds.");
}
