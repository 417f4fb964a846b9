using System.Text.Json;

namespace Escapement.Ledger;

/// <summary>A change of the definition of a job, the addition of the job or its removal.</summary>
public sealed record LedgerChange
{
    /// <summary>The recorded change.</summary>
    public required JobAction Action { get; init; }

    /// <summary>The change with its author and the fields that differ, in the language of the query.</summary>
    public required string Sentence { get; init; }

    /// <summary>The maximum length of a value in the sentence.</summary>
    const int MaxValue = 100;

    /// <summary>Returns the changes of a span, oldest first.</summary>
    /// <param name="layers">The job.</param>
    /// <param name="begin">The inclusive beginning.</param>
    /// <param name="end">The exclusive end.</param>
    /// <param name="text">The language and the zone.</param>
    internal static IReadOnlyList<LedgerChange> Of(JobLayers layers, DateTimeOffset begin, DateTimeOffset end, LedgerText text) =>
    [
        .. layers.Actions.Select((action, place) => (Action: action, Returns: place > 0 && Returns(layers.Actions[place - 1], action)))
            .Where(change => change.Action.At >= begin && change.Action.At < end && (change.Returns || IsOfDefinition(change.Action)))
            .Select(change => new LedgerChange { Action = change.Action, Sentence = Say(change.Action, change.Returns, text) }),
    ];

    /// <summary>Returns true if an action adds a job again that the action before it removed.</summary>
    static bool Returns(JobAction before, JobAction action) => JobLayers.Ends(before) && !JobLayers.Ends(action);

    /// <summary>Returns true for an addition, a removal and a change of a field, and not for a moved fire time.</summary>
    static bool IsOfDefinition(JobAction action) =>
        JobLayers.Ends(action) || (action.After is not null && (action.Before is null || Differences(action).Length > 0));

    static string Say(JobAction action, bool returns, LedgerText text)
    {
        var (by, at, why) = (text.By(action.By), text.Time(action.At), text.Note(action.Why));
        var clause = JobLayers.Ends(action) ? LedgerSentences.OfAction(action, text)
            : action.Before is null ? text.Say("Added.Job", by, at, why)
            : returns ? text.Say("Added.Job", by, at, Differences(action) + why)
            : text.Say("Definition", by, at, Differences(action), why);
        return text.Say("Change", char.ToUpperInvariant(clause[0]) + clause[1..]);
    }

    /// <summary>Returns the fields that differ, such as <c> (func work -> mail)</c>, or an empty text.</summary>
    static string Differences(JobAction action)
    {
        var (before, after) = (Fields(action.Before), Fields(action.After));
        List<string> different = [];
        foreach (var name in after.Keys.Union(before.Keys))
        {
            var (had, has) = (before.GetValueOrDefault(name), after.GetValueOrDefault(name));
            if (had != has) different.Add($"{name} {Shown(had)} -> {Shown(has)}");
        }

        return different.Count == 0 ? "" : $" ({string.Join(", ", different)})";
    }

    /// <summary>Returns a value without the end of a long value.</summary>
    static string Shown(string? value) => value is null ? "(none)" : value.Length <= MaxValue ? value
        : value[..(char.IsHighSurrogate(value[MaxValue - 1]) ? MaxValue - 1 : MaxValue)] + "...";

    /// <summary>Returns the fields of a definition and of its trigger. The fields of any other object follow the name of the
    /// object, as in <c>kwargs.to</c>.</summary>
    static Dictionary<string, string> Fields(string? definition)
    {
        Dictionary<string, string> fields = new(StringComparer.Ordinal);
        try
        {
            if (definition is null) return fields;
            using var document = JsonDocument.Parse(definition);
            if (document.RootElement.ValueKind == JsonValueKind.Object) Add(document.RootElement, "");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // A text that was changed by hand has no fields.
        }

        return fields;

        void Add(JsonElement value, string name)
        {
            if (value.ValueKind != JsonValueKind.Object)
            {
                fields[name] = value.ValueKind != JsonValueKind.String ? value.GetRawText()
                    : $"\"{value.GetString()!.Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
                return;
            }

            foreach (var field in value.EnumerateObject()) Add(field.Value, name is "" or "trigger" ? field.Name : $"{name}.{field.Name}");
        }
    }
}
