namespace Escapement.Triggers.PropertyTests;

/// <summary>
/// Generates random, nested triggers made of other triggers, in the zones with the oddest changes of the clock.
/// </summary>
sealed class RandomTrigger(Random random)
{
    static readonly string[] Seconds = ["*", "0", "0", "0", "*/7", "30", "15-20", "0,59"];
    static readonly string[] Minutes = ["*", "*/5", "0", "30", "59", "0-20", "*/7", "15,45"];
    static readonly string[] FixedSeconds = ["0", "0", "30", "0,59"];
    static readonly string[] FixedMinutes = ["0", "30", "59", "15,45", "0,10,20,30,40,50"];
    static readonly string[] Hours = ["*", "*", "0", "1", "2", "3", "23", "*/2", "22-3", "1,2"];
    static readonly string[] Days = ["*", "*", "*", "*/2", "L", "1-15", "15W"];
    static readonly string[] Months = ["*", "*", "*", "*/2", "3,10", "11"];
    static readonly string[] DaysOfWeek = ["*", "*", "*", "sun", "mon-fri", "sat,sun", "sun#2"];

    static readonly int[] Microseconds = [50_000, 100_000, 125_000, 250_000, 300_000, 700_000, 1_000_000, 1_500_000, 2_000_000];
    static readonly int[] Lengths = [1, 2, 3, 5, 7, 30, 60, 90, 300, 600, 433, 3_600, 5_400, 7_201, 43_200, 86_399, 86_400, 90_000,
        604_800];

    static readonly string[][] Excluded =
    [
        ["22:00-06:00"], ["02:00-03:00"], ["00:00-01:30", "02:15-02:45", "23:59:30-24:00"], ["01-01", "11-03", "11-04", "11-05"],
        ["2011-12-29/2011-12-31", "12:00-13:00"],
        ["1990-01-01/2040-12-31"], ["00:00-12:00", "12:00-24:00"], ["2024-03-08/2030-01-01", "10-27", "03:00-03:00:01"],
    ];

    public static IReadOnlyList<MachineZone> Zones { get; } =
    [
        .. MachineZones.All.Where(zone =>
            zone.Clock.Name is "UTC" or "America/New_York" or "Europe/Berlin" or "Australia/Lord_Howe" or "Antarctica/Troll" or "America/Sao_Paulo"
            or "Pacific/Apia" or "Africa/Casablanca" or "Asia/Kathmandu" or "Pacific/Kwajalein" or "Europe/Lisbon" or "Africa/Windhoek"),
    ];

    const int MaxSearch = 50_000;

    ZoneClock home = ZoneClock.Utc;

    /// <param name="zone">The zone of many of the parts.</param>
    /// <param name="around">The middle of the examined period.</param>
    /// <param name="depth">The depth of nesting.</param>
    public Trigger Next(ZoneClock zone, DateTimeOffset around, int depth)
    {
        home = zone;
        return Next(around, depth);
    }

    Trigger Next(DateTimeOffset around, int depth)
    {
        switch (depth == 0 ? 15 : random.Next(16))
        {
            case < 5:
                return new OrTrigger(Parts(), Zone());
            case < 10:
                return new AndTrigger(Parts(), Zone());
            case < 14:
                var inner = Next(around, depth - 1);
                return inner is ExcludingTrigger or LimitedTrigger or DateTrigger
                    ? inner
                    : new ExcludingTrigger(inner, ExclusionCalendar.Parse(Any(Excluded), null));
            case 14:
                return Counted(Next(around, depth - 1), Near(around));
            default:
                return Leaf(around);
        }

        Trigger[] Parts() => [.. Enumerable.Range(0, random.Next(2, 5)).Select(_ => Next(around, depth - 1))];
    }

    Trigger Counted(Trigger inner, DateTimeOffset since)
    {
        if (inner is LimitedTrigger or DateTrigger) return inner;
        var times = random.Next(4) == 0 ? random.Next(1_001, 1_500) : random.Next(1, 200);
        var (found, budget) = (0, MaxSearch);
        var at = inner.Next(since, ref budget);
        while (at is not null && budget > 0 && ++found < times) at = inner.Next(at.Value.JustAfter(), ref budget);
        // A distant last fire time takes long to find.
        return found == 0 ? inner : new LimitedTrigger(inner, budget > 0 ? times : found, since);
    }

    Trigger Leaf(DateTimeOffset around) => random.Next(12) switch
    {
        < 6 => Cron(around, Zone()),
        < 8 => new IntervalTrigger(TimeSpan.FromMicroseconds(Any(Microseconds)), Whole(Near(around))
            .AddMilliseconds(50 * random.Next(3)), Zone(), random.Next(4) == 0 ? Near(around) : null),
        < 10 => new IntervalTrigger(TimeSpan.FromSeconds(Any(Lengths)), random.Next(3) == 0
            ? Near(around)
            : Whole(around.AddDays(-random.Next(400))), Zone(), random.Next(5) == 0 ? Near(around) : null),
        10 => new CalendarIntervalTrigger(
            new(0, random.Next(3), 0, random.Next(1, 3)), DateOnly.FromDateTime(around.AddDays(-random.Next(300)).UtcDateTime),
            new(random.Next(4), 15 * random.Next(4)), Zone()),
        _ => new DateTrigger(random.Next(2) == 0 ? Near(around) : Whole(Near(around)), Zone()),
    };

    CronTrigger Cron(DateTimeOffset around, ZoneClock zone)
    {
        // Half of the triggers fire at fixed times near this instant. An overlap repeats such times. A gap skips them.
        var isFixed = random.Next(2) == 0;
        var (minute, hour) = isFixed
            ? (Any(FixedMinutes), $"{(zone.ToZone(around).Hour + random.Next(23, 26)) % 24}")
            : (Any(Minutes), Any(Hours));
        var second = isFixed ? Any(FixedSeconds) : Any(Seconds);
        var isNarrow = random.Next(2) == 0;
        var date = isNarrow ? $"{Any(Days)} {Any(Months)} {Any(DaysOfWeek)}" : "* * *";
        return new(CronDefinition.FromExpression($"{second} {minute} {hour} {date}"), zone, random.Next(5) == 0
            ? Near(around)
            : null, random.Next(5) == 0 ? Near(around) : null);
    }

    DateTimeOffset Near(DateTimeOffset around) => around.AddSeconds(
        random.Next(3) switch { 0 => random.Next(-9_000, 9_000), 1 => random.Next(-300, 300), _ => random.Next(-300_000, 100_000) });

    // Most triggers use round times, and meet at these times.
    static DateTimeOffset Whole(DateTimeOffset instant) => DateTimeOffset.FromUnixTimeSeconds(instant.ToUnixTimeSeconds() / 300 * 300);

    ZoneClock Zone() => random.Next(2) == 0 ? home : Any(Zones).Clock;

    T Any<T>(IReadOnlyList<T> list) => list[random.Next(list.Count)];
}
