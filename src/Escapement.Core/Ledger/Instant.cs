namespace Escapement.Ledger;

/// <summary>Instants as they are stored: whole microseconds since 1970-01-01 UTC.</summary>
public static class Instant
{
    /// <summary>To the microsecond, what is finer cut off.</summary>
    public static long ToMicros(this DateTimeOffset instant) =>
        (instant.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond;

    /// <summary>The same instant with the same offset, what is finer than a microsecond cut off.</summary>
    public static DateTimeOffset ToWholeMicros(this DateTimeOffset instant) => instant.AddTicks(-(instant.UtcTicks % TimeSpan.TicksPerMicrosecond));

    /// <summary>The instant, in UTC.</summary>
    public static DateTimeOffset FromMicros(long micros) => DateTimeOffset.UnixEpoch.AddTicks(micros * TimeSpan.TicksPerMicrosecond);
}
