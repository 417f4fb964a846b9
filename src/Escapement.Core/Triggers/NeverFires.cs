namespace Escapement.Triggers;

/// <summary>Why a trigger never fires again, as far as it can be told.</summary>
static class NeverFires
{
    /// <summary>The sentence; null when the trigger does fire at or after the instant.</summary>
    public static string? Why(Trigger trigger, DateTimeOffset from, Language language)
    {
        ArgumentNullException.ThrowIfNull(trigger);
        if (trigger.Next(from) is not null) return null;
        var isChinese = language == Language.Chinese;
        if (trigger.Previous(from) is { } last)
        {
            var at = IsoTime.Format(last);
            return isChinese ? $"不会再触发:最后一次触发在 {at}。" : $"It never fires again: the last time was {at}.";
        }

        var why = trigger switch
        {
            CronTrigger { Start: { } start, End: { } end } when start > end => isChinese ? "结束时间早于开始时间" : "its end is before its start",
            CronTrigger cron => OfCron(cron, isChinese),
            AndTrigger => isChinese ? "各部分没有共同的时刻" : "its parts have no instant in common",
            _ => null,
        };
        return (isChinese ? "永远不会触发" : "It never fires") + (why is null ? "" : (isChinese ? ":" : ": ") + why) + (isChinese ? "。" : ".");
    }

    static string OfCron(CronTrigger cron, bool isChinese)
    {
        var fields = cron.Definition.Fields;
        var (months, days) = (NumberPiece.Numbers(fields.Months), NumberPiece.Numbers(fields.Days));
        var isPlain = (fields.DaysBeforeLast | fields.NearestWeekdays | fields.NearestWeekdaysBeforeLast | fields.WeekdaysOfMonth) == 0;
        // Leap years too: no year has such a day.
        if (isPlain && months.TrueForAll(month => days[0] > DateTime.DaysInMonth(2000, month)))
        {
            if (months is [var month] && days is [var day]) return isChinese ? $"{month} 月没有 {day} 日" : $"{day} {System.Globalization.CultureInfo.InvariantCulture.DateTimeFormat.GetMonthName(month)} does not exist";
            return isChinese ? $"所列月份都没有 {days[0]} 日" : $"none of its months has a day {days[0]}";
        }

        if (cron.Start is not null || cron.End is not null) return isChinese ? "开始与结束之间没有触发时间" : "none of its times lies between its start and its end";
        if (fields.Years is not null) return isChinese ? "所列年份中没有这样的日子" : "no day in its years matches all of its fields";
        return isChinese ? "没有一天同时满足所有字段" : "no day matches all of its fields";
    }
}
