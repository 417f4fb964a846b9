using System.Globalization;

namespace Quickstart;

/// <summary>The job <c>sample</c>: measures this machine and keeps the figures for a week.</summary>
sealed class Sampler(SampleDatabase database, DataFolder data)
{
    static readonly TimeSpan Kept = TimeSpan.FromDays(7);

    /// <summary>Measures and stores a sample under the fire time. Repeating a run changes nothing.</summary>
    public void Take(DateTimeOffset fireTime)
    {
        var disk = new DriveInfo(data.Root);
        var (used, total) = Memory();
        database.Add(new(fireTime, Load(), used, total, disk.TotalSize - disk.TotalFreeSpace, disk.TotalSize),
            forgetBefore: fireTime - Kept);
    }

    static double? Load() =>
        OperatingSystem.IsLinux() ? double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture) : null;

    static (long Used, long Total) Memory()
    {
        if (!OperatingSystem.IsLinux())
        {
            var memory = GC.GetGCMemoryInfo();
            return (memory.MemoryLoadBytes, memory.TotalAvailableMemoryBytes);
        }

        var lines = File.ReadAllLines("/proc/meminfo");
        var total = Bytes(lines, "MemTotal:");
        return (total - Bytes(lines, "MemAvailable:"), total);
    }

    // A line is "MemTotal:       16367448 kB".
    static long Bytes(string[] lines, string name) =>
        long.Parse(lines.First(line => line.StartsWith(name, StringComparison.Ordinal))[name.Length..]
            .Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) * 1024;
}
