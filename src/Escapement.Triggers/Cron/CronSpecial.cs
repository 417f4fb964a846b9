namespace Escapement.Triggers;

/// <summary>
/// The rarely used values of a cron trigger: years, weeks, special days. Separate from <see cref="CronFields"/>, so
/// that most triggers reserve no memory for these values.
/// </summary>
sealed record CronSpecial
{
    /// <summary>The instance without special values. Never changed.</summary>
    public static readonly CronSpecial None = new();

    /// <summary>The years as ranges with a step, or null when every year matches.</summary>
    public IReadOnlyList<(int First, int Last, int Step)>? Years { get; set; }

    /// <summary>ISO weeks 1 to 53.</summary>
    public ulong Weeks { get; set; } = CronFields.AllWeeks;

    /// <summary>Bit n: the day n days before the month's last.</summary>
    public uint DaysBeforeLast { get; set; }

    /// <summary>Bit n: the weekday nearest to day n.</summary>
    public uint NearestWeekdays { get; set; }

    /// <summary>Bit n: the weekday nearest to the day n days before the month's last.</summary>
    public uint NearestWeekdaysBeforeLast { get; set; }

    /// <summary>
    /// Bit 7 (n - 1) + weekday: the nth such weekday of the month, with n = 6 for the last. Given in the field of the
    /// day.
    /// </summary>
    public ulong WeekdaysOfMonth { get; set; }

    /// <summary>The weekdays of the month given in the field of the day of the week. Both fields must match.</summary>
    public ulong WeekdaysOfMonthInWeek { get; set; }

    /// <summary>Whether the field of the day names days without a number.</summary>
    public bool NamesDays => (DaysBeforeLast | NearestWeekdays | NearestWeekdaysBeforeLast | WeekdaysOfMonth) != 0;

    /// <summary>Returns the bit of a weekday in <see cref="WeekdaysOfMonth"/>.</summary>
    public static int BitOfWeekday(int nth, int weekday) => (7 * (nth - 1)) + weekday;

    /// <summary>Returns whether the year matches.</summary>
    public bool HasYear(int year)
    {
        if (Years is null) return true;
        foreach (var (first, last, step) in Years)
        {
            if (year >= first && year <= last && (year - first) % step == 0) return true;
        }

        return false;
    }

    /// <summary>Returns the days of a month that the field of the day names without a number.</summary>
    public uint DaysOfMonth(int length, int weekdayOfFirst)
    {
        var days = OfMonth(WeekdaysOfMonth, length, weekdayOfFirst);
        if ((DaysBeforeLast | NearestWeekdays | NearestWeekdaysBeforeLast) == 0) return days;
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

    // Saturday moves back to Friday and Sunday moves on to Monday, but never into another month.
    static int Nearest(int day, int length, int weekdayOfFirst) => ((weekdayOfFirst + day - 1) % 7) switch
    {
        6 => day == 1 ? 3 : day - 1,
        0 => day == length ? day - 2 : day + 1,
        _ => day,
    };

    /// <summary>
    /// Returns the days of a month that the field of the day of the week names by their week of the month.
    /// </summary>
    public uint DaysInWeek(int length, int weekdayOfFirst) => OfMonth(WeekdaysOfMonthInWeek, length, weekdayOfFirst);

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

    /// <summary>Returns the days of a month that lie in the weeks.</summary>
    public uint DaysOfWeeks(int year, int month, int length, int weekdayOfFirst)
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

    // A year has 53 ISO weeks if its first day is a Thursday, or if the year is a leap year and its first day is a
    // Wednesday.
    static int WeeksIn(int year) => new DateTime(year, 1, 1).DayOfWeek switch
    {
        System.DayOfWeek.Thursday => 53,
        System.DayOfWeek.Wednesday when DateTime.IsLeapYear(year) => 53,
        _ => 52,
    };
}
