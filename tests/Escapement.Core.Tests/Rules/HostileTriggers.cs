using Escapement.Triggers;

namespace Escapement.Core.Tests.Rules;

/// <summary>Valid triggers that are slow to evaluate, and instants from the first year to the last.</summary>
static class HostileTriggers
{
    static readonly string[][] Excluded = [["05:00-07:00"], ["01-01", "12-25"], ["2000-01-01/2040-12-31"], ["00:00-12:00", "13:00-24:00"],
        ["05:00-07:00", "02-29"]];

    public static DateTimeOffset Instant(Random random) =>
        new DateTimeOffset(1, 1, 1, 0, 0, 0, TimeSpan.Zero).AddSeconds(random.NextDouble() * 315_000_000_000);

    public static Trigger Next(Random random, int most = 100)
    {
        Trigger[] parts = [.. Enumerable.Range(0, random.Next(2, most)).Select(_ => Part(random))];
        Trigger made = random.Next(3) == 0 ? new AndTrigger(parts, ZoneClock.Utc) : new OrTrigger(parts, ZoneClock.Utc);
        if (random.Next(3) == 0) made = new ExcludingTrigger(made, Any(random));
        return random.Next(4) == 0 ? new LimitedTrigger(made, random.Next(1, 100_000), Instant(random)) : made;
    }

    static Trigger Part(Random random)
    {
        Trigger plain = random.Next(6) switch
        {
            0 => new CronTrigger(CronDefinition.FromExpression("0 0 6 * * *"), ZoneClock.Utc),
            1 => new IntervalTrigger(TimeSpan.FromSeconds(random.Next(1, 100_000)), Instant(random), ZoneClock.Utc),
            _ => new CalendarIntervalTrigger(new(Days: random.Next(1, 400)), DateOnly.FromDateTime(random.Next(2) == 0
                ? Instant(random).UtcDateTime
                : DateTime.MinValue), new(random.Next(5, 8), 0), ZoneClock.Utc),
        };
        return random.Next(4) == 0 ? plain : new ExcludingTrigger(plain, Any(random));
    }

    static ExclusionCalendar Any(Random random) => ExclusionCalendar.Parse(Excluded[random.Next(Excluded.Length)], null);
}
