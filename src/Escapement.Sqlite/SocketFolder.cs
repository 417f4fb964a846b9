using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Escapement.Leadership;

namespace Escapement.Sqlite;

/// <summary>The folder with the sockets of a store's processes.</summary>
/// <remarks>
/// A socket address holds about 100 bytes. If the folder's path is too long, Linux uses a path over the open folder,
/// <c>/proc/self/fd</c>. Other systems use a folder in the temporary directory, named by a hash of the path.
/// </remarks>
sealed partial class SocketFolder : IDisposable
{
    /// <summary>The extension of socket names.</summary>
    public const string Extension = ".sock";

    /// <summary>The longest socket address that all systems support, in bytes.</summary>
    const int LongestAddress = 100;

    const int LongestName = 40;

    static readonly System.Buffers.SearchValues<char> InNames = System.Buffers.SearchValues.Create("0123456789abcdef-");

    readonly string listed;
    readonly string addressed;
    readonly int descriptor;

    SocketFolder(string listed, string addressed, int descriptor) =>
        (this.listed, this.addressed, this.descriptor) = (listed, addressed, descriptor);

    /// <summary>Opens the folder, and creates a missing folder.</summary>
    /// <param name="folder">The path of the folder.</param>
    /// <param name="rights">The access rights for the sockets in a new folder.</param>
    public static SocketFolder Open(string folder, UnixFileMode rights)
    {
        if (Encoding.UTF8.GetByteCount(folder) + 1 + LongestName <= LongestAddress)
        {
            FileRights.CreateFolder(folder, rights);
            return new(folder, folder, -1);
        }

        if (!OperatingSystem.IsLinux())
        {
            var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(folder)))[..16];
            folder = Path.Combine(Path.GetTempPath(), "esc-" + hash);
            FileRights.CreateFolder(folder, rights);
            return new(folder, folder, -1);
        }
        // O_PATH | O_DIRECTORY | O_CLOEXEC
        var directoryFlag = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm ? 0x4000 : 0x10000;
        FileRights.CreateFolder(folder, rights);
        var descriptor = open(folder, 0x200000 | directoryFlag | 0x80000);
        if (descriptor < 0)
        {
            throw new IOException(
                $"The folder {folder} cannot be opened: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}.");
        }

        return new(folder, $"/proc/self/fd/{descriptor}", descriptor);
    }

    /// <summary>Returns the path of a socket file.</summary>
    public string PathOf(string name) => Path.Combine(listed, name);

    public UnixDomainSocketEndPoint Address(string name) => new($"{addressed}/{name}");

    /// <summary>Returns the names of the other processes' sockets.</summary>
    public IEnumerable<string> Others(string own)
    {
        string[] files;
        try
        {
            files = Directory.GetFiles(listed, "*" + Extension);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The folder was deleted. The next process creates a new folder.
            yield break;
        }

        foreach (var file in files)
        {
            var name = Path.GetFileName(file);
            if (name != own && IsName(name)) yield return name;
        }
    }

    /// <summary>Returns true if a text is a plain socket name, and not a path or any other text.</summary>
    public static bool IsName(string name) => name.Length is > 5 and <= LongestName && name.EndsWith(Extension, StringComparison.Ordinal)
        && name.AsSpan(0, name.Length - Extension.Length).IndexOfAnyExcept(InNames) < 0;

    public void Delete(string name)
    {
        try
        {
            File.Delete(PathOf(name));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another process deletes the file, or nobody may.
        }
    }

    public void Dispose()
    {
        if (descriptor >= 0) _ = close(descriptor);
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc")]
    private static partial int close(int descriptor);
}
