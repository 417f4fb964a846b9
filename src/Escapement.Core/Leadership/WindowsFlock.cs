using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Escapement.Leadership;

/// <summary>A lock with <c>LockFileEx</c> on a byte beyond the text, so that other processes can read the
/// holder.</summary>
sealed partial class WindowsFlock : Flock
{
    const uint Exclusive = 2, FailImmediately = 1;
    const uint BeyondTheText = 0x4000_0000;

    [StructLayout(LayoutKind.Sequential)]
    struct Overlapped
    {
        public nint Internal, InternalHigh;
        public uint OffsetLow, OffsetHigh;
        public nint Event;
    }

    WindowsFlock(SafeFileHandle handle) : base(handle) { }

    public static WindowsFlock? Open(string path, bool create)
    {
        if (!create && !File.Exists(path)) return null;
        try
        {
            return new(File.OpenHandle(path, create ? FileMode.OpenOrCreate : FileMode.Open, FileAccess.ReadWrite,
                FileShare.ReadWrite | FileShare.Delete))
            { Path = path };
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"The lock file '{path}' cannot be opened for writing: {e.Message}", e);
        }
    }

    public override bool TryLock() => Call(Exclusive | FailImmediately);

    public override void Lock() => Call(Exclusive);

    bool Call(uint flags)
    {
        var where = new Overlapped { OffsetLow = BeyondTheText };
        if (LockFileEx(Handle, flags, 0, 1, 0, ref where)) return true;
        const int lockViolation = 33, ioPending = 997;
        var error = Marshal.GetLastPInvokeError();
        if ((flags & FailImmediately) != 0 && error is lockViolation or ioPending) return false;
        throw new IOException($"LockFileEx on '{Path}' failed: {Marshal.GetPInvokeErrorMessage(error)}");
    }

    public override void Unlock()
    {
        var where = new Overlapped { OffsetLow = BeyondTheText };
        _ = UnlockFileEx(Handle, 0, 1, 0, ref where);
    }

    [LibraryImport("kernel32", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool LockFileEx(SafeFileHandle file, uint flags, uint reserved, uint low, uint high, ref Overlapped where);

    [LibraryImport("kernel32", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool UnlockFileEx(SafeFileHandle file, uint reserved, uint low, uint high, ref Overlapped where);
}
