using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Escapement.Leadership;

/// <summary>libc's <c>flock</c>.</summary>
sealed partial class UnixFlock : Flock
{
    const int Exclusive = 2, NonBlocking = 4, Unlocking = 8;
    const int Interrupted = 4, WouldBlockLinux = 11, WouldBlockBsd = 35, NoEntry = 2;

    readonly SafeFileHandle handle;

    UnixFlock(SafeFileHandle handle) => this.handle = handle;

    public static new UnixFlock? Open(string path, bool create)
    {
        // O_RDWR | O_CLOEXEC | O_CREAT; 0644, so that others of the machine can read who holds it.
        var (cloexec, creat) = OperatingSystem.IsLinux() ? (0x80000, 0x40) : (0x1000000, 0x200);
        var descriptor = open(path, 2 | cloexec | (create ? creat : 0), 0b110_100_100);
        if (descriptor >= 0) return new(new SafeFileHandle(descriptor, ownsHandle: true)) { Path = path };
        var error = Marshal.GetLastPInvokeError();
        if (error == NoEntry && !create) return null;
        throw new IOException($"The lock file '{path}' cannot be opened for writing: {Marshal.GetPInvokeErrorMessage(error)}.");
    }

    public override bool TryLock() => Call(Exclusive | NonBlocking);

    public override void Lock() => Call(Exclusive);

    public override void Unlock() => Call(Unlocking);

    bool Call(int operation)
    {
        while (flock(handle, operation) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            if (error == Interrupted) continue;
            if (error is WouldBlockLinux or WouldBlockBsd && (operation & NonBlocking) != 0) return false;
            throw new IOException($"flock on '{Path}' failed: {Marshal.GetPInvokeErrorMessage(error)}.");
        }
        return true;
    }

    public override FileIdentity? Identity => FileIdentity.Of(handle);

    public override void Touch(DateTimeOffset now)
    {
        File.SetLastWriteTimeUtc(handle, now.UtcDateTime);
        File.SetLastAccessTimeUtc(handle, now.UtcDateTime);
    }

    public override string Read()
    {
        var buffer = new byte[4096];
        var read = RandomAccess.Read(handle, buffer, 0);
        return System.Text.Encoding.UTF8.GetString(buffer, 0, read);
    }

    public override void Write(string text)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(text);
        RandomAccess.Write(handle, bytes, 0);
        if (RandomAccess.GetLength(handle) > bytes.Length) RandomAccess.SetLength(handle, bytes.Length);
    }

    public override void Dispose() => handle.Dispose();

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int flock(SafeFileHandle handle, int operation);
}
