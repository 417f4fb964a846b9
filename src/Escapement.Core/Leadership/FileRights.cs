using System.Runtime.InteropServices;

namespace Escapement.Leadership;

/// <summary>Who may read and write a file: asked without opening the file, so that nothing is left behind where the answer is no, and given to the files that this program creates.</summary>
static partial class FileRights
{
    /// <summary>The rights of a file that is its owner's alone: 0600.</summary>
    public const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    const UnixFileMode Everybody =
        Owner | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <summary>Returns false only if this process certainly may not write the file.</summary>
    public static bool MayWrite(string path)
    {
        if (OperatingSystem.IsWindows()) return !File.Exists(path) || (File.GetAttributes(path) & FileAttributes.ReadOnly) == 0;
        return faccessat(CurrentDirectory, path, Writing, EffectiveUser) == 0
            || Marshal.GetLastPInvokeError() is not (NoAccess or ReadOnlyFileSystem);
    }

    /// <summary>Returns the rights of a file that is created beside a store's file: the store's own rights if the file exists, so that users who share it share all of it; otherwise 0600.</summary>
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

    /// <summary>Creates a folder for files of the given rights: who may read or write them may enter. An existing folder keeps its rights.</summary>
    public static void CreateFolder(string folder, UnixFileMode files = Owner)
    {
        if (Directory.Exists(folder)) return;
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
            return;
        }

        // A bit of reading, shifted by two, is the bit of entering.
        var mode = files | (UnixFileMode)((int)(files & (UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead)) >> 2);
        Directory.CreateDirectory(folder, mode);

        // Once more, because the process's umask takes bits away from a new folder.
        if (mode != (Owner | UnixFileMode.UserExecute)) File.SetUnixFileMode(folder, mode);
    }

    const int Writing = 2, NoAccess = 13, ReadOnlyFileSystem = 30;

    static int CurrentDirectory => OperatingSystem.IsLinux() ? -100 : -2;

    static int EffectiveUser => OperatingSystem.IsLinux() ? 0x200 : 0x10;

    [LibraryImport("libc", EntryPoint = "faccessat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int faccessat(int directory, string path, int mode, int flags);
}
