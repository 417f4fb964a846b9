using Escapement.Leadership;
using Escapement.Stores;

namespace Escapement.Sqlite;

/// <summary>The folder of a store.</summary>
static class StorePath
{
    static readonly Lock Creating = new();

    /// <summary>Creates the last folder of the path if it is missing; not more, so that a mistyped path does not become a tree. Then creates the file, empty and its owner's alone.</summary>
    /// <exception cref="StoreRefusedException">The folder cannot be had.</exception>
    /// <exception cref="StoreUnavailableException">The path is no regular file.</exception>
    public static void Prepare(string path)
    {
        Check(path);
        CreateFolder(path, Path.GetDirectoryName(path)!);
        CreateFile(path);
    }

    /// <summary>Says before anything is made whether the file can be a store.</summary>
    /// <exception cref="StoreRefusedException">It is a folder, or may not be written.</exception>
    /// <exception cref="StoreUnavailableException">It is no regular file.</exception>
    public static void Check(string path)
    {
        if (Directory.Exists(path))
        {
            throw new StoreRefusedException(
                $"The store {path} is a folder. Give STORE a file in it, such as {Path.Combine(path, "escapement.db")}.");
        }

        // SQLite would wait for ever at the other end of a pipe. Like a store that is out of reach, it may be mended while the program serves.
        if (FileIdentity.IsRegular(path) == false)
        {
            throw new StoreUnavailableException(
                $"The store {path} is no regular file but a pipe, a socket or a device. Give STORE another path.");
        }

        if (!FileRights.MayWrite(path)) throw StoreRefusedException.OnlyReadable(path);
    }

    static void CreateFolder(string path, string folder)
    {
        if (Directory.Exists(folder)) return;
        if (File.Exists(folder))
        {
            throw new StoreRefusedException($"The store {path} cannot be opened: {folder} is a file and not a folder.");
        }

        if (Path.GetDirectoryName(folder) is not { } parent || !Directory.Exists(parent))
        {
            throw new StoreRefusedException(
                $"The store {path} cannot be opened: the folder {folder} does not exist, and neither does the one that it would be in. Create it, or give STORE another path.");
        }

        try
        {
            FileRights.CreateFolder(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreRefusedException(
                $"The store {path} cannot be opened: the folder {folder} does not exist and cannot be created by {Environment.UserName}: {e.Message}", e);
        }
    }

    // SQLite creates files that everybody may read, and gives its log the rights of the file. In a process one at a time: to close a file takes SQLite's locks on it away.
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
                // Another process was first, or the opening says what is the matter.
            }
        }
    }
}
