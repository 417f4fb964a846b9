using System.Text.Json;
using Escapement.Triggers;
using Xunit;

namespace Escapement.Core.Tests.Triggers;

/// <summary>What holds for every trigger, tried on many that were made at random from a fixed seed.</summary>
public sealed class TriggerLaws
{
    static readonly string[] Zones = [.. ZoneData.Names];

    [Fact]
    public void Next_previous_and_count_agree()
    {
        var random = new Random(20301031);
        for (var i = 0; i < 800; i++)
        {
            var trigger = Any(random);
            var from = FireTimes.At("1990-01-01").AddSeconds(random.NextInt64(4_000_000_000));
            var fired = FireTimes.Of(trigger, from).Take(12).ToList();
            var text = FireTimes.Write(trigger, TriggerStyle.Stored);
            for (var n = 0; n < fired.Count; n++)
            {
                Assert.True(fired[n] >= from && (n == 0 || fired[n] > fired[n - 1]), text);
                Assert.True(trigger.Zone.OffsetAt(fired[n]) == fired[n].Offset, text);
                Assert.True(trigger.Next(fired[n]) == fired[n], text);
                if (n > 0) Assert.True(trigger.Previous(fired[n]) == fired[n - 1], $"{text}: before {fired[n]} {trigger.Previous(fired[n])} instead of {fired[n - 1]}");
                Assert.True(trigger.Count(from, fired[n]) == n, $"{text}: {trigger.Count(from, fired[n])} instead of {n} from {from} to {fired[n]}");
            }

            if (trigger.Previous(from) is { } previous) Assert.True(previous < from && trigger.Next(previous.AddMicroseconds(1)) == fired.Cast<DateTimeOffset?>().FirstOrDefault(), text);
        }
    }

    [Fact]
    public void What_is_stored_is_read_back_as_the_same_trigger()
    {
        var random = new Random(7);
        for (var i = 0; i < 500; i++)
        {
            var trigger = Any(random);
            var stored = FireTimes.Write(trigger, TriggerStyle.Stored);
            // Another zone and another moment: what is stored leaves nothing open.
            var again = TriggerJson.Read(JsonDocument.Parse(stored).RootElement, new(ZoneClock.Get("Asia/Tehran"), FireTimes.At("2055-05-05")));
            Assert.Equal(stored, FireTimes.Write(again, TriggerStyle.Stored));
            var from = FireTimes.At("2029-01-01");
            Assert.Equal(FireTimes.Of(trigger, from).Take(3).Select(IsoTime.Format), FireTimes.Of(again, from).Take(3).Select(IsoTime.Format));
        }
    }

    [Fact]
    public void A_century_is_counted_as_it_is_stepped_through()
    {
        var (from, to) = (FireTimes.At("2000-01-01"), FireTimes.At("2100-01-01"));
        foreach (var expression in new[] { "30 2 * * *", "0 */6 * * mon", "15,45 1-3 L * *", "0 0 29 2 *", "30 0 * * sun#1" })
        {
            foreach (var zone in new[] { "UTC", "Europe/Berlin", "Africa/Casablanca", "Australia/Lord_Howe", "Pacific/Apia" })
            {
                var trigger = FireTimes.Cron(expression, zone);
                Assert.Equal(FireTimes.Of(trigger, from).TakeWhile(at => at < to).LongCount(), trigger.Count(from, to));
            }
        }
    }

    [Fact]
    public void Asking_for_the_next_fire_time_allocates_nothing()
    {
        Trigger[] triggers = [FireTimes.Cron("*/5 9-17 * * mon-fri", "Europe/Berlin"), FireTimes.Read("""{"trigger": "interval", "seconds": 7}""", "Europe/Berlin")];
        foreach (var trigger in triggers)
        {
            var at = FireTimes.At("2030-03-01");
            for (var i = 0; i < 100; i++) at = trigger.Next(at.AddMicroseconds(1))!.Value;
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 10_000; i++) at = trigger.Next(at.AddMicroseconds(1))!.Value;
            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        }
    }

    static Trigger Any(Random random)
    {
        var zone = ZoneClock.Get(Zones[random.Next(Zones.Length)]);
        return random.Next(10) switch
        {
            < 6 => AnyCron(random, zone),
            < 8 => new IntervalTrigger(TimeSpan.FromMicroseconds(random.NextInt64(1, 100_000_000_000)), FireTimes.At("2020-01-01").AddSeconds(random.Next(100_000_000)), zone, showsZoneOffset: random.Next(2) == 0),
            8 => new OrTrigger([AnyCron(random, zone), AnyCron(random, zone)], zone),
            _ => new AndTrigger([AnyCron(random, zone), AnyCron(random, zone)], zone),
        };
    }

    static CronTrigger AnyCron(Random random, ZoneClock zone)
    {
        string[][] values =
        [
            ["*", "2030", "2024-2060/3", "*/2"], ["*", "3,10", "*/2", "mar-may"], ["*", "1", "last", "1st sun,3rd mon", "last sun", "*/5", "29,30,31"], ["*", "1-26", "53", "*/10"],
            ["*", "sun", "0-4", "sat,sun"], ["*", "0", "1,2", "*/3", "0-3", "23"], ["*", "0", "30", "*/15", "15,45"], ["0", "*", "30", "*/20"],
        ];
        var fields = new Dictionary<string, string>();
        for (var i = 0; i < values.Length; i++)
        {
            if (random.Next(3) == 0 || i == 5) fields[CronField.All[i].Name] = values[i][random.Next(values[i].Length)];
        }

        return new(CronDefinition.FromFields(fields), zone, random.Next(5) == 0 ? FireTimes.At("2027-03-28 00:59:59.5") : null, random.Next(5) == 0 ? FireTimes.At("2090-01-01") : null);
    }
}
