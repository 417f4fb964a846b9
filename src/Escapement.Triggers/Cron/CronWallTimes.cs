using System.Numerics;

namespace Escapement.Triggers;

/// <summary>
/// Finds and counts the wall times that match the fields of a cron trigger, in seconds since 1970-01-01 on the wall and
/// without a time zone.
/// </summary>
/// <remarks>
/// A struct over the bit sets, without state of its own: a process may keep a million triggers, and each call counts in
/// nanoseconds.
/// </remarks>
readonly struct CronWallTimes(CronFields fields)
{
    /// <summary>
    /// The result when no later time matches. Above every wall time, so that a comparison needs no special case.
    /// </summary>
    public const long NoNext = 1L << 60;

    /// <summary>The result when no earlier time matches. Below every wall time.</summary>
    public const long NoPrevious = -(1L << 60);

    const int FirstYear = 1970;
    const int LastYear = 9999;
    const int SecondsPerDay = 86_400;

    // Every kind of year (its length, its first weekday, its weeks and the weeks of the year before) recurs within
    // 40 years: after 28 years, or 40 across a year such as 2100.
    const int YearsUntilAllKindsCame = 40;

    const long End = 253_402_300_800;   // 10000-01-01

    // Adds a second week above the first to the days of the week.
    const uint TwoWeeks = 0b1000_0001;

    /// <summary>The fields to match.</summary>
    public CronFields Fields => fields;

    /// <summary>Whether the years are listed, so that dates do not repeat.</summary>
    public bool HasYears
    {
        get
        {
            for (var each = fields; each is not null; each = each.Also)
            {
                if (each.Years is not null) return true;
            }

            return false;
        }
    }

    /// <summary>
    /// Returns the first matching wall time at or after <paramref name="low"/>, or <see cref="NoNext"/> if no time
    /// before the year 10000 matches.
    /// </summary>
    public long Next(long low)
    {
        if (low < 0) low = 0;
        if (low >= End) return NoNext;
        var dayNumber = (int)((ulong)low / SecondsPerDay);
        var timeOfDay = (int)(low - ((long)dayNumber * SecondsPerDay));
        return fields.IsWeekly ? NextInWeek(dayNumber, timeOfDay) : NextByDate(dayNumber, timeOfDay);
    }

    /// <summary>
    /// Returns the last matching wall time at or before <paramref name="high"/>, or <see cref="NoPrevious"/> if no time
    /// since 1970 matches.
    /// </summary>
    public long Previous(long high)
    {
        if (high >= End) high = End - 1;
        if (high < 0) return NoPrevious;
        var dayNumber = (int)((ulong)high / SecondsPerDay);
        var timeOfDay = (int)(high - ((long)dayNumber * SecondsPerDay));
        return fields.IsWeekly ? PreviousInWeek(dayNumber, timeOfDay) : PreviousByDate(dayNumber, timeOfDay);
    }

    long NextInWeek(int dayNumber, int timeOfDay)
    {
        var days = fields.DaysOfWeek * TwoWeeks >> CivilDay.Weekday(dayNumber);
        if ((days & 1) != 0)
        {
            var time = NextTime(timeOfDay);
            if (time >= 0) return ((long)dayNumber * SecondsPerDay) + time;
        }

        var wall = ((dayNumber + 1L + BitOperations.TrailingZeroCount(days >> 1)) * SecondsPerDay) + fields.FirstTime;
        return wall < End ? wall : NoNext;
    }

    long PreviousInWeek(int dayNumber, int timeOfDay)
    {
        // The bit in the second of the two weeks, so that all days of a week are below.
        var (bit, weekly) = (CivilDay.Weekday(dayNumber) + 7, fields.DaysOfWeek * TwoWeeks);
        if ((weekly >> bit & 1) != 0)
        {
            var time = PreviousTime(timeOfDay);
            if (time >= 0) return ((long)dayNumber * SecondsPerDay) + time;
        }

        var wall = (((long)dayNumber - bit + BitOperations.Log2(weekly & ((1u << bit) - 1))) * SecondsPerDay) + LastTime;
        return wall >= 0 ? wall : NoPrevious;
    }

    long NextByDate(int dayNumber, int timeOfDay)
    {
        if (fields.FirstTime < 0) return NoNext;
        var (year, month, day) = CivilDay.ToDate(dayNumber);
        if (fields.HasYear(year) && (fields.Months >> month & 1) != 0)
        {
            var days = fields.DaysIn(year, month) >> day << day;
            if ((days >> day & 1) != 0)
            {
                var time = NextTime(timeOfDay);
                if (time >= 0) return ((long)dayNumber * SecondsPerDay) + time;
                days &= ~(1u << day);
            }

            if (days != 0) return ((long)(dayNumber + BitOperations.TrailingZeroCount(days) - day) * SecondsPerDay) + fields.FirstTime;
        }

        // A list of years does not repeat, but is finite.
        var lastYear = HasYears ? LastYear : Math.Min(LastYear, year + YearsUntilAllKindsCame);
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
            if (days != 0)
            {
                return ((long)CivilDay.From(year, month, BitOperations.TrailingZeroCount(days)) * SecondsPerDay) + fields.FirstTime;
            }
        }

        return NoNext;
    }

    long PreviousByDate(int dayNumber, int timeOfDay)
    {
        if (fields.FirstTime < 0) return NoPrevious;
        var (year, month, day) = CivilDay.ToDate(dayNumber);
        if (fields.HasYear(year) && (fields.Months >> month & 1) != 0)
        {
            var days = fields.DaysIn(year, month) & (uint)((1UL << (day + 1)) - 1);
            if ((days >> day & 1) != 0)
            {
                var time = PreviousTime(timeOfDay);
                if (time >= 0) return ((long)dayNumber * SecondsPerDay) + time;
                days &= ~(1u << day);
            }

            if (days != 0) return ((long)(dayNumber + BitOperations.Log2(days) - day) * SecondsPerDay) + LastTime;
        }

        var firstYear = HasYears ? FirstYear : Math.Max(FirstYear, year - YearsUntilAllKindsCame);
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
            if (days != 0) return ((long)CivilDay.From(year, month, BitOperations.Log2(days)) * SecondsPerDay) + LastTime;
        }

        return NoPrevious;
    }

    /// <summary>
    /// Counts the matching wall times at or after <paramref name="low"/> and before <paramref name="high"/>, month by
    /// month.
    /// </summary>
    public long Count(long low, long high)
    {
        low = Math.Max(low, 0);
        high = Math.Min(high, End);
        if (low >= high || fields.FirstTime < 0) return 0;
        // Counts from the beginning of low's day up to high, and subtracts the times before low on low's own day.
        return (DaysBetween((int)(low / SecondsPerDay), (int)(high / SecondsPerDay)) * TimesADay) + TimesBelow(high) - TimesBelow(low);
    }

    // Counts the matching days, without the last day.
    long DaysBetween(int at, int end)
    {
        var count = 0L;
        while (at < end)
        {
            var (year, month, day) = CivilDay.ToDate(at);
            var monthEnd = at + CivilDay.LengthOf(year, month) - day + 1;
            if (fields.HasYear(year) && (fields.Months >> month & 1) != 0)
            {
                var days = fields.DaysIn(year, month) >> day << day;
                if (monthEnd > end) days &= (uint)((1UL << (day + end - at)) - 1);
                count += BitOperations.PopCount(days);
            }

            at = monthEnd;
        }

        return count;
    }

    // Counts the times before a wall time on the same day, or returns 0 if the day does not match.
    long TimesBelow(long wall)
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

    long TimesADay =>
        (long)BitOperations.PopCount(fields.Hours) * BitOperations.PopCount(fields.Minutes) * BitOperations.PopCount(fields.Seconds);

    int NextTime(int time)
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
                return (hour * 3600) + ((minute + 1 + BitOperations.TrailingZeroCount(minutes)) * 60)
                    + BitOperations.TrailingZeroCount(fields.Seconds);
            }
        }

        var hours = fields.Hours >> hour >> 1;
        if (hours == 0) return -1;
        return ((hour + 1 + BitOperations.TrailingZeroCount(hours)) * 3600)
            + (BitOperations.TrailingZeroCount(fields.Minutes) * 60) + BitOperations.TrailingZeroCount(fields.Seconds);
    }

    int PreviousTime(int time)
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
        return hours == 0 ? -1
            : (BitOperations.Log2(hours) * 3600) + (BitOperations.Log2(fields.Minutes) * 60) + BitOperations.Log2(fields.Seconds);
    }

    static (int Hour, int Minute, int Second) Split(int time)
    {
        var minutes = (uint)time / 60;
        var hour = minutes / 60;
        return ((int)hour, (int)(minutes - (hour * 60)), (int)((uint)time - (minutes * 60)));
    }

    int LastTime => (BitOperations.Log2(fields.Hours) * 3600) + (BitOperations.Log2(fields.Minutes) * 60)
        + BitOperations.Log2(fields.Seconds);
}
