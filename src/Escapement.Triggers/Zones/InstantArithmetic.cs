namespace Escapement.Triggers;

/// <summary>
/// Adds to instants within the years 1 to 9999. A sum beyond an end of the calendar is replaced by the end.
/// </summary>
/// <remarks>
/// The last instant is later than the last whole microsecond, so that no fire time is at or after the end of time.
/// <see cref="DateTimeOffset"/> itself throws, and also where only the wall time of an offset would leave the calendar.
/// </remarks>
public static class InstantArithmetic
{
    static readonly TimeSpan Tick = TimeSpan.FromMicroseconds(1);

    /// <summary>
    /// Returns the later instant, with the same offset if the calendar has the wall time, and otherwise in UTC.
    /// </summary>
    public static DateTimeOffset Plus(this DateTimeOffset instant, TimeSpan time)
    {
        var utc = instant.UtcTicks;
        var sum = utc + Math.Clamp(time.Ticks, DateTime.MinValue.Ticks - utc, DateTime.MaxValue.Ticks - utc);
        return IsoTime.WithOffset(new(sum, TimeSpan.Zero), instant.Offset);
    }

    /// <summary>Returns the earlier instant.</summary>
    /// <inheritdoc cref="Plus"/>
    public static DateTimeOffset Minus(this DateTimeOffset instant, TimeSpan time) =>
        instant.Plus(time == TimeSpan.MinValue ? TimeSpan.MaxValue : -time);

    /// <summary>Returns the instant 1 µs later. Two fire times differ by at least 1 µs.</summary>
    public static DateTimeOffset JustAfter(this DateTimeOffset instant) => instant.Plus(Tick);
}
