namespace Escapement.Triggers;

/// <summary>Fires at its start and each interval after it, in real time: changes of the clock move its wall time and nothing else.</summary>
public sealed class IntervalTrigger : Trigger
{
    /// <summary>The longest interval that can be asked for, in days: a hundred years. What is longer is a mistake.</summary>
    internal const int MaxDays = 36_525;

    // Microseconds, counted from the year 1.
    readonly long period;
    readonly long first;
    readonly long last;

    /// <param name="interval">Above zero, whole microseconds.</param>
    /// <param name="start">The first fire time.</param>
    /// <param name="zone">In whose offset the answers are given.</param>
    /// <param name="end">No fire time is after it.</param>
    /// <param name="showsZoneOffset">Whether REST shows the zone's offset: nobody gave one with the start.</param>
    /// <exception cref="ArgumentOutOfRangeException">The interval is not above zero.</exception>
    public IntervalTrigger(TimeSpan interval, DateTimeOffset start, ZoneClock zone, DateTimeOffset? end = null,
        bool showsZoneOffset = false)
    {
        if (interval.Ticks < TimeSpan.TicksPerMicrosecond)
        {
            throw new ArgumentOutOfRangeException(nameof(interval), interval,
                $"An interval is {interval}; it must be one microsecond or more.");
        }

        period = interval.Ticks / TimeSpan.TicksPerMicrosecond;
        Interval = new(period * TimeSpan.TicksPerMicrosecond);
        Start = UnixTime.Truncate(start);
        End = end is null ? null : UnixTime.Truncate(end.Value);
        Zone = zone;
        ShowsZoneOffset = showsZoneOffset;
        first = UnixTime.FloorMicroseconds(Start);
        // In the east the year 10000 begins earlier; an answer there could not carry the zone's offset.
        var calendarEnd = UnixTime.FloorMicroseconds(DateTimeOffset.MaxValue) - (
            Math.Max(0, zone.OffsetAt(DateTimeOffset.MaxValue).Ticks) / TimeSpan.TicksPerMicrosecond);
        last = End is null ? calendarEnd : Math.Min(calendarEnd, UnixTime.FloorMicroseconds(End.Value));
    }

    /// <inheritdoc/>
    public override ZoneClock Zone { get; }

    /// <summary>From one fire time to the next.</summary>
    public TimeSpan Interval { get; }

    /// <summary>The first fire time, with the offset that it was given with.</summary>
    public DateTimeOffset Start { get; }

    /// <summary>No fire time is after it.</summary>
    public DateTimeOffset? End { get; }

    /// <summary>Whether the start was given without an offset: then REST shows the zone's.</summary>
    public bool ShowsZoneOffset { get; }

    /// <inheritdoc/>
    public override DateTimeOffset? Next(DateTimeOffset from)
    {
        var at = UnixTime.CeilingMicroseconds(from);
        if (at <= first) return At(first);
        var steps = (at - first + period - 1) / period;
        // An interval may be longer than the calendar.
        return steps > (last - first) / period ? null : At(first + (steps * period));
    }

    /// <inheritdoc/>
    public override DateTimeOffset? Previous(DateTimeOffset before)
    {
        var at = Math.Min(last, UnixTime.CeilingMicroseconds(before) - 1);
        return at < first ? null : At(first + ((at - first) / period * period));
    }

    /// <inheritdoc/>
    public override long Count(DateTimeOffset from, DateTimeOffset to)
    {
        var start = Math.Max(first, UnixTime.CeilingMicroseconds(from));
        var end = Math.Min(last, UnixTime.CeilingMicroseconds(to) - 1);
        return end < start ? 0 : ((end - first) / period) - ((start - first + period - 1) / period) + 1;
    }

    /// <inheritdoc/>
    public override DateTimeOffset Display(DateTimeOffset fireTime) =>
        ShowsZoneOffset ? Zone.ToZone(fireTime) : IsoTime.WithOffset(fireTime, Start.Offset);

    /// <inheritdoc/>
    public override string ToString() => TriggerText.Write(this, Zone);

    /// <summary>The common fire times of two intervals: one interval again, or one instant, or none.</summary>
    internal static Trigger? Intersect(IntervalTrigger left, IntervalTrigger right)
    {
        // left.first + i * left.period = right.first + j * right.period has a solution if the difference is a multiple of the greatest common divisor.
        var divisor = (long)System.Numerics.BigInteger.GreatestCommonDivisor(left.period, right.period);
        var difference = right.first - left.first;
        if (difference % divisor != 0) return null;

        Int128 modulus = right.period / divisor;
        var steps = Modulo((Int128)(difference / divisor) * Inverse(left.period / divisor % modulus, modulus), modulus);
        var period = (Int128)left.period * modulus;
        var at = left.first + (steps * left.period);
        Int128 notBefore = Math.Max(left.first, right.first);
        if (at < notBefore) at += (notBefore - at + period - 1) / period * period;

        var last = Math.Min(left.last, right.last);
        if (at > last) return null;
        var start = new DateTimeOffset((long)at * TimeSpan.TicksPerMicrosecond, TimeSpan.Zero);
        var end = new DateTimeOffset(last * TimeSpan.TicksPerMicrosecond, TimeSpan.Zero);
        return period > TimeSpan.MaxValue.Ticks / TimeSpan.TicksPerMicrosecond
            ? new DateTrigger(start, left.Zone)
            : new IntervalTrigger(new TimeSpan((long)period * TimeSpan.TicksPerMicrosecond), start, left.Zone, end);

        static Int128 Modulo(Int128 value, Int128 modulus) => ((value % modulus) + modulus) % modulus;

        static Int128 Inverse(Int128 value, Int128 modulus)
        {
            var (previous, current, previousFactor, factor) = (modulus, value, (Int128)0, (Int128)1);
            while (current > 0)
            {
                var quotient = previous / current;
                (previous, current) = (current, previous - (quotient * current));
                (previousFactor, factor) = (factor, previousFactor - (quotient * factor));
            }

            return modulus == 1 ? 0 : Modulo(previousFactor, modulus);
        }
    }

    /// <summary>Whether any of its fire times falls on one of the times of day of a cron trigger, whatever the day. What moves out of a gap is not looked at.</summary>
    internal bool MeetsTimesOfDay(CronTrigger cron)
    {
        const long second = 1_000_000;
        var divisor = (long)System.Numerics.BigInteger.GreatestCommonDivisor(period, 86_400 * second);
        var fields = cron.Fields;
        for (var time = 0; time < 86_400; time++)
        {
            if ((fields.Hours >> (time / 3600) & 1) == 0 || (fields.Minutes >> (time / 60 % 60) & 1) == 0
                || (fields.Seconds >> (time % 60) & 1) == 0)
            {
                continue;
            }

            foreach (var offset in cron.Zone.Offsets)
            {
                if ((first - ((time - offset) * second)) % divisor == 0) return true;
            }
        }

        return false;
    }

    DateTimeOffset? At(long microseconds) => microseconds > last ? null : Zone.AtTicks(microseconds * TimeSpan.TicksPerMicrosecond);
}
