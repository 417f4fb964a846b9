using Escapement.Triggers;

namespace Escapement.Cli.Lint;

/// <summary>Determines whether the hours, days and years of a cron trigger follow one another.</summary>
static class FollowingTimes
{
    // 12 of the trigger's years are examined. They contain all weekdays of a date, and a leap year.
    const int Years = 12;

    /// <summary>
    /// Returns true if a value at the end of a field's range is anywhere followed by a value at the beginning of
    /// the next range. An example is the last minute of an hour, followed by the first minute of the next hour.
    /// </summary>
    public static bool Meets(CronFields fields, CronField field, int year) => field.Name switch
    {
        "second" => HasNext(fields.Minutes) || (fields.Minutes >> 59 & fields.Minutes & 1) != 0 && HoursFollow(fields, year),
        "minute" => HoursFollow(fields, year),
        "hour" => DaysFollow(fields, year),
        "day" => HasNext(fields.Months) || (fields.Months >> 12 & fields.Months >> 1 & 1) != 0 && YearsFollow(fields, year),
        "month" or "week" => YearsFollow(fields, year),
        // A week always follows, also where another field selects few of its days.
        _ => true,
    };

    /// <summary>Returns the day of the week for a number.</summary>
    public static DayOfWeek Weekday(CronField field, int number) => (DayOfWeek)((field == CronField.DayOfWeek ? number + 1 : number) % 7);

    static bool HoursFollow(CronFields fields, int year) =>
        HasNext(fields.Hours) || (fields.Hours >> 23 & fields.Hours & 1) != 0 && DaysFollow(fields, year);

    static bool HasNext(ulong bits) => (bits & bits >> 1) != 0;

    static bool DaysFollow(CronFields fields, int year)
    {
        var days = YearsOf(fields, year).Take(Years).SelectMany(of => DaysOf(fields, of)).ToHashSet();
        return days.Any(day => day < DateOnly.MaxValue && days.Contains(day.AddDays(1)));
    }

    static bool YearsFollow(CronFields fields, int year) =>
        YearsOf(fields, year).Any(of => of < CronField.Year.Last && fields.HasYear(of + 1));

    static IEnumerable<int> YearsOf(CronFields fields, int year) =>
        Enumerable.Range(year, CronField.Year.Last - year + 1).Where(fields.HasYear);

    static IEnumerable<DateOnly> DaysOf(CronFields fields, int year) =>
        from month in Enumerable.Range(1, 12)
        where (fields.Months >> month & 1) != 0
        let days = fields.DaysIn(year, month)
        from day in Enumerable.Range(1, 31)
        where (days >> day & 1) != 0
        select new DateOnly(year, month, day);
}
