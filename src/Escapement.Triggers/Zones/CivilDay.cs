namespace Escapement.Triggers;

/// <summary>
/// Converts days since 1970-01-01 to year, month and day and back, in the proleptic Gregorian calendar.
/// </summary>
/// <remarks>
/// Years are counted from March, so that the leap day is the last day of a year. After Cassio Neri and Lorenz
/// Schneider, "Euclidean affine functions and their application to calendar algorithms": all divisions are by
/// constants, with hardly a branch. Years 1 to 9999.
/// </remarks>
static class CivilDay
{
    /// <summary>400 years have a whole number of weeks: dates and days of the week repeat together.</summary>
    public const int DaysIn400Years = 146_097;

    const int DaysFromMarchYear0 = 719_468;

    public static int From(int year, int month, int day)
    {
        var isBeforeMarch = month <= 2;
        var marchYear = (uint)(isBeforeMarch ? year - 1 : year);
        var century = marchYear / 100;
        var daysBeforeMonth = ((979 * (uint)(isBeforeMarch ? month + 12 : month)) - 2_919) / 32;
        return (int)((1_461 * marchYear / 4) - century + (century / 4) + daysBeforeMonth) + day - 1 - DaysFromMarchYear0;
    }

    public static (int Year, int Month, int Day) ToDate(int days)
    {
        var quarterDays = (4 * (uint)(days + DaysFromMarchYear0)) + 3;
        var century = quarterDays / DaysIn400Years;
        // The high half is the year of the century, the low half the elapsed part of the year.
        var years = 2_939_745UL * ((quarterDays - (century * DaysIn400Years)) | 3);
        var dayOfYear = (uint)years / 2_939_745 / 4;
        // Likewise for the month, counted from March, and the day of the month.
        var months = (2_141 * dayOfYear) + 197_913;
        var isNextYear = dayOfYear >= 306;
        var year = (int)((100 * century) + (uint)(years >> 32)) + (isNextYear ? 1 : 0);
        return (year, (int)(months >> 16) - (isNextYear ? 12 : 0), (int)((ushort)months / 2_141) + 1);
    }

    /// <summary>Returns the number of days of a month.</summary>
    public static int LengthOf(int year, int month) => month == 2 ? IsLeap(year) ? 29 : 28 : 30 | ((month ^ (month >> 3)) & 1);

    static bool IsLeap(int year) => (year & 3) == 0 && ((uint)year % 25 != 0 || (year & 15) == 0);

    /// <summary>Returns the day of the week, where 0 is Sunday as in <see cref="DayOfWeek"/>.</summary>
    public static int Weekday(int days)
    {
        var weekday = (days + 4) % 7;   // 1970-01-01 was a Thursday
        return weekday < 0 ? weekday + 7 : weekday;
    }
}
