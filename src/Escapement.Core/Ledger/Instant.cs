using Escapement.Triggers;

namespace Escapement.Ledger;

/// <summary>Stored instants: whole microseconds since 1970-01-01 UTC.</summary>
public static class Instant
{
    /// <summary>Returns the microseconds since 1970-01-01 UTC, truncated.</summary>
    public static long ToMicros(this DateTimeOffset instant) =>
        (instant.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond;

    /// <summary>Returns the instant with the same offset, truncated to whole microseconds.</summary>
    public static DateTimeOffset ToWholeMicros(this DateTimeOffset instant) =>
        instant.AddTicks(-(instant.UtcTicks % TimeSpan.TicksPerMicrosecond));

    /// <summary>Returns the instant in UTC. A number outside the years 1 to 9999 is clamped.</summary>
    public static DateTimeOffset FromMicros(long micros)
    {
        const long most = long.MaxValue / TimeSpan.TicksPerMicrosecond;
        return DateTimeOffset.UnixEpoch.Plus(new(Math.Clamp(micros, -most, most) * TimeSpan.TicksPerMicrosecond));
    }
}
