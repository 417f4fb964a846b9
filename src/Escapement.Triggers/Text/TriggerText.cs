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
    public static Trigger Parse(string text, TriggerContext context) => TriggerKinds.Make(new TriggerTextReader(text).Read(), context);

    /// <summary>Writes a trigger so that <see cref="Parse"/> returns an equal trigger.</summary>
    /// <param name="trigger">A trigger of a kind that can be read.</param>
    /// <param name="known">The zone to omit, or null to write the zone.</param>
    public static string Write(Trigger trigger, ZoneClock? known = null) => trigger.Define().ToText(known);

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
}
