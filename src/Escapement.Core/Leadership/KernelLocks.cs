using System.Globalization;

namespace Escapement.Leadership;

/// <summary>The kernel's own table of file locks, for people's sentences: who really has a lock, whatever a file's text says.</summary>
static class KernelLocks
{
    /// <summary>The process that has a write lock on a file.</summary>
    /// <param name="kind"><c>FLOCK</c> or <c>POSIX</c>.</param>
    /// <param name="file">The file.</param>
    /// <param name="at">The byte that is locked.</param>
    /// <returns>Null when none has, when it lives where this process cannot see it (another container), or when the platform does not tell.</returns>
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

    /// <summary>Reads lines such as <c>1: POSIX  ADVISORY  WRITE 4711 fe:00:12345 120 120</c>; those who wait have <c>-></c> behind the number.</summary>
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

        // Layered file systems show another device here than to those who ask for the file: then the number alone must do, if only one process has such a lock.
        return elsewhere.Count == 1 ? elsewhere.First() : null;
    }

    static bool Holds(string from, string to, long at) =>
        long.TryParse(from, NumberStyles.None, CultureInfo.InvariantCulture, out var first) && first <= at
        && (to == "EOF" || (long.TryParse(to, NumberStyles.None, CultureInfo.InvariantCulture, out var last) && last >= at));
}
