using System.Globalization;

namespace Escapement;

/// <summary>Builds triggers that fire once a day: <c>scheduler.Add("report", Daily.At(9, 30), …)</c>.</summary>
public static class Daily
{
    /// <summary>Fires every day at a time of day on the wall, in the scheduler's zone.</summary>
    /// <param name="hour">0 to 23.</param>
    /// <param name="minute">0 to 59.</param>
    /// <param name="second">0 to 59.</param>
    /// <remarks>
    /// If the clock skips the time on a day, the trigger fires right after the gap. If the clock repeats the time, the
    /// trigger fires the first time.
    /// </remarks>
    public static TriggerBuilder At(int hour, int minute, int second = 0) => new DailyTriggerBuilder("* * *").At(hour, minute, second);
}

/// <summary>Builds triggers that fire on given days, at midnight unless <see cref="At"/> sets a time of day.</summary>
public sealed class DailyTriggerBuilder : TriggerBuilder
{
    readonly string days;

    // The last three fields of a cron expression.
    internal DailyTriggerBuilder(string days) : base("0 0 " + days) => this.days = days;

    /// <summary>Sets the time of day on the wall.</summary>
    /// <param name="hour">0 to 23.</param>
    /// <param name="minute">0 to 59.</param>
    /// <param name="second">0 to 59.</param>
    public TriggerBuilder At(int hour, int minute, int second = 0)
    {
        CheckTime(hour, minute, second);
        return new(second == 0
            ? FormattableString.Invariant($"{minute} {hour} {days}")
            : FormattableString.Invariant($"{second} {minute} {hour} {days}"));
    }

    internal static void CheckTime(int hour, int minute, int second)
    {
        var time = string.Create(CultureInfo.InvariantCulture, $"At({hour}, {minute}, {second})");
        if (hour is < 0 or > 23) throw new ArgumentOutOfRangeException(nameof(hour), hour, $"{time}: hours go from 0 to 23.");
        if (minute is < 0 or > 59) throw new ArgumentOutOfRangeException(nameof(minute), minute, $"{time}: minutes go from 0 to 59.");
        if (second is < 0 or > 59) throw new ArgumentOutOfRangeException(nameof(second), second, $"{time}: seconds go from 0 to 59.");
    }
}
