using Xunit;

namespace Escapement.Triggers.Tests;

/// <summary>Tests of the trigger builder. Each chain of words builds a trigger and has a text form.</summary>
public sealed class TriggerBuilderTests
{
    public static TheoryData<TriggerBuilder, string> Words => new()
    {
        { Daily.At(9, 30), "30 9 * * *" },
        { Daily.At(9, 30, 15), "15 30 9 * * *" },
        { Weekly.On(DayOfWeek.Monday, DayOfWeek.Friday).At(9, 30), "30 9 * * mon,fri" },
        { Weekly.OnWeekdays.At(7, 0), "0 7 * * mon-fri" },
        { Weekly.On(DayOfWeek.Sunday), "0 0 * * sun" },
        { Monthly.On(1, 15).At(6, 0), "0 6 1,15 * *" },
        { Monthly.OnLastDay.At(18, 30), "30 18 L * *" },
        { Monthly.OnLastWeekday.At(18, 30), "30 18 LW * *" },
        { Monthly.OnFirst(DayOfWeek.Monday).At(8, 0), "0 8 * * mon#1" },
        { Monthly.OnNth(2, DayOfWeek.Friday).At(8, 0), "0 8 * * fri#2" },
        { Monthly.OnLast(DayOfWeek.Friday).At(17, 0), "0 17 * * friL" },
        { Every.Minutes(20), "every 20 minutes" },
        { Every.Seconds(1.5), "every 1.5 seconds" },
        { Every.Hours(30), "every 1 day 6 hours" },
        { Every.Weeks(2), "every 2 weeks" },
        { Every.Weeks(2).At(9, 30), "every 2 weeks at 09:30" },
        { Every.Days(3).At(9, 30, 15), "every 3 days at 09:30:15" },
        { Every.Months(3).At(9, 30).OrLastDay().From(new DateOnly(2030, 1, 31)), "every 3 months at 09:30 or last day from 2030-01-31" },
        { Every.Years(1), "every 1 year at 00:00" },
        { Daily.At(9, 30).In("Asia/Shanghai"), "30 9 * * * in Asia/Shanghai" },
        { Every.Minutes(20).Except("22:00-06:00", "2041-12-25"), "every 20 minutes except 22:00-06:00, 2041-12-25" },
        { Daily.At(9, 30).Times(5).Jitter(TimeSpan.FromSeconds(90)), "30 9 * * * times 5 jitter 1 minute 30 seconds" },
        { TriggerBuilder.Any(Daily.At(9, 0), Weekly.On(DayOfWeek.Saturday).At(12, 0)), "(0 9 * * *) or (0 12 * * sat)" },
        { Every.Minutes(5).From(FireTimes.At("2030-01-01"))
            .Until(FireTimes.At("2031-01-01")), "every 5 minutes from 2030-01-01T00:00:00+00:00 until 2031-01-01T00:00:00+00:00" },
    };

    [Theory]
    [MemberData(nameof(Words))]
    public void A_word_is_a_trigger(TriggerBuilder recipe, string text)
    {
        Assert.Equal(text, recipe.ToString());
        var trigger = recipe.Build(new(ZoneClock.Utc, FireTimes.At("2030-01-01"), "job"));
        Assert.NotNull(trigger.Next(FireTimes.At("2030-01-01")));
        Assert.Equal(trigger.ToString(), TriggerText.Parse(trigger.ToString(), new(trigger.Zone, default, "job")).ToString());
    }

    [Fact]
    public void What_is_out_of_range_is_refused_where_it_is_written()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Daily.At(24, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Weekly.On((DayOfWeek)7));
        Assert.Throws<ArgumentException>(() => Weekly.On());
        Assert.Throws<ArgumentOutOfRangeException>(() => Monthly.On(32));
        Assert.Throws<ArgumentOutOfRangeException>(() => Monthly.OnNth(6, DayOfWeek.Monday));
        Assert.Throws<ArgumentOutOfRangeException>(() => Every.Minutes(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Every.Days(365_250));
        Assert.Throws<ArgumentOutOfRangeException>(() => Every.Months(1_201));
        Assert.Throws<InvalidOperationException>(() => Every.Days(1.5).At(9, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Daily.At(9, 0).Times(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Daily.At(9, 0).Jitter(TimeSpan.FromDays(2)));
        Assert.Throws<FormatException>(() => Daily.At(9, 0).In("UTC until 2030-01-01"));
    }
}
