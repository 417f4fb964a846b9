using System.Globalization;

namespace Escapement.Triggers;

/// <summary>
/// Reads and writes triggers as text, as users pass to <c>scheduler.Add</c> and as the tool prints. The forms are in
/// <c>docs/triggers.md</c>.
/// </summary>
public static class TriggerText
{
    /// <summary>
    /// Reads a trigger: a cron expression, cron fields, <c>every …</c>, <c>at …</c>, <c>(…) and (…)</c>,
    /// <c>(…) or (…)</c>, each followed by its limits.
    /// </summary>
    /// <exception cref="FormatException">
    /// The text cannot be read: <see cref="CronFormatException"/>, <see cref="TriggerFormatException"/> or
    /// <see cref="ZoneNameException"/>.
    /// </exception>
    public static Trigger Parse(string text, TriggerContext context) => new TriggerTextReader(text, context).Read();

    /// <summary>Writes a trigger so that <see cref="Parse"/> returns an equal trigger.</summary>
    /// <param name="trigger">A trigger of a kind that can be read.</param>
    /// <param name="known">The zone to omit, or null to write the zone.</param>
    public static string Write(Trigger trigger, ZoneClock? known = null)
    {
        var (core, exclusions, times) = Parts(trigger);
        var text = Core(core);
        if (exclusions is not null) text += $" except {exclusions}";
        if (times is not null)
        {
            text += $" times {times.Times.ToString(CultureInfo.InvariantCulture)} since {IsoTime.Format(trigger.Zone.ToZone(times.From))}";
        }

        if (trigger.Jitter > TimeSpan.Zero) text += $" jitter {IntervalParts.Describe(trigger.Jitter)}";
        return trigger.Zone.Name == known?.Name ? text : $"{text} in {trigger.Zone.Name}";
    }

    /// <summary>Returns a trigger without its limits, and the limits.</summary>
    public static (Trigger Core, ExclusionCalendar? Exclusions, LimitedTrigger? Times) Parts(Trigger trigger)
    {
        var times = trigger as LimitedTrigger;
        var except = (times?.Inner ?? trigger) as ExcludingTrigger;
        return (except?.Inner ?? times?.Inner ?? trigger, except?.Exclusions, times);
    }

    /// <summary>Returns a trigger with limits.</summary>
    /// <param name="core">The trigger without limits.</param>
    /// <param name="exclusions">The exclusions, or null.</param>
    /// <param name="times">The largest number of fire times, or null for no limit.</param>
    /// <param name="from">The instant from which fire times count.</param>
    public static Trigger Limited(Trigger core, ExclusionCalendar? exclusions, int? times, DateTimeOffset from)
    {
        if (exclusions is not null) core = new ExcludingTrigger(core, exclusions);
        return times is { } most ? new LimitedTrigger(core, most, from) : core;
    }

    /// <summary>
    /// Returns the instant from which fire times count if the definition gives no instant: the trigger's start, or the
    /// current time.
    /// </summary>
    internal static DateTimeOffset CountedFrom(Trigger core, TriggerContext context) => core switch
    {
        CronTrigger { Start: { } start } => start,
        IntervalTrigger interval => interval.Start,
        CalendarIntervalTrigger calendar => context.Zone.FromWall(calendar.Start.ToDateTime(TimeOnly.MinValue)).First,
        _ => context.Now,
    };

    static string Core(Trigger trigger) => trigger switch
    {
        CronTrigger cron => cron.Definition + From(cron.Start is { } start ? Instant(start, cron.Zone) : null) + Until(cron.End, cron.Zone),
        IntervalTrigger interval =>
            $"every {IntervalParts.Describe(interval.Interval)}{From(Given(interval.Start, interval.Zone, interval.ShowsZoneOffset))}{Until(interval.End, interval.Zone)}",
        CalendarIntervalTrigger calendar =>
            $"every {calendar.Step} at {Time(calendar.Time)}{From(Day(calendar.Start))}{(calendar.End is { } end ? $" until {Day(end)}" : "")}{(calendar.MissingDay == MissingDay.LastDay ? " or last day" : "")}",
        DateTrigger date => $"at {Given(date.At, date.Zone, date.ShowsZoneOffset)}",
        AndTrigger and => Join(and.Triggers, and.Zone, "and"),
        OrTrigger or => Join(or.Triggers, or.Zone, "or"),
        LimitedTrigger or ExcludingTrigger => $"({Write(trigger, trigger.Zone)})",
        _ => trigger.ToString(),
    };

    static string Join(IReadOnlyList<Trigger> triggers, ZoneClock zone, string word) =>
        string.Join($" {word} ", triggers.Select(trigger => $"({Write(trigger, zone)})")) + (triggers.Count == 1 ? $" {word} alone" : "");

    static string From(string? start) => start is null ? "" : $" from {start}";

    static string Until(DateTimeOffset? end, ZoneClock zone) => end is { } last ? $" until {Instant(last, zone)}" : "";

    static string Instant(DateTimeOffset instant, ZoneClock zone) => IsoTime.Format(zone.ToZone(instant));

    // A date given without an offset is written without an offset, unless the text would be read as another instant.
    static string Given(DateTimeOffset instant, ZoneClock zone, bool isWall)
    {
        if (!isWall) return IsoTime.Format(instant);
        var shown = IsoTime.Format(zone.ToZone(instant));
        var wall = shown[..^6];
        return IsoTime.TryParse(wall, zone, out var read, out _) && read == instant ? wall : shown;
    }

    static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    static string Time(TimeOnly time) => time.ToString(time.Second == 0 ? "HH:mm" : "HH:mm:ss", CultureInfo.InvariantCulture);
}
