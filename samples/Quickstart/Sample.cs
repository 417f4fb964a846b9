namespace Quickstart;

/// <summary>The measurements at an instant.</summary>
/// <param name="At">The fire time of the measuring run.</param>
/// <param name="Load">The average number of runnable processes over the last minute, or null if the system does not
/// report the load.</param>
/// <param name="MemoryUsed">The used memory in bytes.</param>
/// <param name="MemoryTotal">The total memory in bytes.</param>
/// <param name="DiskUsed">The used bytes on the disk of the data folder.</param>
/// <param name="DiskTotal">The size of the disk in bytes.</param>
sealed record Sample(DateTimeOffset At, double? Load, long MemoryUsed, long MemoryTotal, long DiskUsed, long DiskTotal);
