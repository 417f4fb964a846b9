namespace Escapement.Triggers;

/// <summary>English words for triggers.</summary>
sealed class EnglishWords : SentenceWords
{
    static readonly string[] Months = ["", "January", "February", "March", "April", "May", "June", "July", "August", "September",
        "October", "November", "December"];
    static readonly string[] Weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
    static readonly string[] Nth = ["", "first", "second", "third", "fourth", "fifth", "last"];

    public override string FullStop => ".";

    public override string Cron(CronFields fields)
    {
        var times = TimesOfDay.Of(fields, IsEveryDay(fields));
        var time = Times(times);
        string text;
        if (IsAnyDay(fields) && IsAnyWeekday(fields))
        {
            text = time + (times.IsAroundTheClock ? "" : " every day") + InMonths(fields, " ");
        }
        else if (IsAnyDay(fields) && fields.SpecialOrNone.WeekdaysOfMonthInWeek == 0)
        {
            text = time + EveryWeek(fields.DaysOfWeek, times) + InMonths(fields, WeekdayRun(fields.DaysOfWeek) is null ? " " : ", ");
        }
        else
        {
            var days = DaysOfMonth(fields);
            var isConditional = !IsAnyDay(fields) && !IsAnyWeekday(fields);
            text = times is TimesOfDay.At ? $"on {days}{(isConditional ? ", " : " ")}{time}" : $"{time} on {days}";
        }

        if (fields.Weeks != CronFields.AllWeeks) text += $", in ISO {Counted("week", "weeks", fields.Weeks)}";
        if (Years(fields) is { } years) text += ", in " + Pieces(years, "year", "");
        return text;
    }

    public override string Interval(TimeSpan interval, string start)
    {
        var parts = IntervalParts.Split(interval).ToList();
        var text = parts is [(var unit, 1m)] ? unit[..^1]
            : List(parts.Select(part => FormattableString.Invariant($"{part.Amount} {(part.Amount == 1 ? part.Unit[..^1] : part.Unit)}")));
        return $"every {text}, counted from {start}";
    }

    public override string CalendarInterval(CalendarIntervalTrigger calendar, string start)
    {
        var (date, step) = (calendar.Start, calendar.Step);
        var days = Whole(step) switch
        {
            (1, CalendarUnit.Day) => "every day",
            (1, CalendarUnit.Week) => "every " + Weekdays[(int)date.DayOfWeek],
            (1, CalendarUnit.Month) => $"on the {Ordinal(date.Day)} of every month",
            (1, CalendarUnit.Year) => $"on {date.Day} {Months[date.Month]} of every year",
            (var n, CalendarUnit.Day) => $"every {n} days",
            (var n, CalendarUnit.Week) => $"every {n} weeks on {Weekdays[(int)date.DayOfWeek]}",
            (var n, CalendarUnit.Month) => $"every {n} months on the {Ordinal(date.Day)}",
            (var n, _) => $"every {n} years on {date.Day} {Months[date.Month]}",
            null => $"every {List(new[] { Amount(step.InMonths / 12, "year"), Amount(step.InMonths % 12, "month"), Amount(step.InDays, "day") }.OfType<string>())}",
        };
        var isOfYear = Whole(step) is (_, CalendarUnit.Year);
        var missing = !MayLackDay(calendar) ? ""
            : calendar.MissingDay == MissingDay.LastDay ? isOfYear
                ? ", on 28 February where a year has no 29th"
                : ", on the last day where a month is shorter"
            : isOfYear ? ", only in leap years" : ", not in months without that day";
        return $"{days} at {Clock(calendar.Time)}{missing}, counted from {start}";

        static string? Amount(long amount, string unit) => amount == 0 ? null : $"{amount} {unit}{(amount == 1 ? "" : "s")}";
    }

    public override string Date(string at) => $"once, on {at.Replace(" ", " at ", StringComparison.Ordinal)}";

    public override string All(IReadOnlyList<string> parts) =>
        parts is [var only] ? only : "only when all of these fire at the same instant: " + string.Join("; ", parts);

    public override string Any(IReadOnlyList<string> parts) =>
        parts is [var only] ? only : "whenever one of these fires: " + string.Join("; ", parts);

    public override string InBrackets(string part) => $"({part})";

    public override string Bounds(string? start, string? end) =>
        (start is null ? "" : $", not before {start}") + (end is null ? "" : $", not after {end}");

    public override string Except(ExclusionCalendar exclusions)
    {
        var (days, spans) = Excluded(exclusions, (first, last) => $"{first} to {last}", (month, day) => $"{day} {Months[month]}");
        var (on, from) = (days is [] ? "" : " on " + List(days), spans is [] ? "" : " " + List(spans.Select(span => "from " + span)));
        var and = days is [] || spans is [] ? "" : days.Count + spans.Count > 2 ? ", and" : " and";
        return $", except{on}{and}{from}";
    }

    public override string Times(int times, string from) => $", at most {(times == 1 ? "once" : $"{times} times")} from {from}";

    public override string Jitter(TimeSpan jitter) => $", each run up to {IntervalParts.Describe(jitter)} later";

    public override string Zone(string name) => $" ({name})";

    protected override string List(IEnumerable<string> items, string? lastWord = null)
    {
        var list = items.ToList();
        return list.Count == 1 ? list[0] : string.Join(", ", list[..^1]) + $" {lastWord ?? "and"} " + list[^1];
    }

    string Times(TimesOfDay times)
    {
        switch (times)
        {
            case TimesOfDay.At(var list):
                var withSeconds = list.Any(time => time % 60 != 0);
                return "at " + List(list.Select(time => Clock(time, withSeconds)));
            case TimesOfDay.Every(var step, var windows):
                var shown = windows.Any(window => window.First % 60 != 0 || window.Last % 60 != 0);
                return "every " + Step(step) + (windows is []
                    ? ""
                    : " " + List(windows.Select(window => $"from {Clock(window.First, shown)} to {Clock(window.Last, shown)}")));
            default:
                return Within((TimesOfDay.Within)times);
        }
    }

    static string Step(int seconds)
    {
        var (amount, unit) = seconds % 3600 == 0 ? (seconds / 3600, "hour") : seconds % 60 == 0
            ? (seconds / 60, "minute")
            : (seconds, "second");
        return amount == 1 ? unit : $"{amount} {unit}s";
    }

    string Within(TimesOfDay.Within times)
    {
        var hours = Hours(times.Hours);
        if (times.Seconds != 1)
        {
            var seconds = WholeStep(times.Seconds) is { } secondStep
                ? "every " + Step(secondStep)
                : "at " + Counted("second", "seconds", times.Seconds);
            var everyMinute = WholeStep(times.Minutes) == 1;
            var minutes = everyMinute ? "every minute" : Counted("minute", "minutes", times.Minutes);
            return $"{seconds} of {minutes}" + (everyMinute && times.IsAroundTheClock ? "" : $" of {hours}");
        }

        if (WholeStep(times.Minutes) is { } step) return $"every {Step(step * 60)} of {hours}";
        var pieces = NumberPiece.Of(NumberPiece.Numbers(times.Minutes), LongProgression);
        if (pieces.Exists(piece => !piece.IsSingle)) return $"at {Counted("minute", "minutes", times.Minutes)} of {hours}";
        return $"at {List(pieces.Select(Piece))} {(times.Minutes == 2 ? "minute" : "minutes")} past {hours}";
    }

    string Hours(uint hours) => NumberPiece.Of(NumberPiece.Numbers(hours), 4) switch
    {
        [{ First: 0, Last: 23, Step: 1 }] => "every hour",
        [{ IsRun: true } run] => $"every hour from {run.First} to {run.Last}",
        [{ IsSingle: false } steps] => $"every {Ordinal(steps.Step)} hour from {steps.First} to {steps.Last}",
        _ => Counted("hour", "the hours", hours, 4),
    };

    string Counted(string one, string many, ulong bits, int progression = LongProgression)
    {
        var pieces = NumberPiece.Of(NumberPiece.Numbers(bits), progression);
        return HaveOwnSteps(pieces)
            ? Pieces(pieces, one, one + " ")
            : $"{(pieces is [{ IsSingle: true }] ? one : many)} {List(pieces.Select(Piece))}";
    }

    string Pieces(List<NumberPiece> pieces, string one, string beforeSingle)
    {
        if (!HaveOwnSteps(pieces)) return List(pieces.Select(Piece));
        return List(pieces.Select(piece => piece.IsSingle
            ? beforeSingle + Number(piece.First)
            : $"every {(piece.IsRun ? "" : Ordinal(piece.Step) + " ")}{one} from {piece.First} to {piece.Last}"));
    }

    static string Piece(NumberPiece piece) =>
        piece.IsSingle ? Number(piece.First) : $"{piece.First} to {piece.Last}" + (piece.IsRun ? "" : $" in steps of {piece.Step}");

    // ", Monday to Friday", " every Sunday", " on Sundays"
    string EveryWeek(byte daysOfWeek, TimesOfDay times)
    {
        if (WeekdayRun(daysOfWeek) is { } run) return ", " + run;
        var names = NumberPiece.Numbers(FromMonday(daysOfWeek)).Select(day => Weekdays[day]);
        return times is TimesOfDay.At ? " every " + List(names) : " on " + List(names.Select(name => name + "s"));
    }

    static string? WeekdayRun(byte daysOfWeek)
    {
        var days = FromMonday(daysOfWeek);
        var missing = NumberPiece.Numbers(days ^ 0xFE);
        if (missing is [var one]) return "every day except " + Weekdays[one];
        return NumberPiece.AroundCircle(days, 1, 7) is { } run ? $"{Weekdays[run.First]} to {Weekdays[run.Last]}" : null;
    }

    string InMonths(CronFields fields, string lead)
    {
        if (IsAnyMonth(fields)) return "";
        return lead + (MonthRun(fields) is { } run ? $"from {Months[run.First]} to {Months[run.Last]}"
            : "in " + List(NumberPiece.Numbers(fields.Months).Select(month => Months[month])));
    }

    string OfMonths(CronFields fields, uint months)
    {
        if (IsAnyMonth(fields)) return "of the month";
        return months == fields.Months && MonthRun(fields) is { } run ? $"of each month from {Months[run.First]} to {Months[run.Last]}"
            : "of " + List(NumberPiece.Numbers(months).Select(month => Months[month]));
    }

    string DaysOfMonth(CronFields fields)
    {
        if (IsAnyDay(fields))
        {
            var weekly = NumberPiece.Numbers(FromMonday(fields.DaysOfWeek)).Select(day => "every " + Weekdays[day]);
            return List(weekly.Concat(OfMonth(fields.SpecialOrNone.WeekdaysOfMonthInWeek).Select(NthWeekday))) + " "
                + OfMonths(fields, fields.Months);
        }

        var days = Dates(fields) is { } dates
            ? List(dates.Select(date => $"{date.Day} {Months[date.Month]}"))
            : string.Join(", and on ", DaysByMonths(fields).Select(group =>
                List(NamedDays(fields, group.Days)) + " " + OfMonths(fields, group.Months)));
        return IsAnyWeekday(fields) ? days : $"{days}, but only if it is {Condition(fields)}";
    }

    static IEnumerable<string> NamedDays(CronFields fields, uint days)
    {
        foreach (var piece in NumberPiece.Of(NumberPiece.Numbers(days), 8))
        {
            if (piece.IsSingle)
            {
                yield return "the " + Ordinal(piece.First);
            }
            else
            {
                yield return (piece.IsRun ? "" : $"every {Ordinal(piece.Step)} day from ")
                + $"the {Ordinal(piece.First)} to the {Ordinal(piece.Last)}";
            }
        }

        foreach (var n in NumberPiece.Numbers(fields.SpecialOrNone.DaysBeforeLast)) yield return BeforeLast(n);
        foreach (var day in NumberPiece.Numbers(fields.SpecialOrNone.NearestWeekdays))
        {
            yield return "the weekday nearest to the " + Ordinal(day);
        }

        foreach (var n in NumberPiece.Numbers(fields.SpecialOrNone.NearestWeekdaysBeforeLast))
        {
            yield return n == 0 ? "the last weekday" : "the weekday nearest to " + BeforeLast(n);
        }

        foreach (var weekday in OfMonth(fields.SpecialOrNone.WeekdaysOfMonth)) yield return NthWeekday(weekday);
    }

    string Condition(CronFields fields)
    {
        List<string> conditions = [];
        if (WeekdayRun(fields.DaysOfWeek) is { } run)
        {
            conditions.Add(run.StartsWith("every", StringComparison.Ordinal)
                ? run.Replace("every day except", "not a", StringComparison.Ordinal)
                : $"a day from {run}");
        }
        else
        {
            conditions.AddRange(NumberPiece.Numbers(FromMonday(fields.DaysOfWeek)).Select(day => "a " + Weekdays[day]));
        }

        conditions.AddRange(OfMonth(fields.SpecialOrNone.WeekdaysOfMonthInWeek).Select(weekday => NthWeekday(weekday) + " of the month"));
        return List(conditions, "or");
    }

    static string BeforeLast(int n) => n switch
    {
        0 => "the last day",
        1 => "the day before the last",
        _ => $"the day {n} days before the last",
    };

    static string NthWeekday((int Nth, int Weekday) day) => $"the {Nth[day.Nth]} {Weekdays[day.Weekday]}";

    static string Ordinal(int number) =>
        number + ((number % 100) is >= 11 and <= 13 ? "th" : (number % 10) switch { 1 => "st", 2 => "nd", 3 => "rd", _ => "th" });
}
