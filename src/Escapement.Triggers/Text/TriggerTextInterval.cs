using System.Globalization;

namespace Escapement.Triggers;

/// <summary>
/// Reads <c>every 20 minutes</c> and <c>every 2 weeks at 09:30</c>. Part of <see cref="TriggerTextReader"/>.
/// </summary>
sealed class TriggerTextInterval(TriggerTextReader reader)
{
    static readonly string[] Units = ["second", "minute", "hour", "day", "week", "month", "year"];

    const string Allowed =
        "an interval is written 20 minutes, 1 day 6 hours or 1.5 seconds; the units are seconds, minutes, hours, days, weeks, months, years";

    readonly decimal[] amounts = new decimal[Units.Length];

    public Func<TriggerContext, TriggerTextLimits, Trigger> Read()
    {
        var begin = reader.Position++;
        ReadAmounts(mayLackNumber: true);
        TimeOnly? time = reader.Is("at") ? ReadTime() : null;
        var end = reader.Position;
        return (context, limits) => time is not null || amounts[5] > 0 || amounts[6] > 0
            ? Calendar(begin, end, time, context, limits)
            : Interval(begin, end, context, limits);
    }

    /// <summary>Reads a length of time: <c>30 seconds</c>.</summary>
    public TimeSpan Duration()
    {
        var begin = reader.Position;
        ReadAmounts(mayLackNumber: false);
        if (amounts[5] > 0 || amounts[6] > 0 || Seconds > 86_400)
        {
            throw reader.At(begin, reader.Position, "is too long for a jitter", "at most a day");
        }

        return TimeSpan.FromTicks((long)decimal.Round(Seconds * 1_000_000m) * TimeSpan.TicksPerMicrosecond);
    }

    decimal Seconds => amounts[0] + (amounts[1] * 60) + (amounts[2] * 3_600) + (amounts[3] * 86_400) + (amounts[4] * 604_800);

    void ReadAmounts(bool mayLackNumber)
    {
        var begin = reader.Position;
        while (!reader.IsAtEnd && reader.Word(reader.Position) is var word && word is not ("(" or ")")
            && !TriggerTextReader.IsKeyword(word))
        {
            var amount = 1m;
            if (decimal.TryParse(word, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
                && char.IsAsciiDigit(word[0]))
            {
                if (number > 1_000_000_000_000m) throw reader.Here("is too large", Allowed);
                amount = number;
                reader.Position++;
            }
            else if (!mayLackNumber || reader.Position > begin)
            {
                throw reader.Here("is not a number", Allowed);
            }

            Add(amount);
        }

        if (reader.Position == begin)
        {
            throw reader.Here(reader.IsAtEnd ? "ends where an interval is expected" : "is not an interval", Allowed);
        }
    }

    void Add(decimal amount)
    {
        if (reader.IsAtEnd) throw reader.Here("ends where a unit is expected", Allowed);
        var word = reader.Word(reader.Position);
        var unit = Array.FindIndex(Units, name => string.Equals(word, name, StringComparison.OrdinalIgnoreCase)
            || string.Equals(word, name + "s", StringComparison.OrdinalIgnoreCase));
        if (unit < 0)
        {
            var nearest = Suggestion.Nearest(word, Units.Select(name => name + "s"), 2);
            throw reader.Here("is not a unit", nearest is null
                ? Allowed
                : $"did you mean {nearest}? The units are seconds, minutes, hours, days, weeks, months, years");
        }

        if (amounts[unit] != 0) throw reader.Here("stands there twice", "give each unit once");
        amounts[unit] = amount;
        reader.Position++;
    }

    TimeOnly ReadTime()
    {
        reader.Position++;
        if (reader.IsAtEnd || !TimeOnly.TryParseExact(reader.Word(reader.Position), ["HH:mm", "HH:mm:ss"], CultureInfo.InvariantCulture,
            DateTimeStyles.None, out var time))
        {
            throw reader.Here("is not a time of day", "it is written 09:30 or 09:30:15");
        }

        reader.Position++;
        return time;
    }

    IntervalTrigger Interval(int begin, int end, TriggerContext context, TriggerTextLimits limits)
    {
        if (limits.LastDay) throw reader.At(begin, end, "has no day that a month may lack", "leave out: or last day");
        var microseconds = decimal.Round(Seconds * 1_000_000m);
        if (microseconds < 1) throw reader.At(begin, end, "is not above zero", Allowed);
        if (microseconds > IntervalTrigger.MaxDays * 86_400_000_000m)
        {
            throw reader.At(begin, end, "is longer than a hundred years", $"at most {IntervalTrigger.MaxDays} days");
        }

        var interval = TimeSpan.FromTicks((long)microseconds * TimeSpan.TicksPerMicrosecond);
        var start = limits.Start?.Invoke(context.Zone) ?? context.Zone.ToZone(context.Now.Plus(interval));
        return new(interval, start, context.Zone, limits.End?.Invoke(context.Zone), showsZoneOffset: !limits.StartHasOffset(context.Zone));
    }

    CalendarIntervalTrigger Calendar(int begin, int end, TimeOnly? time, TriggerContext context, TriggerTextLimits limits)
    {
        if (amounts[..3].Any(amount => amount != 0))
        {
            throw reader.At(begin, end, "mixes days of the calendar with hours, minutes or seconds",
                "give days, weeks, months or years with a time of day, or an interval without months, years and a time of day");
        }

        if (amounts.Any(amount => amount != decimal.Truncate(amount) || amount > 100_000))
        {
            throw reader.At(begin, end, "is not a whole number of days, weeks, months or years, or is too large",
                $"at most {CalendarStep.MaxYears} years");
        }

        var step = new CalendarStep((int)amounts[6], (int)amounts[5], (int)amounts[4], (int)amounts[3]);
        if (!step.IsValid) throw reader.At(begin, end, "is zero or too long", $"above zero and at most {CalendarStep.MaxYears} years");
        if (limits is { StartIsDay: false } or { EndIsDay: false })
        {
            throw reader.At(begin, end, "starts and ends on days",
                "write them without a time: from 2041-01-31; the time of day stands behind at");
        }

        return new(step, limits.DayOf("from", context.Zone) ?? TriggerJson.Today(context), time
            ?? TimeOnly.MinValue, context.Zone, limits.DayOf("until", context.Zone), limits.LastDay ? MissingDay.LastDay : MissingDay.Skip);
    }
}
