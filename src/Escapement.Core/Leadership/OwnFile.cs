namespace Escapement.Leadership;

/// <summary>Decides whether a file may be locked and written: the file must be regular, and either empty or beginning
/// with the mark.</summary>
static class OwnFile
{
    /// <summary>The first bytes of each text in a lock file.</summary>
    public const string Mark = "# Escapement ";

    /// <summary>Opens a lock file of this program for reading and writing.</summary>
    /// <param name="path">The file.</param>
    /// <param name="create">True to create a missing file. If false, a missing file gives null.</param>
    /// <param name="rights">The access rights of a new file, by default for its owner only.</param>
    /// <exception cref="NotOwnFileException">The file is not a regular file, or contains the text of another program.
    /// The file is not changed.</exception>
    /// <exception cref="IOException">The file cannot be opened. The message names the path and the reason.</exception>
    public static Flock? Open(string path, bool create, UnixFileMode rights = FileRights.Owner)
    {
        CheckPath(path);
        Flock? file = OperatingSystem.IsWindows() ? WindowsFlock.Open(path, create) : UnixFlock.Open(path, create, rights);
        try
        {
            if (file is not null) CheckText(file);
            return file;
        }
        catch
        {
            file!.Dispose();
            throw;
        }
    }

    /// <summary>Rejects paths that must not even be opened. Opening a device or a pipe has effects, and a symbolic link
    /// leads to a file with another name.</summary>
    /// <exception cref="NotOwnFileException">The path is not a regular file. The message names its kind.</exception>
    public static void CheckPath(string path)
    {
        if (new FileInfo(path).LinkTarget is { } target) throw new NotOwnFileException(path, $"is a symbolic link to '{target}'");
        if (FileIdentity.IsRegular(path) == false)
        {
            throw new NotOwnFileException(path, Directory.Exists(path)
                ? "is a folder"
                : "is not a regular file but a pipe, a socket or a device");
        }
    }

    /// <summary>Rejects a file with the text of another program.</summary>
    /// <exception cref="NotOwnFileException">The file's text does not begin with the mark.</exception>
    public static void CheckText(Flock file)
    {
        var text = file.Read();

        // A power failure can leave zero bytes in a file if the length was written before the text.
        if (text.StartsWith(Mark, StringComparison.Ordinal) || (text.Length < Flock.MaxRead && text.AsSpan().TrimStart('\0').IsEmpty))
        {
            return;
        }

        throw new NotOwnFileException(file.Path, "has a text that is not Escapement's");
    }
}
