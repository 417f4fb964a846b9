using System.Globalization;

namespace Escapement.Leadership;

/// <summary>Reads the kernel's table of file locks, which shows the real holder of a lock independent of the file's
/// text. For messages.</summary>
static class KernelLocks
{
    /// <summary>Returns the process with a write lock on a file.</summary>
    /// <param name="kind"><c>FLOCK</c> or <c>POSIX</c>.</param>
    /// <param name="file">The file.</param>
    /// <param name="at">The locked byte.</param>
    /// <returns>The process id. Null if there is no lock, if the process is not visible (another container), or if the
    /// platform is not supported.</returns>
    public static int? Holder(string kind, FileIdentity file, long at = 0)
    {
        if (!OperatingSystem.IsLinux()) return null;
        try
        {
            return Find(File.ReadLines("/proc/locks"), kind, file, at);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Parses lines such as <c>1: POSIX ADVISORY WRITE 4711 fe:00:12345 120 120</c>. Waiting processes have
    /// <c>-></c> after the number.</summary>
    internal static int? Find(IEnumerable<string> lines, string kind, FileIdentity file, long at)
    {
        var inode = ":" + file.Number.ToString(CultureInfo.InvariantCulture);
        var device = string.Create(CultureInfo.InvariantCulture, $"{file.Device >> 32:x2}:{file.Device & uint.MaxValue:x2}");
        HashSet<int> elsewhere = [];
        foreach (var line in lines)
        {
            if (line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is not [_, var its, _, "WRITE", var pid, var where, var from,
                var to])
            {
                continue;
            }

            if (its != kind || !where.EndsWith(inode, StringComparison.Ordinal) || !Holds(from, to, at)) continue;
            if (!int.TryParse(pid, NumberStyles.None, CultureInfo.InvariantCulture, out var process) || process <= 0) continue;
            if (where.StartsWith(device, StringComparison.Ordinal)) return process;
            elsewhere.Add(process);
        }

        // On layered file systems the table may show a different device than stat. The inode alone is then used if
        // only a single process has
        // such a lock.
        return elsewhere.Count == 1 ? elsewhere.First() : null;
    }

    static bool Holds(string from, string to, long at) =>
        long.TryParse(from, NumberStyles.None, CultureInfo.InvariantCulture, out var first) && first <= at
        && (to == "EOF" || (long.TryParse(to, NumberStyles.None, CultureInfo.InvariantCulture, out var last) && last >= at));
}
