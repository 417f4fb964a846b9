using System.Text.Json;

namespace Escapement.Triggers;

/// <summary>Reads and writes the JSON form of triggers, shared by REST, settings, the stores and the tool.</summary>
public static class TriggerJson
{
    /// <summary>
    /// The kinds of trigger: <c>cron</c>, <c>interval</c>, <c>calendarinterval</c>, <c>date</c>, <c>and</c>, <c>or</c>.
    /// </summary>
    public static IReadOnlyCollection<string> Kinds => TriggerKinds.Names;

    /// <summary>Returns the names of the fields of a kind of trigger.</summary>
    /// <exception cref="TriggerFormatException">There is no such kind.</exception>
    public static IReadOnlySet<string> FieldsOf(string kind) => TriggerKinds.Of(kind).Fields;

    /// <summary>Reads a trigger.</summary>
    /// <param name="kind">A name from <see cref="Kinds"/>.</param>
    /// <param name="fields">The fields of this kind. Any additional field is an error.</param>
    /// <param name="context">
    /// The values that the fields leave open. A field <c>timezone</c> overrides the zone of the context.
    /// </param>
    /// <exception cref="FormatException">
    /// A field cannot be read: <see cref="TriggerFormatException"/>, <see cref="CronFormatException"/> or
    /// <see cref="ZoneNameException"/>.
    /// </exception>
    public static Trigger Read(string kind, IReadOnlyDictionary<string, JsonElement> fields, TriggerContext context)
    {
        try
        {
            return TriggerKinds.Make(Define(kind, fields, 0), context);
        }
        catch (InvalidOperationException) when (fields.Any(field => !JsonTexts.AreWhole(field.Value)))
        {
            throw HalfACharacter(fields.First(field => !JsonTexts.AreWhole(field.Value)).Key);
        }
    }

    /// <summary>
    /// Reads a trigger from an object with the field <c>trigger</c> (or <c>type</c>) for the kind and the fields beside
    /// it.
    /// </summary>
    /// <exception cref="FormatException">A field cannot be read.</exception>
    public static Trigger Read(JsonElement element, TriggerContext context)
    {
        try
        {
            return TriggerKinds.Make(Define(element, 0), context);
        }
        catch (InvalidOperationException) when (!JsonTexts.AreWhole(element))
        {
            throw HalfACharacter("trigger");
        }
    }

    /// <summary>Returns the fields of an object by name.</summary>
    /// <exception cref="TriggerFormatException">A field occurs twice.</exception>
    public static Dictionary<string, JsonElement> FieldsOf(JsonElement element)
    {
        var fields = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var property in element.EnumerateObject())
        {
            if (!fields.TryAdd(property.Name, property.Value))
            {
                throw new TriggerFormatException(property.Name, property.Value.GetRawText(), "stands there a second time",
                    "give each field once");
            }
        }

        return fields;
    }

    /// <summary>Writes the field <c>trigger</c> and the trigger's fields into the open object.</summary>
    /// <param name="writer">The writer, inside an object.</param>
    /// <param name="trigger">A trigger of a kind that can be read.</param>
    /// <param name="style">The reader for whom the trigger is written.</param>
    /// <param name="schedulerZone">
    /// The zone to omit with <see cref="TriggerStyle.Rest"/>, or null to write every zone.
    /// </param>
    public static void Write(Utf8JsonWriter writer, Trigger trigger, TriggerStyle style, ZoneClock? schedulerZone = null) =>
        Write(writer, trigger.Define(), style == TriggerStyle.Stored, schedulerZone);

    static TriggerDefinition Define(JsonElement element, int depth)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            throw new TriggerFormatException("trigger", element.GetRawText(), "is not a trigger",
                "a trigger is an object with the field trigger and the fields of that kind");
        }

        var fields = FieldsOf(element);
        if (!fields.Remove("trigger", out var kind) && !fields.Remove("type", out kind)) throw NoKind("no kind", "is given");
        if (kind.ValueKind == JsonValueKind.String) return Define(kind.GetString()!, fields, depth);
        if (kind.ValueKind != JsonValueKind.Object) throw NoKind(kind.GetRawText(), "is not a kind of trigger");
        // An object inside an object: {"trigger": {"type": "cron", "hour": 9}}.
        foreach (var (beside, value) in fields)
        {
            throw new TriggerFormatException(beside, value.GetRawText(), "stands beside a trigger that is given as an object",
                "put it inside");
        }

        return depth < TriggerDefinition.MaxNested ? Define(kind, depth + 1) : throw TooDeep();
    }

    static TriggerDefinition Define(string kind, IReadOnlyDictionary<string, JsonElement> fields, int depth)
    {
        var allowed = FieldsOf(kind);
        TriggerDefinition definition = new(kind);
        foreach (var (name, value) in fields)
        {
            if (!allowed.Contains(name))
            {
                var nearest = Suggestion.Nearest(name, allowed, 2);
                throw new TriggerFormatException(name, value.GetRawText(), $"is in a field that a trigger of kind {kind} does not have",
                    (nearest is null ? "" : $"did you mean {nearest}? ") + "Its fields are "
                    + string.Join(", ", allowed.Order(StringComparer.Ordinal)));
            }

            definition.Fields.Add(name, value.ValueKind switch
            {
                JsonValueKind.Null or JsonValueKind.Undefined => null,
                JsonValueKind.String => value.GetString(),
                JsonValueKind.Array when name == "triggers" && value.GetArrayLength() > 0 => Parts(value, depth),
                JsonValueKind.Array when name == "exclude" => value.EnumerateArray().Select(Exclusion).ToList(),
                _ => value,
            });
        }

        return definition;
    }

    static List<TriggerDefinition> Parts(JsonElement list, int depth)
    {
        if (depth >= TriggerDefinition.MaxNested) throw TooDeep();
        List<TriggerDefinition> parts = [];
        foreach (var element in list.EnumerateArray())
        {
            var place = FormattableString.Invariant($"triggers[{parts.Count}]");
            try
            {
                parts.Add(Define(element, depth + 1));
            }
            catch (TriggerFormatException fault)
            {
                throw fault.In(place);
            }

            parts[^1].Placed = fault => fault switch
            {
                TriggerFormatException field => field.In(place),
                CronFormatException cron => cron.In(place),
                _ => fault,
            };
        }

        return parts;
    }

    // A text, the name of a set with its days, or any other value.
    static object Exclusion(JsonElement item)
    {
        if (item.ValueKind == JsonValueKind.String) return item.GetString()!;
        return item.ValueKind == JsonValueKind.Object
            && item.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String
            && item.TryGetProperty("days", out var days) && days.ValueKind == JsonValueKind.Array
            && days.EnumerateArray().All(day => day.ValueKind == JsonValueKind.String)
            ? new NamedDates(name.GetString()!, days.EnumerateArray().Select(day => day.GetString()!))
            : item;
    }

    static void Write(Utf8JsonWriter writer, TriggerDefinition definition, bool isStored, ZoneClock? known)
    {
        writer.WriteString("trigger", definition.Kind);
        foreach (var (name, value) in definition.Fields)
        {
            switch (value)
            {
                case string text:
                    writer.WriteString(name, text);
                    break;
                case decimal number:
                    writer.WriteNumber(name, number);
                    break;
                case bool flag when isStored:
                    writer.WriteBoolean(name, flag);
                    break;
                case ZoneClock zone when isStored || zone.Name != known?.Name:
                    writer.WriteString(name, zone.Name);
                    break;
                case IReadOnlyList<TriggerDefinition> parts:
                    writer.WriteStartArray(name);
                    foreach (var part in parts)
                    {
                        writer.WriteStartObject();
                        Write(writer, part, isStored, (ZoneClock)definition.Fields["timezone"]!);
                        writer.WriteEndObject();
                    }

                    writer.WriteEndArray();
                    break;
                case IReadOnlyList<object> exclusions:
                    writer.WriteStartArray(name);
                    foreach (var item in exclusions) WriteExclusion(writer, item, isStored);
                    writer.WriteEndArray();
                    break;
            }
        }
    }

    // A store keeps the days as well, so that the fire times follow from the definition alone.
    static void WriteExclusion(Utf8JsonWriter writer, object item, bool isStored)
    {
        if (item is not NamedDates set || (set.Name is not null && !isStored))
        {
            writer.WriteStringValue(item.ToString());
            return;
        }

        if (set.Name is not null)
        {
            writer.WriteStartObject();
            writer.WriteString("name", set.Name);
            writer.WriteStartArray("days");
        }

        foreach (var day in set.Days) writer.WriteStringValue(day);
        if (set.Name is null) return;
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    static TriggerFormatException NoKind(string given, string problem) =>
        new("trigger", given, problem, "the kinds are " + TriggerKinds.NamesForMessages);

    static TriggerFormatException HalfACharacter(string name) =>
        new(name, "a text", "holds half a character (a lone surrogate)", "give whole characters");

    static TriggerFormatException TooDeep() =>
        new("triggers", "a trigger", "is nested too deep", $"at most {TriggerDefinition.MaxNested} levels are allowed");
}
