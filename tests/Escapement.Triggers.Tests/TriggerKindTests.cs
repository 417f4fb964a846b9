using Xunit;

namespace Escapement.Triggers.Tests;

public sealed class TriggerKindTests
{
    [Fact]
    public void An_interval_is_real_time_across_a_change_of_the_clock()
    {
        var trigger = FireTimes.Read("""{"trigger": "interval", "hours": 12, "start_date": "2030-10-26 20:00:00"}""", "Europe/Berlin");
        Assert.Equal(["2030-10-26T20:00:00+02:00", "2030-10-27T07:00:00+01:00", "2030-10-27T19:00:00+01:00"],
            FireTimes.Of(trigger, FireTimes.At("2030-01-01")).Take(3).Select(IsoTime.Format));
    }

    [Fact]
    public void An_interval_without_a_start_begins_one_interval_after_now()
    {
        var trigger = FireTimes.Read("""{"trigger": "interval", "minutes": 1.5}""", now: "2030-01-01 00:00:00.000001");
        Assert.Equal("2030-01-01T00:01:30.000001+00:00", IsoTime.Format(trigger.Next(default)!.Value));
    }

    [Fact]
    public void The_end_of_an_interval_is_inclusive()
    {
        var trigger = FireTimes.Read(
            """{"trigger": "interval", "hours": 1, "start_date": "2030-01-01 00:00:00", "end_date": "2030-01-01 02:00:00"}""");
        Assert.Equal(3, FireTimes.Of(trigger, default).Count());
        Assert.Equal(3, trigger.Count(DateTimeOffset.MinValue, DateTimeOffset.MaxValue));
        Assert.Equal(FireTimes.At("2030-01-01 02:00:00"), trigger.Previous(DateTimeOffset.MaxValue));
    }

    [Fact]
    public void Start_and_end_of_cron_are_inclusive()
    {
        var trigger = FireTimes.Read(
            """{"trigger": "cron", "hour": 9, "start_date": "2030-01-01 09:00:00", "end_date": "2030-01-03 09:00:00"}""", "Asia/Shanghai");
        Assert.Equal(3, FireTimes.Of(trigger, default).Count());
        Assert.Equal(3, trigger.Count(DateTimeOffset.MinValue, DateTimeOffset.MaxValue));
    }

    [Theory]
    [InlineData("0 9 * * *", "30 9 * * *")]
    [InlineData("*/2 * * * * *", "1-59/2 * * * * *")]
    [InlineData("0 0 31 * *", "0 0 * 2 *")]
    [InlineData("0 0 1 * *", "0 0 2 * *")]
    public void Cron_triggers_without_a_common_instant_never_fire_together(string left, string right)
    {
        var trigger = new AndTrigger([FireTimes.Cron(left), FireTimes.Cron(right)], ZoneClock.Utc);
        Assert.Null(trigger.Next(FireTimes.At("2030-01-01")));
        Assert.Null(trigger.Previous(FireTimes.At("2030-01-01")));
    }

    [Fact]
    public void Two_wall_times_that_one_gap_swallows_meet_after_it()
    {
        var berlin = ZoneClock.Get("Europe/Berlin");
        var trigger = new AndTrigger([FireTimes.Cron("15 2 * * *", "Europe/Berlin"), FireTimes.Cron("45 2 * * *", "Europe/Berlin")],
            berlin);
        Assert.Equal(["2030-03-31T03:00:00+02:00", "2031-03-30T03:00:00+02:00"], FireTimes.Of(trigger, FireTimes.At("2030-01-01")).Take(2)
            .Select(IsoTime.Format));
        Assert.Equal("2029-03-25T03:00:00+02:00", IsoTime.Format(trigger.Previous(FireTimes.At("2030-01-01"))!.Value));
        Assert.Equal(10, trigger.Count(FireTimes.At("2030-01-01"), FireTimes.At("2040-01-01")));
    }

    [Theory]
    [InlineData("(39 2 * * *) and ((0 0 * * *) or ((0 0 * * *) and (every 3 days from 2009-09-28T11:44)))")]
    [InlineData("((every 1 days from 2026-01-01T23:30) and (every 86399 seconds from 2026-01-01) and (every 3 days from 2026-01-01T10:38)) times 20")]
    [InlineData("((every 2 seconds from 2026-01-01) and ((every 6 seconds from 2026-01-01T00:00:01) or (every 10 seconds from 2026-01-01T00:00:01))) times 1000000")]
    [InlineData("(((0 9 * * mon) and (every 2 days from 2026-01-01T10:00)) except 22:00-06:00) or ((0 9 * * mon) and (every 2 days from 2026-01-01T10:00))")]
    public void What_never_meets_ends_in_bounded_time_whatever_it_stands_in(string text)
    {
        var trigger = TriggerText.Parse(text, new(ZoneClock.Get("Europe/Berlin"), FireTimes.At("2026-11-28")));
        Assert.Null(trigger.Next(FireTimes.At("2026-11-28")));
        Assert.Null(trigger.Previous(FireTimes.At("2026-11-28")));
    }

    [Fact]
    public void However_they_are_nested_all_have_to_fire()
    {
        var berlin = ZoneClock.Get("Europe/Berlin");
        var (first, second, third) = (FireTimes.Cron("15 2 * 3 *", "Europe/Berlin"), FireTimes.Cron("15 2 1-15 * *", "Europe/Berlin"),
            FireTimes.Cron("15 2 * * 5", "Europe/Berlin"));
        Assert.All([new AndTrigger([first, new AndTrigger([second, third], berlin)], berlin),
            new AndTrigger([new AndTrigger([first, second], berlin), third], berlin)], trigger =>
            Assert.Equal(["2030-03-01T02:15:00+01:00", "2030-03-08T02:15:00+01:00", "2030-03-15T02:15:00+01:00",
                "2031-03-07T02:15:00+01:00"], FireTimes.Of(trigger, FireTimes.At("2030-01-01")).Take(4).Select(IsoTime.Format)));

        // The same holds for the instant after a gap.
        (first, second, third) = (FireTimes.Cron("15 2 * * *", "Europe/Berlin"), FireTimes.Cron("30 2 * * *", "Europe/Berlin"),
            FireTimes.Cron("45 2 * * *", "Europe/Berlin"));
        Assert.All([new AndTrigger([first, new AndTrigger([second, third], berlin)], berlin),
            new AndTrigger([new AndTrigger([first, second], berlin), third], berlin)], trigger =>
            Assert.Equal("2030-03-31T03:00:00+02:00", IsoTime.Format(trigger.Next(FireTimes.At("2030-01-01"))!.Value)));
    }

    [Theory]
    [InlineData("""{"trigger": "interval", "minutes": 2, "start_date": "2030-01-01 00:01:00"}""",
        """{"trigger": "cron", "minute": "*/2"}""", null)]
    [InlineData("""{"trigger": "interval", "seconds": 1, "start_date": "2030-01-01 00:00:00.5"}""",
        """{"trigger": "cron", "second": "*"}""", null)]
    [InlineData("""{"trigger": "interval", "hours": 7, "start_date": "2030-01-01 00:00:00"}""",
        """{"trigger": "cron", "hour": "9", "day": "last"}""", "2030-08-31T09:00:00+00:00")]
    [InlineData("""{"trigger": "interval", "seconds": 86399, "start_date": "2030-01-01 00:00:00"}""",
        """{"trigger": "interval", "days": 1, "start_date": "2030-01-01 00:00:01"}""", "2266-07-21T00:00:01+00:00")]
    [InlineData("""{"trigger": "interval", "weeks": 1, "start_date": "2030-01-01 00:00:00"}""",
        """{"trigger": "interval", "days": 7, "start_date": "2030-01-02 00:00:00"}""", null)]
    [InlineData("""{"trigger": "interval", "weeks": 1, "start_date": "2030-01-01 00:00:00"}""",
        """{"trigger": "cron", "day_of_week": "wed"}""", null)]
    public void Mixed_triggers_meet_or_say_never(string left, string right, string? expected)
    {
        var trigger = new AndTrigger([FireTimes.Read(left), FireTimes.Read(right)], ZoneClock.Utc);
        Assert.Equal(expected, trigger.Next(FireTimes.At("2030-01-01")) is { } next ? IsoTime.Format(next) : null);
    }

    [Theory]
    [InlineData("2041-05-06", "2041-05-06T00:00:00+08:00")]
    [InlineData("2041-05-06 07:08:09", "2041-05-06T07:08:09+08:00")]
    [InlineData("2041-05-06T07:08:09.25", "2041-05-06T07:08:09.250000+08:00")]
    [InlineData("2041-05-06T07:08:09Z", "2041-05-06T07:08:09+00:00")]
    [InlineData("2041-05-06T07:08:09.1234560-03:30", "2041-05-06T07:08:09.123456-03:30")]
    public void A_date_is_read(string text, string expected) =>
        Assert.Equal(expected, IsoTime.Format(IsoTime.Parse(text, ZoneClock.Get("Asia/Shanghai"))));

    [Theory]
    [InlineData("2041-05-06 07:08", "2041-05-06T07:08:00+08:00")]
    [InlineData("2041-05-06T07:08Z", "2041-05-06T07:08:00+00:00")]
    [InlineData("2041-05-06T07:08+02:00", "2041-05-06T07:08:00+02:00")]
    [InlineData("2041-05-06 07:08:09 +01:00", "2041-05-06T07:08:09+01:00")]
    [InlineData("2041-05-06 07:08 -03:30", "2041-05-06T07:08:00-03:30")]
    public void A_date_that_people_type_may_be_shorter(string text, string expected)
    {
        var shanghai = new TriggerContext(ZoneClock.Get("Asia/Shanghai"), FireTimes.At("2030-01-01"));
        Assert.Equal(expected, IsoTime.Format(((DateTrigger)TriggerText.Parse("at " + text, shanghai)).At));
        Assert.Throws<FormatException>(() => IsoTime.Parse(text, shanghai.Zone));
        Assert.Contains("run_date",
            Assert.Throws<TriggerFormatException>(() => FireTimes.Read($$"""{"trigger": "date", "run_date": "{{text}}"}""")).Message);
    }

    [Theory]
    [InlineData("2041-05-06 07")]
    [InlineData("2041-05-06 07:08")]
    [InlineData("2041-05-06 07:08:09 +01:00")]
    [InlineData("2041-05-06 07:08:")]
    [InlineData("2041-05-06 07:60")]
    [InlineData("2041-05-06 07:08.5")]
    [InlineData("2041-05-06 7:08")]
    [InlineData("2041-5-6")]
    [InlineData("2041-05-06Z")]
    [InlineData("2041-05-06 +08:00")]
    [InlineData("2041-05-06 07:08:09  +08:00")]
    [InlineData("2041-05-06 07:08:09 08:00")]
    [InlineData("2041-05-06 07:08:09 ")]
    [InlineData("2041-05-06 07:08:09 Z")]
    [InlineData("2041-05-06 07:08:09+0800")]
    [InlineData("2041-05-06 07:08:09+15:00")]
    [InlineData("2041-05-06 24:00:00")]
    [InlineData("2041-05-06 07:08:60")]
    [InlineData("2041-05-06 07:08:09.")]
    [InlineData("2041-05-06 07:08:09.1234567")]
    [InlineData("0001-01-01 00:00:00+01:00")]
    [InlineData("٢٠٤١-05-06")]
    [InlineData(" 2041-05-06")]
    public void Anything_else_is_no_date(string text) => Assert.Throws<FormatException>(() => IsoTime.Parse(text, ZoneClock.Utc));

    [Theory]
    [InlineData("2030-03-31 02:30:00", "2030-03-31T03:00:00+02:00")]
    [InlineData("2030-10-27 02:30:00", "2030-10-27T02:30:00+02:00")]
    public void A_wall_time_at_a_change_follows_the_rule_of_cron(string text, string expected) =>
        Assert.Equal(expected, IsoTime.Format(FireTimes.At(text, "Europe/Berlin")));

    [Fact]
    public void Every_and_Daily_build_triggers()
    {
        var context = new TriggerContext(ZoneClock.Get("Europe/Berlin"), FireTimes.At("2030-01-01 00:00:00"));
        Assert.Equal("2030-01-01T01:20:00+01:00", IsoTime.Format(Every.Minutes(20).Build(context).Next(context.Now)!.Value));
        Assert.Equal("2030-01-01T09:30:00+01:00", IsoTime.Format(Daily.At(9, 30).Build(context).Next(context.Now)!.Value));
        Assert.Throws<ArgumentOutOfRangeException>(() => Every.Minutes(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Daily.At(24, 0));
        Assert.Equal("every 20 minutes", Every.Minutes(20).ToString());
    }
}
