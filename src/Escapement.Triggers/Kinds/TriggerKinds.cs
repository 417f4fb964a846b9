using System.Collections.Frozen;

namespace Escapement.Triggers;

/// <summary>All kinds of triggers. The single place at which a definition becomes a trigger.</summary>
static class TriggerKinds
{
    static readonly TriggerKind[] All =
    [
        CronTrigger.Kind, IntervalTrigger.Kind, CalendarIntervalTrigger.Kind, DateTrigger.Kind, AndTrigger.Kind, OrTrigger.Kind,
    ];

    static readonly FrozenDictionary<string, TriggerKind> ByName = All.ToFrozenDictionary(kind => kind.Name);

    /// <summary>The names of the kinds.</summary>
    public static IReadOnlyCollection<string> Names => ByName.Keys;

    /// <summary>The names of the kinds, for messages.</summary>
    public static string NamesForMessages { get; } = string.Join(", ", ByName.Keys.Order(StringComparer.Ordinal));

    /// <summary>Returns a kind by its name.</summary>
    /// <exception cref="TriggerFormatException">There is no such kind.</exception>
    public static TriggerKind Of(string name) => ByName.TryGetValue(name, out var kind)
        ? kind
        : throw new TriggerFormatException("trigger", $"'{name}'", "is not a kind of trigger",
            (Suggestion.Nearest(name, ByName.Keys, 2) is { } nearest ? $"did you mean {nearest}? The" : "the") + " kinds are "
            + NamesForMessages);

    /// <summary>Returns the kind of a text with this first word.</summary>
    public static TriggerKind OfText(string word) =>
        All.FirstOrDefault(kind => string.Equals(kind.Word, word, StringComparison.OrdinalIgnoreCase)) ?? CronTrigger.Kind;

    /// <summary>Makes a trigger.</summary>
    /// <param name="definition">The kind and the fields.</param>
    /// <param name="context">The values that the fields leave open.</param>
    /// <param name="inside">The kind of the trigger of which the trigger is a part, or null.</param>
    /// <exception cref="FormatException">A field cannot be read.</exception>
    public static Trigger Make(TriggerDefinition definition, TriggerContext context, string? inside = null)
    {
        try
        {
            var kind = Of(definition.Kind);
            var fields = new TriggerFields(definition, context, Make);
            var trigger = Limited(kind.Read(fields), fields).WithJitter(fields.Jitter());
            return inside is null || trigger.Jitter == TimeSpan.Zero ? trigger : throw TriggerFields.JitterInside(trigger.Jitter, inside);
        }
        catch (FormatException fault) when (definition.Placed is { } placed)
        {
            throw placed(fault);
        }
    }

    // A number of times counts from the trigger's start, unless another instant is given.
    static Trigger Limited(Trigger core, TriggerFields fields)
    {
        var trigger = fields.Exclusions() is { } exclusions ? new ExcludingTrigger(core, exclusions) : core;
        var from = fields.Date("times_from", out _);
        if (fields.Whole("times", 1, LimitedTrigger.Most) is { } times)
        {
            return new LimitedTrigger(trigger, times, from ?? core.FirstInstant ?? fields.Now);
        }

        return from is null ? trigger : throw fields.Wrong("times_from", "counts nothing",
            "it says from when on times are counted; give times too");
    }
}
