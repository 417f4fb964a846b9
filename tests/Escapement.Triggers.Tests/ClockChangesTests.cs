using Xunit;

namespace Escapement.Triggers.Tests;

/// <summary>Tests of the explanations of clock changes, and of triggers that never fire.</summary>
public sealed class ClockChangesTests
{
    const string Forward = "On 2027-03-28 clocks go forward from 02:00 to 03:00: ";
    const string Back = "On 2026-10-25 clocks go back from 03:00 to 02:00: ";

    [Theory]
    [InlineData("30 2 * * *", "02:30 comes twice; it fires once, in the first pass.", "02:30 does not exist; it fires at 03:00 instead.")]
    [InlineData("*/20 2 * * *", "02:00, 02:20 and 02:40 come twice; it fires in both passes.",
        "02:00, 02:20 and 02:40 do not exist; it fires once at 03:00 instead.")]
    [InlineData("0,30 2 * * *", "02:00 and 02:30 come twice; it fires once at each, in the first pass.",
        "02:00 and 02:30 do not exist; it fires once at 03:00 instead.")]
    [InlineData("0 * * * *", "02:00 comes twice; it fires in both passes.",
        "02:00 does not exist; it fires once at 03:00, which is one of its times anyway.")]
    [InlineData("* * * * *", "its 60 times from 02:00 to 02:59 come twice; it fires in both passes.",
        "its 60 times from 02:00 to 02:59 do not exist; it fires once at 03:00, which is one of its times anyway.")]
    [InlineData("30 2 * * mon-fri", "none of its times comes twice.", "none of its times is skipped.")]
    public void Each_direction_is_told(string expression, string back, string forward) =>
        Assert.Equal([Back + back, Forward + forward], Sentences(FireTimes.Cron(expression, "Europe/Berlin")));

    [Theory]
    [InlineData("every day at 02:30 from 2026-01-01", "02:30 comes twice; it fires once, in the first pass.",
        "02:30 does not exist; it fires at 03:00 instead.")]
    [InlineData("every 2 days at 02:30 from 2026-01-01", "none of its times comes twice.", "none of its times is skipped.")]
    [InlineData("every day at 03:00 from 2026-01-01", "none of its times comes twice.", "none of its times is skipped.")]
    // The limits of a trigger do not hide its clock changes.
    [InlineData("30 2 * * * times 1000 since 2026-01-01 jitter 30 seconds", "02:30 comes twice; it fires once, in the first pass.",
        "02:30 does not exist; it fires at 03:00 instead.")]
    [InlineData("30 2 * * * times 100 since 2026-10-01", "02:30 comes twice; it fires once, in the first pass.",
        "none of its times is skipped.")]
    [InlineData("*/20 2 * * * except 02:30-03:00", "02:00 and 02:20 come twice; it fires in both passes.",
        "02:00, 02:20 and 02:40 do not exist; it fires once at 03:00 instead.")]
    [InlineData("30 2 * * * except 03:00-04:00", "02:30 comes twice; it fires once, in the first pass.",
        "02:30 does not exist; 03:00, to which it would move, is excluded: it does not fire.")]
    [InlineData("*/20 2 * * * except 03-28", "02:00, 02:20 and 02:40 come twice; it fires in both passes.",
        "02:00, 02:20 and 02:40 do not exist; 03:00, to which they would move, is excluded: it does not fire.")]
    [InlineData("every day at 02:30 from 2026-01-01 except 10-25", "none of its times comes twice.",
        "02:30 does not exist; it fires at 03:00 instead.")]
    [InlineData("*/30 * * * * until 2026-10-25T02:00:00+02:00", "02:00 comes twice; it fires once, in the first pass.",
        "none of its times is skipped.")]
    [InlineData("*/30 * * * * from 2026-10-25T02:00:00+01:00",
        "it begins or ends between the two passes; it fires at 02:00 +01:00, 02:30 +01:00.",
        "02:00 and 02:30 do not exist; it fires once at 03:00, which is one of its times anyway.")]
    public void What_is_limited_or_goes_by_the_calendar_follows_the_wall_clock_too(string text, string back, string forward) =>
        Assert.Equal([Back + back, Forward + forward], Sentences(Parse(text, "Europe/Berlin")));

    [Fact]
    public void A_day_that_a_zone_left_out_is_a_gap_too()
    {
        var change = Assert.Single(ClockChanges.After(Parse("every day at 00:00 from 2011-01-01", "Pacific/Apia"),
            FireTimes.At("2011-12-01"), Language.English).Take(1));
        Assert.Equal("On 2011-12-30 clocks go forward from 00:00 to 2011-12-31 00:00: 00:00 does not exist; it fires once at 00:00, which is one of its times anyway.", change.Sentence);
        var weekly = ClockChanges.After(Parse("every week at 00:00 from 2011-12-24", "Pacific/Apia"), FireTimes.At("2011-12-01"),
            Language.English).First();
        Assert.Equal(ClockEffect.None, weekly.Effect);
    }

    [Fact]
    public void An_interval_goes_on_in_real_time() => Assert.Equal(
        Forward + "an interval goes on in real time, so its wall times move; it fires at 01:00 +01:00, 03:00 +02:00.",
        Sentences(FireTimes.Read("""{"trigger": "interval", "hours": 1, "start_date": "2026-01-01"}""", "Europe/Berlin"))[1]);

    [Fact]
    public void A_zone_without_changes_has_nothing_to_tell() => Assert.Empty(Sentences(FireTimes.Cron("0 2 * * *", "Asia/Shanghai")));

    [Theory]
    [InlineData("0 0 30 2 *", "It never fires: 30 February does not exist.")]
    [InlineData("0 0 31 4,6 *", "It never fires: none of its months has a day 31.")]
    [InlineData("0 0 1-7 * friL", "It never fires: no day matches all of its fields.")]
    [InlineData("0 0 * * *", null)]
    public void A_trigger_that_never_fires_says_why(string expression, string? why) =>
        Assert.Equal(why, NeverFires.Why(FireTimes.Cron(expression), FireTimes.At("2026-10-01"), Language.English));

    [Fact]
    public void A_trigger_that_has_ended_says_when() => Assert.Equal(
        "It never fires again: the last time was 2020-12-31T09:00:00+00:00.",
        NeverFires.Why(FireTimes.Read("""{"trigger": "cron", "year": 2020, "hour": 9}"""), FireTimes.At("2026-10-01"), Language.English));

    [Theory]
    [InlineData("0 9 * * * except 00:00-24:00", "It never fires: the excluded parts of each day leave nothing of it.")]
    [InlineData("0 9 * * * except 08:00-10:00", "It never fires: all of its times from 2026-10-01T09:00:00+00:00 on are excluded.")]
    [InlineData("0 9 30 2 * except 12-25", "It never fires: 30 February does not exist.")]
    [InlineData("0 9 * * * times 3 since 2026-09-01",
        "It never fires again: its 3 times are over, and the last time was 2026-09-03T09:00:00+00:00.")]
    [InlineData("0 9 * * * times 1 since 2026-09-01",
        "It never fires again: its one time is over, and the last time was 2026-09-01T09:00:00+00:00.")]
    [InlineData("0 9 * * * until 2026-09-01 times 3 since 2026-09-10", "It never fires: its times end before they are counted.")]
    [InlineData("0 9 * * * except 2026-09-10/2030-01-01 times 10 since 2026-09-01", null)]
    [InlineData("0 9 * * * except 2026-09-10/9999-12-31",
        "It never fires again: all of its times from 2026-10-01T09:00:00+00:00 on are excluded, and the last time was 2026-09-09T09:00:00+00:00.")]
    [InlineData("0 9 * * * from 2030-01-02 until 2030-01-01", "It never fires: its end is before its start.")]
    [InlineData("every 20 minutes from 2030-01-02 until 2030-01-01", "It never fires: its end is before its start.")]
    [InlineData("every month from 2030-01-02 until 2030-01-01", "It never fires: its end is before its start.")]
    [InlineData("every month from 2030-01-02 until 2030-01-01 times 5", "It never fires: its end is before its start.")]
    [InlineData("every month from 2020-01-02 until 2020-03-01", "It never fires again: the last time was 2020-02-02T00:00:00+00:00.")]
    [InlineData("at 2020-01-01", "It never fires again: the last time was 2020-01-01T00:00:00+00:00.")]
    [InlineData("(0 9 * * *) and (0 10 * * *)", "It never fires: its parts have no instant in common.")]
    [InlineData("(0 0 30 2 *) or (0 0 31 2 *)", "It never fires: none of its parts fires.")]
    public void What_limits_it_is_named_where_it_is_the_reason(string text, string? why) =>
        Assert.Equal(why, NeverFires.Why(Parse(text, "UTC"), FireTimes.At("2026-10-01"), Language.English));

    static Trigger Parse(string text, string zone) => TriggerText.Parse(text, new(ZoneClock.Get(zone), FireTimes.At("2026-10-01")));

    static List<string> Sentences(Trigger trigger) =>
        [.. ClockChanges.Next(trigger, FireTimes.At("2026-10-01"), Language.English).Select(change => change.Sentence)];
}
