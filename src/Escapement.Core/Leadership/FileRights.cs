using System.Runtime.InteropServices;

namespace Escapement.Leadership;

/// <summary>Access rights of files: checked without opening the file, so that nothing is left behind, and set for files
/// created by this program.</summary>
static partial class FileRights
{
    /// <summary>Access for the owner only: 0600.</summary>
    public const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    const UnixFileMode Everybody =
        Owner | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <summary>Returns false only if write access is certainly denied.</summary>
    public static bool MayWrite(string path)
    {
        if (OperatingSystem.IsWindows()) return !File.Exists(path) || (File.GetAttributes(path) & FileAttributes.ReadOnly) == 0;
        return faccessat(CurrentDirectory, path, Writing, EffectiveUser) == 0
            || Marshal.GetLastPInvokeError() is not (NoAccess or ReadOnlyFileSystem);
    }

    /// <summary>Returns the rights of a new file beside a store's file: the rights of the store if its file exists, so
    /// that users who share the store share all files. Otherwise 0600.</summary>
    public static UnixFileMode Beside(string? store)
    {
        if (OperatingSystem.IsWindows() || store is null) return Owner;
        try
        {
            return Owner | (File.GetUnixFileMode(store) & Everybody);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Owner;
        }
    }

    /// <summary>Creates a folder for files with the given rights. Users with access to the files may enter the folder.
    /// The rights of an existing folder are not changed.</summary>
    public static void CreateFolder(string folder, UnixFileMode files = Owner)
    {
        if (Directory.Exists(folder)) return;
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
            return;
        }

        // A read bit, shifted by two, is the corresponding execute bit.
        var mode = files | (UnixFileMode)((int)(files & (UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead)) >> 2);
        Directory.CreateDirectory(folder, mode);

        // Set again, because the process's umask removes bits from a new folder.
        if (mode != (Owner | UnixFileMode.UserExecute)) File.SetUnixFileMode(folder, mode);
    }

    const int Writing = 2, NoAccess = 13, ReadOnlyFileSystem = 30;

    static int CurrentDirectory => OperatingSystem.IsLinux() ? -100 : -2;

    static int EffectiveUser => OperatingSystem.IsLinux() ? 0x200 : 0x10;

    [LibraryImport("libc", EntryPoint = "faccessat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int faccessat(int directory, string path, int mode, int flags);
}
