namespace Escapement.Triggers;

/// <summary>
/// Converts instants to whole seconds since 1970-01-01T00:00:00Z and to microseconds since year 1. Both never throw at
/// the edges of the calendar.
/// </summary>
static class UnixTime
{
    /// <summary>Seconds from the year 1 to 1970.</summary>
    public const long Epoch = 62_135_596_800;

    /// <summary>0001-01-01T00:00:00Z.</summary>
    public const long Min = -Epoch;

    /// <summary>9999-12-31T23:59:59Z.</summary>
    public const long Max = 253_402_300_799;

    public static long Floor(DateTimeOffset instant) => FloorTicks(instant.UtcTicks);

    public static long FloorTicks(long utcTicks) => (utcTicks / TimeSpan.TicksPerSecond) - Epoch;

    /// <summary>
    /// Returns the first whole second at or after the instant. May be one second above <see cref="Max"/>.
    /// </summary>
    public static long Ceiling(DateTimeOffset instant) =>
        ((instant.UtcTicks + TimeSpan.TicksPerSecond - 1) / TimeSpan.TicksPerSecond) - Epoch;

    /// <summary>Returns the first whole microsecond at or after the instant, counted from the year 1.</summary>
    public static long CeilingMicroseconds(DateTimeOffset instant) =>
        (instant.UtcTicks + TimeSpan.TicksPerMicrosecond - 1) / TimeSpan.TicksPerMicrosecond;

    public static long FloorMicroseconds(DateTimeOffset instant) => instant.UtcTicks / TimeSpan.TicksPerMicrosecond;

    /// <summary>Returns the instant cut to whole microseconds.</summary>
    public static DateTimeOffset Truncate(DateTimeOffset instant) => instant.AddTicks(-(instant.Ticks % TimeSpan.TicksPerMicrosecond));
}
