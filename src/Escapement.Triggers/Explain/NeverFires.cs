namespace Escapement.Triggers;

/// <summary>Explains why a trigger never fires again, if the reason can be determined.</summary>
public static class NeverFires
{
    /// <summary>Returns the sentence, or null if the trigger fires at or after the instant.</summary>
    public static string? Why(Trigger trigger, DateTimeOffset from, Language language)
    {
        ArgumentNullException.ThrowIfNull(trigger);
        if (trigger.Next(from) is not null) return null;
        var isChinese = language == Language.Chinese;
        var why = Reason(trigger, from, isChinese);
        if (trigger.Previous(from) is { } last)
        {
            var at = IsoTime.Format(last);
            return isChinese ? $"不会再触发：{(why is null ? "" : why + "，")}最后一次触发在 {at}。"
                : $"It never fires again: {(why is null ? "" : why + ", and ")}the last time was {at}.";
        }

        return (isChinese ? "永远不会触发" : "It never fires") + (why is null ? "" : (isChinese ? "：" : ": ") + why) + (isChinese ? "。" : ".");
    }

    // Returns null if the last fire time explains enough.
    static string? Reason(Trigger trigger, DateTimeOffset from, bool isChinese)
    {
        switch (trigger)
        {
            case LimitedTrigger { Inner: var inner } times when inner.Next(Later(from, times.From)) is not null:
                return isChinese ? $"已满 {times.Times} 次" : times.Times == 1 ? "its one time is over" : $"its {times.Times} times are over";
            case LimitedTrigger { Inner: var inner } times:
                var counted = Reason(inner, Later(from, times.From), isChinese);
                return counted ?? (trigger.Previous(from) is null && inner.Previous(times.From) is not null ? isChinese
                    ? "开始计数后没有触发时间"
                    : "its times end before they are counted" : null);
            case ExcludingTrigger { Exclusions.IsAlways: true }:
                return isChinese ? "一天中的所有时间都被排除" : "the excluded parts of each day leave nothing of it";
            case ExcludingTrigger { Inner: var inner } when inner.Next(from) is { } next:
                return isChinese ? $"从 {IsoTime.Format(next)} 起全部被排除" : $"all of its times from {IsoTime.Format(next)} on are excluded";
            case ExcludingTrigger { Inner: var inner }:
                return Reason(inner, from, isChinese);
            case CronTrigger { Start: { } start, End: { } end } when start > end:
            case IntervalTrigger { Start: var first, End: { } last } when first > last:
            case CalendarIntervalTrigger { Start: var firstDay, End: { } lastDay } when firstDay > lastDay:
                return isChinese ? "结束时间早于开始时间" : "its end is before its start";
            case var ended when ended.Previous(from) is not null:
                return null;
            case CronTrigger cron:
                return OfCron(cron, isChinese);
            case AndTrigger:
                return isChinese ? "各部分没有共同的时刻" : "its parts have no instant in common";
            case OrTrigger:
                return isChinese ? "各部分都不会触发" : "none of its parts fires";
            default:
                return null;
        }
    }

    static DateTimeOffset Later(DateTimeOffset left, DateTimeOffset right) => left > right ? left : right;

    static string OfCron(CronTrigger cron, bool isChinese)
    {
        var fields = cron.Definition.Fields;
        var (months, days) = (NumberPiece.Numbers(fields.Months), NumberPiece.Numbers(fields.Days));
        var isPlain = !fields.SpecialOrNone.NamesDays;
        // Leap years too: no year has such a day.
        if (isPlain && months.TrueForAll(month => days[0] > DateTime.DaysInMonth(2000, month)))
        {
            if (months is [var month] && days is [var day])
            {
                return isChinese ? $"{month} 月没有 {day} 日"
                    : $"{day} {System.Globalization.CultureInfo.InvariantCulture.DateTimeFormat.GetMonthName(month)} does not exist";
            }

            return isChinese ? $"所列月份都没有 {days[0]} 日" : $"none of its months has a day {days[0]}";
        }

        if (cron.Start is not null || cron.End is not null)
        {
            return isChinese ? "开始与结束之间没有触发时间" : "none of its times lies between its start and its end";
        }

        if (fields.Years is not null) return isChinese ? "所列年份中没有这样的日子" : "no day in its years matches all of its fields";
        return isChinese ? "没有一天同时满足所有字段" : "no day matches all of its fields";
    }
}
