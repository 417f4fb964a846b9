using System.Text.Json;
using Xunit;

namespace Escapement.Triggers.Tests;

/// <summary>Tests of the laws of every trigger, with many random triggers from a fixed seed.</summary>
public sealed class TriggerLawTests
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
                if (n > 0)
                {
                    Assert.True(trigger.Previous(fired[n]) == fired[n - 1],
                        $"{text}: before {fired[n]} {trigger.Previous(fired[n])} instead of {fired[n - 1]}");
                }

                Assert.True(trigger.Count(from, fired[n]) == n,
                    $"{text}: {trigger.Count(from, fired[n])} instead of {n} from {from} to {fired[n]}");
            }

            if (trigger.Previous(from) is { } previous)
            {
                Assert.True(previous < from
                    && trigger.Next(previous.AddMicroseconds(1)) == fired.Cast<DateTimeOffset?>().FirstOrDefault(), text);
            }
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
            // The zone and the moment differ, because the stored form must not depend on either.
            var again = TriggerJson.Read(JsonDocument.Parse(stored).RootElement,
                new(ZoneClock.Get("Asia/Tehran"), FireTimes.At("2055-05-05")));
            Assert.Equal(stored, FireTimes.Write(again, TriggerStyle.Stored));
            var from = FireTimes.At("2029-01-01");
            Assert.Equal(FireTimes.Of(trigger, from).Take(3).Select(IsoTime.Format), FireTimes.Of(again, from).Take(3)
                .Select(IsoTime.Format));
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
        Trigger[] triggers = [FireTimes.Cron("*/5 9-17 * * mon-fri", "Europe/Berlin"),
            FireTimes.Read("""{"trigger": "interval", "seconds": 7}""", "Europe/Berlin")];
        foreach (var trigger in triggers)
        {
            var at = FireTimes.At("2030-03-01");
            for (var i = 0; i < 100; i++) at = trigger.Next(at.AddMicroseconds(1))!.Value;
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 10_000; i++) at = trigger.Next(at.AddMicroseconds(1))!.Value;
            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        }
    }

    [Fact]
    public void What_is_written_as_text_is_read_back_as_the_same_trigger()
    {
        var random = new Random(11);
        for (var i = 0; i < 300; i++)
        {
            var trigger = Any(random);
            var text = TriggerText.Write(trigger);
            // The zone and the moment differ, because the text form must not depend on either.
            var again = TriggerText.Parse(text, new(ZoneClock.Get("Asia/Tehran"), FireTimes.At("2055-05-05")));
            Assert.Equal(text, TriggerText.Write(again));
            Assert.Equal(FireTimes.Write(trigger, TriggerStyle.Stored), FireTimes.Write(again, TriggerStyle.Stored));
            Assert.Equal(trigger.ToString(), TriggerText.Parse(trigger.ToString(), new(trigger.Zone, default)).ToString());
        }
    }

    [Fact]
    public void Nonsense_is_refused_in_bounded_time_and_with_a_sentence()
    {
        string[] pieces =
        [
            "every", "at", "from", "until", "except", "times", "since", "jitter", "in", "or", "and", "last day", "(", ")", "0 9 * * *",
            "hour=9", "day=1st mon", "*", ",", "5", "20 minutes", "2 months",
            "UTC", "Europe/Berlin", "2030-01-01", "2030-01-01T00:00:00+00:00", "22:00-06:00", "09:30", "12-25", "H(0-29)", "L-3", "fri#2",
            "\u0663", "\ud800", "\0", "=", "/", "-", "#", "?", "99999999999999999999", "@daily",
        ];
        var random = new Random(13);
        for (var i = 0; i < 20_000; i++)
        {
            var text = string.Join(random.Next(8) == 0
                ? ""
                : " ", Enumerable.Range(0, random.Next(10)).Select(_ => pieces[random.Next(pieces.Length)]));
            try
            {
                Assert.NotNull(TriggerText.Parse(text, new(ZoneClock.Utc, FireTimes.At("2030-01-01"), "job")).ToString());
            }
            catch (FormatException refused)
            {
                Assert.True(refused.Message.Length is > 10 and < 2_000, $"{text}: {refused.Message}");
                Assert.DoesNotContain("..\n", refused.Message, StringComparison.Ordinal);
            }
        }
    }

    static Trigger Any(Random random)
    {
        var zone = ZoneClock.Get(Zones[random.Next(Zones.Length)]);
        var core = Core(random, zone);
        if (random.Next(4) == 0)
        {
            string[][] items = [["22:00-06:00"], ["2030-01-01/2030-06-30", "12-25"], ["02-29", "11:00-13:30", "00:00-00:30"],
                ["2031-03-30"], ["20:00-24:00", "2029-01-01/2031-12-31"]];
            core = new ExcludingTrigger(core,
                ExclusionCalendar.Parse(items[random.Next(items.Length)], new Dictionary<string, NamedDates>()));
        }

        if (random.Next(6) == 0)
        {
            core = new LimitedTrigger(core, random.Next(1, 3_000), FireTimes.At("2020-01-01").AddSeconds(random.Next(600_000_000)));
        }

        return random.Next(5) == 0 ? core.WithJitter(TimeSpan.FromSeconds(random.Next(1, 1_000))) : core;
    }

    static Trigger Core(Random random, ZoneClock zone)
    {
        return random.Next(12) switch
        {
            10 or 11 => new CalendarIntervalTrigger(
                new(random.Next(2), random.Next(4), random.Next(2), random.Next(1, 40)), DateOnly.FromDateTime(new DateTime(2020, 1, 1)
                    .AddDays(random.Next(4_000))), new(random.Next(24), random.Next(60)), zone,
                random.Next(4) == 0 ? new(2060, 5, 5) : null, random.Next(2) == 0 ? MissingDay.Skip : MissingDay.LastDay),
            < 6 => AnyCron(random, zone),
            < 8 => new IntervalTrigger(TimeSpan.FromMicroseconds(random.NextInt64(1, 100_000_000_000)), FireTimes.At("2020-01-01")
                .AddSeconds(random.Next(100_000_000)), zone, showsZoneOffset: random.Next(2) == 0),
            8 => new OrTrigger([AnyCron(random, zone), AnyCron(random, zone)], zone),
            _ => new AndTrigger([AnyCron(random, zone), AnyCron(random, zone)], zone),
        };
    }

    static CronTrigger AnyCron(Random random, ZoneClock zone)
    {
        string[][] values =
        [
            ["*", "2030", "2024-2060/3", "*/2"], ["*", "3,10", "*/2", "mar-may"],
            ["*", "1", "last", "1st sun,3rd mon", "last sun", "*/5", "29,30,31"], ["*", "1-26", "53", "*/10"],
            ["*", "sun", "0-4", "sat,sun"], ["*", "0", "1,2", "*/3", "0-3", "23"], ["*", "0", "30", "*/15", "15,45"],
            ["0", "*", "30", "*/20"],
        ];
        var fields = new Dictionary<string, string>();
        for (var i = 0; i < values.Length; i++)
        {
            if (random.Next(3) == 0 || i == 5) fields[CronField.All[i].Name] = values[i][random.Next(values[i].Length)];
        }

        return new(CronDefinition.FromFields(fields), zone, random.Next(5) == 0
            ? FireTimes.At("2027-03-28 00:59:59.5")
            : null, random.Next(5) == 0 ? FireTimes.At("2090-01-01") : null);
    }
}
