namespace Escapement.Triggers;

/// <summary>What becomes of a day that a month lacks, such as the 31st of April.</summary>
public enum MissingDay
{
    /// <summary>That month is left out.</summary>
    Skip,

    /// <summary>The month's last day stands for it.</summary>
    LastDay,
}

/// <summary>From one day to the next of a calendar interval. Months and years count from the day on which it starts; weeks and days are added to them.</summary>
/// <param name="Years">0 or more.</param>
/// <param name="Months">0 or more.</param>
/// <param name="Weeks">0 or more.</param>
/// <param name="Days">0 or more.</param>
public readonly record struct CalendarStep(int Years = 0, int Months = 0, int Weeks = 0, int Days = 0)
{
    /// <summary>The longest step, in years: what is longer is a mistake.</summary>
    public const int MaxYears = 100;

    internal long InMonths => (Years * 12L) + Months;

    internal long InDays => (Weeks * 7L) + Days;

    internal bool IsValid =>
        Years >= 0 && Months >= 0 && Weeks >= 0 && Days >= 0 && InMonths + InDays > 0 && (InMonths * 30) + InDays <= MaxYears * 366;

    /// <summary>For people: <c>1 year 6 months</c>.</summary>
    public override string ToString()
    {
        var parts = new (int Amount, string Unit)[] { (Years, "year"), (Months, "month"), (Weeks, "week"), (Days, "day") };
        return string.Join(' ', parts.Where(part => part.Amount != 0)
            .Select(part => FormattableString.Invariant($"{part.Amount} {part.Unit}{(part.Amount == 1 ? "" : "s")}")));
    }
}

/// <summary>Fires each so many years, months, weeks and days at a time of day on the wall: each month on the 31st, each second Friday.</summary>
/// <remarks>
/// The nth day is n steps after the start, so that a short month shifts no later one. A time of day that the clock skips moves to the first instant after the gap;
/// one that comes twice fires the first time. <c>docs/time.md</c>.
/// </remarks>
public sealed class CalendarIntervalTrigger : Trigger
{
    const int SecondsPerDay = 86_400;
    static readonly int LastOfCalendar = CivilDay.From(9999, 12, 31);

    readonly long firstMonth, stepMonths, stepDays;
    readonly int firstDay, time;

    // How many steps there are up to the end, or to that of the calendar.
    readonly int steps;

    /// <param name="step">From one day to the next; above zero, and at most a hundred years.</param>
    /// <param name="start">The first day.</param>
    /// <param name="time">The time of day on the wall, whole seconds.</param>
    /// <param name="zone">Whose wall.</param>
    /// <param name="end">No fire time is after this day.</param>
    /// <param name="missingDay">What becomes of a day that a month lacks.</param>
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
        // In the west the calendar's last hours are an instant of the year 10000.
        if (steps > 0 && At(steps - 1).UtcTicks == DateTime.MaxValue.Ticks) steps--;
    }

    /// <inheritdoc/>
    public override ZoneClock Zone { get; }

    /// <summary>From one day to the next.</summary>
    public CalendarStep Step { get; }

    /// <summary>The first day.</summary>
    public DateOnly Start { get; }

    /// <summary>No fire time is after this day.</summary>
    public DateOnly? End { get; }

    /// <summary>The time of day on the wall.</summary>
    public TimeOnly Time { get; }

    /// <summary>What becomes of a day that a month lacks.</summary>
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

        // Where the clock went over a whole day, that day and the next may fire in one instant.
        for (var span = Zone.SpanAt(UnixTime.Ceiling(from)); span.End < UnixTime.Ceiling(to); span = Zone.SpanAt(span.End))
        {
            var next = Zone.SpanAt(span.End);
            if (next.Offset - next.Before < SecondsPerDay || Zone.AtSeconds(span.End) is not { } change) continue;
            count -= Math.Max(0, CountSteps(FirstAtOrAfter(change), FirstAtOrAfter(change.JustAfter())) - 1);
        }

        return count;
    }

    /// <inheritdoc/>
    public override string ToString() => TriggerText.Write(this, Zone);

    /// <summary>Whether it fires for a day, as its wall calendar names it.</summary>
    internal bool IsOn(int day)
    {
        var n = First(0, steps, n => DayOf(n, out _) >= day);
        return n < steps && DayOf(n, out _) == day && !IsSkipped(n);
    }

    // A step count never decreases with time: days grow, and so do the instants of one wall time.
    int FirstAtOrAfter(DateTimeOffset instant)
    {
        // Months are so long on average that a guess is off by no more than a step or two; where it is, all are looked at.
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

    // The day of a step; where the month lacks it, the month's last.
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
