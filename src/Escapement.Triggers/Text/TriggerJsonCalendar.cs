using System.Globalization;
using System.Text.Json;

namespace Escapement.Triggers;

/// <summary>Reads and writes the JSON form of calendar intervals. Part of <see cref="TriggerJson"/>.</summary>
static class TriggerJsonCalendar
{
    const string Skip = "skip", Last = "last";

    public static CalendarIntervalTrigger Read(TriggerFieldReader reader, TriggerContext context)
    {
        const int most = 100_000;
        var step = new CalendarStep(reader.Whole("years", 0, most) ?? 0, reader.Whole("months", 0, most)
            ?? 0, reader.Whole("weeks", 0, most) ?? 0, reader.Whole("days", 0, most) ?? 0);
        if (!step.IsValid)
        {
            var isZero = step == default;
            throw new TriggerFormatException("months", isZero ? "a calendar interval" : $"a calendar interval of {step}", isZero
                ? "has no length"
                : "is too long", $"give years, months, weeks or days as whole numbers, together above zero and at most {CalendarStep.MaxYears} years");
        }

        var missing = reader.Text("missing_day") switch
        {
            null or Skip => MissingDay.Skip,
            Last => MissingDay.LastDay,
            var other => throw new TriggerFormatException("missing_day", $"'{other}'", "is not a rule",
                $"{Skip} leaves a month out that lacks the day, {Last} takes its last day"),
        };
        var time = new TimeOnly(reader.Whole("hour", 0, 23) ?? 0, reader.Whole("minute", 0, 59) ?? 0, reader.Whole("second", 0, 59) ?? 0);
        return new(step, reader.Day("start_date") ?? TriggerJson.Today(context), time, context.Zone, reader.Day("end_date"), missing);
    }

    public static void Write(Utf8JsonWriter writer, CalendarIntervalTrigger trigger)
    {
        writer.WriteString("trigger", "calendarinterval");
        var step = trigger.Step;
        foreach (var (name, amount) in new[] { ("years", step.Years), ("months", step.Months), ("weeks", step.Weeks), ("days", step.Days) })
        {
            if (amount > 0) writer.WriteNumber(name, amount);
        }

        writer.WriteNumber("hour", trigger.Time.Hour);
        writer.WriteNumber("minute", trigger.Time.Minute);
        writer.WriteNumber("second", trigger.Time.Second);
        writer.WriteString("start_date", trigger.Start.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        if (trigger.End is { } end) writer.WriteString("end_date", end.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        writer.WriteString("missing_day", trigger.MissingDay == MissingDay.LastDay ? Last : Skip);
    }
}
