namespace Escapement.Triggers;

/// <summary>
/// Fires at its start and after each interval, in real time. A clock change shifts only the wall times of the fire
/// times.
/// </summary>
public sealed class IntervalTrigger : Trigger
{
    /// <summary>The longest allowed interval, in days: a hundred years. A longer interval is a mistake.</summary>
    internal const int MaxDays = 36_525;

    internal static readonly TriggerKind Kind = new("interval",
        [.. IntervalParts.Units.Select(unit => unit.Unit), "start_date", "end_date", "zone_offset"], Read)
    {
        Word = "every",
        ReadWords = ReadWords,
    };

    // Microseconds, counted from the year 1.
    readonly long period;
    readonly long first;
    readonly long last;

    /// <param name="interval">The interval, above zero and in whole microseconds.</param>
    /// <param name="start">The first fire time.</param>
    /// <param name="zone">The zone whose offset the fire times carry.</param>
    /// <param name="end">The last instant at which the trigger may fire, or null for no limit.</param>
    /// <param name="showsZoneOffset">
    /// Whether REST shows the zone's offset, because the start was given without an offset.
    /// </param>
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
        // East of Greenwich, the year 10000 begins earlier. A later fire time could not carry the zone's offset.
        var calendarEnd = UnixTime.FloorMicroseconds(DateTimeOffset.MaxValue) - (
            Math.Max(0, zone.OffsetAt(DateTimeOffset.MaxValue).Ticks) / TimeSpan.TicksPerMicrosecond);
        last = End is null ? calendarEnd : Math.Min(calendarEnd, UnixTime.FloorMicroseconds(End.Value));
    }

    /// <inheritdoc/>
    public override ZoneClock Zone { get; }

    /// <summary>The time from one fire time to the next.</summary>
    public TimeSpan Interval { get; }

    /// <summary>The first fire time, with the offset given by the user.</summary>
    public DateTimeOffset Start { get; }

    /// <summary>The last instant at which the trigger may fire, or null for no limit.</summary>
    public DateTimeOffset? End { get; }

    /// <summary>Whether the start was given without an offset. REST then shows the zone's offset.</summary>
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

    internal override DateTimeOffset? FirstInstant => Start;

    internal override TriggerDefinition DefineCore()
    {
        TriggerDefinition definition = new("interval", $"every {IntervalParts.Describe(Interval)}");
        foreach (var (unit, amount) in IntervalParts.Split(Interval)) definition.Add(unit, amount);
        definition.Add("start_date", IsoTime.Format(Display(Start)));
        definition.Add("end_date", End is { } end ? IsoTime.Format(end) : null);
        definition.Add("zone_offset", ShowsZoneOffset);
        return definition;
    }

    /// <summary>
    /// Returns the common fire times of two intervals: an interval, a single instant, or null if there are none.
    /// </summary>
    internal static Trigger? Intersect(IntervalTrigger left, IntervalTrigger right)
    {
        // left.first + i * left.period = right.first + j * right.period has a solution if the difference is a multiple
        // of the greatest common divisor.
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

    /// <summary>
    /// Returns whether any fire time falls on a time of day of a cron trigger, on any day. Times that move out of a gap
    /// are not considered.
    /// </summary>
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

    static IntervalTrigger Read(TriggerFields fields)
    {
        const string allowed = "give weeks, days, hours, minutes or seconds as numbers, together above zero";
        var total = 0m;
        string? largest = null;
        foreach (var (unit, length) in IntervalParts.Units)
        {
            if (fields.Amount(unit) is not { } amount) continue;
            // Messages name the largest given unit, even if its amount is zero.
            largest ??= unit;
            total += amount * length;
        }

        if (largest is null) throw new TriggerFormatException("seconds", "an interval", "has no length", allowed);
        total = Math.Round(total, MidpointRounding.ToEven);
        if (total < 1)
        {
            throw new TriggerFormatException(largest, FormattableString.Invariant($"an interval of {total / 1_000_000m:0.######} seconds"),
                "is not above zero", allowed);
        }

        var days = total / 86_400_000_000m;
        if (days > MaxDays)
        {
            throw new TriggerFormatException(largest, FormattableString.Invariant($"an interval of {days:0} days"),
                "is longer than a hundred years", $"at most {MaxDays} days");
        }

        var interval = new TimeSpan((long)total * TimeSpan.TicksPerMicrosecond);
        var start = fields.Date("start_date", out var hasOffset);
        if (start is null && interval > DateTimeOffset.MaxValue - fields.Now)
        {
            throw new TriggerFormatException(largest, $"an interval of {IntervalParts.Describe(interval)}", "ends after the year 9999",
                "give a start_date, or less");
        }

        return new(interval, start ?? fields.Zone.ToZone(fields.Now + interval), fields.Zone, fields.Date("end_date", out _),
            fields.Flag("zone_offset") ?? !hasOffset);
    }

    // An interval with a time of day, or with a unit that has no fixed length, follows the calendar.
    static TriggerDefinition ReadWords(TriggerWords words)
    {
        var begin = words.Position++;
        var amounts = IntervalParts.Read(words, mayLackNumber: true);
        if (words.Is("at") || amounts.ContainsKey("months") || amounts.ContainsKey("years"))
        {
            return CalendarIntervalTrigger.ReadWords(words, begin, amounts);
        }

        TriggerDefinition definition = new("interval");
        foreach (var (unit, amount) in amounts) definition.Add(unit, amount);
        return definition;
    }

    DateTimeOffset? At(long microseconds) => microseconds > last ? null : Zone.AtTicks(microseconds * TimeSpan.TicksPerMicrosecond);
}
