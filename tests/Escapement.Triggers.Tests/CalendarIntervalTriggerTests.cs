using Xunit;

namespace Escapement.Triggers.Tests;

public sealed class CalendarIntervalTriggerTests
{
    static Trigger Text(string text, string zone = "UTC", string now = "2030-01-01 12:00:00") =>
        TriggerText.Parse(text, new(ZoneClock.Get(zone), FireTimes.At(now, zone)));

    static IEnumerable<string> First(Trigger trigger, int count, string from = "2030-01-01") =>
        FireTimes.Of(trigger, FireTimes.At(from)).Take(count).Select(IsoTime.Format);

    [Fact]
    public void A_day_that_a_month_lacks_is_left_out() =>
        Assert.Equal(["2030-01-31T09:30:00+00:00", "2030-03-31T09:30:00+00:00", "2030-05-31T09:30:00+00:00"],
            First(Text("every month at 09:30 from 2030-01-31"), 3));

    [Fact]
    public void Or_the_last_day_stands_for_it_and_shifts_no_later_one() =>
        Assert.Equal(["2030-01-31T00:00:00+00:00", "2030-02-28T00:00:00+00:00", "2030-03-31T00:00:00+00:00", "2030-04-30T00:00:00+00:00"],
            First(Text("every 1 month from 2030-01-31 or last day"), 4));

    [Fact]
    public void The_leap_day_comes_each_four_years_and_not_in_2100()
    {
        var trigger = Text("every year from 2092-02-29");
        Assert.Equal(["2092-02-29T00:00:00+00:00", "2096-02-29T00:00:00+00:00", "2104-02-29T00:00:00+00:00"], First(trigger, 3));
        Assert.Equal(3, trigger.Count(FireTimes.At("2090-01-01"), FireTimes.At("2105-01-01")));
        Assert.Equal(FireTimes.At("2096-02-29"), trigger.Previous(FireTimes.At("2104-02-29")));
    }

    [Fact]
    public void Weeks_follow_the_clock_and_not_real_time() =>
        Assert.Equal(["2030-03-22T09:30:00+01:00", "2030-04-05T09:30:00+02:00", "2030-04-19T09:30:00+02:00"],
            First(Text("every 2 weeks at 09:30 from 2030-03-22", "Europe/Berlin"), 3));

    [Fact]
    public void A_time_in_a_gap_moves_after_it_and_one_in_an_overlap_fires_once()
    {
        Assert.Equal(["2030-03-30T02:30:00+01:00", "2030-03-31T03:00:00+02:00", "2030-04-01T02:30:00+02:00"],
            First(Text("every day at 02:30 from 2030-03-30", "Europe/Berlin"), 3));
        Assert.Equal(["2030-10-26T02:30:00+02:00", "2030-10-27T02:30:00+02:00", "2030-10-28T02:30:00+01:00"],
            First(Text("every day at 02:30 from 2030-10-26", "Europe/Berlin"), 3));
    }

    [Fact]
    public void A_day_that_a_zone_left_out_becomes_one_with_the_next_midnight()
    {
        // Apia had no 30 December 2011.
        var trigger = Text("every day at 00:00 from 2011-12-28", "Pacific/Apia");
        Assert.Equal(["2011-12-29T00:00:00-10:00", "2011-12-31T00:00:00+14:00", "2012-01-01T00:00:00+14:00"],
            First(trigger, 3, "2011-12-29"));
        Assert.Equal(5, trigger.Count(FireTimes.At("2011-12-28", "Pacific/Apia"), FireTimes.At("2012-01-03", "Pacific/Apia")));
    }

    [Fact]
    public void The_end_is_a_day_and_included()
    {
        var trigger = Text("every day at 23:00 from 2030-01-01 until 2030-01-03");
        Assert.Equal(3, First(trigger, 10).Count());
        Assert.Null(trigger.Next(FireTimes.At("2030-01-03 23:00:01")));
    }

    [Fact]
    public void Without_a_start_it_starts_today() =>
        Assert.Equal("every 3 months at 09:30 from 2030-01-01", Text("every 3 months at 09:30").ToString());

    [Fact]
    public void It_ends_with_the_calendar_and_not_by_an_exception()
    {
        foreach (var zone in new[] { "UTC", "Pacific/Apia", "America/Los_Angeles" })
        {
            var trigger = Text("every 7 months at 23:59:59 from 9990-01-31 or last day", zone);
            Assert.InRange(FireTimes.Of(trigger, FireTimes.At("9998-01-01")).Count(), 2, 4);
            Assert.NotNull(trigger.Previous(DateTimeOffset.MaxValue));
            Assert.Equal(FireTimes.Of(trigger, default).LongCount(), trigger.Count(DateTimeOffset.MinValue, DateTimeOffset.MaxValue));
        }
    }

    [Fact]
    public void The_JSON_form_has_its_fields_by_name() => Assert.Equal(
        """{"trigger":"calendarinterval","months":1,"hour":9,"minute":30,"second":0,"start_date":"2030-01-31","missing_day":"last"}""",
        FireTimes.Write(FireTimes.Read(
            """{"trigger": "calendarinterval", "months": 1, "hour": 9, "minute": 30, "start_date": "2030-01-31", "missing_day": "last"}"""), TriggerStyle.Rest, "UTC"));
}
