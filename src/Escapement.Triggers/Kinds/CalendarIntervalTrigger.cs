using System.Globalization;

namespace Escapement.Triggers;

/// <summary>The handling of a day that a month lacks, such as the 31st of April.</summary>
public enum MissingDay
{
    /// <summary>The month is skipped.</summary>
    Skip,

    /// <summary>The trigger fires on the month's last day.</summary>
    LastDay,
}

/// <summary>
/// The step of a calendar interval. Months and years are counted from the start day, and weeks and days are added
/// afterwards.
/// </summary>
/// <param name="Years">0 or more.</param>
/// <param name="Months">0 or more.</param>
/// <param name="Weeks">0 or more.</param>
/// <param name="Days">0 or more.</param>
public readonly record struct CalendarStep(int Years = 0, int Months = 0, int Weeks = 0, int Days = 0)
{
    /// <summary>The longest step, in years. A longer step is a mistake.</summary>
    public const int MaxYears = 100;

    internal long InMonths => (Years * 12L) + Months;

    internal long InDays => (Weeks * 7L) + Days;

    internal bool IsValid =>
        Years >= 0 && Months >= 0 && Weeks >= 0 && Days >= 0 && InMonths + InDays > 0 && (InMonths * 30) + InDays <= MaxYears * 366;

    internal (string Unit, int Amount)[] Amounts => [("years", Years), ("months", Months), ("weeks", Weeks), ("days", Days)];

    /// <summary>Formats the step for people: <c>1 year 6 months</c>.</summary>
    public override string ToString() => string.Join(' ', Amounts.Where(part => part.Amount != 0)
        .Select(part => FormattableString.Invariant($"{part.Amount} {(part.Amount == 1 ? part.Unit[..^1] : part.Unit)}")));
}

/// <summary>
/// Fires every so many years, months, weeks and days at a time of day on the wall: on the 31st of each month, or every
/// second Friday.
/// </summary>
/// <remarks>
/// The nth day is n steps after the start, so a short month does not shift later days. A skipped time of day moves to
/// the first instant after the gap, and a repeated time fires in the first pass. See <c>docs/time.md</c>.
/// </remarks>
public sealed class CalendarIntervalTrigger : Trigger
{
    internal static readonly TriggerKind Kind = new("calendarinterval",
        ["years", "months", "weeks", "days", "hour", "minute", "second", "start_date", "end_date", "missing_day"], Read);

    const string Skip = "skip", Last = "last";

    const int SecondsPerDay = 86_400;
    static readonly int LastOfCalendar = CivilDay.From(9999, 12, 31);

    readonly long firstMonth, stepMonths, stepDays;
    readonly int firstDay, time;

    // The number of steps up to the end of the trigger or of the calendar.
    readonly int steps;

    /// <param name="step">The step, above zero and at most a hundred years.</param>
    /// <param name="start">The first day.</param>
    /// <param name="time">The time of day on the wall, in whole seconds.</param>
    /// <param name="zone">The zone of the wall clock.</param>
    /// <param name="end">The last day with a fire time, or null for no end.</param>
    /// <param name="missingDay">The handling of a day that a month lacks.</param>
    /// <exception cref="ArgumentOutOfRangeException">The step is out of its range.</exception>
    public CalendarIntervalTrigger(CalendarStep step, DateOnly start, TimeOnly time, ZoneClock zone, DateOnly? end = null,
        MissingDay missingDay = MissingDay.Skip)
    {
        if (!step.IsValid)
        {
            throw new ArgumentOutOfRangeException(nameof(step), step,
                $"A calendar interval is '{step}'; it must be above zero and at most {CalendarStep.MaxYears} years.");
        }

        (Step, Start, End, Zone, MissingDay) = (step, start, end, zone, missingDay);
        Time = new(time.Hour, time.Minute, time.Second);
        this.time = (int)(Time.Ticks / TimeSpan.TicksPerSecond);
        firstMonth = (start.Year * 12L) + start.Month - 1;
        firstDay = start.Day;
        (stepMonths, stepDays) = (step.InMonths, step.InDays);

        var lastDay = end is { } last ? CivilDay.From(last.Year, last.Month, last.Day) : LastOfCalendar;
        var most = Math.Min(
            stepMonths == 0 ? int.MaxValue : ((9999 * 12L) + 11 - firstMonth) / stepMonths,
            stepDays == 0 ? int.MaxValue : (LastOfCalendar - CivilDay.From(start.Year, start.Month, start.Day)) / stepDays);
        steps = First(0, (int)most + 1, n => DayOf(n, out _) > lastDay);
        // West of Greenwich, the calendar's last hours lie in the year 10000 of UTC.
        if (steps > 0 && At(steps - 1).UtcTicks == DateTime.MaxValue.Ticks) steps--;
    }

    /// <inheritdoc/>
    public override ZoneClock Zone { get; }

    /// <summary>The step from one day to the next.</summary>
    public CalendarStep Step { get; }

    /// <summary>The first day.</summary>
    public DateOnly Start { get; }

    /// <summary>The last day with a fire time, or null for no end.</summary>
    public DateOnly? End { get; }

    /// <summary>The time of day on the wall.</summary>
    public TimeOnly Time { get; }

    /// <summary>The handling of a day that a month lacks.</summary>
    public MissingDay MissingDay { get; }

    /// <inheritdoc/>
    public override DateTimeOffset? Next(DateTimeOffset from)
    {
        for (var n = FirstAtOrAfter(from); n < steps; n++)
        {
            if (!IsSkipped(n)) return At(n);
        }

        return null;
    }

    /// <inheritdoc/>
    public override DateTimeOffset? Previous(DateTimeOffset before)
    {
        for (var n = FirstAtOrAfter(before) - 1; n >= 0; n--)
        {
            if (!IsSkipped(n)) return At(n);
        }

        return null;
    }

    /// <inheritdoc/>
    public override long Count(DateTimeOffset from, DateTimeOffset to)
    {
        if (from >= to) return 0;
        var count = CountSteps(FirstAtOrAfter(from), FirstAtOrAfter(to));
        if (Zone.MaxOffset - Zone.MinOffset < SecondsPerDay) return count;

        // Where the clock skipped a whole day, the skipped day and the next day may fire at the same instant.
        for (var span = Zone.SpanAt(UnixTime.Ceiling(from)); span.End < UnixTime.Ceiling(to); span = Zone.SpanAt(span.End))
        {
            var next = Zone.SpanAt(span.End);
            if (next.Offset - next.Before < SecondsPerDay || Zone.AtSeconds(span.End) is not { } change) continue;
            count -= Math.Max(0, CountSteps(FirstAtOrAfter(change), FirstAtOrAfter(change.JustAfter())) - 1);
        }

        return count;
    }

    internal override DateTimeOffset? FirstInstant => Zone.FromWall(Start.ToDateTime(TimeOnly.MinValue)).First;

    internal override TriggerDefinition DefineCore()
    {
        var time = Time.ToString(Time.Second == 0 ? "HH:mm" : "HH:mm:ss", CultureInfo.InvariantCulture);
        TriggerDefinition definition = new("calendarinterval", $"every {Step} at {time}");
        foreach (var (unit, amount) in Step.Amounts.Where(part => part.Amount > 0)) definition.Add(unit, (decimal)amount);
        definition.Add("hour", (decimal)Time.Hour);
        definition.Add("minute", (decimal)Time.Minute);
        definition.Add("second", (decimal)Time.Second);
        definition.Add("start_date", Start.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        definition.Add("end_date", End?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        definition.Add("missing_day", MissingDay == MissingDay.LastDay ? Last : Skip);
        return definition;
    }

    static CalendarIntervalTrigger Read(TriggerFields fields)
    {
        int Part(string unit) => fields.Whole(unit, 0, 100_000) ?? 0;
        var step = new CalendarStep(Part("years"), Part("months"), Part("weeks"), Part("days"));
        if (!step.IsValid)
        {
            var isZero = step == default;
            throw new TriggerFormatException("months", isZero ? "a calendar interval" : $"a calendar interval of {step}",
                isZero ? "has no length" : "is too long",
                $"give years, months, weeks or days as whole numbers, together above zero and at most {CalendarStep.MaxYears} years");
        }

        var missing = fields.Text("missing_day") switch
        {
            null or Skip => MissingDay.Skip,
            Last => MissingDay.LastDay,
            _ => throw fields.Wrong("missing_day", "is not a rule",
                $"{Skip} leaves a month out that lacks the day, {Last} takes its last day"),
        };
        var time = new TimeOnly(fields.Whole("hour", 0, 23) ?? 0, fields.Whole("minute", 0, 59) ?? 0, fields.Whole("second", 0, 59) ?? 0);
        var start = fields.Day("start_date") ?? DateOnly.FromDateTime(fields.Zone.ToZone(fields.Now).DateTime);
        return new(step, start, time, fields.Zone, fields.Day("end_date"), missing);
    }

    /// <summary>Reads the time of day behind the amounts of a text: <c>every 2 weeks at 09:30</c>.</summary>
    /// <param name="words">The words, behind the amounts.</param>
    /// <param name="begin">The index of the first word of the interval.</param>
    /// <param name="amounts">The amounts by unit.</param>
    internal static TriggerDefinition ReadWords(TriggerWords words, int begin, Dictionary<string, decimal> amounts)
    {
        var time = TimeOnly.MinValue;
        if (words.Take("at"))
        {
            if (!TimeOnly.TryParseExact(words.Word, ["HH:mm", "HH:mm:ss"], CultureInfo.InvariantCulture, DateTimeStyles.None, out time))
            {
                throw words.Here("is not a time of day", "it is written 09:30 or 09:30:15");
            }

            words.Position++;
        }

        TriggerDefinition definition = new("calendarinterval");
        foreach (var (unit, amount) in amounts)
        {
            if (!Kind.Fields.Contains(unit))
            {
                throw words.At((begin, words.Position), "mixes days of the calendar with hours, minutes or seconds",
                    "give days, weeks, months or years with a time of day, or an interval without months, years and a time of day");
            }

            definition.Add(unit, amount);
        }

        definition.Add("hour", (decimal)time.Hour);
        definition.Add("minute", (decimal)time.Minute);
        definition.Add("second", (decimal)time.Second);
        return definition;
    }

    /// <summary>Returns whether the trigger fires for a day of the wall calendar.</summary>
    internal bool IsOn(int day)
    {
        var n = First(0, steps, n => DayOf(n, out _) >= day);
        return n < steps && DayOf(n, out _) == day && !IsSkipped(n);
    }

    // The step count never decreases with time, because the days ascend, and so do the instants of a time of day.
    int FirstAtOrAfter(DateTimeOffset instant)
    {
        // The average length of a month makes the guess right within two steps. Otherwise all steps are searched.
        var days = (UnixTime.Floor(instant) / (double)SecondsPerDay) - CivilDay.From(Start.Year, Start.Month, Start.Day);
        var guess = (int)Math.Clamp(days / ((stepMonths * (CivilDay.DaysIn400Years / 4_800.0)) + stepDays), 0, steps);
        var (low, high) = (Math.Max(0, guess - 2), Math.Min(steps, guess + 2));
        if ((low > 0 && At(low - 1) >= instant) || (high < steps && At(high) < instant)) (low, high) = (0, steps);
        return First(low, high, n => At(n) >= instant);
    }

    static int First(int low, int high, Func<int, bool> holds)
    {
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            if (holds(middle)) high = middle;
            else low = middle + 1;
        }

        return low;
    }

    long CountSteps(int from, int to)
    {
        long count = Math.Max(0, to - from);
        if (MissingDay == MissingDay.LastDay || stepMonths == 0 || firstDay <= 28) return count;
        for (var n = from; n < to; n++)
        {
            if (IsSkipped(n)) count--;
        }

        return count;
    }

    bool IsSkipped(int n)
    {
        if (MissingDay == MissingDay.LastDay || firstDay <= 28) return false;
        DayOf(n, out var isMissing);
        return isMissing;
    }

    // Returns the day of a step, or the month's last day if the month lacks the day.
    long DayOf(int n, out bool isMissing)
    {
        var months = firstMonth + (n * stepMonths);
        var (year, month) = ((int)(months / 12), (int)(months % 12) + 1);
        var length = DateTime.DaysInMonth(year, month);
        isMissing = firstDay > length;
        return CivilDay.From(year, month, Math.Min(firstDay, length)) + (n * stepDays);
    }

    DateTimeOffset At(int n) =>
        Zone.FromWall(new DateTime(((DayOf(n, out _) * SecondsPerDay) + time + UnixTime.Epoch) * TimeSpan.TicksPerSecond)).First;
}
