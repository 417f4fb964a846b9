using Escapement.Triggers;

namespace Escapement.Ledger;

/// <summary>Instants as they are stored: whole microseconds since 1970-01-01 UTC.</summary>
public static class Instant
{
    /// <summary>To the microsecond, what is finer cut off.</summary>
    public static long ToMicros(this DateTimeOffset instant) =>
        (instant.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond;

    /// <summary>The same instant with the same offset, what is finer than a microsecond cut off.</summary>
    public static DateTimeOffset ToWholeMicros(this DateTimeOffset instant) =>
        instant.AddTicks(-(instant.UtcTicks % TimeSpan.TicksPerMicrosecond));

    /// <summary>Returns the instant in UTC; a number beyond the years 1 to 9999 is the nearer end of them.</summary>
    public static DateTimeOffset FromMicros(long micros)
    {
        const long most = long.MaxValue / TimeSpan.TicksPerMicrosecond;
        return DateTimeOffset.UnixEpoch.Plus(new(Math.Clamp(micros, -most, most) * TimeSpan.TicksPerMicrosecond));
    }
}
