using Xunit;

namespace Escapement.Triggers.Tests;

/// <summary>
/// Compares every form of a cron trigger in every zone with a
/// scan of all instants, around clock changes from 1975 to 2099.
/// </summary>
public sealed class TriggerOracleTests
{
    const int CasesPerZone = 40;
    const long Begin = 157_766_400;   // 1975: from here on all offsets are whole minutes
    const long End = 4_066_000_000;   // 2098: the recorded changes end with 2099

    public static TheoryData<string> Zones => [.. ZoneData.Names];

    [Theory]
    [MemberData(nameof(Zones))]
    public void Fire_times_are_those_of_the_rule(string zone)
    {
        var changes = ZoneChangeTests.Of(zone);
        var near = changes.Where(change => change.At is > Begin and < End).ToList();
        var random = new Random(zone.Sum(c => c));
        var any = new AnyCron(random);
        for (var i = 0; i < CasesPerZone; i++)
        {
            var oracle = any.Next();
            var trigger = oracle.Text[0] == '{' ? FireTimes.Read(oracle.Text, zone) : FireTimes.Cron(oracle.Text, zone);
            var days = oracle.HasSeconds ? 2 : i % 4 == 0 ? 400 : 40;
            var middle = near.Count > 0 ? near[random.Next(near.Count)].At : random.NextInt64(Begin, End);
            var from = (middle / 60 * 60) - (random.Next(days * 1440) * 60L);
            Compare(trigger, $"{oracle.Text} in {zone}", [.. oracle.FireTimes(changes, from, from + (days * 86_400L))], from,
                from + (days * 86_400L));
        }
    }

    static void Compare(Trigger trigger, string text, List<long> expected, long from, long to)
    {
        var (first, last) = (At(from), At(to));
        Assert.True(trigger.Count(first, last) == expected.Count,
            $"{text}: {trigger.Count(first, last)} instead of {expected.Count} from {first:u} to {last:u}");
        var (forward, back) = (first, last);
        for (var n = 0; n <= Math.Min(expected.Count, 3000); n++)
        {
            var next = trigger.Next(forward);
            DateTimeOffset? wanted = n < expected.Count ? At(expected[n]) : null;
            if (wanted is null ? next < last : next != wanted)
            {
                Assert.Fail($"{text}: at or after {forward:u} {next:u} instead of {wanted:u}");
            }

            forward = (next ?? last).AddSeconds(1);

            var previous = trigger.Previous(back);
            wanted = n < expected.Count ? At(expected[^(n + 1)]) : null;
            if (wanted is null ? previous >= first : previous != wanted)
            {
                Assert.Fail($"{text}: before {back:u} {previous:u} instead of {wanted:u}");
            }

            back = previous ?? first;
        }
    }

    static DateTimeOffset At(long unixSeconds) => DateTimeOffset.FromUnixTimeSeconds(unixSeconds);
}
