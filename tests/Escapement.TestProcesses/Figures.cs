using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Escapement.TestProcesses;

/// <summary>Formats figures for display.</summary>
public static partial class Figures
{
    /// <summary>Returns the median, the 99th percentile and the maximum, in milliseconds.</summary>
    public static string Line(string what, IEnumerable<double> milliseconds)
    {
        var sorted = milliseconds.Order().ToList();
        return sorted.Count == 0 ? $"{what}: none" : string.Create(CultureInfo.InvariantCulture,
            $"{what}: p50 {At(sorted, 0.50):0.00} ms, p99 {At(sorted, 0.99):0.00} ms, worst {sorted[^1]:0.00} ms ({sorted.Count} times)");
    }

    public static double At(List<double> sorted, double part) =>
        sorted[Math.Min(sorted.Count - 1, (int)Math.Ceiling(part * sorted.Count) - 1)];

    /// <summary>
    /// Measures the flush time of the disk: 4 KB are written and followed by fdatasync, in milliseconds.
    /// </summary>
    public static double Flush(string folder)
    {
        var path = Path.Combine(folder, "flush.tmp");
        using var handle = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.Write);
        RandomAccess.Write(handle, new byte[4096], 0);
        var begun = TimeProvider.System.GetTimestamp();
        _ = fdatasync(handle);
        return TimeProvider.System.GetElapsedTime(begun).TotalMilliseconds;
    }

    [LibraryImport("libc", EntryPoint = "fdatasync")]
    private static partial int fdatasync(SafeFileHandle handle);
}
