namespace Escapement;

/// <summary>
/// Builds triggers that fire on given days of each week:
/// <c>Weekly.On(DayOfWeek.Monday, DayOfWeek.Friday).At(9, 30)</c>.
/// </summary>
public static class Weekly
{
    static readonly string[] Names = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

    /// <summary>Fires on these days of the week.</summary>
    /// <param name="days">At least one day.</param>
    public static DailyTriggerBuilder On(params DayOfWeek[] days)
    {
        ArgumentNullException.ThrowIfNull(days);
        if (days.Length == 0) throw new ArgumentException("Weekly.On needs at least one day of the week.", nameof(days));
        return new($"* * {string.Join(',', days.Select(Name))}");
    }

    /// <summary>Fires from Monday to Friday.</summary>
    public static DailyTriggerBuilder OnWeekdays => new("* * mon-fri");

    internal static string Name(DayOfWeek day) => (int)day is >= 0 and <= 6 ? Names[(int)day] : throw new ArgumentOutOfRangeException(
        nameof(day), day, $"{(int)day} is not a day of the week; they go from 0, Sunday, to 6, Saturday.");
}
