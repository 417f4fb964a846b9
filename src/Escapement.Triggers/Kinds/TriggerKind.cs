using System.Collections.Frozen;

namespace Escapement.Triggers;

/// <summary>A kind of trigger: its name, its fields, and the making of a trigger from the values of the fields.</summary>
/// <param name="name">The name in the JSON form.</param>
/// <param name="fields">The fields of the kind, without the zone and without the limits of nearly every kind.</param>
/// <param name="read">Makes a trigger without exclusions, number of times and jitter.</param>
/// <param name="isLimited">Whether the trigger takes exclusions, a number of times and a jitter.</param>
sealed class TriggerKind(string name, IReadOnlyList<string> fields, Func<TriggerFields, Trigger> read, bool isLimited = true)
{
    /// <summary>The name in the JSON form.</summary>
    public string Name => name;

    /// <summary>The names of all fields.</summary>
    public FrozenSet<string> Fields { get; } =
        [.. fields, "timezone", .. isLimited ? (string[])["exclude", "times", "times_from", "jitter"] : []];

    /// <summary>Makes a trigger without exclusions, number of times and jitter.</summary>
    public Func<TriggerFields, Trigger> Read => read;

    /// <summary>The first word of the text form, or null for the kind of texts with any other first word.</summary>
    public string? Word { get; init; }

    /// <summary>Reads the text form up to its limits, or null if another kind reads the words.</summary>
    public Func<TriggerWords, TriggerDefinition>? ReadWords { get; init; }
}
