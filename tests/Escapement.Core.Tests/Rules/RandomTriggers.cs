using Escapement.Triggers;
using static Escapement.Core.Tests.Rules.Arrange;

namespace Escapement.Core.Tests.Rules;

/// <summary>
/// Generates triggers of every kind around <see cref="Start"/>, with several fire times within a few minutes.
/// </summary>
static class RandomTriggers
{
    static readonly Trigger[] Pool = [.. Enumerable.Range(0, 3_000).Select(seed => Made(new(seed)))];

    public static Trigger Any(Random random) => Pool[random.Next(Pool.Length)];

    static Trigger Made(Random random) => Jittered(random, random.Next(10) switch
    {
        0 or 1 => Composed(random),
        2 => Excluded(random),
        3 => new LimitedTrigger(Simple(random, limited: true), random.Next(1, 40), At(random.Next(-50, 100))),
        _ => Simple(random),
    });

    static Trigger Jittered(Random random, Trigger trigger) =>
        random.Next(4) == 0 ? trigger.WithJitter(
            TimeSpan.FromMicroseconds(random.NextInt64(1, random.Next(2) == 0 ? 5_000_000 : 90_000_000))) : trigger;

    static Trigger Simple(Random random, bool limited = false) => random.Next(limited ? 4 : 6) switch
    {
        0 => Cron(random),
        1 => Interval(random, Math.Round(0.25 + (random.NextDouble() * 20), 6)),
        2 or 3 => Interval(random, random.Next(1, 40)),
        4 => new DateTrigger(At(random.Next(-20, 300)), ZoneClock.Utc),
        _ => new CalendarIntervalTrigger(new(Days: 1), DateOnly.FromDateTime(Start.Date)
            .AddDays(-random.Next(5)), new(0, random.Next(5), random.Next(60)), ZoneClock.Utc),
    };

    static IntervalTrigger Interval(Random random, double seconds) => new(
        TimeSpan.FromMicroseconds(Math.Round(seconds * 1e6)), At(random.Next(-100, 60)), ZoneClock.Utc, random.Next(3) == 0
            ? At(random.Next(60, 400))
            : null);

    static CronTrigger Cron(Random random, bool often = false)
    {
        string[] expressions = ["* * * * *", "*/7 * * * * *", "*/2 * * * *", "5,35 * * * * *", "0 0 * * *"];
        string[] zones = ["UTC", "Europe/Berlin", "Asia/Kathmandu"];
        return new(CronDefinition.FromExpression(expressions[random.Next(often ? 2 : expressions.Length)]),
            ZoneClock.Get(zones[random.Next(zones.Length)]));
    }

    static Trigger Composed(Random random)
    {
        // Parts of an and that seldom meet take 100 ms or more to find, so all generated parts meet within minutes.
        if (random.Next(3) == 0)
        {
            return new AndTrigger([Interval(random, random.Next(1, 20)), random.Next(2) == 0
                ? Cron(random, often: true)
                : Interval(random, random.Next(1, 20))], ZoneClock.Utc);
        }

        return new OrTrigger([.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Simple(random))], ZoneClock.Utc);
    }

    static ExcludingTrigger Excluded(Random random)
    {
        var begin = random.Next(250);
        var end = begin + random.Next(1, 60);
        Trigger inner = random.Next(3) == 0
            ? new OrTrigger([Simple(random, limited: true), Simple(random, limited: true)], ZoneClock.Utc)
            : Simple(random, limited: true);
        return new(inner, ExclusionCalendar.Parse([string.Create(null,
            $"{TimeSpan.FromSeconds(begin):hh\\:mm\\:ss}-{TimeSpan.FromSeconds(end):hh\\:mm\\:ss}"), "00:04:10-00:04:20"], null));
    }
}
