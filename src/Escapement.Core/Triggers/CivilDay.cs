namespace Escapement.Triggers;

/// <summary>Days since 1970-01-01 to year, month and day and back, in the proleptic Gregorian calendar.</summary>
/// <remarks>After Howard Hinnant's "chrono-compatible low-level date algorithms"; years are counted from March, so that the leap day is a year's last.</remarks>
static class CivilDay
{
    /// <summary>400 years have a whole number of weeks: dates and days of the week repeat together.</summary>
    public const int DaysIn400Years = 146_097;

    const int DaysFromMarchYear0 = 719_468;

    public static int From(int year, int month, int day)
    {
        var marchYear = month <= 2 ? year - 1 : year;
        var era = marchYear / 400;
        var yearOfEra = marchYear - (era * 400);
        var dayOfYear = (((153 * (month > 2 ? month - 3 : month + 9)) + 2) / 5) + day - 1;
        return (era * DaysIn400Years) + (yearOfEra * 365) + (yearOfEra / 4) - (yearOfEra / 100) + dayOfYear - DaysFromMarchYear0;
    }

    /// <param name="days">Of a date in the years 1 to 9999.</param>
    public static (int Year, int Month, int Day) ToDate(int days)
    {
        var fromMarch = (uint)(days + DaysFromMarchYear0);
        var era = fromMarch / DaysIn400Years;
        var dayOfEra = fromMarch - (era * DaysIn400Years);
        var yearOfEra = (dayOfEra - (dayOfEra / 1460) + (dayOfEra / 36_524) - (dayOfEra / 146_096)) / 365;
        var dayOfYear = dayOfEra - ((365 * yearOfEra) + (yearOfEra / 4) - (yearOfEra / 100));
        var monthFromMarch = ((5 * dayOfYear) + 2) / 153;
        var day = (int)(dayOfYear - (((153 * monthFromMarch) + 2) / 5)) + 1;
        var month = (int)(monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9);
        return ((int)(yearOfEra + (era * 400)) + (month <= 2 ? 1 : 0), month, day);
    }

    /// <summary>0 is Sunday, as in <see cref="DayOfWeek"/>.</summary>
    public static int Weekday(int days)
    {
        var weekday = (days + 4) % 7;   // 1970-01-01 was a Thursday
        return weekday < 0 ? weekday + 7 : weekday;
    }
}
