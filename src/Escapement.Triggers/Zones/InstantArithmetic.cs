namespace Escapement.Triggers;

/// <summary>Adds to instants within the years 1 to 9999: a sum beyond either end of the calendar is that end.</summary>
/// <remarks>
/// The last instant is later than the last whole microsecond, so that no fire time is at or after the end of time.
/// <see cref="DateTimeOffset"/> itself throws, and also where only the wall time of an offset would leave the calendar.
/// </remarks>
public static class InstantArithmetic
{
    static readonly TimeSpan Tick = TimeSpan.FromMicroseconds(1);

    /// <summary>Returns the instant that much later, with the same offset where the calendar has that wall time, and otherwise in UTC.</summary>
    public static DateTimeOffset Plus(this DateTimeOffset instant, TimeSpan time)
    {
        var utc = instant.UtcTicks;
        var sum = utc + Math.Clamp(time.Ticks, DateTime.MinValue.Ticks - utc, DateTime.MaxValue.Ticks - utc);
        return IsoTime.WithOffset(new(sum, TimeSpan.Zero), instant.Offset);
    }

    /// <summary>Returns the instant that much earlier.</summary>
    /// <inheritdoc cref="Plus"/>
    public static DateTimeOffset Minus(this DateTimeOffset instant, TimeSpan time) =>
        instant.Plus(time == TimeSpan.MinValue ? TimeSpan.MaxValue : -time);

    /// <summary>Returns the instant 1 µs later, which is the smallest difference between two fire times.</summary>
    public static DateTimeOffset JustAfter(this DateTimeOffset instant) => instant.Plus(Tick);
}
