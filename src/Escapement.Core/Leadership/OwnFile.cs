namespace Escapement.Leadership;

/// <summary>Decides whether a file may be locked and written: the file must be regular, and either empty or beginning
/// with the mark.</summary>
static class OwnFile
{
    /// <summary>The first bytes of each text in a lock file.</summary>
    public const string Mark = "# Escapement ";

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

/// <summary>Thrown if a file must not be locked and written. The message names the file and the reason.</summary>
sealed class NotOwnFileException(string path, string why)
    : IOException($"The lock file '{path}' {why}. A lock file is a regular file that is empty or begins with '{OwnFile.Mark.TrimEnd()}'. The file was not changed.");
