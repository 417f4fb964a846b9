using System.Globalization;

namespace Escapement.Leadership;

/// <summary>Detects network file systems by type, because locks are unreliable there.</summary>
static class FileSystemProbe
{
    static readonly string[] Unsure = ["nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "ceph", "glusterfs", "afs", "ncpfs", "sshfs",
        "lustre", "ocfs2", "gfs2", "virtiofs"];

    /// <summary>Returns the file system of a folder, as <c>path (type)</c>, if locks are unreliable there. Null if
    /// locks are reliable or the platform is not supported.</summary>
    public static string? UnsureAt(string folder)
    {
        if (!OperatingSystem.IsLinux() || TypeOf(folder) is not { } type) return null;
        return Unsure.Contains(type, StringComparer.Ordinal) || type.StartsWith("fuse.", StringComparison.Ordinal) && type != "fuse.portal"
            ? string.Create(CultureInfo.InvariantCulture, $"'{folder}' ({type})")
            : null;
    }

    /// <summary>Returns the type of the mount that contains a path: the longest mount point that is a prefix of the
    /// path. Null if unknown.</summary>
    static string? TypeOf(string path)
    {
        try
        {
            var full = Path.GetFullPath(path) + "/";
            return File.ReadLines("/proc/self/mounts").Select(line => line.Split(' ')).Where(parts => parts.Length > 2)
                .Select(parts => (At: parts[1].Replace("\\040", " ", StringComparison.Ordinal), Type: parts[2]))
                .Where(mount => full.StartsWith(mount.At.EndsWith('/') ? mount.At : mount.At + "/", StringComparison.Ordinal))
                .MaxBy(mount => mount.At.Length).Type;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
