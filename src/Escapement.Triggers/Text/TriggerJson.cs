using System.Collections.Frozen;
using System.Text.Json;

namespace Escapement.Triggers;

/// <summary>Reads and writes the JSON form of triggers, shared by REST, settings, the stores and the tool.</summary>
public static class TriggerJson
{
    internal static readonly string[] Units = ["weeks", "days", "hours", "minutes", "seconds"];

    static readonly decimal[] MicrosecondsPerUnit = [604_800_000_000m, 86_400_000_000m, 3_600_000_000m, 60_000_000m, 1_000_000m];

    // The limits of nearly every kind of trigger.
    static readonly string[] Limits = ["exclude", "times", "times_from", "jitter"];

    static readonly FrozenDictionary<string, FrozenSet<string>> FieldsByKind = new Dictionary<string, FrozenSet<string>>
    {
        ["cron"] = [.. CronField.All.Select(field => field.Name), "expression", "start_date", "end_date", "timezone", .. Limits],
        ["interval"] = [.. Units, "start_date", "end_date", "timezone", "zone_offset", .. Limits],
        ["calendarinterval"] = ["years", "months", "weeks", "days", "hour", "minute", "second", "start_date", "end_date", "missing_day",
            "timezone", .. Limits],
        ["date"] = ["run_date", "timezone", "zone_offset"],
        ["and"] = ["triggers", "timezone", .. Limits],
        ["or"] = ["triggers", "timezone", .. Limits],
    }.ToFrozenDictionary();

    /// <summary>The deepest nesting of <c>and</c> and <c>or</c>.</summary>
    internal const int MaxNested = 16;

    /// <summary>The largest number of triggers in an <c>and</c> or <c>or</c>.</summary>
    internal const int MaxTriggers = 100;

    /// <summary>
    /// The kinds of trigger: <c>cron</c>, <c>interval</c>, <c>calendarinterval</c>, <c>date</c>, <c>and</c>, <c>or</c>.
    /// </summary>
    public static IReadOnlyCollection<string> Kinds => FieldsByKind.Keys;

    /// <summary>Returns the names of the fields of a kind of trigger.</summary>
    /// <exception cref="TriggerFormatException">There is no such kind.</exception>
    public static IReadOnlySet<string> FieldsOf(string kind) => FieldsByKind.TryGetValue(kind, out var fields)
        ? fields
        : throw new TriggerFormatException("trigger", $"'{kind}'", "is not a kind of trigger",
            (Suggestion.Nearest(kind, FieldsByKind.Keys, 2) is { } nearest ? $"did you mean {nearest}? The" : "the") + " kinds are "
            + string.Join(", ", FieldsByKind.Keys.Order(StringComparer.Ordinal)));

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
            return Read(kind, fields, context, 0);
        }
        catch (InvalidOperationException) when (fields.Any(field => !JsonTexts.AreWhole(field.Value)))
        {
            throw HalfACharacter(fields.First(field => !JsonTexts.AreWhole(field.Value)).Key);
        }
    }

    static Trigger Read(string kind, IReadOnlyDictionary<string, JsonElement> fields, TriggerContext context, int depth)
    {
        var allowed = FieldsOf(kind);
        foreach (var (name, value) in fields)
        {
            if (allowed.Contains(name)) continue;
            var nearest = Suggestion.Nearest(name, allowed, 2);
            throw new TriggerFormatException(name, value.GetRawText(), $"is in a field that a trigger of kind {kind} does not have",
                (nearest is null ? "" : $"did you mean {nearest}? ") + "Its fields are "
                + string.Join(", ", allowed.Order(StringComparer.Ordinal)));
        }

        var reader = new TriggerFieldReader(fields, context.Zone);
        context = context with { Zone = reader.Zone, Now = UnixTime.Truncate(context.Now) };
        Trigger core = kind switch
        {
            "cron" => ReadCron(fields, reader, context),
            "interval" => ReadInterval(fields, reader, context),
            "calendarinterval" => TriggerJsonCalendar.Read(reader, context),
            "date" => ReadDate(reader, context),
            "and" => new AndTrigger(ReadTriggers(fields, context, depth, kind), context.Zone),
            _ => new OrTrigger(ReadTriggers(fields, context, depth, kind), context.Zone),
        };
        return Limited(core, reader, context).WithJitter(reader.Jitter());
    }

    static Trigger Limited(Trigger core, TriggerFieldReader reader, TriggerContext context)
    {
        var exclusions = reader.Exclusions(context.Dates);
        var from = reader.Date("times_from", out _);
        if (reader.Whole("times", 1, LimitedTrigger.Most) is { } times)
        {
            return TriggerText.Limited(core, exclusions, times, from ?? TriggerText.CountedFrom(core, context));
        }

        if (from is not null)
        {
            throw new TriggerFormatException("times_from", $"'{reader.Text("times_from")}'", "counts nothing",
                "it says from when on times are counted; give times too");
        }

        return TriggerText.Limited(core, exclusions, null, default);
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
            return Read(element, context, 0);
        }
        catch (InvalidOperationException) when (!JsonTexts.AreWhole(element))
        {
            throw HalfACharacter("trigger");
        }
    }

    static Trigger Read(JsonElement element, TriggerContext context, int depth)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            throw new TriggerFormatException("trigger", element.GetRawText(), "is not a trigger",
                "a trigger is an object with the field trigger and the fields of that kind");
        }

        var fields = FieldsOf(element);
        if (!fields.Remove("trigger", out var kind) && !fields.Remove("type", out kind)) throw NoKind("no kind", "is given");
        // An object inside an object: {"trigger": {"type": "cron", "hour": 9}}.
        if (kind.ValueKind == JsonValueKind.Object)
        {
            if (fields.Keys.FirstOrDefault() is { } beside)
            {
                throw new TriggerFormatException(beside, fields[beside]
                    .GetRawText(), "stands beside a trigger that is given as an object", "put it inside");
            }

            return depth < MaxNested ? Read(kind, context, depth + 1) : throw TooDeep();
        }

        return kind.ValueKind == JsonValueKind.String ? Read(kind.GetString()!, fields, context, depth) : throw NoKind(kind.GetRawText());
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

    static TriggerFormatException NoKind(string given, string problem = "is not a kind of trigger") =>
        new("trigger", given, problem, "the kinds are " + string.Join(", ", Kinds.Order(StringComparer.Ordinal)));

    static TriggerFormatException HalfACharacter(string name) =>
        new(name, "a text", "holds half a character (a lone surrogate)", "give whole characters");

    static TriggerFormatException TooDeep() =>
        new("triggers", "a trigger", "is nested too deep", $"at most {MaxNested} levels are allowed");

    /// <summary>Throws if a part has a jitter, because only the start of the whole trigger can be delayed.</summary>
    internal static void RefuseJitterInside(Trigger part, string? kind)
    {
        if (part.Jitter > TimeSpan.Zero)
        {
            throw new TriggerFormatException("jitter", FormattableString.Invariant($"{part.Jitter.TotalSeconds:0.######}"),
                $"is inside {kind ?? "parentheses"}", "give it to the whole trigger");
        }
    }

    /// <summary>Returns the current day in the context's zone.</summary>
    internal static DateOnly Today(TriggerContext context) => DateOnly.FromDateTime(context.Zone.ToZone(context.Now).DateTime);

    /// <summary>Writes the field <c>trigger</c> and the trigger's fields into the open object.</summary>
    /// <param name="writer">The writer, inside an object.</param>
    /// <param name="trigger">A trigger of a kind that can be read.</param>
    /// <param name="style">The reader for whom the trigger is written.</param>
    /// <param name="schedulerZone">
    /// The zone to omit with <see cref="TriggerStyle.Rest"/>, or null to write every zone.
    /// </param>
    public static void Write(Utf8JsonWriter writer, Trigger trigger, TriggerStyle style, ZoneClock? schedulerZone = null) =>
        new TriggerJsonWriter(writer, style).Write(trigger, schedulerZone);

    static CronTrigger ReadCron(IReadOnlyDictionary<string, JsonElement> fields, TriggerFieldReader reader, TriggerContext context)
    {
        var given = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var field in CronField.All)
        {
            if (reader.CronValue(field.Name) is { } text) given.Add(field.Name, text);
        }

        CronDefinition definition;
        if (reader.Text("expression") is { } expression)
        {
            if (given.Count > 0)
            {
                throw new TriggerFormatException("expression", $"'{expression}'", "stands beside the field " + given.Keys.First(),
                    "give an expression or fields, not both");
            }

            definition = CronDefinition.FromExpression(expression, context.JobId);
        }
        else
        {
            definition = CronDefinition.FromFields(given);
        }

        return new(definition, context.Zone, reader.Date("start_date", out _), reader.Date("end_date", out _));
    }

    static IntervalTrigger ReadInterval(IReadOnlyDictionary<string, JsonElement> fields, TriggerFieldReader reader, TriggerContext context)
    {
        var total = 0m;
        string? unit = null;
        for (var i = 0; i < Units.Length; i++)
        {
            if (reader.Amount(Units[i]) is not { } amount) continue;
            // Messages name the largest given unit, even if its amount is zero.
            unit ??= Units[i];
            total += amount * MicrosecondsPerUnit[i];
        }

        var allowed = "give weeks, days, hours, minutes or seconds as numbers, together above zero";
        if (unit is null) throw new TriggerFormatException("seconds", "an interval", "has no length", allowed);
        total = Math.Round(total, MidpointRounding.ToEven);
        if (total < 1)
        {
            throw new TriggerFormatException(unit, FormattableString.Invariant($"an interval of {total / 1_000_000m:0.######} seconds"),
                "is not above zero", allowed);
        }

        if (total > IntervalTrigger.MaxDays * MicrosecondsPerUnit[1])
        {
            throw new TriggerFormatException(unit, FormattableString.Invariant($"an interval of {total / MicrosecondsPerUnit[1]:0} days"),
                "is longer than a hundred years", $"at most {IntervalTrigger.MaxDays} days");
        }

        var interval = new TimeSpan((long)total * TimeSpan.TicksPerMicrosecond);
        var start = reader.Date("start_date", out var hasOffset);
        if (start is null)
        {
            if (interval > DateTimeOffset.MaxValue - context.Now)
            {
                throw new TriggerFormatException(unit, $"an interval of {IntervalParts.Describe(interval)}", "ends after the year 9999",
                    "give a start_date, or less");
            }

            start = context.Zone.ToZone(context.Now + interval);
        }

        var end = reader.Date("end_date", out _);
        return new(interval, start.Value, context.Zone, end, reader.Flag("zone_offset") ?? !hasOffset);
    }

    static DateTrigger ReadDate(TriggerFieldReader reader, TriggerContext context)
    {
        var at = reader.Date("run_date", out var hasOffset);
        return new(at ?? context.Zone.ToZone(context.Now), context.Zone, reader.Flag("zone_offset")
            ?? !hasOffset)
        { Wall = IsoTime.WallOf(reader.Text("run_date"), context.Zone) };
    }

    static List<Trigger> ReadTriggers(IReadOnlyDictionary<string, JsonElement> fields, TriggerContext context, int depth, string kind)
    {
        const string allowed = "a list of at least one object, each with the field trigger and the fields of that kind";
        if (!fields.TryGetValue("triggers", out var list)) throw new TriggerFormatException("triggers", "nothing", "is given", allowed);
        if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() == 0)
        {
            throw new TriggerFormatException("triggers", list.GetRawText(), "is not a list of triggers", allowed);
        }

        if (list.GetArrayLength() > MaxTriggers)
        {
            throw new TriggerFormatException("triggers", $"a list of {list.GetArrayLength()} triggers", "is too long",
                $"at most {MaxTriggers}");
        }

        if (depth >= MaxNested) throw TooDeep();
        List<Trigger> triggers = [];
        foreach (var element in list.EnumerateArray())
        {
            var place = FormattableString.Invariant($"triggers[{triggers.Count}]");
            try
            {
                var trigger = Read(element, context, depth + 1);
                RefuseJitterInside(trigger, kind);
                triggers.Add(trigger);
            }
            catch (TriggerFormatException fault)
            {
                throw fault.In(place);
            }
            catch (CronFormatException fault)
            {
                throw fault.In(place);
            }
        }

        return triggers;
    }
}
