using System.Globalization;

namespace Escapement.Triggers.Tests;

/// <summary>
/// A cron trigger that examines every instant and every field of its wall time.
/// The oracle is slow and shares only the rule with the tested code.
/// </summary>
/// <param name="Text">The trigger as an expression or as JSON.</param>
/// <param name="Times">The matching values of second, minute and hour.</param>
/// <param name="IsDay">Returns true if a day matches in all remaining fields.</param>
/// <param name="Repeats">True if second, minute or hour contains a star, a range or a step.</param>
sealed record CronOracle(string Text, HashSet<int>[] Times, Predicate<DateOnly> IsDay, bool Repeats)
{
    readonly Dictionary<long, bool> days = [];
    readonly bool[][] isTime = [.. Times.Select(values => Enumerable.Range(0, 60).Select(values.Contains).ToArray())];

    public bool HasSeconds => !Times[0].SetEquals([0]);

    /// <summary>
    /// Returns all fire times between two instants by examining each second, or each minute if all seconds are 0.
    /// </summary>
    /// <param name="changes">The zone's offsets, each with the first instant of its validity.</param>
    /// <param name="from">The inclusive lower bound, a whole minute in seconds since 1970.</param>
    /// <param name="to">The exclusive upper bound.</param>
    public IEnumerable<long> FireTimes(IReadOnlyList<(long At, int Offset)> changes, long from, long to)
    {
        var step = HasSeconds ? 1 : 60;
        var i = 0;
        for (var at = from; at < to; at += step)
        {
            while (i + 1 < changes.Count && changes[i + 1].At <= at) i++;
            var wall = at + changes[i].Offset;
            var fires = Matches(wall) && (Repeats || !WasShownBefore(changes, i, at, wall));
            if (at == changes[i].At && i > 0)
            {
                for (var skipped = at + changes[i - 1].Offset; skipped < wall && !fires; skipped += step) fires = Matches(skipped);
            }

            if (fires) yield return at;
        }
    }

    static bool WasShownBefore(IReadOnlyList<(long At, int Offset)> changes, int i, long at, long wall)
    {
        for (var j = i - 1; j >= 0 && changes[j + 1].At > at - (2 * 86_400); j--)
        {
            var earlier = wall - changes[j].Offset;
            if (earlier >= changes[j].At && earlier < changes[j + 1].At) return true;
        }

        return false;
    }

    bool Matches(long wall)
    {
        var (day, time) = Math.DivRem(wall, 86_400);
        if (!isTime[0][time % 60] || !isTime[1][time / 60 % 60] || !isTime[2][time / 3600]) return false;
        if (!days.TryGetValue(day, out var matches))
        {
            days.Add(day, matches = IsDay(DateOnly.FromDayNumber((int)day + DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber)));
        }

        return matches;
    }
}

/// <summary>Generates random triggers, as a text and as the meaning of the text.</summary>
sealed class AnyCron(Random random)
{
    static readonly string[] Weekdays = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
    static readonly string[] Positions = ["1st", "2nd", "3rd", "4th", "5th", "last"];
    static readonly string[] Months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

    public CronOracle Next() => random.Next(2) == 0 ? Expression() : Fields();

    CronOracle Expression()
    {
        var second = random.Next(4) == 0 ? Numbers(0, 59, wraps: true) : ("0", [0]);
        var (minute, hour) = (Often("*", Numbers(0, 59, wraps: true), 0, 59), Often("*", Numbers(0, 23, wraps: true), 0, 23));
        var month = Often("*", Numbers(1, 12, wraps: true), 1, 12);
        var (day, isDay) = random.Next(2) == 0 ? Plain(Often("*", Numbers(1, 31, wraps: true), 1, 31)) : SpecialDay();
        var (weekday, isWeekday) = random.Next(3) == 0
            ? SpecialWeekday()
            : PlainWeekday(Often("*", Numbers(0, 6, wraps: true, top: 7), 0, 6), 0);
        var text = $"{(second.Text == "0" && random.Next(2) == 0 ? "" : second.Text + " ")}{minute.Text} {hour.Text} {day} {month.Text} {weekday}";
        return new(text, [second.Values, minute.Values, hour.Values], date =>
            month.Values.Contains(date.Month) && isDay(date) && isWeekday(date), Repeats(text.Split(' ')[..^3]));
    }

    CronOracle Fields()
    {
        var year = Often("*", Numbers(1970, 2099), 1970, 9999);
        var week = Often("*", Numbers(1, 53), 1, 53);
        var month = random.Next(6) == 0 ? NamedMonth() : Often("*", Numbers(1, 12), 1, 12);
        var (day, isDay) = random.Next(2) == 0 ? Plain(Often("*", Numbers(1, 31), 1, 31)) : NamedDay();
        var (weekday, isWeekday) = PlainWeekday(Often("*", Numbers(0, 6), 0, 6), 1);
        var second = random.Next(4) == 0 ? Numbers(0, 59) : ("0", [0]);
        var (minute, hour) = (Numbers(0, 59), Numbers(0, 23));
        List<string> fields = [$"\"month\": \"{month.Text}\"", $"\"day\": \"{day}\"", $"\"year\": \"{year.Text}\"",
            $"\"week\": \"{week.Text}\"", $"\"day_of_week\": \"{weekday}\""];
        List<string> times = [hour.Text];
        // An omitted field has its minimum after the last given field, and a star before the last given field.
        switch (random.Next(4))
        {
            case 0:
                (hour, minute) = (("*", All(0, 23)), ("*", All(0, 59)));
                fields.Add($"\"second\": \"{second.Text}\"");
                times = ["*", "*", second.Text];
                break;
            case 1:
                (minute, second) = (("0", [0]), ("0", [0]));
                fields.Add($"\"hour\": \"{hour.Text}\"");
                break;
            default:
                fields.AddRange([$"\"hour\": \"{hour.Text}\"", $"\"minute\": \"{minute.Text}\"", $"\"second\": \"{second.Text}\""]);
                times.AddRange([minute.Text, second.Text]);
                break;
        }

        return new(
            $"{{\"trigger\": \"cron\", {string.Join(", ", fields)}}}", [second.Values, minute.Values, hour.Values],
            date => year.Values.Contains(date.Year) && month.Values.Contains(date.Month)
                && week.Values.Contains(ISOWeek.GetWeekOfYear(date.ToDateTime(default))) && isDay(date) && isWeekday(date),
            Repeats([.. times]));
    }

    static bool Repeats(string[] times) => times.Any(text => text.IndexOfAny(['*', '?', '-', '/']) >= 0);

    static HashSet<int> All(int first, int last) => [.. Enumerable.Range(first, last - first + 1)];

    // Several narrow fields together may match nothing for years.
    (string Text, HashSet<int> Values) Often(string star, (string, HashSet<int>) other, int first, int last) =>
        random.Next(3) > 0 ? (star, All(first, last)) : other;

    (string Text, HashSet<int> Values) NamedMonth()
    {
        var (low, high) = (random.Next(1, 7), random.Next(7, 13));
        return ($"{Months[low - 1]}-{Months[high - 1]}", All(low, high));
    }

    (string Text, HashSet<int> Values) Numbers(int first, int last, bool wraps = false, int? top = null)
    {
        List<string> parts = [];
        HashSet<int> values = [];
        for (var n = random.Next(4) == 0 ? 3 : 1; n > 0; n--)
        {
            var (low, high) = (random.Next(first, last + 1), random.Next(first, last + 1));
            if (!wraps && low > high) (low, high) = (high, low);
            var span = high - low + (high < low ? last - first + 1 : 0);
            var step = 1;
            switch (random.Next(6))
            {
                case 0:
                    (low, span, step) = (first, last - first, random.Next(1, last - first + 1));
                    parts.Add(step == 1 ? "*" : $"*/{step}");
                    break;
                case 1 when span > 0:
                    parts.Add($"{low}-{high}");
                    break;
                case 2 when span > 0:
                    step = random.Next(1, span + 1);
                    parts.Add($"{low}-{high}/{step}");
                    break;
                case 3 when low < last:
                    // To the field's maximum. The maximum of the days of the
                    // week in an expression is 7, which means Sunday again.
                    span = (top ?? last) - low;
                    step = random.Next(1, span + 1);
                    parts.Add($"{low}/{step}");
                    break;
                default:
                    span = 0;
                    parts.Add($"{low}");
                    break;
            }

            for (var value = low; value <= low + span; value += step) values.Add(first + ((value - first) % (last - first + 1)));
        }

        return (string.Join(',', parts), values);
    }

    static (string, Predicate<DateOnly>) Plain((string Text, HashSet<int> Values) days) =>
        (days.Text, date => days.Values.Contains(date.Day));

    static (string, Predicate<DateOnly>) PlainWeekday((string Text, HashSet<int> Values) days, int sunday) =>
        (days.Text, date => days.Values.Contains(((int)date.DayOfWeek - sunday + 7) % 7));

    (string, Predicate<DateOnly>) SpecialDay()
    {
        var n = random.Next(0, 31);
        return random.Next(4) switch
        {
            0 => (n == 0 ? "L" : $"L-{n}", date => date.Day == LengthOf(date) - n),
            1 => (n == 0 ? "LW" : $"L-{n}W", date => date.Day == Nearest(date, LengthOf(date) - n)),
            2 => ($"{n + 1}W", date => date.Day == Nearest(date, n + 1)),
            _ => ($"{n + 1}W,L,7", date => date.Day == Nearest(date, n + 1) || date.Day == LengthOf(date) || date.Day == 7),
        };
    }

    (string, Predicate<DateOnly>) SpecialWeekday()
    {
        var (weekday, nth) = (random.Next(7), random.Next(1, 7));
        var text = random.Next(2) == 0 ? Weekdays[weekday] : $"{weekday}";
        return (text + (nth == 6 ? "L" : $"#{nth}"), date => (int)date.DayOfWeek == weekday && IsNth(date, nth));
    }

    (string, Predicate<DateOnly>) NamedDay()
    {
        var (weekday, nth) = (random.Next(7), random.Next(1, 7));
        return random.Next(3) switch
        {
            0 => ("last", date => date.Day == LengthOf(date)),
            1 => ($"{Positions[nth - 1]} {Weekdays[weekday]},3", date =>
                date.Day == 3 || ((int)date.DayOfWeek == weekday && IsNth(date, nth))),
            _ => ($"{Positions[nth - 1]} {Weekdays[weekday]}", date => (int)date.DayOfWeek == weekday && IsNth(date, nth)),
        };
    }

    static int LengthOf(DateOnly date) => DateTime.DaysInMonth(date.Year, date.Month);

    static bool IsNth(DateOnly date, int nth) => nth == 6 ? date.Day + 7 > LengthOf(date) : (date.Day + 6) / 7 == nth;

    // Returns the weekday of the month closest to the day. No month has two weekdays at the same distance.
    static int Nearest(DateOnly date, int day)
    {
        if (day < 1 || day > LengthOf(date)) return 0;
        return Enumerable.Range(1, LengthOf(date))
            .Where(other => new DateOnly(date.Year, date.Month, other).DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday))
            .MinBy(other => Math.Abs(other - day));
    }
}
