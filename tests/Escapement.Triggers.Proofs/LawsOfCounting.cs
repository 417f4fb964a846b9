using Escapement.Triggers;
using Xunit;

namespace Escapement.Triggers.Proofs;

/// <summary>Triggers made of others count what fires: the set of their fire times put together from those of their parts one by one, and a century by hand.</summary>
public sealed class LawsOfCounting
{
    const int Cases = 3_000;

    // Fire times of all parts of one case.
    const int Most = 2_000;

    static readonly DateTimeOffset Begin = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    static readonly DateTimeOffset End = Begin.AddYears(100);

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
            var to = around.AddSeconds(random.Next(random.Next(3) == 0 ? 10_000_000 : 20_000)).AddTicks(random.Next(2) * random.Next(10_000_000));
            for (; from < to && FireTimesOfParts(trigger, from, to) > Most; from = around - ((around - from) / 3)) to = around + ((to - around) / 3);
            if (from >= to) continue;

            var law = Broken(trigger, from, to, from + ((to - from) * random.NextDouble())) ?? (MaySearchLong(trigger) ? null : NotStepped(trigger, from, to));
            if (law is not null) Assert.Fail($"case {i}: {TriggerText.Write(trigger)}, {from:O} to {to:O}: {law}");
            if (trigger.Count(from, to) > 0) counted++;
        }

        Assert.True(counted > Cases / 3, $"only {counted} fire");
    }

    [Fact]
    public void Hold_at_the_ends_of_the_calendar()
    {
        var random = new Random(9999);
        var triggers = new RandomTrigger(random);
        var (first, last) = (DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue.AddDays(-4));
        for (var i = 0; i < 600; i++)
        {
            var trigger = triggers.Next(ZoneClock.Utc, last, random.Next(1, 4));
            var from = DateTimeOffset.MaxValue.AddSeconds(-random.Next(150_000));
            for (var n = 0; n < 10 && FireTimesOfParts(trigger, from, DateTimeOffset.MaxValue) > Most; n++) from = DateTimeOffset.MaxValue - ((DateTimeOffset.MaxValue - from) / 3);
            if (FireTimesOfParts(trigger, from, DateTimeOffset.MaxValue) <= Most && Broken(trigger, from, DateTimeOffset.MaxValue, from + ((DateTimeOffset.MaxValue - from) * random.NextDouble())) is { } late) Assert.Fail($"case {i}: {TriggerText.Write(trigger)}, from {from:O} on: {late}");

            trigger = triggers.Next(ZoneClock.Utc, first, random.Next(1, 4));
            var to = first.AddSeconds(random.Next(-100_000, 100_000));
            if (FireTimesOfParts(trigger, DateTimeOffset.MinValue, to) <= 10 * Most && Broken(trigger, DateTimeOffset.MinValue, to, to < first ? to : first) is { } early) Assert.Fail($"case {i}: {TriggerText.Write(trigger)}, up to {to:O}: {early}");
        }
    }

    [Theory]
    [InlineData("(* * * * * *) or (every 1 second from 2020-01-01) in America/New_York", 36_524L * 86_400)]
    [InlineData("(* * * * * *) or (every 0.5 seconds from 2020-01-01)", 36_524L * 86_400 * 2)]
    [InlineData("(* * * * * *) or (every 0.7 seconds from 2026-01-01)", (36_524L * 86_400) + (36_524L * 86_400 * 10 / 7) - (36_524L * 86_400 / 7))]
    [InlineData("(*/5 * * * *) and (every 7 minutes from 2000-01-01T00:20:00)", 36_524L * 1_440 / 35)]
    [InlineData("(0 * * * *) and (30 * * * * in Asia/Kolkata)", 36_524L * 24)]
    [InlineData("(0 * * * *) and (0 * * * * in Asia/Kolkata)", 0)]
    [InlineData("((0 9 * * *) and (0 9 * * * in Africa/Abidjan)) or (every 1 day from 2026-01-01T12:00:00)", 36_524L * 2)]
    [InlineData("(* * * * * * except 22:00-06:00) or (every 1 second from 2020-01-01 except 06:00-22:00)", 36_524L * 86_400)]
    [InlineData("(every 0.1 seconds from 2026-01-01) or (every 0.2 seconds from 2026-01-01) except 12:00-24:00 times 1000000 since 2026-01-01", 1_000_000)]
    [InlineData("((* * * * * *) or (*/2 * * * * *) times 1000000 since 2030-01-01) and (every 1 hour from 2020-01-01)", 278)]
    public void A_century_is_counted_by_arithmetic(string text, long count)
    {
        Assert.Equal(count, TriggerText.Parse(text, new(ZoneClock.Utc, Begin)).Count(Begin, End));
    }

    [Fact]
    public void Twenty_four_daily_triggers_are_one_for_each_hour_that_is_not_skipped_or_repeated()
    {
        var hours = Any(Enumerable.Range(0, 24).Select(hour => $"0 {hour} * * *"));
        Assert.Equal((36_524 * 24) - 100, hours.Count(Begin, End));
        Assert.Equal(36_524 * 24, new CronTrigger(CronDefinition.FromExpression("0 * * * *"), hours.Zone).Count(Begin, End));
    }

    [Fact]
    public void A_second_pass_that_begins_with_a_day_of_UTC_is_left_out()
    {
        // The clock went back from 01:00 to 00:00 at midnight UTC, on 25 September.
        var trigger = TriggerText.Parse("(30 0 * * *) or (45 0 * * *)", new(ZoneClock.Get("Europe/Lisbon"), Begin));
        Assert.Equal(60, trigger.Count(new(1977, 9, 1, 0, 0, 0, TimeSpan.FromHours(1)), new(1977, 10, 1, 0, 0, 0, TimeSpan.Zero)));
    }

    [Fact]
    public void Twelve_triggers_that_overlap_count_each_minute_once()
    {
        var minutes = Enumerable.Range(0, 60).Count(minute => Enumerable.Range(7, 12).Any(step => minute % step == 0));
        Assert.Equal(36_524L * 24 * minutes, Any(Enumerable.Range(7, 12).Select(step => $"*/{step} * * * *")).Count(Begin, End));
        var intervals = new OrTrigger([.. Enumerable.Range(1, 12).Select(tenths => new IntervalTrigger(TimeSpan.FromMilliseconds(100 * tenths), Begin, ZoneClock.Utc))], ZoneClock.Utc);
        Assert.Equal(36_524L * 86_400 * 10, intervals.Count(Begin, End));
    }

    [Fact]
    public void Where_too_many_intervals_overlap_within_a_second_the_first_millions_are_exact_and_the_rest_is_close()
    {
        int[] primes = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53];
        var trigger = new OrTrigger([.. primes.Select(prime => new IntervalTrigger(TimeSpan.FromMilliseconds(prime), Begin, ZoneClock.Utc))], ZoneClock.Utc);
        Assert.True(trigger.MayEstimate);
        Assert.Null(Broken(trigger, Begin, Begin.AddSeconds(5), Begin.AddSeconds(2.5)));

        var expected = 36_524.0 * 86_400 * 1_000 * (1 - primes.Aggregate(1.0, (product, prime) => product * (1 - (1.0 / prime))));
        Assert.InRange(trigger.Count(Begin, End) / expected, 0.999, 1.001);
        Assert.Equal(5_000, new TimesTrigger(trigger, 5_000, Begin).Count(Begin, End));
    }

    static OrTrigger Any(IEnumerable<string> expressions)
    {
        var zone = ZoneClock.Get("America/New_York");
        return new([.. expressions.Select(text => new CronTrigger(CronDefinition.FromExpression(text), zone))], zone);
    }

    static string? Broken(Trigger trigger, DateTimeOffset from, DateTimeOffset to, DateTimeOffset middle)
    {
        var (count, fired) = (trigger.Count(from, to), FireTimes(trigger, from, to));
        if (count != fired.Count) return $"{count} are counted, {fired.Count} fire";
        return count == trigger.Count(from, middle) + trigger.Count(middle, to) ? null : $"the parts before and after {middle:O} do not add up";
    }

    static string? NotStepped(Trigger trigger, DateTimeOffset from, DateTimeOffset to)
    {
        var (count, fired) = (trigger.Count(from, to), FireTimes(trigger, from, to));
        var at = from;
        for (var n = 0; n < count; n++)
        {
            if (trigger.Next(at) is not { } next || next < at || !fired.Contains(next.UtcTicks)) return $"{count} are counted, and the next after {n} is {trigger.Next(at):O}";
            at = next.AddMicroseconds(1);
        }

        return null;
    }

    // Where parts never meet, or all that is left is excluded, each search for the next fire time takes long.
    static bool MaySearchLong(Trigger trigger) => trigger switch
    {
        OrTrigger or => or.Triggers.Any(MaySearchLong),
        TimesTrigger times => MaySearchLong(times.Inner),
        _ => trigger is AndTrigger or ExceptTrigger,
    };

    // Near a change of the clock, and some elsewhere.
    static DateTimeOffset AnyInstant(Random random, MachineZone zone)
    {
        var at = zone.Changes.Count > 0 && random.Next(4) > 0 ? zone.Changes[random.Next(zone.Changes.Count)].Start + random.Next(-7_200, 7_200) : random.NextInt64(2_000_000_000);
        return DateTimeOffset.FromUnixTimeSeconds(at).AddTicks(random.Next(3) == 0 ? random.Next(10_000_000) : 0);
    }

    static long FireTimesOfParts(Trigger trigger, DateTimeOffset from, DateTimeOffset to) => trigger switch
    {
        AndTrigger and => and.Triggers.Sum(part => FireTimesOfParts(part, from, to)),
        OrTrigger or => or.Triggers.Sum(part => FireTimesOfParts(part, from, to)),
        ExceptTrigger except => FireTimesOfParts(except.Inner, from, to),
        TimesTrigger times => FireTimesOfParts(times.Inner, times.From, to > times.From ? to : times.From),
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
            case ExceptTrigger except:
                return [.. FireTimes(except.Inner, from, to).Where(at => except.Exclusions.StretchAt(UnixTime.FloorTicks(at) + except.Zone.SpanAt(UnixTime.FloorTicks(at)).Offset) is null)];
            case TimesTrigger times:
                return [.. FireTimes(times.Inner, times.From, to).Order().Take(times.Times).Where(at => at >= from.UtcTicks)];
            default:
                HashSet<long> found = [];
                var last = DateTime.MaxValue.Ticks - TimeSpan.TicksPerMicrosecond;
                for (var at = trigger.Next(from); at < to && found.Add(at.Value.UtcTicks) && at.Value.UtcTicks < last;) at = trigger.Next(new(at.Value.UtcTicks + TimeSpan.TicksPerMicrosecond, TimeSpan.Zero));
                return found;
        }
    }
}
