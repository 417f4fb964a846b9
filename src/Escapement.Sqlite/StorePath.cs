using Escapement.Leadership;
using Escapement.Stores;

namespace Escapement.Sqlite;

/// <summary>Checks the path of a store and creates its folder and file.</summary>
static class StorePath
{
    const string Default = "The store is a file in the folder of the application, by default .escapement/escapement.db.";

    static readonly Lock Creating = new();

    /// <summary>Creates the last folder of the path if necessary, but no parents, so that a mistyped path creates no
    /// tree. Then creates an empty file with access for its owner only.</summary>
    /// <exception cref="StoreRefusedException">The folder cannot be created.</exception>
    /// <exception cref="StoreUnavailableException">The path is not a regular file.</exception>
    public static void Prepare(string path)
    {
        Check(path);
        CreateFolder(path, Path.GetDirectoryName(path)!);
        CreateFile(path);
    }

    /// <summary>Checks whether the path can be a store, before anything is created.</summary>
    /// <exception cref="StoreRefusedException">The path is a folder, or is not writable.</exception>
    /// <exception cref="StoreUnavailableException">The path is not a regular file.</exception>
    public static void Check(string path)
    {
        if (Directory.Exists(path))
        {
            throw new StoreRefusedException(
                $"The store {path} is a folder. Set STORE to a file in the folder, such as {Path.Combine(path, "escapement.db")}.");
        }

        // SQLite would wait forever for the other end of a pipe. Like an unavailable store, the path may be repaired
        // while the program runs.
        if (FileIdentity.IsRegular(path) == false)
        {
            throw new StoreUnavailableException(
                $"The store {path} is not a regular file but a pipe, a socket or a device. Set STORE to another path.");
        }

        if (!FileRights.MayWrite(path)) throw StoreRefusedException.OnlyReadable(path);
    }

    /// <summary>Checks whether the path is an existing file, before the file is opened.</summary>
    /// <exception cref="StoreRefusedException">The path is a folder, is missing, or is not a regular file.</exception>
    public static void CheckExisting(string path)
    {
        if (Directory.Exists(path))
        {
            throw new StoreRefusedException($"{path} is a folder. {Default}");
        }

        if (!File.Exists(path)) throw new StoreRefusedException($"There is no file {path}. {Default}");
        if (FileIdentity.IsRegular(path) == false)
        {
            throw new StoreRefusedException($"{path} is not a regular file but a pipe, a socket or a device.");
        }
    }

    static void CreateFolder(string path, string folder)
    {
        if (Directory.Exists(folder)) return;
        if (File.Exists(folder))
        {
            throw new StoreRefusedException($"The store {path} cannot be opened: {folder} is a file, not a folder.");
        }

        if (Path.GetDirectoryName(folder) is not { } parent || !Directory.Exists(parent))
        {
            throw new StoreRefusedException(
                $"The store {path} cannot be opened: the folder {folder} and its parent folder do not exist. Create the folder, or set STORE to another path.");
        }

        try
        {
            FileRights.CreateFolder(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreRefusedException(
                $"The store {path} cannot be opened: the folder {folder} does not exist and cannot be created by {Environment.UserName}: {e.Message} Set SCHEDULER_STORE to a file in a writable folder.", e);
        }
    }

    // SQLite creates world-readable files, and copies the rights of the file to its log. A single creator per
    // process, because closing a
    // file drops SQLite's locks on the file.
    static void CreateFile(string path)
    {
        if (OperatingSystem.IsWindows()) return;
        lock (Creating)
        {
            if (File.Exists(path)) return;
            try
            {
                new FileStream(path, new FileStreamOptions
                {
                    Mode = FileMode.CreateNew,
                    Access = FileAccess.Write,
                    Share = FileShare.ReadWrite,
                    UnixCreateMode = FileRights.Owner
                }).Dispose();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Another process created the file, or opening the store reports the error.
            }
        }
    }
}
