using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Escapement.Leadership;

/// <summary>libc's <c>flock</c>.</summary>
sealed partial class UnixFlock : Flock
{
    const int Exclusive = 2, NonBlocking = 4, Unlocking = 8;
    const int Interrupted = 4, WouldBlockLinux = 11, WouldBlockBsd = 35, NoEntry = 2, Exists = 17;
    const int ReadWrite = 2, CloseOnExecLinux = 0x80000, CloseOnExecBsd = 0x1000000;

    // O_CREAT | O_EXCL
    const int CreateNewLinux = 0x40 | 0x80, CreateNewBsd = 0x200 | 0x800;

    UnixFlock(SafeFileHandle handle) : base(handle) { }

    public static UnixFlock? Open(string path, bool create, UnixFileMode rights)
    {
        while (true)
        {
            if (Open(path, 0) is { } existing) return existing;
            if (!create) return null;
            if (Open(path, OperatingSystem.IsLinux() ? CreateNewLinux : CreateNewBsd, (int)rights) is not { } made) continue;

            // Set again, because the process's umask removes bits from a new file.
            if (rights != FileRights.Owner && !OperatingSystem.IsWindows()) File.SetUnixFileMode(made.Handle, rights);
            return made;
        }
    }

    /// <summary>Opens a file. Returns null if the file is missing or, when creating, if the file already
    /// exists.</summary>
    static UnixFlock? Open(string path, int flags, int mode = 0)
    {
        var descriptor = open(path, ReadWrite | (OperatingSystem.IsLinux() ? CloseOnExecLinux : CloseOnExecBsd) | flags, mode);
        if (descriptor < 0)
        {
            var error = Marshal.GetLastPInvokeError();
            if (error == (flags == 0 ? NoEntry : Exists)) return null;
            throw new IOException($"The lock file '{path}' cannot be opened for writing: {Marshal.GetPInvokeErrorMessage(error)}.");
        }

        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        try
        {
            // Fails for files without a length, such as a pipe, on platforms without a check of the file type.
            _ = RandomAccess.GetLength(handle);
            return new(handle) { Path = path };
        }
        catch (NotSupportedException)
        {
            handle.Dispose();
            throw new NotOwnFileException(path, "is not a regular file");
        }
    }

    public override bool TryLock() => Call(Exclusive | NonBlocking);

    public override void Lock() => Call(Exclusive);

    public override void Unlock() => Call(Unlocking);

    bool Call(int operation)
    {
        while (flock(Handle, operation) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            if (error == Interrupted) continue;
            if (error is WouldBlockLinux or WouldBlockBsd && (operation & NonBlocking) != 0) return false;
            throw new IOException($"flock on '{Path}' failed: {Marshal.GetPInvokeErrorMessage(error)}.");
        }

        return true;
    }

    public override FileIdentity? Identity => FileIdentity.Of(Handle);

    public override void Touch(DateTimeOffset now)
    {
        File.SetLastWriteTimeUtc(Handle, now.UtcDateTime);
        File.SetLastAccessTimeUtc(Handle, now.UtcDateTime);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int flock(SafeFileHandle handle, int operation);
}
