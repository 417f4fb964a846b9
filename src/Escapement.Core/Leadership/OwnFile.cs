namespace Escapement.Leadership;

/// <summary>Decides whether a file may be locked and written: it is a regular file, and it is empty or begins with the mark.</summary>
static class OwnFile
{
    /// <summary>The first bytes of each text that is written into a lock file.</summary>
    public const string Mark = "# Escapement ";

    /// <summary>Refuses what must not even be opened. To open a device or a pipe has effects, and a symbolic link leads to a file of another name.</summary>
    /// <exception cref="NotOwnFileException">The path is no regular file; the message says what it is.</exception>
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

    /// <summary>Refuses a file with the text of another program.</summary>
    /// <exception cref="NotOwnFileException">The file's text does not begin with the mark.</exception>
    public static void CheckText(Flock file)
    {
        var text = file.Read();

        // A loss of power can leave zero bytes in a file whose length had been written before its text.
        if (text.StartsWith(Mark, StringComparison.Ordinal) || (text.Length < Flock.MaxRead && text.AsSpan().TrimStart('\0').IsEmpty))
        {
            return;
        }

        throw new NotOwnFileException(file.Path, "has a text that is not Escapement's");
    }
}

/// <summary>A file is not ours to lock and write. The message names the file and says why.</summary>
sealed class NotOwnFileException(string path, string why)
    : IOException($"The lock file '{path}' {why}. A lock file is a regular file that is empty or begins with '{OwnFile.Mark.TrimEnd()}'; this one was left as it is.");
