using System.Numerics;

namespace Escapement.Triggers;

/// <summary>The times of day of a cron trigger as people describe times, in seconds since midnight.</summary>
abstract record TimesOfDay
{
    const int Hour = 3600;
    const ulong AllMinutes = (1UL << 60) - 1;

    /// <summary>
    /// Times with the same step, in windows that begin and end with a fire time, or all day from 00:00 on if there are
    /// no windows. A window may extend past midnight.
    /// </summary>
    public sealed record Every(int Step, IReadOnlyList<(int First, int Last)> Windows) : TimesOfDay;

    /// <summary>A list of single times.</summary>
    public sealed record At(IReadOnlyList<int> Times) : TimesOfDay;

    /// <summary>Times without a simple pattern: the sets themselves, with bit n for the value n.</summary>
    public sealed record Within(ulong Seconds, ulong Minutes, uint Hours) : TimesOfDay;

    /// <summary>Whether every hour has a fire time, so that the words "every day" can be omitted.</summary>
    public bool IsAroundTheClock => this is Within { Hours: CronFields.AllHours } or Every { Windows: [] }
        || (this is Every { Step: <= Hour, Windows: [( < Hour, >= 23 * Hour)] });

    /// <param name="fields">The fields with the seconds, minutes and hours.</param>
    /// <param name="isEveryDay">
    /// Whether a window may extend past midnight. On a subset of days, its second half would belong to the next day.
    /// </param>
    public static TimesOfDay Of(CronFields fields, bool isEveryDay)
    {
        var (seconds, minutes, hours) = (fields.Seconds, fields.Minutes, fields.Hours);
        var (secondCount, minuteCount, hourCount) = (BitOperations.PopCount(seconds), BitOperations.PopCount(minutes),
            BitOperations.PopCount(hours));
        var total = secondCount * minuteCount * hourCount;
        if (total <= 4) return Listed(fields);
        if (InHour(seconds, minutes) is var (first, last, step) && EveryOf(fields, first, last, step, isEveryDay) is { } every)
        {
            return every;
        }

        if (total <= 6 || (secondCount == 1 && minuteCount == 1 && hourCount <= 12)) return Listed(fields);
        return new Within(seconds, minutes, hours);
    }

    static Every? EveryOf(CronFields fields, int first, int last, int step, bool isEveryDay)
    {
        var hours = NumberPiece.Numbers(fields.Hours);
        var fillsHour = last - first + step == Hour;
        // Described more briefly by its minutes or seconds: "at 30 minutes past every hour".
        var isShort = (last - first) / step < 4 || (fields.Minutes == AllMinutes && BitOperations.IsPow2(fields.Seconds));
        if (fillsHour && hours.Count == 24) return first == 0 ? new(step, []) : isShort ? null : new(step, [(first, (23 * Hour) + last)]);
        if (fillsHour && HourWindows(fields.Hours, isEveryDay) is var windows && windows.Count <= 3
            && (first < last || windows.TrueForAll(window => (window.Last - window.First + 24) % 24 >= 2)))
        {
            return new(step, [.. windows.Select(window => ((window.First * Hour) + first, (window.Last * Hour) + last))]);
        }

        if (hours is [var only] && (last - first) / step >= 4) return new(step, [((only * Hour) + first, (only * Hour) + last)]);
        if (first == last && hours.Count >= 5 && NumberPiece.Of(hours, 5) is [var piece])
        {
            return new(piece.Step * Hour, [((piece.First * Hour) + first, (piece.Last * Hour) + first)]);
        }

        return null;
    }

    // Returns the seconds of an hour as a progression. A single second has a step of an hour.
    static (int First, int Last, int Step)? InHour(ulong seconds, ulong minutes)
    {
        if (Progression(seconds) is not { } second || Progression(minutes) is not { } minute) return null;
        var (first, last) = ((minute.First * 60) + second.First, (minute.Last * 60) + second.Last);
        if (second.IsSingle) return (first, last, minute.IsSingle ? Hour : minute.Step * 60);
        if (minute.IsSingle) return (first, last, second.Step);
        return minute.Step == 1 && second.Last - second.First + second.Step == 60 ? (first, last, second.Step) : null;
    }

    static NumberPiece? Progression(ulong bits)
    {
        var numbers = NumberPiece.Numbers(bits);
        if (numbers is [var single]) return new(single, single, 1);
        var step = numbers[1] - numbers[0];
        for (var i = 2; i < numbers.Count; i++)
        {
            if (numbers[i] - numbers[i - 1] != step) return null;
        }

        return new(numbers[0], numbers[^1], step);
    }

    static List<(int First, int Last)> HourWindows(uint hours, bool isEveryDay)
    {
        List<(int First, int Last)> windows = [];
        foreach (var hour in NumberPiece.Numbers(hours))
        {
            if (windows.Count > 0 && windows[^1].Last == hour - 1) windows[^1] = (windows[^1].First, hour);
            else windows.Add((hour, hour));
        }

        if (isEveryDay && windows.Count > 1 && windows[0].First == 0 && windows[^1].Last == 23)
        {
            windows[^1] = (windows[^1].First, windows[0].Last);
            windows.RemoveAt(0);
        }

        return windows;
    }

    static At Listed(CronFields fields) => new([
        .. from hour in NumberPiece.Numbers(fields.Hours)
           from minute in NumberPiece.Numbers(fields.Minutes)
           from second in NumberPiece.Numbers(fields.Seconds)
           select (((hour * 60) + minute) * 60) + second]);
}
