using System.Globalization;

namespace Escapement;

/// <summary>
/// Builds triggers that fire on given days of each month: <c>Monthly.On(15).At(9, 0)</c>,
/// <c>Monthly.OnLastDay.At(18, 30)</c>, <c>Monthly.OnLast(DayOfWeek.Friday).At(17, 0)</c>.
/// </summary>
public static class Monthly
{
    /// <summary>Fires on these days of the month. Days that a month lacks are skipped.</summary>
    /// <param name="days">At least one day, 1 to 31.</param>
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

    /// <summary>Fires on the last day of the month.</summary>
    public static DailyTriggerBuilder OnLastDay => new("L * *");

    /// <summary>Fires on the last day of the month from Monday to Friday.</summary>
    public static DailyTriggerBuilder OnLastWeekday => new("LW * *");

    /// <summary>Fires on the first given weekday of the month.</summary>
    public static DailyTriggerBuilder OnFirst(DayOfWeek day) => OnNth(1, day);

    /// <summary>Fires on the nth given weekday of the month. A month without a fifth such day is skipped.</summary>
    /// <param name="n">1 to 5.</param>
    /// <param name="day">The day of the week.</param>
    public static DailyTriggerBuilder OnNth(int n, DayOfWeek day) => n is >= 1 and <= 5
        ? new(FormattableString.Invariant($"* * {Weekly.Name(day)}#{n}"))
        : throw new ArgumentOutOfRangeException(nameof(n), n, $"Monthly.OnNth({n}, …): from 1 to 5.");

    /// <summary>Fires on the last given weekday of the month.</summary>
    public static DailyTriggerBuilder OnLast(DayOfWeek day) => new($"* * {Weekly.Name(day)}L");
}
