using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Escapement.Leadership;

/// <summary>The device and inode of a file, which detect a replaced file. Read without opening the file.</summary>
readonly partial record struct FileIdentity(ulong Device, ulong Number)
{
    /// <summary>Returns the identity of the file at a path, or null if the file does not exist or the platform is not
    /// supported.</summary>
    public static FileIdentity? Of(string path)
    {
        if (!OperatingSystem.IsLinux()) return null;
        return statx(CurrentDirectory, path, 0, InodeWanted, out var found) == 0 ? Read(found) : null;
    }

    internal static FileIdentity? Of(SafeFileHandle handle)
    {
        if (!OperatingSystem.IsLinux()) return null;
        return statx((int)handle.DangerousGetHandle(), "", EmptyPath, InodeWanted, out var found) == 0 ? Read(found) : null;
    }

    /// <summary>Returns true if the file at a path is a regular file, or null if the file does not exist or the
    /// platform is not supported.</summary>
    internal static bool? IsRegular(string path)
    {
        if (!OperatingSystem.IsLinux()) return null;
        return statx(CurrentDirectory, path, 0, TypeWanted, out var found) == 0 ? (found.Mode & TypeMask) == RegularFile : null;
    }

    const int CurrentDirectory = -100, EmptyPath = 0x1000;
    const uint InodeWanted = 0x100, TypeWanted = 0x1;
    const ushort TypeMask = 0xF000, RegularFile = 0x8000;

    static FileIdentity Read(in Statx found) => new(((ulong)found.DeviceMajor << 32) | found.DeviceMinor, found.Inode);

    // The kernel's struct statx: the same on every architecture, unlike struct stat.
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    struct Statx
    {
        [FieldOffset(28)] public ushort Mode;
        [FieldOffset(32)] public ulong Inode;
        [FieldOffset(136)] public uint DeviceMajor;
        [FieldOffset(140)] public uint DeviceMinor;
    }

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(int directory, string path, int flags, uint mask, out Statx found);
}
