using Escapement.Triggers;

namespace Escapement;

/// <summary>A trigger as a program writes it, before the zone, the moment and the job's id are known.</summary>
/// <remarks>Its text says everything that the program wrote: two recipes with the same text build the same trigger.</remarks>
public abstract class TriggerRecipe
{
    /// <summary>Makes the trigger.</summary>
    /// <exception cref="FormatException">The recipe holds a text that cannot be read.</exception>
    public abstract Trigger Build(TriggerContext context);

    /// <summary>What the program wrote.</summary>
    public abstract override string ToString();

    /// <summary>From a cron expression.</summary>
    /// <param name="expression">Five or six fields, or a word such as <c>@daily</c>.</param>
    /// <param name="zone">An IANA name; null: the scheduler's zone.</param>
    public static TriggerRecipe Cron(string expression, string? zone = null) => new CronRecipe(expression, zone);

    /// <summary>From an interval in real time that begins one interval after the job was added, or at <paramref name="start"/>.</summary>
    public static TriggerRecipe Interval(TimeSpan interval, DateTimeOffset? start = null) => new IntervalRecipe(interval, start);

    /// <summary>One fire time.</summary>
    public static TriggerRecipe Date(DateTimeOffset at) => new DateRecipe(at);

    /// <summary>A trigger that is complete already.</summary>
    public static TriggerRecipe Of(Trigger trigger) => new ReadyRecipe(trigger);

    sealed class CronRecipe(string expression, string? zone) : TriggerRecipe
    {
        public override Trigger Build(TriggerContext context) => TriggerText.Parse(expression, zone is null ? context : context with { Zone = ZoneClock.Get(zone) });

        public override string ToString() => zone is null ? expression : $"{expression} in {zone}";
    }

    sealed class IntervalRecipe(TimeSpan interval, DateTimeOffset? start) : TriggerRecipe
    {
        public override Trigger Build(TriggerContext context) =>
            new IntervalTrigger(interval, start ?? context.Zone.ToZone(context.Now + interval), context.Zone, showsZoneOffset: start is null);

        public override string ToString() => $"every {IntervalParts.Describe(interval)}" + (start is { } at ? $" from {IsoTime.Format(at)}" : "");
    }

    sealed class DateRecipe(DateTimeOffset at) : TriggerRecipe
    {
        public override Trigger Build(TriggerContext context) => new DateTrigger(at, context.Zone);

        public override string ToString() => $"at {IsoTime.Format(at)}";
    }

    sealed class ReadyRecipe(Trigger trigger) : TriggerRecipe
    {
        public override Trigger Build(TriggerContext context) => trigger;

        public override string ToString() => $"{trigger} in {trigger.Zone.Name}";
    }
}
