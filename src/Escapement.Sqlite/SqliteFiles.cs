using Escapement.Stores;

namespace Escapement.Sqlite;

/// <summary>The files of a SQLite store: the database and its queue files.</summary>
public static class SqliteFiles
{
    /// <summary>Checks whether a path can be a store, before anything is created.</summary>
    /// <param name="path">The absolute path of the database file.</param>
    /// <exception cref="StoreRefusedException">The path is a folder, or is not writable.</exception>
    /// <exception cref="StoreUnavailableException">The path is not a regular file.</exception>
    public static void Check(string path)
    {
        StorePath.Check(path);
        WriteQueue.Check(path);
    }
}
