using System.Globalization;
using Xunit;

namespace Escapement.Triggers.Tests;

public sealed class CivilDayTests
{
    static readonly int Epoch = DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber;

    [Fact]
    public void Are_those_of_the_calendar_from_the_year_1_to_9999()
    {
        for (var number = DateOnly.MinValue.DayNumber; number <= DateOnly.MaxValue.DayNumber; number++)
        {
            var (date, days) = (DateOnly.FromDayNumber(number), number - Epoch);
            if (CivilDay.ToDate(days) != (date.Year, date.Month, date.Day)) Assert.Fail($"{date:O} is read as {CivilDay.ToDate(days)}");
            if (CivilDay.From(date.Year, date.Month, date.Day) != days)
            {
                Assert.Fail($"{date:O} becomes {CivilDay.From(date.Year, date.Month, date.Day)}");
            }

            if (CivilDay.Weekday(days) != (int)date.DayOfWeek) Assert.Fail($"{date:O} is not a {(DayOfWeek)CivilDay.Weekday(days)}");
            if (date.Day == 1 && CivilDay.LengthOf(date.Year, date.Month) != DateTime.DaysInMonth(date.Year, date.Month))
            {
                Assert.Fail($"{date:O}");
            }
        }
    }

    // The search limit for a date that may never come relies on this property.
    [Fact]
    public void Of_every_kind_of_year_come_again_within_40_years()
    {
        var kinds = Enumerable.Range(1970, 400).Select(Kind).ToHashSet();
        for (var year = 1970; year < 1970 + 400; year++)
        {
            Assert.Equal(kinds, Enumerable.Range(year + 1, 40).Select(Kind).ToHashSet());
        }

        static (bool, DayOfWeek, int, int) Kind(int year) =>
            (DateTime.IsLeapYear(year), new DateTime(year, 1, 1).DayOfWeek, ISOWeek.GetWeeksInYear(year - 1), ISOWeek.GetWeeksInYear(year));
    }

    [Theory]
    [InlineData("0 0 30 2 *")]
    [InlineData("0 0 31 2,4,6,9,11 *")]
    [InlineData("0 0 31W 2 *")]
    public void That_no_month_has_never_come(string expression)
    {
        var trigger = FireTimes.Cron(expression, "Europe/Berlin");
        Assert.Null(trigger.Next(FireTimes.At("2026-01-01")));
        Assert.Null(trigger.Previous(FireTimes.At("2026-01-01")));
        Assert.Equal(0, trigger.Count(DateTimeOffset.MinValue, DateTimeOffset.MaxValue));
    }

    [Fact]
    public void That_are_rare_do_come()
    {
        // From a 29 February on a Sunday to the next, across a century year without a leap day: 40 years.
        var sundays = FireTimes.Of(FireTimes.Cron("0 0 29 2 0"), FireTimes.At("2060-01-01")).Take(4).Select(at => at.Year);
        Assert.Equal([2060, 2088, 2128, 2156], sundays);
        Assert.Equal(2088, FireTimes.Cron("0 0 29 2 0").Previous(FireTimes.At("2128-02-29"))!.Value.Year);
    }
}
