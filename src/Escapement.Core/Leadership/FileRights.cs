using System.Runtime.InteropServices;

namespace Escapement.Leadership;

/// <summary>Whether this process may write a file. Asked without opening it, so that nothing is left behind where the answer is no.</summary>
static partial class FileRights
{
    /// <summary>False only where it is sure that it may not.</summary>
    public static bool MayWrite(string path)
    {
        if (OperatingSystem.IsWindows()) return !File.Exists(path) || (File.GetAttributes(path) & FileAttributes.ReadOnly) == 0;
        return faccessat(CurrentDirectory, path, Writing, EffectiveUser) == 0 || Marshal.GetLastPInvokeError() is not (NoAccess or ReadOnlyFileSystem);
    }

    const int Writing = 2, NoAccess = 13, ReadOnlyFileSystem = 30;

    static int CurrentDirectory => OperatingSystem.IsLinux() ? -100 : -2;

    static int EffectiveUser => OperatingSystem.IsLinux() ? 0x200 : 0x10;

    [LibraryImport("libc", EntryPoint = "faccessat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int faccessat(int directory, string path, int mode, int flags);
}
