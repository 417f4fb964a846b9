using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Escapement.Leadership;

/// <summary>An advisory lock on a whole file, tied to the open file. The lock is released when the process ends, and is
/// not inherited by child processes.</summary>
/// <remarks>
/// <see cref="FileStream"/> is not usable: it locks each opened file itself, and throws when another process holds a
/// lock, even for reading.
/// A record lock (fcntl) is not usable either: it is lost when any descriptor of the file is closed in the process.
/// </remarks>
/// <param name="handle">The opened file, which the lock owns.</param>
abstract class Flock(SafeFileHandle handle) : IDisposable
{
    /// <summary>The maximum number of text bytes that are read.</summary>
    public const int MaxRead = 4096;

    /// <summary>The opened file.</summary>
    public SafeFileHandle Handle => handle;

    /// <summary>The path of the opened file.</summary>
    public required string Path { get; init; }

    /// <summary>Takes the lock without waiting.</summary>
    public abstract bool TryLock();

    /// <summary>Takes the lock, and blocks the thread in the kernel until the lock is granted.</summary>
    public abstract void Lock();

    /// <summary>Releases the lock.</summary>
    public abstract void Unlock();

    /// <summary>Returns true if the file at the path is the opened file.</summary>
    /// <remarks>On platforms without file identities, any file at the path counts, so only a deletion is
    /// detected.</remarks>
    public bool IsAtPath() => Identity is { } opened ? FileIdentity.Of(Path) == opened : File.Exists(Path);

    /// <summary>The identity of the opened file, or null on platforms without file identities.</summary>
    public virtual FileIdentity? Identity => null;

    /// <summary>Sets the file's times. Has no effect on platforms that do not need the times.</summary>
    public virtual void Touch(DateTimeOffset now)
    {
    }

    /// <summary>Reads the text from the start of the file, at most <see cref="MaxRead"/> bytes.</summary>
    public string Read()
    {
        var buffer = new byte[MaxRead];
        return Encoding.UTF8.GetString(buffer, 0, RandomAccess.Read(handle, buffer, 0));
    }

    /// <summary>Writes the text in place at the start of the file, and then truncates the rest.</summary>
    public void Write(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        RandomAccess.Write(handle, bytes, 0);
        if (RandomAccess.GetLength(handle) > bytes.Length) RandomAccess.SetLength(handle, bytes.Length);
    }

    /// <inheritdoc/>
    public void Dispose() => handle.Dispose();
}
