using Xunit;

namespace Escapement.Triggers.PropertyTests;

/// <summary>
/// Tests that combined triggers fire and count like their parts.
/// The expected fire times are combined from the fire times of the individual parts.
/// </summary>
public sealed class CountPropertyTests
{
    const int Cases = 3_000;

    // The maximum number of fire times of all parts of a case.
    const int Most = 2_000;

    // If parts never meet, or all remaining fire times are excluded, a search takes long and is cut short.
    const int MaxSearch = 20_000;

    static readonly DateTimeOffset Begin = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Hold_for_triggers_nested_at_random()
    {
        var random = new Random(20111230);
        var triggers = new RandomTrigger(random);
        var counted = 0;
        for (var i = 0; i < Cases; i++)
        {
            var zone = RandomTrigger.Zones[random.Next(RandomTrigger.Zones.Count)];
            var around = AnyInstant(random, zone);
            var trigger = triggers.Next(zone.Clock, around, random.Next(1, 4));
            var from = around.AddSeconds(-random.Next(random.Next(3) == 0 ? 10_000_000 : 20_000));
            var to = around.AddSeconds(random.Next(random.Next(3) == 0 ? 10_000_000 : 20_000))
                .AddTicks(random.Next(2) * random.Next(10_000_000));
            for (; from < to && FireTimesOfParts(trigger, from, to) > Most; from = around - ((around - from) / 3))
            {
                to = around + ((to - around) / 3);
            }

            if (from >= to) continue;

            if (Broken(trigger, from, to, from + ((to - from) * random.NextDouble()), out var count) is { } law)
            {
                Assert.Fail($"case {i}: {TriggerText.Write(trigger)}, {from:O} to {to:O}: {law}");
            }

            if (count > 0) counted++;
        }

        Assert.True(counted > Cases / 3, $"only {counted} fire");
    }

    [Fact]
    public void Hold_at_the_ends_of_the_calendar()
    {
        var random = new Random(9999);
        var triggers = new RandomTrigger(random);
        // In the east, the year 10000 begins earlier. No later fire time could have the zone's offset.
        var (first, last) = (DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue.AddHours(-15));
        for (var i = 0; i < 600; i++)
        {
            var trigger = triggers.Next(ZoneClock.Utc, last.AddDays(-3), random.Next(1, 4));
            var from = last.AddSeconds(-random.Next(150_000));
            for (var n = 0; n < 10 && FireTimesOfParts(trigger, from, last) > Most; n++) from = last - ((last - from) / 3);
            if (FireTimesOfParts(trigger, from, last) <= Most
                && Broken(trigger, from, last, from + ((last - from) * random.NextDouble()), out _) is { } late)
            {
                Assert.Fail($"case {i}: {TriggerText.Write(trigger)}, from {from:O} on: {late}");
            }

            trigger = triggers.Next(ZoneClock.Utc, first, random.Next(1, 4));
            var to = first.AddSeconds(random.Next(-100_000, 100_000));
            if (FireTimesOfParts(trigger, DateTimeOffset.MinValue, to) <= 10 * Most
                && Broken(trigger, DateTimeOffset.MinValue, to, to < first ? to : first, out _) is { } early)
            {
                Assert.Fail($"case {i}: {TriggerText.Write(trigger)}, up to {to:O}: {early}");
            }
        }
    }

    [Fact]
    public void Twenty_four_daily_triggers_are_one_for_each_hour_that_is_not_skipped_or_repeated()
    {
        var hours = Any(Enumerable.Range(0, 24).Select(hour => $"0 {hour} * * *"));
        var end = Begin.AddYears(10);
        Assert.Equal((3_652 * 24) - 10, hours.Count(Begin, end));
        Assert.Equal(3_652 * 24, new CronTrigger(CronDefinition.FromExpression("0 * * * *"), hours.Zone).Count(Begin, end));
    }

    [Fact]
    public void A_second_pass_that_begins_with_a_day_of_UTC_is_left_out()
    {
        // The clock went back from 01:00 to 00:00 at midnight UTC, on 25 September.
        var trigger = TriggerText.Parse("(30 0 * * *) or (45 0 * * *)", new(ZoneClock.Get("Europe/Lisbon"), Begin));
        Assert.Equal(60, trigger.Count(new(1977, 9, 1, 0, 0, 0, TimeSpan.FromHours(1)), new(1977, 10, 1, 0, 0, 0, TimeSpan.Zero)));
    }

    static OrTrigger Any(IEnumerable<string> expressions)
    {
        var zone = ZoneClock.Get("America/New_York");
        return new([.. expressions.Select(text => new CronTrigger(CronDefinition.FromExpression(text), zone))], zone);
    }

    static string? Broken(Trigger trigger, DateTimeOffset from, DateTimeOffset to, DateTimeOffset middle, out int count)
    {
        count = 0;
        long[] fired = [.. FireTimes(trigger, from, to).Order()];
        for (var at = from; ; count++)
        {
            var budget = MaxSearch;
            var next = trigger.Next(at, ref budget);
            if (budget <= 0) return null;
            if (!(next < to)) break;
            if (count == fired.Length || next.Value.UtcTicks != fired[count])
            {
                return $"{fired.Length} fire, and the next after {count} is {next:O}";
            }

            at = next.Value.JustAfter();
        }

        if (count != fired.Length) return $"{fired.Length} fire, and {count} are found";
        if (trigger.Count(from, to) != count) return $"{count} fire, and {trigger.Count(from, to)} are counted";
        return count == trigger.Count(from, middle) + trigger.Count(middle, to)
            ? null
            : $"the parts before and after {middle:O} do not add up";
    }

    // Near a change of the clock in most cases.
    static DateTimeOffset AnyInstant(Random random, MachineZone zone)
    {
        var at = zone.Changes.Count > 0 && random.Next(4) > 0
            ? zone.Changes[random.Next(zone.Changes.Count)].Start + random.Next(-7_200, 7_200)
            : random.NextInt64(2_000_000_000);
        return DateTimeOffset.FromUnixTimeSeconds(at).AddTicks(random.Next(3) == 0 ? random.Next(10_000_000) : 0);
    }

    static long FireTimesOfParts(Trigger trigger, DateTimeOffset from, DateTimeOffset to) => trigger switch
    {
        AndTrigger and => and.Triggers.Sum(part => FireTimesOfParts(part, from, to)),
        OrTrigger or => or.Triggers.Sum(part => FireTimesOfParts(part, from, to)),
        ExcludingTrigger except => FireTimesOfParts(except.Inner, from, to),
        LimitedTrigger times => FireTimesOfParts(times.Inner, times.From, to > times.From ? to : times.From),
        _ => trigger.Count(from, to),
    };

    static HashSet<long> FireTimes(Trigger trigger, DateTimeOffset from, DateTimeOffset to)
    {
        switch (trigger)
        {
            case AndTrigger and:
                var common = FireTimes(and.Triggers[0], from, to);
                foreach (var part in and.Triggers.Skip(1)) common.IntersectWith(FireTimes(part, from, to));
                return common;
            case OrTrigger or:
                return [.. or.Triggers.SelectMany(part => FireTimes(part, from, to))];
            case ExcludingTrigger except:
                return [.. FireTimes(except.Inner, from, to).Where(at =>
                    except.Exclusions.StretchAt(UnixTime.FloorTicks(at) + except.Zone.SpanAt(UnixTime.FloorTicks(at)).Offset) is null)];
            case LimitedTrigger times:
                return [.. FireTimes(times.Inner, times.From, to).Order().Take(times.Times).Where(at => at >= from.UtcTicks)];
            default:
                HashSet<long> found = [];
                var last = DateTime.MaxValue.Ticks - TimeSpan.TicksPerMicrosecond;
                for (var at = trigger.Next(from); at < to && found.Add(at.Value.UtcTicks) && at.Value.UtcTicks < last;)
                {
                    at = trigger.Next(new(at.Value.UtcTicks + TimeSpan.TicksPerMicrosecond, TimeSpan.Zero));
                }

                return found;
        }
    }
}
