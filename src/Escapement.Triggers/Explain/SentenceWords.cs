using System.Globalization;

namespace Escapement.Triggers;

/// <summary>A unit of the calendar.</summary>
enum CalendarUnit
{
    Day,
    Week,
    Month,
    Year,
}

/// <summary>
/// Provides the words of a language for <see cref="TriggerSentence"/>, with a method for each kind of trigger. Texts
/// begin with a small letter and have no full stop.
/// </summary>
abstract class SentenceWords
{
    /// <summary>The least count of numbers that are described as a progression instead of number by number.</summary>
    protected const int LongProgression = 13;

    /// <summary>The most dates that are named by day and month.</summary>
    const int MaxDates = 4;

    // A leap year, because February has a 29th only in leap years.
    const int LeapYear = 2000;

    public abstract string FullStop { get; }

    public abstract string Cron(CronFields fields);

    public abstract string Interval(TimeSpan interval, string start);

    public abstract string CalendarInterval(CalendarIntervalTrigger calendar, string start);

    public abstract string Date(string at);

    /// <summary>Describes a trigger that fires only when all of the parts fire at once.</summary>
    public abstract string All(IReadOnlyList<string> parts);

    /// <summary>Describes a trigger that fires whenever any of the parts fires.</summary>
    public abstract string Any(IReadOnlyList<string> parts);

    public abstract string InBrackets(string part);

    /// <summary>Describes the first and the last instant, both inclusive. Empty without either.</summary>
    public abstract string Bounds(string? start, string? end);

    /// <summary>Describes the exclusions.</summary>
    public abstract string Except(ExclusionCalendar exclusions);

    /// <summary>Describes a limited number of fire times, counted from an instant.</summary>
    public abstract string Times(int times, string from);

    public abstract string Jitter(TimeSpan jitter);

    public abstract string Zone(string name);

    /// <summary>Joins items with the language's commas, and a word before the last item.</summary>
    protected abstract string List(IEnumerable<string> items, string? lastWord = null);

    /// <summary>Returns a calendar interval in a single unit, or null if the interval mixes months with days.</summary>
    protected static (int Amount, CalendarUnit Unit)? Whole(CalendarStep step) => ((int)step.InMonths, (int)step.InDays) switch
    {
        (var months, 0) => months % 12 == 0 ? (months / 12, CalendarUnit.Year) : (months, CalendarUnit.Month),
        (0, var days) => days % 7 == 0 ? (days / 7, CalendarUnit.Week) : (days, CalendarUnit.Day),
        _ => null,
    };

    /// <summary>Returns whether a month may lack the start day of a calendar interval.</summary>
    protected static bool MayLackDay(CalendarIntervalTrigger calendar) => calendar.Step.InMonths > 0 && calendar.Start.Day > 28
        && !(calendar.Step.InMonths % 12 == 0 && (calendar.Start.Month, calendar.Start.Day) is not (2, 29));

    protected static string Clock(TimeOnly time) => time.ToString(time.Second == 0 ? "HH:mm" : "HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>
    /// Returns the excluded days and the excluded parts of each day. Names and single days are as written, ranges and
    /// days of each year in the words of the language.
    /// </summary>
    protected static (List<string> Days, List<string> Spans) Excluded(ExclusionCalendar exclusions, Func<string, string, string> fromTo,
        Func<int, int, string> yearly)
    {
        List<string> days = [.. exclusions.Dates.SelectMany(set => set.Name is { } name ? [name] : set.Days.Select(Day))];
        return (days, [.. exclusions.Spans.Select(span => fromTo(DailySpan.Shown(span.From), DailySpan.Shown(span.To)))]);

        string Day(string day) => day.Length == 5
            ? yearly(int.Parse(day.AsSpan(0, 2), CultureInfo.InvariantCulture), int.Parse(day.AsSpan(3), CultureInfo.InvariantCulture))
            : day.Split('/') is [var first, var last] ? fromTo(first, last) : day;
    }

    /// <summary>Returns the years of a list, or null if every year is included.</summary>
    protected static List<NumberPiece>? Years(CronFields fields)
    {
        if (fields.Years is null) return null;
        List<int> years = [];
        for (var year = CronField.Year.First; year <= CronField.Year.Last; year++)
        {
            if (fields.HasYear(year)) years.Add(year);
        }

        return years.Count > CronField.Year.Last - CronField.Year.First ? null : NumberPiece.Of(years, 4);
    }

    /// <summary>Returns whether any day of the month matches. The special days are then ignored too.</summary>
    protected static bool IsAnyDay(CronFields fields) => fields.Days == CronFields.AllDays;

    protected static bool IsAnyWeekday(CronFields fields) => fields.DaysOfWeek == CronFields.AllDaysOfWeek;

    protected static bool IsAnyMonth(CronFields fields) => fields.Months == CronFields.AllMonths;

    /// <summary>Returns whether the days have no restriction at all.</summary>
    protected static bool IsEveryDay(CronFields fields) =>
        IsAnyDay(fields) && IsAnyWeekday(fields) && IsAnyMonth(fields) && fields.Weeks == CronFields.AllWeeks && fields.Years is null;

    /// <summary>
    /// Returns the range of months that follow each other, or null. A range crosses the turn of the year only if all
    /// years match.
    /// </summary>
    protected static (int First, int Last)? MonthRun(CronFields fields) =>
        NumberPiece.AroundCircle(fields.Months, 1, 12) is { } run && (run.First < run.Last || fields.Years is null) ? run : null;

    /// <summary>
    /// Returns up to four dates by month and day, or null if there are more, or if special days depend on the calendar.
    /// </summary>
    protected static List<(int Month, int Day)>? Dates(CronFields fields)
    {
        if (IsAnyMonth(fields) || fields.SpecialOrNone.NamesDays) return null;
        List<(int, int)> dates = [.. from month in NumberPiece.Numbers(fields.Months)
                                     from day in NumberPiece.Numbers(ExistingDays(fields, month)) select (month, day)];
        // A trigger that never fires is described as written.
        if (dates.Count == 0)
        {
            dates = [.. from month in NumberPiece.Numbers(fields.Months) from day in NumberPiece.Numbers(fields.Days) select (month, day)];
        }

        return dates.Count > MaxDates ? null : dates;
    }

    /// <summary>
    /// Groups the days by number with the months that share the days, without days that a month never has.
    /// </summary>
    /// <remarks>Returns all days for all months if none of the days exists, or if every month matches.</remarks>
    protected static List<(uint Days, uint Months)> DaysByMonths(CronFields fields)
    {
        if (IsAnyMonth(fields)) return [(fields.Days, fields.Months)];
        List<(uint Days, uint Months)> groups = [];
        foreach (var month in NumberPiece.Numbers(fields.Months))
        {
            var days = ExistingDays(fields, month);
            if (days == 0 && !fields.SpecialOrNone.NamesDays) continue;
            var same = groups.FindIndex(group => group.Days == days);
            if (same < 0) groups.Add((days, 1u << month));
            else groups[same] = (days, groups[same].Months | (1u << month));
        }

        return groups.Count == 0 ? [(fields.Days, fields.Months)] : groups;
    }

    static uint ExistingDays(CronFields fields, int month) => fields.Days & (uint)((1UL << (CivilDay.LengthOf(LeapYear, month) + 1)) - 2);

    /// <summary>
    /// Returns whether numbers are described piece by piece, each with its own step: a single step at the end would
    /// seem to apply to all pieces.
    /// </summary>
    protected static bool HaveOwnSteps(List<NumberPiece> pieces) =>
        pieces.Count > 1 && pieces.Exists(piece => !piece.IsSingle && !piece.IsRun);

    /// <summary>Returns weekdays from Monday on, as bits 1 to 7.</summary>
    protected static ulong FromMonday(byte daysOfWeek) => ((ulong)daysOfWeek & 0x7E) | ((ulong)(daysOfWeek & 1) << 7);

    /// <summary>
    /// Returns weekdays of a month as pairs: the count in the month (6 for the last) and the weekday, 0 for Sunday.
    /// </summary>
    protected static IEnumerable<(int Nth, int Weekday)> OfMonth(ulong weekdaysOfMonth) =>
        NumberPiece.Numbers(weekdaysOfMonth).Select(bit => ((bit / 7) + 1, bit % 7));

    /// <summary>
    /// Returns the step if the numbers are every nth number of the whole range from 0 on, otherwise null.
    /// </summary>
    protected static int? WholeStep(ulong bits)
    {
        var numbers = NumberPiece.Numbers(bits);
        return numbers is [0, var step, ..] && 60 % step == 0 && numbers.Count == 60 / step && NumberPiece.Of(numbers, 2) is [_]
            ? step
            : null;
    }

    protected static string Clock(int secondsOfDay, bool withSeconds)
    {
        var time = TimeSpan.FromSeconds(secondsOfDay);
        return time.ToString(withSeconds ? @"hh\:mm\:ss" : @"hh\:mm", CultureInfo.InvariantCulture);
    }

    protected static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
