using System.Numerics;

namespace Escapement.Triggers;

/// <summary>The wall times that match the fields of a cron trigger: the next, the one before, how many. Seconds since 1970-01-01 on the wall, no zone.</summary>
static class CronWallTimes
{
    /// <summary>There is none: above every wall time, so that a comparison needs no special case.</summary>
    public const long NoNext = 1L << 60;

    /// <summary>There is none: below every wall time.</summary>
    public const long NoPrevious = -(1L << 60);

    const int FirstYear = 1970;
    const int LastYear = 9999;
    const int SecondsPerDay = 86_400;

    // Every kind of year (its length, its first weekday, its weeks and those of the year before) comes again within 40 years: 28, or 40 across a year such as 2100.
    const int YearsUntilAllKindsCame = 40;

    const long End = 253_402_300_800;   // 10000-01-01

    /// <summary>The first matching wall time at or after <paramref name="low"/>; <see cref="NoNext"/> when there is none before the year 10000.</summary>
    public static long Next(CronFields fields, long low)
    {
        if (low < 0) low = 0;
        if (low >= End || HasNoTime(fields)) return NoNext;
        var dayNumber = (int)(low / SecondsPerDay);
        var (year, month, day) = CivilDay.ToDate(dayNumber);
        if (fields.HasYear(year) && (fields.Months >> month & 1) != 0)
        {
            var days = fields.DaysIn(year, month) >> day << day;
            if ((days >> day & 1) != 0)
            {
                var time = NextTime(fields, (int)(low - ((long)dayNumber * SecondsPerDay)));
                if (time >= 0) return ((long)dayNumber * SecondsPerDay) + time;
                days &= ~(1u << day);
            }

            if (days != 0) return ((long)(dayNumber + BitOperations.TrailingZeroCount(days) - day) * SecondsPerDay) + FirstTime(fields);
        }

        // A list of years repeats nothing, but is finite.
        var lastYear = HasYears(fields) ? LastYear : Math.Min(LastYear, year + YearsUntilAllKindsCame);
        while (year <= lastYear)
        {
            var later = fields.Months & (uint)(~0UL << (month + 1));
            if (later == 0 || !fields.HasYear(year))
            {
                year++;
                month = 0;
                continue;
            }

            month = BitOperations.TrailingZeroCount(later);
            var days = fields.DaysIn(year, month);
            if (days != 0) return ((long)CivilDay.From(year, month, BitOperations.TrailingZeroCount(days)) * SecondsPerDay) + FirstTime(fields);
        }

        return NoNext;
    }

    /// <summary>The last matching wall time at or before <paramref name="high"/>; <see cref="NoPrevious"/> when there is none from 1970 on.</summary>
    public static long Previous(CronFields fields, long high)
    {
        if (high >= End) high = End - 1;
        if (high < 0 || HasNoTime(fields)) return NoPrevious;
        var dayNumber = (int)(high / SecondsPerDay);
        var (year, month, day) = CivilDay.ToDate(dayNumber);
        if (fields.HasYear(year) && (fields.Months >> month & 1) != 0)
        {
            var days = fields.DaysIn(year, month) & (uint)((1UL << (day + 1)) - 1);
            if ((days >> day & 1) != 0)
            {
                var time = PreviousTime(fields, (int)(high - ((long)dayNumber * SecondsPerDay)));
                if (time >= 0) return ((long)dayNumber * SecondsPerDay) + time;
                days &= ~(1u << day);
            }

            if (days != 0) return ((long)(dayNumber + BitOperations.Log2(days) - day) * SecondsPerDay) + LastTime(fields);
        }

        var firstYear = HasYears(fields) ? FirstYear : Math.Max(FirstYear, year - YearsUntilAllKindsCame);
        while (year >= firstYear)
        {
            var earlier = fields.Months & ((1u << month) - 1);
            if (earlier == 0 || !fields.HasYear(year))
            {
                year--;
                month = 13;
                continue;
            }

            month = BitOperations.Log2(earlier);
            var days = fields.DaysIn(year, month);
            if (days != 0) return ((long)CivilDay.From(year, month, BitOperations.Log2(days)) * SecondsPerDay) + LastTime(fields);
        }

        return NoPrevious;
    }

    /// <summary>How many matching wall times lie at or after <paramref name="low"/> and before <paramref name="high"/>, a month at a time.</summary>
    public static long Count(CronFields fields, long low, long high)
    {
        low = Math.Max(low, 0);
        high = Math.Min(high, End);
        if (low >= high || HasNoTime(fields)) return 0;
        return CountBelow(fields, high, low) - TimesBelow(fields, low);

        // From the beginning of the day of low up to high; then what precedes low on its own day is taken off.
        static long CountBelow(CronFields fields, long high, long low)
        {
            var firstDay = (int)(low / SecondsPerDay);
            var lastDay = (int)(high / SecondsPerDay);
            var wholeDays = 0L;
            var at = firstDay;
            while (at < lastDay)
            {
                var (year, month, day) = CivilDay.ToDate(at);
                var monthEnd = at + DateTime.DaysInMonth(year, month) - day + 1;
                if (fields.HasYear(year) && (fields.Months >> month & 1) != 0)
                {
                    var days = fields.DaysIn(year, month) >> day << day;
                    if (monthEnd > lastDay) days &= (uint)((1UL << (day + lastDay - at)) - 1);
                    wholeDays += BitOperations.PopCount(days);
                }

                at = monthEnd;
            }

            return (wholeDays * TimesADay(fields)) + TimesBelow(fields, high);
        }
    }

    // Times on the day of a wall time that are before it; 0 when the day does not match.
    static long TimesBelow(CronFields fields, long wall)
    {
        if (wall >= End) return 0;
        var dayNumber = (int)(wall / SecondsPerDay);
        var time = (int)(wall - ((long)dayNumber * SecondsPerDay));
        var (year, month, day) = CivilDay.ToDate(dayNumber);
        if (!fields.HasYear(year) || (fields.Months >> month & 1) == 0 || (fields.DaysIn(year, month) >> day & 1) == 0) return 0;

        var (hour, minute, second) = Split(time);
        long perMinute = BitOperations.PopCount(fields.Seconds);
        var count = BitOperations.PopCount(fields.Hours & ((1u << hour) - 1)) * BitOperations.PopCount(fields.Minutes) * perMinute;
        if ((fields.Hours >> hour & 1) == 0) return count;
        count += BitOperations.PopCount(fields.Minutes & ((1UL << minute) - 1)) * perMinute;
        if ((fields.Minutes >> minute & 1) == 0) return count;
        return count + BitOperations.PopCount(fields.Seconds & ((1UL << second) - 1));
    }

    static long TimesADay(CronFields fields) =>
        (long)BitOperations.PopCount(fields.Hours) * BitOperations.PopCount(fields.Minutes) * BitOperations.PopCount(fields.Seconds);

    static int NextTime(CronFields fields, int time)
    {
        var (hour, minute, second) = Split(time);
        if ((fields.Hours >> hour & 1) != 0)
        {
            if ((fields.Minutes >> minute & 1) != 0)
            {
                var seconds = fields.Seconds >> second;
                if (seconds != 0) return time + BitOperations.TrailingZeroCount(seconds);
            }

            var minutes = fields.Minutes >> minute >> 1;
            if (minutes != 0)
            {
                return (hour * 3600) + ((minute + 1 + BitOperations.TrailingZeroCount(minutes)) * 60) + BitOperations.TrailingZeroCount(fields.Seconds);
            }
        }

        var hours = fields.Hours >> hour >> 1;
        if (hours == 0) return -1;
        return ((hour + 1 + BitOperations.TrailingZeroCount(hours)) * 3600)
            + (BitOperations.TrailingZeroCount(fields.Minutes) * 60) + BitOperations.TrailingZeroCount(fields.Seconds);
    }

    static int PreviousTime(CronFields fields, int time)
    {
        var (hour, minute, second) = Split(time);
        if ((fields.Hours >> hour & 1) != 0)
        {
            if ((fields.Minutes >> minute & 1) != 0)
            {
                var seconds = fields.Seconds & ((1UL << (second + 1)) - 1);
                if (seconds != 0) return time - second + BitOperations.Log2(seconds);
            }

            var minutes = fields.Minutes & ((1UL << minute) - 1);
            if (minutes != 0) return (hour * 3600) + (BitOperations.Log2(minutes) * 60) + BitOperations.Log2(fields.Seconds);
        }

        var hours = fields.Hours & ((1u << hour) - 1);
        return hours == 0 ? -1 : (BitOperations.Log2(hours) * 3600) + (BitOperations.Log2(fields.Minutes) * 60) + BitOperations.Log2(fields.Seconds);
    }

    static (int Hour, int Minute, int Second) Split(int time)
    {
        var minutes = (uint)time / 60;
        var hour = minutes / 60;
        return ((int)hour, (int)(minutes - (hour * 60)), (int)((uint)time - (minutes * 60)));
    }

    static int FirstTime(CronFields fields) =>
        (BitOperations.TrailingZeroCount(fields.Hours) * 3600) + (BitOperations.TrailingZeroCount(fields.Minutes) * 60) + BitOperations.TrailingZeroCount(fields.Seconds);

    static int LastTime(CronFields fields) =>
        (BitOperations.Log2(fields.Hours) * 3600) + (BitOperations.Log2(fields.Minutes) * 60) + BitOperations.Log2(fields.Seconds);

    // Only the common fields of several triggers can be empty.
    static bool HasNoTime(CronFields fields) => fields.Hours == 0 || fields.Minutes == 0 || fields.Seconds == 0 || fields.Months == 0;

    /// <summary>Whether the years are listed: then dates do not repeat.</summary>
    public static bool HasYears(CronFields? fields)
    {
        for (; fields is not null; fields = fields.Also)
        {
            if (fields.Years is not null) return true;
        }

        return false;
    }
}
