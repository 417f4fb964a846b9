namespace Quickstart;

/// <summary>What was measured at one instant.</summary>
/// <param name="At">The fire time of the run that measured it.</param>
/// <param name="Load">How many processes wanted to run, over the last minute; null where the system does not tell.</param>
/// <param name="MemoryUsed">Bytes.</param>
/// <param name="MemoryTotal">Bytes.</param>
/// <param name="DiskUsed">Bytes, of the disk of the data folder.</param>
/// <param name="DiskTotal">Bytes.</param>
sealed record Sample(DateTimeOffset At, double? Load, long MemoryUsed, long MemoryTotal, long DiskUsed, long DiskTotal);
