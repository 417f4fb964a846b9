using Xunit;

namespace Escapement.Triggers.Tests;

public sealed class ZoneClockTests
{
    public static TheoryData<string> Zones => [.. ZoneData.Names];

    [Theory]
    [MemberData(nameof(Zones))]
    public void Offsets_are_those_of_the_system_up_to_2037(string name)
    {
        var (clock, system) = (ZoneClock.Get(name), TimeZoneInfo.FindSystemTimeZoneById(name));
        var end = FireTimes.At("2037-12-31");
        for (var at = FireTimes.At("1970-01-01"); at < end; at = at.AddHours(7)) Assert.Equal(system.GetUtcOffset(at), clock.OffsetAt(at));
        for (var change = clock.NextChange(FireTimes.At("1970-01-01")); change < end; change = clock.NextChange(change.Value))
        {
            Assert.Equal(system.GetUtcOffset(change.Value), clock.OffsetAt(change.Value));
            Assert.Equal(system.GetUtcOffset(change.Value.AddSeconds(-1)), clock.OffsetAt(change.Value.AddSeconds(-1)));
        }
    }

    [Theory]
    [MemberData(nameof(Zones))]
    public void A_wall_time_leads_back_to_its_instant(string name)
    {
        var clock = ZoneClock.Get(name);
        var random = new Random(1);
        for (var i = 0; i < 2000; i++)
        {
            var at = FireTimes.At("1960-01-01").AddSeconds(random.NextInt64(20_000_000_000));
            var wall = clock.FromWall(clock.ToZone(at).DateTime);
            Assert.True(wall.First == at || wall.Second == at);
            Assert.Equal(wall.Kind == WallTimeKind.Repeated, wall.First != wall.Second);
        }
    }

    [Theory]
    [InlineData("Africa/Cairo", "2045-04-28T00:00:00", WallTimeKind.Skipped, "2045-04-28T01:00:00+03:00")]
    [InlineData("America/Nuuk", "2050-03-26T23:30:00", WallTimeKind.Skipped, "2050-03-27T00:00:00-01:00")]
    [InlineData("Africa/Casablanca", "2034-12-17T02:30:00", WallTimeKind.Skipped, "2034-12-17T03:00:00+01:00")]
    [InlineData("Europe/Berlin", "9500-10-28T02:30:00", WallTimeKind.Repeated, "9500-10-28T02:30:00+02:00")]
    [InlineData("Asia/Shanghai", "9999-12-31T23:59:59", WallTimeKind.Unique, "9999-12-31T23:59:59+08:00")]
    public void Changes_come_from_the_zone_s_own_rule(string name, string wall, WallTimeKind kind, string first)
    {
        var found = ZoneClock.Get(name).FromWall(DateTime.Parse(wall, System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal((kind, first), (found.Kind, IsoTime.Format(found.First)));
    }

    [Theory]
    [InlineData("Europe/Berlin")]
    [InlineData("Africa/Casablanca")]
    [InlineData("Asia/Kolkata")]
    public void Asking_the_system_finds_the_same_changes_as_the_file(string name)
    {
        var (file, scanned) = (ZoneTable.Read(name), ZoneTable.Scan(TimeZoneInfo.FindSystemTimeZoneById(name)));
        for (var at = 0L; at < 2_140_000_000;)
        {
            var span = file.SpanAt(at);
            Assert.Equal((span.End, span.Offset), (scanned.SpanAt(at).End, scanned.SpanAt(at).Offset));
            at = span.End;
        }
    }

    [Theory]
    [InlineData("EST5EDT", 2030, "2030-03-10T07:00:00+00:00 2030-11-03T06:00:00+00:00")]
    [InlineData("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", 2030, "2030-04-06T15:00:00+00:00 2030-10-05T15:30:00+00:00")]
    [InlineData("IST-1GMT0,M10.5.0,M3.5.0/1", 2030, "2030-03-31T01:00:00+00:00 2030-10-27T01:00:00+00:00")]
    [InlineData("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", 2030, "2030-03-31T01:00:00+00:00 2030-10-27T01:00:00+00:00")]
    [InlineData("EET-2EEST,M3.4.4/50,M10.4.4/50", 2030, "2030-03-30T00:00:00+00:00 2030-10-25T23:00:00+00:00")]
    [InlineData("A1B,J60/0,J300/0", 2028, "2028-03-01T01:00:00+00:00 2028-10-27T00:00:00+00:00")]
    [InlineData("A1B,59/0,299/0", 2028, "2028-02-29T01:00:00+00:00 2028-10-26T00:00:00+00:00")]
    public void Rules_of_every_form_are_read(string rule, int year, string expected)
    {
        var changes = new List<(long At, int Offset)>();
        Assert.True(PosixRule.Parse(rule).AddChanges(changes, long.MinValue, year, year));
        Assert.Equal(expected.Split(' '), changes.Select(change => IsoTime.Format(DateTimeOffset.FromUnixTimeSeconds(change.At))));
    }

    [Theory]
    [InlineData("")]
    [InlineData("E5")]
    [InlineData("EST5EDT,M13.1.0,M11.1.0")]
    [InlineData("EST5EDT,M3.2.0")]
    [InlineData("<EST5")]
    public void What_is_no_rule_is_refused(string rule)
    {
        if (rule == "E5") Assert.Null(PosixRule.Parse(rule).Start);
        else Assert.Throws<FormatException>(() => PosixRule.Parse(rule));
    }
}
