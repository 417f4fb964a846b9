using System.Numerics;

namespace Escapement.Triggers;

/// <summary>Chinese words for triggers: first the days, then the times.</summary>
sealed class ChineseWords : SentenceWords
{
    static readonly string[] Weekdays = ["周日", "周一", "周二", "周三", "周四", "周五", "周六", "周日"];
    static readonly string[] Nth = ["", "第一个", "第二个", "第三个", "第四个", "第五个", "最后一个"];

    public override string FullStop => "。";

    public override string Cron(CronFields fields)
    {
        var times = TimesOfDay.Of(fields, IsEveryDay(fields));
        var years = Years(fields) is { } pieces ? Counted("", pieces, "年", "年") : "";
        var weeks = fields.Weeks == CronFields.AllWeeks ? "" : $"ISO {Counted("第 ", fields.Weeks, "周", "周")}";
        var date = Beside(Beside(years, weeks), Days(fields, times));
        if (date.Length == 0) return Times(times);
        // A clock time stands beside the day. A comma separates any other text from the day.
        var startsWithClock = times is TimesOfDay.At or TimesOfDay.Every { Windows: not [] };
        return date + (!startsWithClock ? "，" : date.EndsWith('）') ? "" : " ") + Times(times);
    }

    public override string Interval(TimeSpan interval, string start) => $"每 {Duration(interval)}，从 {start} 起计";

    public override string CalendarInterval(CalendarIntervalTrigger calendar, string start)
    {
        var (date, step) = (calendar.Start, calendar.Step);
        var days = Whole(step) switch
        {
            (1, CalendarUnit.Day) => "每天",
            (1, CalendarUnit.Week) => "每" + Weekdays[(int)date.DayOfWeek],
            (1, CalendarUnit.Month) => $"每月 {date.Day} 日",
            (1, CalendarUnit.Year) => $"每年 {date.Month} 月 {date.Day} 日",
            (var n, CalendarUnit.Day) => $"每 {n} 天",
            (var n, CalendarUnit.Week) => $"每 {n} 周的{Weekdays[(int)date.DayOfWeek]}",
            (var n, CalendarUnit.Month) => $"每 {n} 个月的 {date.Day} 日",
            (var n, _) => $"每 {n} 年的 {date.Month} 月 {date.Day} 日",
            null => $"每 {string.Join(" ", new[] { Amount(step.InMonths / 12, "年"), Amount(step.InMonths % 12, "个月"), Amount(step.InDays, "天") }.OfType<string>())}",
        };
        var isOfYear = Whole(step) is (_, CalendarUnit.Year);
        var missing = !MayLackDay(calendar) ? ""
            : calendar.MissingDay == MissingDay.LastDay ? isOfYear ? "，平年改为 2 月 28 日" : "，没有该日的月份改为最后一天"
            : isOfYear ? "，仅闰年" : "，没有该日的月份略过";
        return $"{days} {Clock(calendar.Time)}{missing}，从 {start} 起计";

        static string? Amount(long amount, string unit) => amount == 0 ? null : $"{amount} {unit}";
    }

    public override string Date(string at) => $"仅一次：{at}";

    public override string All(IReadOnlyList<string> parts) => parts is [var only] ? only : "仅当下列各项在同一时刻都触发时：" + string.Join("；", parts);

    public override string Any(IReadOnlyList<string> parts) => parts is [var only] ? only : "下列任一项触发时：" + string.Join("；", parts);

    public override string InBrackets(string part) => $"（{part}）";

    public override string Bounds(string? start, string? end) =>
        (start is null ? "" : $"，不早于 {start}") + (end is null ? "" : $"，不晚于 {end}");

    public override string Except(ExclusionCalendar exclusions)
    {
        var (days, spans) = Excluded(exclusions, (first, last) =>
            $"{first} 至{(string.CompareOrdinal(last, first) < 0 ? "次日" : "")} {last}", (month, day) => $"每年 {month} 月 {day} 日");
        var list = List(days.Concat(spans));
        return $"，{list}{(char.IsAsciiLetterOrDigit(list[^1]) ? " " : "")}除外";
    }

    public override string Times(int times, string from) => $"，从 {from} 起最多 {times} 次";

    public override string Jitter(TimeSpan jitter) => $"，每次运行最多延后 {Duration(jitter)}";

    public override string Zone(string name) => $"（{name}）";

    protected override string List(IEnumerable<string> items, string? lastWord = null)
    {
        var list = items.ToList();
        if (list.Count == 1) return list[0];
        // A space stands between Chinese characters and digits or letters, but not between two Chinese characters.
        var before = char.IsAsciiLetterOrDigit(list[^2][^1]) ? " " : "";
        var after = char.IsAsciiLetterOrDigit(list[^1][0]) ? " " : "";
        return string.Join("、", list[..^1]) + before + (lastWord ?? "和") + after + list[^1];
    }

    static string Duration(TimeSpan interval) =>
        string.Join(" ", IntervalParts.Split(interval).Select(part => FormattableString.Invariant($"{part.Amount} {Unit(part.Unit)}")));

    static string Unit(string unit) => unit switch
    {
        "weeks" => "周",
        "days" => "天",
        "hours" => "小时",
        "minutes" => "分钟",
        _ => "秒",
    };

    string Times(TimesOfDay times)
    {
        switch (times)
        {
            case TimesOfDay.At(var list):
                var withSeconds = list.Any(time => time % 60 != 0);
                return List(list.Select(time => Clock(time, withSeconds)));
            case TimesOfDay.Every(var step, []):
                return Step(step);
            case TimesOfDay.Every(var step, var windows):
                var shown = windows.Any(window => window.First % 60 != 0 || window.Last % 60 != 0);
                return List(windows.Select(window =>
                    $"{Clock(window.First, shown)} 至{(window.Last < window.First ? "次日" : "")} {Clock(window.Last, shown)}")) + " "
                    + Step(step);
            default:
                return Within((TimesOfDay.Within)times);
        }
    }

    static string Step(int seconds)
    {
        var (amount, unit) = seconds % 3600 == 0 ? (seconds / 3600, "小时") : seconds % 60 == 0 ? (seconds / 60, "分钟") : (seconds, "秒");
        return amount == 1 ? $"每{unit}" : $"每 {amount} {unit}";
    }

    string Within(TimesOfDay.Within times)
    {
        var everyHour = times.IsAroundTheClock;
        var everyMinute = WholeStep(times.Minutes) == 1;
        var text = everyHour ? everyMinute ? "" : "每小时" : Hours(times.Hours);
        var inHours = everyHour ? "" : text.EndsWith("每小时", StringComparison.Ordinal) || BitOperations.IsPow2(times.Hours) ? "内" : "这几个小时内";
        if (times.Seconds == 1 && WholeStep(times.Minutes) is { } step) text += inHours + Step(step * 60);
        else if (everyMinute) text += inHours + "每分钟";
        else text += $"{(everyHour ? "" : "的")}{Counted("第 ", times.Minutes, "分", "分钟")}";
        if (times.Seconds == 1) return text;
        return text + (WholeStep(times.Seconds) is { } seconds ? "内" + Step(seconds) : "的" + Counted("第 ", times.Seconds, "秒", "秒"));
    }

    string Hours(uint hours) => NumberPiece.Of(NumberPiece.Numbers(hours), LongProgression) switch
    {
        [{ IsRun: true } run] => $"{run.First} 点至 {run.Last} 点每小时",
        var pieces => Counted("", pieces, "点", "小时"),
    };

    string Counted(string lead, ulong bits, string unit, string span) =>
        Counted(lead, NumberPiece.Of(NumberPiece.Numbers(bits), LongProgression), unit, span);

    string Counted(string lead, List<NumberPiece> pieces, string unit, string span)
    {
        if (HaveOwnSteps(pieces))
        {
            return List(pieces.Select(piece => $"{lead}{piece.First}{(piece.IsSingle ? "" : $" 至 {piece.Last}")} {unit}"
                + (piece.IsSingle ? "" : piece.IsRun ? $"（每{span}）" : $"（每 {piece.Step} {span}）")));
        }

        var text = lead + List(pieces.Select(Piece));
        return text + (text.EndsWith('）') ? "" : " ") + unit;
    }

    static string Piece(NumberPiece piece) =>
        piece.IsSingle ? Number(piece.First) : $"{piece.First} 至 {piece.Last}" + (piece.IsRun ? "" : $"（步长 {piece.Step}）");

    string Days(CronFields fields, TimesOfDay times)
    {
        var months = Months(fields);
        if (IsAnyDay(fields) && IsAnyWeekday(fields)) return times.IsAroundTheClock ? months : months + "每天";
        if (IsAnyDay(fields) && fields.SpecialOrNone.WeekdaysOfMonthInWeek == 0)
        {
            return months.Length == 0 ? EveryWeek(fields.DaysOfWeek) : $"{months}的{EveryWeek(fields.DaysOfWeek)}";
        }

        var ofMonths = OfMonths(fields, fields.Months);
        if (IsAnyDay(fields))
        {
            var weekly = NumberPiece.Numbers(FromMonday(fields.DaysOfWeek)).Select(day => "每个" + Weekdays[day]);
            return Close(ofMonths, List(weekly.Concat(OfMonth(fields.SpecialOrNone.WeekdaysOfMonthInWeek).Select(NthWeekday))));
        }

        var days = Dates(fields) is { } dates
            ? List(dates.Select(date => $"{date.Month} 月 {date.Day} 日"))
            : string.Join("，以及 ", DaysByMonths(fields).Select(group =>
                Close(OfMonths(fields, group.Months), List(NamedDays(fields, group.Days)))));
        return IsAnyWeekday(fields) ? days : $"{days}（仅当该日是{Condition(fields)}）";
    }

    // A space stands between Chinese characters and digits or letters.
    static string Beside(string lead, string text) =>
        lead.Length == 0 || text.Length == 0 || !char.IsAsciiLetterOrDigit(text[0]) ? lead + text : $"{lead} {text}";

    static string Close(string lead, string text) => char.IsAsciiDigit(text[0]) ? lead + text : lead.TrimEnd() + text;

    string Months(CronFields fields) =>
        MonthRun(fields) is { } run && !IsAnyMonth(fields)
            ? $"{run.First} 月至{(run.Last < run.First ? "次年" : "")} {run.Last} 月"
            : Months(fields, fields.Months);

    string Months(CronFields fields, uint months) =>
        IsAnyMonth(fields) ? "" : List(NumberPiece.Numbers(months).Select(month => $"{month} 月"));

    string OfMonths(CronFields fields, uint months)
    {
        if (IsAnyMonth(fields)) return "每月 ";
        return months == fields.Months && MonthRun(fields) is not null ? Months(fields) + "每月 " : Months(fields, months) + "的 ";
    }

    string EveryWeek(byte daysOfWeek) =>
        WeekdayRun(daysOfWeek) ?? "每" + List(NumberPiece.Numbers(FromMonday(daysOfWeek)).Select(day => Weekdays[day]));

    static string? WeekdayRun(byte daysOfWeek)
    {
        var days = FromMonday(daysOfWeek);
        if (NumberPiece.Numbers(days ^ 0xFE) is [var missing]) return $"除{Weekdays[missing]}外每天";
        return NumberPiece.AroundCircle(days, 1, 7) is { } run ? $"{Weekdays[run.First]}至{Weekdays[run.Last]}" : null;
    }

    static IEnumerable<string> NamedDays(CronFields fields, uint days)
    {
        foreach (var piece in NumberPiece.Of(NumberPiece.Numbers(days), 8))
        {
            yield return piece.IsSingle
                ? $"{piece.First} 日"
                : $"{piece.First} 日至 {piece.Last} 日" + (piece.IsRun ? "" : $"每 {piece.Step} 天");
        }

        foreach (var n in NumberPiece.Numbers(fields.SpecialOrNone.DaysBeforeLast)) yield return BeforeLast(n);
        foreach (var day in NumberPiece.Numbers(fields.SpecialOrNone.NearestWeekdays)) yield return $"最接近 {day} 日的工作日（周一至周五）";
        foreach (var n in NumberPiece.Numbers(fields.SpecialOrNone.NearestWeekdaysBeforeLast))
        {
            yield return n == 0 ? "最后一个工作日（周一至周五）" : $"最接近{BeforeLast(n)}的工作日（周一至周五）";
        }

        foreach (var weekday in OfMonth(fields.SpecialOrNone.WeekdaysOfMonth)) yield return NthWeekday(weekday);
    }

    string Condition(CronFields fields)
    {
        List<string> conditions = [];
        if (NumberPiece.Numbers(FromMonday(fields.DaysOfWeek) ^ 0xFE) is [var missing]) conditions.Add($"{Weekdays[missing]}以外的日子");
        else if (WeekdayRun(fields.DaysOfWeek) is { } run) conditions.Add(run);
        else conditions.AddRange(NumberPiece.Numbers(FromMonday(fields.DaysOfWeek)).Select(day => Weekdays[day]));
        conditions.AddRange(OfMonth(fields.SpecialOrNone.WeekdaysOfMonthInWeek).Select(weekday => "当月" + NthWeekday(weekday)));
        return List(conditions, "或");
    }

    static string BeforeLast(int n) => n == 0 ? "最后一天" : $"倒数第 {n + 1} 天";

    static string NthWeekday((int Nth, int Weekday) day) => Nth[day.Nth] + Weekdays[day.Weekday];
}
