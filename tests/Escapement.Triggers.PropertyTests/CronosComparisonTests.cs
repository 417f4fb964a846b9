using Cronos;
using Xunit;

namespace Escapement.Triggers.PropertyTests;

/// <summary>
/// Compares the common grammar with Cronos in every zone of the machine, except where .NET misreads the zone.
/// </summary>
public sealed class CronosComparisonTests
{
    const int Expressions = 125_000;
    const int InstantsEach = 10;

    [Fact]
    public void More_than_a_million_fire_times_are_the_same()
    {
        var random = new Random(20250725);
        var expressions = new RandomExpression(random);
        var (compared, left, never) = (0, 0, 0);
        List<string> differences = [];
        var zones = MachineZones.All;
        for (var i = 0; i < Expressions; i++)
        {
            var text = expressions.Next();
            var zone = zones[random.Next(zones.Count)];
            var ours = new CronTrigger(CronDefinition.FromExpression(text), zone.Clock);
            var theirs = CronExpression.Parse(text, text.Split(' ').Length == 6 ? CronFormat.IncludeSeconds : CronFormat.Standard);
            for (var n = 0; n < InstantsEach; n++)
            {
                var from = AnyInstant(random, zone);
                var next = ours.Next(from);
                var expected = theirs.GetNextOccurrence(from, zone.System, inclusive: true);
                if (IsBeyond(zone, from, next, expected))
                {
                    left++;
                    continue;
                }

                compared++;
                if (next is null && expected is null)
                {
                    // A single check is enough, because Cronos examines each day until the year 2500.
                    never++;
                    break;
                }

                if (next == expected && next?.Offset == expected?.Offset) continue;
                if (differences.Count < 40) differences.Add($"{text} in {zone} from {from:O}: {next:O}, by Cronos {expected:O}");
            }
        }

        Assert.Empty(differences);
        Assert.True(compared >= 1_000_000, $"{compared} compared, {left} left out");
        Assert.True(never > 0);
    }

    static DateTimeOffset AnyInstant(Random random, MachineZone zone)
    {
        // Periods without changes are simple, so half of the instants are near a change.
        var unixSeconds = zone.Changes.Count > 0 && random.Next(2) == 0
            ? zone.Changes[random.Next(zone.Changes.Count)].Start + random.Next(-3 * 86_400, 86_400)
            : random.NextInt64(MachineZones.Begin + 86_400, MachineZones.End);
        return DateTimeOffset.FromUnixTimeSeconds(Math.Max(unixSeconds, MachineZones.Begin + 86_400))
            .AddTicks(random.Next(4) == 0 ? random.Next(10_000_000) : 0);
    }

    // After 2037, .NET uses its own rules. If .NET misreads a change, so does Cronos.
    static bool IsBeyond(MachineZone zone, DateTimeOffset from, DateTimeOffset? next, DateTimeOffset? expected)
    {
        var (first, last) = (from.ToUnixTimeSeconds() - 86_400,
            Math.Max((next ?? from).ToUnixTimeSeconds(), (expected ?? from).ToUnixTimeSeconds()) + 86_400);
        if (last > MachineZones.End) return true;
        foreach (var change in zone.Misread)
        {
            if (change >= first && change <= last) return true;
        }

        return false;
    }
}
