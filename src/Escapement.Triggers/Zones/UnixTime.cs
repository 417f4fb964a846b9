namespace Escapement.Triggers;

/// <summary>Whole seconds since 1970-01-01T00:00:00Z, and microseconds since year 1; both without exceptions at the calendar's edges.</summary>
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

    /// <summary>The first whole second at or after the instant; may be one above <see cref="Max"/>.</summary>
    public static long Ceiling(DateTimeOffset instant) =>
        ((instant.UtcTicks + TimeSpan.TicksPerSecond - 1) / TimeSpan.TicksPerSecond) - Epoch;

    /// <summary>The first whole microsecond, counted from the year 1, at or after the instant.</summary>
    public static long CeilingMicroseconds(DateTimeOffset instant) =>
        (instant.UtcTicks + TimeSpan.TicksPerMicrosecond - 1) / TimeSpan.TicksPerMicrosecond;

    public static long FloorMicroseconds(DateTimeOffset instant) => instant.UtcTicks / TimeSpan.TicksPerMicrosecond;

    /// <summary>The instant without what is finer than a microsecond.</summary>
    public static DateTimeOffset Truncate(DateTimeOffset instant) => instant.AddTicks(-(instant.Ticks % TimeSpan.TicksPerMicrosecond));
}
