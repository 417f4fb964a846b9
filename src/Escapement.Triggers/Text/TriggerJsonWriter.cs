using System.Text.Json;

namespace Escapement.Triggers;

/// <summary>Writes the JSON form of triggers. Part of <see cref="TriggerJson"/>.</summary>
sealed class TriggerJsonWriter(Utf8JsonWriter writer, TriggerStyle style)
{
    bool IsStored => style == TriggerStyle.Stored;

    public void Write(Trigger trigger, ZoneClock? known)
    {
        var (core, exclusions, times) = TriggerText.Parts(trigger);
        switch (core)
        {
            case CronTrigger cron:
                WriteCron(cron);
                break;
            case IntervalTrigger interval:
                WriteInterval(interval);
                break;
            case DateTrigger date:
                writer.WriteString("trigger", "date");
                writer.WriteString("run_date", IsoTime.Format(date.Display(date.At)));
                if (IsStored) writer.WriteBoolean("zone_offset", date.ShowsZoneOffset);
                break;
            case CalendarIntervalTrigger calendar:
                TriggerJsonCalendar.Write(writer, calendar);
                break;
            case AndTrigger and:
                WriteTriggers("and", and.Triggers, and.Zone);
                break;
            case OrTrigger or:
                WriteTriggers("or", or.Triggers, or.Zone);
                break;
            default:
                throw new ArgumentException($"A {trigger.GetType().Name} has no JSON form.", nameof(trigger));
        }

        if (exclusions is not null) WriteExclusions(exclusions);
        if (times is not null)
        {
            writer.WriteNumber("times", times.Times);
            writer.WriteString("times_from", IsoTime.Format(trigger.Zone.ToZone(times.From)));
        }

        if (IsStored || trigger.Zone.Name != known?.Name) writer.WriteString("timezone", trigger.Zone.Name);
        if (trigger.Jitter > TimeSpan.Zero) writer.WriteNumber("jitter", trigger.Jitter.Ticks / (decimal)TimeSpan.TicksPerSecond);
    }

    void WriteCron(CronTrigger cron)
    {
        writer.WriteString("trigger", "cron");
        if (cron.Definition.Expression is { } expression) writer.WriteString("expression", expression);
        foreach (var (name, text) in cron.Definition.Given ?? new Dictionary<string, string>()) writer.WriteString(name, text);
        WriteDate("start_date", cron.Start is { } start ? cron.Zone.ToZone(start) : null);
        WriteDate("end_date", cron.End is { } end ? cron.Zone.ToZone(end) : null);
    }

    void WriteInterval(IntervalTrigger interval)
    {
        writer.WriteString("trigger", "interval");
        foreach (var (unit, amount) in IntervalParts.Split(interval.Interval)) writer.WriteNumber(unit, amount);
        WriteDate("start_date", interval.Display(interval.Start));
        WriteDate("end_date", interval.End);
        if (IsStored) writer.WriteBoolean("zone_offset", interval.ShowsZoneOffset);
    }

    // A store keeps the days as well, so that the fire times follow from the definition alone.
    void WriteExclusions(ExclusionCalendar exclusions)
    {
        writer.WriteStartArray("exclude");
        foreach (var set in exclusions.Dates)
        {
            if (set.Name is { } name && IsStored)
            {
                writer.WriteStartObject();
                writer.WriteString("name", name);
                writer.WriteStartArray("days");
                foreach (var day in set.Days) writer.WriteStringValue(day);
                writer.WriteEndArray();
                writer.WriteEndObject();
            }
            else if (set.Name is not null)
            {
                writer.WriteStringValue(set.Name);
            }
            else
            {
                foreach (var day in set.Days) writer.WriteStringValue(day);
            }
        }

        foreach (var span in exclusions.Spans) writer.WriteStringValue(span.ToString());
        writer.WriteEndArray();
    }

    void WriteTriggers(string kind, IReadOnlyList<Trigger> triggers, ZoneClock zone)
    {
        writer.WriteString("trigger", kind);
        writer.WriteStartArray("triggers");
        foreach (var trigger in triggers)
        {
            writer.WriteStartObject();
            Write(trigger, zone);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    void WriteDate(string name, DateTimeOffset? instant)
    {
        if (instant is not null) writer.WriteString(name, IsoTime.Format(instant.Value));
    }
}
