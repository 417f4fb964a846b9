using Escapement.Leadership;
using Escapement.Stores;

namespace Escapement.Sqlite;

/// <summary>The folder of a store.</summary>
static class StorePath
{
    /// <summary>Creates the last folder of the path if it is missing; not more, so that a mistyped path does not become a tree.</summary>
    /// <exception cref="StoreRefusedException">The folder cannot be had, or the path is a folder itself.</exception>
    public static void Prepare(string path)
    {
        if (Directory.Exists(path)) throw new StoreRefusedException($"The store {path} is a folder. Give STORE a file in it, such as {Path.Combine(path, "escapement.db")}.");
        if (!FileRights.MayWrite(path)) throw StoreRefusedException.OnlyReadable(path);
        var folder = Path.GetDirectoryName(path)!;
        if (Directory.Exists(folder)) return;
        if (File.Exists(folder)) throw new StoreRefusedException($"The store {path} cannot be opened: {folder} is a file and not a folder.");
        if (Path.GetDirectoryName(folder) is not { } parent || !Directory.Exists(parent))
            throw new StoreRefusedException($"The store {path} cannot be opened: the folder {folder} does not exist, and neither does the one that it would be in. Create it, or give STORE another path.");
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreRefusedException($"The store {path} cannot be opened: the folder {folder} does not exist and cannot be created by {Environment.UserName}: {e.Message}", e);
        }
    }
}
