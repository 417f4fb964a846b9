using Xunit;

namespace Escapement.Triggers.PropertyTests;

/// <summary>
/// Tests of the relations between <c>Next</c>, <c>Previous</c> and
/// <c>Count</c>, in every zone of the machine, until the year 9999.
/// </summary>
public sealed class CronPropertyTests
{
    static readonly long End = new DateTimeOffset(9999, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds();

    [Fact]
    public void Hold_for_triggers_drawn_at_random()
    {
        var random = new Random(20380119);
        var expressions = new RandomExpression(random);
        for (var i = 0; i < 40_000; i++)
        {
            var zone = MachineZones.All[random.Next(MachineZones.All.Count)];
            var text = expressions.Next();
            var begin = DateTimeOffset.FromUnixTimeSeconds(random.Next(-86_400, 2_000_000_000));
            var trigger = new CronTrigger(CronDefinition.FromExpression(text), zone.Clock, random.Next(4) == 0
                ? begin
                : null, random.Next(4) == 0 ? begin.AddDays(random.Next(9000)) : null);
            var first = AnyInstant(random, zone);
            var second = first.AddSeconds(random.Next(3) == 0 ? random.Next(40_000_000) : random.Next(10_000));
            if (Broken(trigger, first, second) is { } law)
            {
                Assert.Fail($"{text} in {zone}, {trigger.Start:u} to {trigger.End:u}, at {first:O} and {second:O}: {law}");
            }
        }
    }

    static DateTimeOffset AnyInstant(Random random, MachineZone zone)
    {
        var unixSeconds = zone.Changes.Count > 0 && random.Next(2) == 0 ? zone.Changes[random.Next(zone.Changes.Count)].Start
            + random.Next(-9000, 9000) : random.NextInt64(random.Next(2) == 0 ? End : MachineZones.End);
        return DateTimeOffset.FromUnixTimeSeconds(unixSeconds).AddTicks(random.Next(3) == 0 ? random.Next(10_000_000) : 0);
    }

    static string? Broken(CronTrigger trigger, DateTimeOffset first, DateTimeOffset second)
    {
        var (next, nextOfSecond) = (trigger.Next(first), trigger.Next(second));
        if (next < first || next < trigger.Start || next > trigger.End) return $"a fire time {next:u} outside of the bounds";
        if (next is { } fired)
        {
            if (fired.Offset != trigger.Zone.OffsetAt(fired)) return $"{fired} has another offset than the zone";
            if (trigger.Next(fired) != fired) return $"{fired:u} is a fire time that does not lead to itself";
            if (trigger.Previous(fired) >= first) return $"{trigger.Previous(fired):u} was passed over";
            if (trigger.Previous(fired.AddTicks(1)) != fired) return $"{fired:u} is not found from behind";
            if (trigger.Count(first, fired) != 0 || trigger.Count(first, fired.AddTicks(1)) != 1) return $"{fired:u} is not counted once";
        }
        else if (nextOfSecond is not null)
        {
            return "never, and later again";
        }

        if (nextOfSecond < next) return $"the later one leads back, to {nextOfSecond:u} before {next:u}";
        if (trigger.Previous(second) is { } previous && (previous >= second || trigger.Next(previous) != previous))
        {
            return $"{previous:u} is not before";
        }

        if (trigger.Previous(first) > trigger.Previous(second)) return "the earlier one has the later predecessor";

        var middle = first + ((second - first) / 2);
        var count = trigger.Count(first, second);
        if (count != trigger.Count(first, middle) + trigger.Count(middle, second)) return "the halves do not add up";
        if ((count > 0) != (next < second)) return $"{count} are counted, and the next is {next:u}";
        if (count > 500) return null;
        var stepped = 0L;
        for (var at = next; at < second; at = trigger.Next(at.Value.AddTicks(1))) stepped++;
        return stepped == count ? null : $"{count} are counted and {stepped} stepped through";
    }
}
