namespace Escapement.Triggers;

/// <summary>A cron trigger read into bit sets: which wall times match. Knows nothing of zones.</summary>
/// <remarks>Bit n stands for the value n. Filled by <see cref="CronParser"/> and not changed after it.</remarks>
public sealed class CronFields
{
    internal const uint AllDays = 0xFFFF_FFFE;
    internal const byte AllDaysOfWeek = 0x7F;
    internal const ulong AllWeeks = ((1UL << 54) - 1) & ~1UL;

    /// <summary>Seconds 0 to 59.</summary>
    public ulong Seconds { get; internal set; }

    /// <summary>Minutes 0 to 59.</summary>
    public ulong Minutes { get; internal set; }

    /// <summary>Hours 0 to 23.</summary>
    public uint Hours { get; internal set; }

    /// <summary>Days of the month 1 to 31, the special ones (<c>last</c>, <c>2nd fri</c>, <c>15W</c>) not among them.</summary>
    public uint Days { get; internal set; }

    /// <summary>Months 1 to 12.</summary>
    public uint Months { get; internal set; }

    /// <summary>ISO weeks 1 to 53.</summary>
    public ulong Weeks { get; internal set; } = AllWeeks;

    /// <summary>Days of the week, Sunday is 0 as in <see cref="System.DayOfWeek"/>, those of one week of the month (<c>fri#2</c>, <c>friL</c>) not among them.</summary>
    public byte DaysOfWeek { get; internal set; } = AllDaysOfWeek;

    /// <summary>The years as ranges with a step; null when every year matches.</summary>
    public IReadOnlyList<(int First, int Last, int Step)>? Years { get; internal set; }

    /// <summary>Whether hour, minute or second hold a <c>*</c>, a range or a step: such a trigger fires in both passes when the clock goes back.</summary>
    public bool FiresInBothPasses { get; internal set; }

    /// <summary>Bit n: the day n days before the month's last.</summary>
    internal uint DaysBeforeLast { get; set; }

    /// <summary>Bit n: the weekday nearest to day n.</summary>
    internal uint NearestWeekdays { get; set; }

    /// <summary>Bit n: the weekday nearest to the day n days before the month's last.</summary>
    internal uint NearestWeekdaysBeforeLast { get; set; }

    /// <summary>Bit 7 (n - 1) + weekday: the nth such weekday of the month, n = 6 for the last; given in the field of the day.</summary>
    internal ulong WeekdaysOfMonth { get; set; }

    /// <summary>The same, given in the field of the day of the week: both fields must match.</summary>
    internal ulong WeekdaysOfMonthInWeek { get; set; }

    /// <summary>Another trigger's fields whose days must match as well: the common fire times of several cron triggers.</summary>
    internal CronFields? Also { get; set; }

    internal static int BitOfWeekday(int nth, int weekday) => (7 * (nth - 1)) + weekday;

    /// <summary>Whether the year matches.</summary>
    public bool HasYear(int year) => (Years is null && Also is null) || IsListed(year);

    bool IsListed(int year)
    {
        if (Also is not null && !Also.HasYear(year)) return false;
        if (Years is null) return true;
        foreach (var (first, last, step) in Years)
        {
            if (year >= first && year <= last && (year - first) % step == 0) return true;
        }

        return false;
    }

    /// <summary>The days of one month that match, bit n for day n. Year and month themselves are not looked at.</summary>
    public uint DaysIn(int year, int month)
    {
        var length = CivilDay.LengthOf(year, month);
        var exists = (uint)((1UL << (length + 1)) - 2);
        if (Also is not null) exists &= Also.DaysIn(year, month);
        var days = Days;
        if (days != AllDays)
        {
            // Most lists of days name no special one, and need no weekday.
            if ((DaysBeforeLast | NearestWeekdays | NearestWeekdaysBeforeLast | WeekdaysOfMonth) != 0) days |= SpecialDays(length, FirstWeekday(year, month));
            exists &= days;
        }

        if (DaysOfWeek != AllDaysOfWeek)
        {
            var weekdayOfFirst = FirstWeekday(year, month);
            var weekdays = EveryWeek(DaysOfWeek, weekdayOfFirst);
            if (WeekdaysOfMonthInWeek != 0) weekdays |= OfMonth(WeekdaysOfMonthInWeek, length, weekdayOfFirst);
            exists &= weekdays;
        }

        return Weeks == AllWeeks ? exists : exists & DaysOfWeeks(year, month, length, FirstWeekday(year, month));
    }

    static int FirstWeekday(int year, int month) => CivilDay.Weekday(CivilDay.From(year, month, 1));

    uint SpecialDays(int length, int weekdayOfFirst)
    {
        var days = OfMonth(WeekdaysOfMonth, length, weekdayOfFirst);
        for (var n = 0; n <= 31; n++)
        {
            var bit = 1u << n;
            var fromLast = length - n;
            if ((DaysBeforeLast & bit) != 0 && fromLast >= 1) days |= 1u << fromLast;
            if ((NearestWeekdays & bit) != 0 && n <= length) days |= 1u << Nearest(n, length, weekdayOfFirst);
            if ((NearestWeekdaysBeforeLast & bit) != 0 && fromLast >= 1) days |= 1u << Nearest(fromLast, length, weekdayOfFirst);
        }

        return days;
    }

    // Saturday goes back to Friday and Sunday on to Monday, but never into another month.
    static int Nearest(int day, int length, int weekdayOfFirst) => ((weekdayOfFirst + day - 1) % 7) switch
    {
        6 => day == 1 ? 3 : day - 1,
        0 => day == length ? day - 2 : day + 1,
        _ => day,
    };

    static uint EveryWeek(byte daysOfWeek, int weekdayOfFirst)
    {
        // Six weeks in a row, turned so that bit 0 is the first of the month.
        var weeks = daysOfWeek * (1UL | (1UL << 7) | (1UL << 14) | (1UL << 21) | (1UL << 28) | (1UL << 35));
        return (uint)((weeks >> weekdayOfFirst) << 1);
    }

    static uint OfMonth(ulong weekdaysOfMonth, int length, int weekdayOfFirst)
    {
        var days = 0u;
        for (var bit = 0; weekdaysOfMonth != 0; bit++, weekdaysOfMonth >>= 1)
        {
            if ((weekdaysOfMonth & 1) == 0) continue;
            var firstSuch = 1 + (((bit % 7) - weekdayOfFirst + 7) % 7);
            var day = bit / 7 == 5 ? firstSuch + (7 * ((length - firstSuch) / 7)) : firstSuch + (7 * (bit / 7));
            if (day <= length) days |= 1u << day;
        }

        return days;
    }

    uint DaysOfWeeks(int year, int month, int length, int weekdayOfFirst)
    {
        var days = 0u;
        var dayOfYear = new DateTime(year, month, 1).DayOfYear;
        for (var day = 1; day <= length; day++, dayOfYear++)
        {
            var weekday = (weekdayOfFirst + day + 5) % 7;   // 0 is Monday
            var week = (dayOfYear - weekday + 9) / 7;
            if (week == 0) week = WeeksIn(year - 1);
            else if (week == 53 && WeeksIn(year) == 52) week = 1;
            if ((Weeks >> week & 1) != 0) days |= 1u << day;
        }

        return days;
    }

    // A year has 53 ISO weeks when it ends on a Thursday, or on a Friday after a leap day; that is, when it begins on a Thursday or is a leap year that begins on a Wednesday.
    static int WeeksIn(int year) => new DateTime(year, 1, 1).DayOfWeek switch
    {
        System.DayOfWeek.Thursday => 53,
        System.DayOfWeek.Wednesday when DateTime.IsLeapYear(year) => 53,
        _ => 52,
    };
}
