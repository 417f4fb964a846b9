namespace Escapement.Leadership;

/// <summary>An advisory lock on a whole file, tied to the open file: it comes free when the process ends, and children do not inherit it.</summary>
/// <remarks>
/// Not <see cref="FileStream"/>: it takes a lock of its own on each file that it opens, and throws when another process holds one, also for reading.
/// Not a record lock (fcntl): that is lost when any descriptor of the file is closed in the process.
/// </remarks>
abstract class Flock : IDisposable
{
    /// <summary>How many bytes of a text are read.</summary>
    public const int MaxRead = 4096;

    /// <summary>The path that was opened.</summary>
    public required string Path { get; init; }

    /// <summary>Opens a file that is ours to lock and write, for reading and writing.</summary>
    /// <param name="path">The file.</param>
    /// <param name="create">Whether it is created if missing; otherwise a missing file answers null.</param>
    /// <param name="rights">Who may read and write a new file: its owner, unless said otherwise.</param>
    /// <exception cref="NotOwnFileException">It is no regular file, or has another program's text. It is left as it is.</exception>
    /// <exception cref="IOException">It cannot be opened; the message names the path and why.</exception>
    public static Flock? Open(string path, bool create, UnixFileMode rights = FileRights.Owner)
    {
        OwnFile.CheckPath(path);
        Flock? file = OperatingSystem.IsWindows() ? WindowsFlock.Open(path, create) : UnixFlock.Open(path, create, rights);
        try
        {
            if (file is not null) OwnFile.CheckText(file);
            return file;
        }
        catch
        {
            file!.Dispose();
            throw;
        }
    }

    /// <summary>Takes the lock without waiting.</summary>
    public abstract bool TryLock();

    /// <summary>Takes the lock; the thread is blocked in the kernel until it has it.</summary>
    public abstract void Lock();

    /// <summary>Lets the lock go.</summary>
    public abstract void Unlock();

    /// <summary>Returns true if the file at the path is the file that was opened.</summary>
    /// <remarks>Where the platform does not tell a file's identity, any file at the path counts: only a deletion is noticed there.</remarks>
    public bool IsAtPath() => Identity is { } opened ? FileIdentity.Of(Path) == opened : File.Exists(Path);

    /// <summary>The file that was opened; null where the platform does not tell.</summary>
    public virtual FileIdentity? Identity => null;

    /// <summary>Sets the file's times; without effect where that is not needed.</summary>
    public virtual void Touch(DateTimeOffset now)
    {
    }

    /// <summary>Reads the text from the start, at most <see cref="MaxRead"/> bytes.</summary>
    public abstract string Read();

    /// <summary>Writes the text at the start, in place, and then cuts off what others had behind it.</summary>
    public abstract void Write(string text);

    /// <inheritdoc/>
    public abstract void Dispose();
}
