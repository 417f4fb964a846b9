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

/// <summary>The words of one language for <see cref="TriggerSentence"/>: a method for each kind of trigger. Texts begin with a small letter and have no full stop.</summary>
abstract class SentenceWords
{
    /// <summary>From how many numbers on a progression is said as one and not number by number.</summary>
    protected const int LongProgression = 13;

    /// <summary>How many dates are named by day and month.</summary>
    const int MaxDates = 4;

    // February has its 29th in some years.
    const int LeapYear = 2000;

    public abstract string FullStop { get; }

    public abstract string Cron(CronFields fields);

    public abstract string Interval(TimeSpan interval, string start);

    public abstract string CalendarInterval(CalendarIntervalTrigger calendar, string start);

    public abstract string Date(string at);

    /// <summary>Only when all of the parts fire at once.</summary>
    public abstract string All(IReadOnlyList<string> parts);

    /// <summary>Whenever one of the parts fires.</summary>
    public abstract string Any(IReadOnlyList<string> parts);

    public abstract string InBrackets(string part);

    /// <summary>From when and until when, both inclusive; empty without either.</summary>
    public abstract string Bounds(string? start, string? end);

    /// <summary>What is left out.</summary>
    public abstract string Except(ExclusionCalendar exclusions);

    /// <summary>At most so many times, from when on.</summary>
    public abstract string Times(int times, string from);

    public abstract string Jitter(TimeSpan jitter);

    public abstract string Zone(string name);

    /// <summary>Items with the language's commas, and its word before the last.</summary>
    protected abstract string List(IEnumerable<string> items, string? lastWord = null);

    /// <summary>A calendar interval in the one unit that says it; null when it mixes months with days.</summary>
    protected static (int Amount, CalendarUnit Unit)? Whole(CalendarStep step) => ((int)step.InMonths, (int)step.InDays) switch
    {
        (var months, 0) => months % 12 == 0 ? (months / 12, CalendarUnit.Year) : (months, CalendarUnit.Month),
        (0, var days) => days % 7 == 0 ? (days / 7, CalendarUnit.Week) : (days, CalendarUnit.Day),
        _ => null,
    };

    /// <summary>Whether a month may lack the day on which a calendar interval starts.</summary>
    protected static bool MayLackDay(CalendarIntervalTrigger calendar) => calendar.Step.InMonths > 0 && calendar.Start.Day > 28
        && !(calendar.Step.InMonths % 12 == 0 && (calendar.Start.Month, calendar.Start.Day) is not (2, 29));

    protected static string Clock(TimeOnly time) => time.ToString(time.Second == 0 ? "HH:mm" : "HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>The excluded days: names and days as they are written, ranges and days of each year as the language says them; and the excluded parts of each day.</summary>
    protected static (List<string> Days, List<string> Spans) Excluded(ExclusionCalendar exclusions, Func<string, string, string> fromTo,
        Func<int, int, string> yearly)
    {
        List<string> days = [.. exclusions.Dates.SelectMany(set => set.Name is { } name ? [name] : set.Days.Select(Day))];
        return (days, [.. exclusions.Spans.Select(span => fromTo(DailySpan.Shown(span.From), DailySpan.Shown(span.To)))]);

        string Day(string day) => day.Length == 5
            ? yearly(int.Parse(day.AsSpan(0, 2), CultureInfo.InvariantCulture), int.Parse(day.AsSpan(3), CultureInfo.InvariantCulture))
            : day.Split('/') is [var first, var last] ? fromTo(first, last) : day;
    }

    /// <summary>The years of a list; null when every year is in it.</summary>
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

    /// <summary>Whether any day of the month will do; then the special days are not looked at either.</summary>
    protected static bool IsAnyDay(CronFields fields) => fields.Days == CronFields.AllDays;

    protected static bool IsAnyWeekday(CronFields fields) => fields.DaysOfWeek == CronFields.AllDaysOfWeek;

    protected static bool IsAnyMonth(CronFields fields) => fields.Months == CronFields.AllMonths;

    /// <summary>Whether the days have no restriction at all.</summary>
    protected static bool IsEveryDay(CronFields fields) =>
        IsAnyDay(fields) && IsAnyWeekday(fields) && IsAnyMonth(fields) && fields.Weeks == CronFields.AllWeeks && fields.Years is null;

    /// <summary>Months that follow each other; over the turn of the year only where years do not matter.</summary>
    protected static (int First, int Last)? MonthRun(CronFields fields) =>
        NumberPiece.AroundCircle(fields.Months, 1, 12) is { } run && (run.First < run.Last || fields.Years is null) ? run : null;

    /// <summary>A few dates by month and day; null when there are too many, or days that only the calendar knows.</summary>
    protected static List<(int Month, int Day)>? Dates(CronFields fields)
    {
        if (IsAnyMonth(fields) || fields.SpecialOrNone.NamesDays) return null;
        List<(int, int)> dates = [.. from month in NumberPiece.Numbers(fields.Months)
                                     from day in NumberPiece.Numbers(ExistingDays(fields, month)) select (month, day)];
        // What never fires is said as it is written.
        if (dates.Count == 0)
        {
            dates = [.. from month in NumberPiece.Numbers(fields.Months) from day in NumberPiece.Numbers(fields.Days) select (month, day)];
        }

        return dates.Count > MaxDates ? null : dates;
    }

    /// <summary>The days by number and the months in which they are the same, without days that a month never has.</summary>
    /// <remarks>All days in all months where none of them exists, and where no month is named.</remarks>
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

    /// <summary>Whether numbers are said part by part, each with its own step: a step at the end would seem to hold for all.</summary>
    protected static bool HaveOwnSteps(List<NumberPiece> pieces) =>
        pieces.Count > 1 && pieces.Exists(piece => !piece.IsSingle && !piece.IsRun);

    /// <summary>Weekdays from Monday on, as bits 1 to 7.</summary>
    protected static ulong FromMonday(byte daysOfWeek) => ((ulong)daysOfWeek & 0x7E) | ((ulong)(daysOfWeek & 1) << 7);

    /// <summary>Weekdays of a month, as which one (6 for the last) and which weekday, 0 for Sunday.</summary>
    protected static IEnumerable<(int Nth, int Weekday)> OfMonth(ulong weekdaysOfMonth) =>
        NumberPiece.Numbers(weekdaysOfMonth).Select(bit => ((bit / 7) + 1, bit % 7));

    /// <summary>A number is every so-many-th of its whole range, from 0 on.</summary>
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
