using Xunit;

namespace Escapement.Triggers.Tests;

/// <summary>Tests of exclusions, and of the maximum number of fire times.</summary>
public sealed class LimitedTriggerTests
{
    static readonly Dictionary<string,
        NamedDates> Known = new() { ["holidays"] = new("holidays", ["2030-01-03/2030-01-05", "12-25", "02-29"]) };

    static Trigger Text(string text, string zone = "UTC", string now = "2030-01-01") =>
        TriggerText.Parse(text, new(ZoneClock.Get(zone), FireTimes.At(now, zone)) { Dates = Known });

    static IEnumerable<string> First(Trigger trigger, int count, string from = "2030-01-01") =>
        FireTimes.Of(trigger, FireTimes.At(from)).Take(count).Select(at => at.ToString("MM-dd HH:mm", null));

    [Fact]
    public void Days_are_left_out_by_the_name_of_their_set_and_by_themselves() =>
        Assert.Equal(["01-02 09:00", "01-06 09:00", "01-08 09:00"], First(Text("0 9 * * * except holidays, 2030-01-01, 2030-01-07"), 3));

    [Fact]
    public void A_part_of_each_day_goes_over_midnight_and_its_end_is_not_part_of_it() =>
        Assert.Equal(["01-01 06:00", "01-01 14:00", "01-01 21:59", "01-02 06:00"],
            First(Text("0 6,14,22 * * * except 22:00-06:00") is var t
            ? new OrTrigger([t, Text("59 21 * * * except 22:00-06:00")], ZoneClock.Utc)
            : null!, 4));

    [Fact]
    public void A_day_of_each_year_counts_in_each_year_that_has_it()
    {
        var trigger = Text("0 0 29 2 * except holidays");
        Assert.Null(trigger.Next(FireTimes.At("2030-01-01")));
        Assert.Null(trigger.Previous(FireTimes.At("2400-01-01")));
        Assert.Equal(0, trigger.Count(FireTimes.At("2000-01-01"), FireTimes.At("2400-01-01")));
        Assert.Equal(["01-25 00:00", "02-25 00:00"], First(Text("0 0 25 * * except 12-25"), 2, "2030-12-01"));
    }

    [Theory]
    [InlineData("0 23 * * * except 22:00-06:00")]
    [InlineData("* * * * * * except 00:00-12:00, 12:00-24:00")]
    [InlineData("every 1 day from 2030-01-01T23:00:00 except 22:00-06:00")]
    [InlineData("every 1 year at 09:00 from 2030-12-25 except holidays")]
    [InlineData("(0 23 * * *) or (0 2 * * *) except 22:00-06:00")]
    [InlineData("(0 23 * * *) and (0 22-23 * * *) except 22:00-06:00")]
    [InlineData("0 9 1-3 1 * until 2030-12-31 except 1970-01-01/2030-12-31")]
    [InlineData("0 0 30 2 * except holidays")]
    [InlineData("hour=9, year=2030-2040 except 2020-01-01/2050-01-01")]
    public void Where_everything_is_excluded_it_says_never_in_bounded_time(string text)
    {
        var trigger = Text(text, "Europe/Berlin");
        Assert.Null(trigger.Next(FireTimes.At("2030-01-01")));
        Assert.Null(trigger.Previous(FireTimes.At("2050-01-01")));
        Assert.Equal(0, trigger.Count(FireTimes.At("2020-01-01"), FireTimes.At("2050-01-01")));
    }

    [Fact]
    public void A_time_that_moves_out_of_a_gap_is_judged_where_it_fires()
    {
        // 02:30 does not exist on 31 March 2030 and fires at 03:00.
        Assert.Equal(["03-30 02:30", "03-31 03:00", "04-01 02:30"],
            First(Text("30 2 * * * except 03:10-04:00", "Europe/Berlin"), 3, "2030-03-30"));
        Assert.Equal(["03-30 02:30", "04-01 02:30"], First(Text("30 2 * * * except 03:00-04:00", "Europe/Berlin"), 2, "2030-03-30"));
    }

    [Fact]
    public void In_an_overlap_both_passes_are_excluded()
    {
        var trigger = Text("*/30 * * * * except 02:15-02:45", "Europe/Berlin");
        Assert.Equal(["10-27 02:00", "10-27 02:00", "10-27 03:00"], First(trigger, 3, "2030-10-27 00:00:00"));
        Assert.Equal(3, trigger.Count(FireTimes.At("2030-10-27 00:00:00"), FireTimes.At("2030-10-27 02:30:00")));
    }

    [Fact]
    public void Times_are_counted_from_the_start_else_from_now()
    {
        Assert.Equal(["01-06 09:00", "01-07 09:00"], First(Text("0 9 * * * from 2030-01-04 except holidays times 2"), 5));
        Assert.Equal(["01-01 09:00", "01-02 09:00"], First(Text("0 9 * * * times 2"), 5));
        Assert.Empty(First(Text("0 9 * * * times 2"), 5, "2030-01-03"));
        Assert.Equal(FireTimes.At("2030-01-02 09:00:00"), Text("0 9 * * * times 2").Previous(FireTimes.At("2050-01-01")));
        Assert.Null(Text("0 9 * * * times 2").Previous(FireTimes.At("2029-01-01")));
        Assert.Equal(2, Text("0 9 * * * times 2").Count(FireTimes.At("2000-01-01"), FireTimes.At("2050-01-01")));
    }

    [Theory]
    [InlineData("* * * * * * times 250000", 250_000)]
    [InlineData("0 9 * * * times 10000", 10_000)]
    [InlineData("every 90 seconds from 2030-01-01 times 1000000", 1_000_000)]
    [InlineData("*/5 * * * * except 22:00-06:00 times 5000", 5_000)]
    [InlineData("0 0 29 2 * times 5000", 1_932)]
    [InlineData("(every 90 seconds from 2030-01-01) or (every 60 seconds from 2030-01-01) times 300000", 300_000)]
    [InlineData("(* * * * *) and (*/2 * * * * in Europe/Berlin) times 100000", 100_000)]
    public void The_last_of_many_times_is_found(string text, long count)
    {
        var trigger = Text(text);
        Assert.Equal(count, trigger.Count(FireTimes.At("2030-01-01"), DateTimeOffset.MaxValue));
        var last = trigger.Previous(DateTimeOffset.MaxValue)!.Value;
        Assert.Equal((last, null), (trigger.Next(last), trigger.Next(last.AddMicroseconds(1))));
    }

    [Fact]
    public void A_store_keeps_the_days_and_REST_shows_the_name()
    {
        var trigger = Text("0 9 * * * except 2030-01-07, holidays, 22:00-06:00 times 3 jitter 30 seconds");
        Assert.Equal("""{"trigger":"cron","expression":"0 9 * * *","exclude":["holidays","2030-01-07","22:00-06:00"],"times":3,"times_from":"2030-01-01T00:00:00+00:00","jitter":30}""", FireTimes.Write(trigger, TriggerStyle.Rest, "UTC"));
        // The reader does not know the set.
        var again = FireTimes.Read(FireTimes.Write(trigger, TriggerStyle.Stored));
        Assert.Equal(First(trigger, 5), First(again, 5));
        Assert.Equal(TimeSpan.FromSeconds(30), again.Jitter);
    }

    [Fact]
    public void A_named_set_can_get_other_days()
    {
        var trigger = Text("(0 9 * * * except holidays) or (0 10 * * *) in Europe/Berlin");
        Assert.Same(trigger, trigger.WithDates(Known));
        var changed = trigger.WithDates(new Dictionary<string, NamedDates> { ["holidays"] = new("holidays", ["2030-01-01"]) });
        Assert.Equal(["01-01 10:00", "01-02 09:00"], First(changed, 2));
    }

    [Theory]
    [InlineData("1day")]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("until")]
    [InlineData("ä")]
    public void A_name_of_a_set_is_one_word_that_means_nothing_else(string name) => Assert.Contains("is not a name of excluded dates",
        Assert.Throws<FormatException>(() => new NamedDates(name, [])).Message, StringComparison.Ordinal);
}
