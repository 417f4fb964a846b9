using System.Globalization;
using Escapement.Triggers;

namespace Escapement;

/// <summary>
/// Builds intervals: <c>scheduler.Add("poll", Every.Minutes(20), …)</c> in real time, <c>Every.Months(3).At(9, 30)</c>
/// by the calendar.
/// </summary>
/// <remarks>
/// In real time, the first fire time is an interval after the job was added, unless
/// <see cref="TriggerBuilder.From(DateTimeOffset)"/> sets the start.
/// </remarks>
public static class Every
{
    /// <summary>Fires every n seconds.</summary>
    /// <param name="n">Above zero, with a resolution of a microsecond.</param>
    public static TriggerBuilder Seconds(double n) => Span(Checked(n, 1, "Seconds"));

    /// <summary>Fires every n minutes.</summary>
    /// <param name="n">Above zero.</param>
    public static TriggerBuilder Minutes(double n) => Span(Checked(n, 60, "Minutes"));

    /// <summary>Fires every n hours.</summary>
    /// <param name="n">Above zero.</param>
    public static TriggerBuilder Hours(double n) => Span(Checked(n, 3_600, "Hours"));

    /// <summary>
    /// Fires every n days of 24 hours, or with <see cref="IntervalTriggerBuilder.At"/> every n calendar days, which
    /// follow the clock.
    /// </summary>
    /// <param name="n">Above zero.</param>
    public static IntervalTriggerBuilder Days(double n) => new(Text(Checked(n, 86_400, "Days")), n, "day");

    /// <summary>
    /// Fires every n weeks of 7 times 24 hours, or with <see cref="IntervalTriggerBuilder.At"/> every n calendar weeks,
    /// which follow the clock.
    /// </summary>
    /// <param name="n">Above zero.</param>
    public static IntervalTriggerBuilder Weeks(double n) => new(Text(Checked(n, 604_800, "Weeks")), n, "week");

    /// <summary>
    /// Fires every n calendar months, from the day on which the job was added, or from the day given by
    /// <see cref="TriggerBuilder.From(DateOnly)"/>.
    /// </summary>
    /// <param name="n">1 to 1200.</param>
    public static IntervalTriggerBuilder Months(int n) => Calendar(n, 12 * CalendarStep.MaxYears, "month");

    /// <summary>
    /// Fires every n calendar years, from the day on which the job was added, or from the day given by
    /// <see cref="TriggerBuilder.From(DateOnly)"/>.
    /// </summary>
    /// <param name="n">1 to 100.</param>
    public static IntervalTriggerBuilder Years(int n) => Calendar(n, CalendarStep.MaxYears, "year");

    /// <summary>Fires after every time span.</summary>
    /// <param name="interval">At least a microsecond, and at most a hundred years.</param>
    public static TriggerBuilder Span(TimeSpan interval) => new(Text(interval));

    static string Text(TimeSpan interval)
    {
        if (interval.Ticks < TimeSpan.TicksPerMicrosecond || interval.TotalDays > IntervalTrigger.MaxDays)
        {
            throw new ArgumentOutOfRangeException(nameof(interval), interval,
                $"An interval is {interval}; it must be one microsecond or more, and at most {IntervalTrigger.MaxDays} days.");
        }

        return $"every {IntervalParts.Describe(interval)}";
    }

    static IntervalTriggerBuilder Calendar(int n, int most, string unit) => n >= 1 && n <= most
        ? new($"every {Amount(n, unit)} at 00:00", n, unit)
        : throw new ArgumentOutOfRangeException(nameof(n), n, $"Every {n} {unit}s: from 1 to {most}.");

    static TimeSpan Checked(double n, double seconds, string unit)
    {
        if (!(n > 0) || n * seconds > IntervalTrigger.MaxDays * 86_400.0)
        {
            throw new ArgumentOutOfRangeException(nameof(n), n,
                $"Every.{unit}({n.ToString(CultureInfo.InvariantCulture)}) is not an interval; the number must be above zero, and the interval at most {IntervalTrigger.MaxDays} days.");
        }

        return TimeSpan.FromMicroseconds(Math.Round(n * seconds * 1e6));
    }

    internal static string Amount(double n, string unit) => FormattableString.Invariant($"{n} {unit}{(n == 1 ? "" : "s")}");
}

/// <summary>Builds an interval that can follow the calendar.</summary>
public sealed class IntervalTriggerBuilder : TriggerBuilder
{
    readonly double amount;
    readonly string unit;

    internal IntervalTriggerBuilder(string text, double amount, string unit) : base(text) => (this.amount, this.unit) = (amount, unit);

    /// <summary>
    /// Sets the time of day on the wall and makes a calendar interval, from the day on which the job was added, or from
    /// the day given by <see cref="TriggerBuilder.From(DateOnly)"/>.
    /// </summary>
    /// <param name="hour">0 to 23.</param>
    /// <param name="minute">0 to 59.</param>
    /// <param name="second">0 to 59.</param>
    /// <exception cref="InvalidOperationException">The number of days or weeks is not whole.</exception>
    public CalendarTriggerBuilder At(int hour, int minute, int second = 0)
    {
        DailyTriggerBuilder.CheckTime(hour, minute, second);
        if (amount != Math.Floor(amount))
        {
            throw new InvalidOperationException($"Every {Every.Amount(amount, unit)} at a time of day: the number must be whole.");
        }

        return new(FormattableString.Invariant(
            $"every {Every.Amount(amount, unit)} at {hour:00}:{minute:00}{(second == 0 ? "" : FormattableString.Invariant($":{second:00}"))}"));
    }
}

/// <summary>Builds a calendar interval.</summary>
public sealed class CalendarTriggerBuilder : TriggerBuilder
{
    internal CalendarTriggerBuilder(string text) : base(text)
    {
    }

    /// <summary>
    /// Fires on the last day of a month that lacks the day. Without this call such a month is skipped.
    /// </summary>
    public TriggerBuilder OrLastDay() => new($"{this} or last day");
}
