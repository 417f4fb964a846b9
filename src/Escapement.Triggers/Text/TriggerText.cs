using System.Globalization;

namespace Escapement.Triggers;

/// <summary>Triggers as text: what a user gives to <c>scheduler.Add</c> and the tool prints. <c>docs/triggers.md</c> has the forms.</summary>
public static class TriggerText
{
    /// <summary>Reads a trigger: a cron expression, cron fields, <c>every …</c>, <c>at …</c>, <c>(…) and (…)</c>, <c>(…) or (…)</c>, each with what limits it behind it.</summary>
    /// <exception cref="FormatException">It cannot be read: <see cref="CronFormatException"/>, which shows the place; <see cref="TriggerFormatException"/> or <see cref="ZoneNameException"/>.</exception>
    public static Trigger Parse(string text, TriggerContext context) => new TriggerTextReader(text, context).Read();

    /// <summary>Writes a trigger so that <see cref="Parse"/> makes an equal one of it.</summary>
    /// <param name="trigger">Of one of the kinds that can be read.</param>
    /// <param name="known">The zone that is not mentioned; null: the zone is.</param>
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

    /// <summary>A trigger without what limits it, and what limits it.</summary>
    public static (Trigger Core, ExclusionCalendar? Exclusions, LimitedTrigger? Times) Parts(Trigger trigger)
    {
        var times = trigger as LimitedTrigger;
        var except = (times?.Inner ?? trigger) as ExcludingTrigger;
        return (except?.Inner ?? times?.Inner ?? trigger, except?.Exclusions, times);
    }

    /// <summary>A trigger with what limits it.</summary>
    /// <param name="core">Without.</param>
    /// <param name="exclusions">What it leaves out; may be null.</param>
    /// <param name="times">How often it fires at most; null for no limit.</param>
    /// <param name="from">From when on that is counted.</param>
    public static Trigger Limited(Trigger core, ExclusionCalendar? exclusions, int? times, DateTimeOffset from)
    {
        if (exclusions is not null) core = new ExcludingTrigger(core, exclusions);
        return times is { } most ? new LimitedTrigger(core, most, from) : core;
    }

    /// <summary>From when on the times of a trigger are counted that says nothing about it: from its start, else from now.</summary>
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

    // A date that was given without an offset is written so, unless it would then be read as another instant.
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
