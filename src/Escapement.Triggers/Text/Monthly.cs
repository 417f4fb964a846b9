using System.Globalization;

namespace Escapement;

/// <summary>On some days of each month: <c>Monthly.On(15).At(9, 0)</c>, <c>Monthly.OnLastDay.At(18, 30)</c>, <c>Monthly.OnLast(DayOfWeek.Friday).At(17, 0)</c>.</summary>
public static class Monthly
{
    /// <summary>On these days of the month. A month that lacks one of them leaves it out.</summary>
    /// <param name="days">At least one, 1 to 31.</param>
    public static DailyTriggerBuilder On(params int[] days)
    {
        ArgumentNullException.ThrowIfNull(days);
        if (days.Length == 0) throw new ArgumentException("Monthly.On needs at least one day of the month.", nameof(days));
        foreach (var day in days)
        {
            if (day is < 1 or > 31)
            {
                throw new ArgumentOutOfRangeException(nameof(days), day, $"Monthly.On({day}): days of the month go from 1 to 31.");
            }
        }

        return new($"{string.Join(',', days.Select(day => day.ToString(CultureInfo.InvariantCulture)))} * *");
    }

    /// <summary>On the last day of the month.</summary>
    public static DailyTriggerBuilder OnLastDay => new("L * *");

    /// <summary>On the last day of the month that is not a Saturday or a Sunday.</summary>
    public static DailyTriggerBuilder OnLastWeekday => new("LW * *");

    /// <summary>On the first such day of the month.</summary>
    public static DailyTriggerBuilder OnFirst(DayOfWeek day) => OnNth(1, day);

    /// <summary>On the nth such day of the month; a month without a fifth one leaves it out.</summary>
    /// <param name="n">1 to 5.</param>
    /// <param name="day">Which day of the week.</param>
    public static DailyTriggerBuilder OnNth(int n, DayOfWeek day) => n is >= 1 and <= 5
        ? new(FormattableString.Invariant($"* * {Weekly.Name(day)}#{n}"))
        : throw new ArgumentOutOfRangeException(nameof(n), n, $"Monthly.OnNth({n}, …): from 1 to 5.");

    /// <summary>On the last such day of the month.</summary>
    public static DailyTriggerBuilder OnLast(DayOfWeek day) => new($"* * {Weekly.Name(day)}L");
}
