using System.Collections;
using System.Globalization;

namespace Escapement.Triggers;

/// <summary>
/// A trigger as a user writes the trigger, in no particular syntax: a kind and fields. The text form and the JSON form
/// are two syntaxes of a definition.
/// </summary>
/// <remarks>
/// A value is a text, a decimal number, a bool, a zone, a list of exclusions, a list of definitions, or a JSON value of
/// any other form. <see cref="TriggerFields"/> checks the values.
/// </remarks>
/// <param name="kind">The name of the kind.</param>
/// <param name="lead">The words of the text form in front of the limits, or null when the limits say everything.</param>
sealed class TriggerDefinition(string kind, string? lead = null) : IEnumerable<KeyValuePair<string, object?>>
{
    /// <summary>The deepest nesting of <c>and</c> and <c>or</c>.</summary>
    public const int MaxNested = 16;

    /// <summary>The words of the text form and the field behind each word, in the order of the text form.</summary>
    public static readonly IReadOnlyList<(string Word, string Field)> Words =
    [
        ("at", "run_date"), ("from", "start_date"), ("until", "end_date"), ("or last day", "missing_day"), ("except", "exclude"),
        ("times", "times"), ("since", "times_from"), ("jitter", "jitter"), ("in", "timezone"),
    ];

    /// <summary>The name of the kind.</summary>
    public string Kind => kind;

    /// <summary>The values of the given fields by name, in the order of the JSON form.</summary>
    public OrderedDictionary<string, object?> Fields { get; } = new(StringComparer.Ordinal);

    /// <summary>Adds the place in a text to an exception, or null for a definition without places.</summary>
    public Func<FormatException, FormatException>? Placed { get; set; }

    /// <summary>Adds a field, or nothing for null.</summary>
    public void Add(string name, object? value)
    {
        if (value is not null) Fields.Add(name, value);
    }

    /// <summary>Writes the text form of a complete definition, as made of a trigger.</summary>
    /// <param name="known">The zone to omit, or null to write the zone.</param>
    public string ToText(ZoneClock? known)
    {
        List<string> text = lead is null ? [] : [lead];
        var zone = (ZoneClock)Fields["timezone"]!;
        if (Fields.GetValueOrDefault("triggers") is IReadOnlyList<TriggerDefinition> parts)
        {
            text.Add(string.Join($" {kind} ", parts.Select(part => $"({part.ToText(zone)})")));
            if (parts.Count == 1) text.Add($"{kind} alone");
        }

        foreach (var (word, field) in Words)
        {
            if (!Fields.TryGetValue(field, out var value) || field == "timezone" && zone.Name == known?.Name) continue;
            if (field != "missing_day") text.Add($"{word} {Shown(field, value!, zone)}");
            else if (value is "last") text.Add(word);
        }

        return string.Join(' ', text);
    }

    string Shown(string field, object value, ZoneClock zone) => value switch
    {
        ZoneClock => zone.Name,
        IReadOnlyList<object> items => string.Join(", ", items),
        decimal seconds when field == "jitter" => IntervalParts.Describe(TimeSpan.FromTicks((long)(seconds * TimeSpan.TicksPerSecond))),
        string date => Date(field, date, zone),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    // A date given without an offset is written without an offset, unless the text would be read as another instant.
    string Date(string field, string written, ZoneClock zone)
    {
        const int day = 10;
        var showsZoneOffset = field is "run_date" or "start_date" ? Fields.GetValueOrDefault("zone_offset") as bool? : null;
        if (written.Length == day || showsZoneOffset == false) return written;
        var instant = IsoTime.Parse(written, zone);
        var shown = IsoTime.Format(zone.ToZone(instant));
        var wall = shown[..^6];
        return showsZoneOffset == true && IsoTime.TryParse(wall, zone, out var read, out _) && read == instant ? wall : shown;
    }

    IEnumerator<KeyValuePair<string, object?>> IEnumerable<KeyValuePair<string, object?>>.GetEnumerator() => Fields.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => Fields.GetEnumerator();
}
