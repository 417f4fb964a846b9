using System.Collections.Frozen;
using System.Text.Json;

namespace Escapement.Triggers;

/// <summary>The JSON form of triggers that REST, settings, the stores and the tool share.</summary>
public static class TriggerJson
{
    internal static readonly string[] Units = ["weeks", "days", "hours", "minutes", "seconds"];

    static readonly decimal[] MicrosecondsPerUnit = [604_800_000_000m, 86_400_000_000m, 3_600_000_000m, 60_000_000m, 1_000_000m];

    static readonly FrozenDictionary<string, FrozenSet<string>> FieldsByKind = new Dictionary<string, FrozenSet<string>>
    {
        ["cron"] = [.. CronField.All.Select(field => field.Name), "expression", "start_date", "end_date", "timezone", "jitter"],
        ["interval"] = [.. Units, "start_date", "end_date", "timezone", "jitter", "zone_offset"],
        ["date"] = ["run_date", "timezone", "zone_offset"],
        ["and"] = ["triggers", "timezone"],
        ["or"] = ["triggers", "timezone"],
    }.ToFrozenDictionary();

    /// <summary>The kinds of trigger: <c>cron</c>, <c>interval</c>, <c>date</c>, <c>and</c>, <c>or</c>.</summary>
    public static IReadOnlyCollection<string> Kinds => FieldsByKind.Keys;

    /// <summary>The names of the fields that a kind of trigger has.</summary>
    /// <exception cref="TriggerFormatException">There is no such kind.</exception>
    public static IReadOnlySet<string> FieldsOf(string kind) => FieldsByKind.TryGetValue(kind, out var fields)
        ? fields
        : throw new TriggerFormatException("trigger", $"'{kind}'", "is not a kind of trigger", "the kinds are " + string.Join(", ", FieldsByKind.Keys.Order(StringComparer.Ordinal)));

    /// <summary>Reads a trigger.</summary>
    /// <param name="kind">One of <see cref="Kinds"/>.</param>
    /// <param name="fields">Its fields, and no others.</param>
    /// <param name="context">What the fields leave open. A field <c>timezone</c> goes before its zone.</param>
    /// <exception cref="FormatException">A field cannot be read: <see cref="TriggerFormatException"/>, <see cref="CronFormatException"/> or <see cref="ZoneNameException"/>.</exception>
    public static Trigger Read(string kind, IReadOnlyDictionary<string, JsonElement> fields, TriggerContext context)
    {
        var allowed = FieldsOf(kind);
        foreach (var (name, value) in fields)
        {
            if (allowed.Contains(name)) continue;
            var nearest = Suggestion.Nearest(name, allowed, 2);
            throw new TriggerFormatException(name, value.GetRawText(), $"is in a field that a trigger of kind {kind} does not have", (nearest is null ? "" : $"did you mean {nearest}? ") + "Its fields are " + string.Join(", ", allowed.Order(StringComparer.Ordinal)));
        }

        var reader = new TriggerFieldReader(fields, context.Zone);
        context = context with { Zone = reader.Zone, Now = UnixTime.Truncate(context.Now) };
        return kind switch
        {
            "cron" => ReadCron(fields, reader, context),
            "interval" => ReadInterval(fields, reader, context),
            "date" => ReadDate(reader, context),
            "and" => new AndTrigger(ReadTriggers(fields, context), context.Zone),
            _ => new OrTrigger(ReadTriggers(fields, context), context.Zone),
        };
    }

    /// <summary>Reads a trigger from an object with the field <c>trigger</c> for the kind and the fields beside it.</summary>
    /// <exception cref="FormatException">As for the other form.</exception>
    public static Trigger Read(JsonElement element, TriggerContext context)
    {
        if (element.ValueKind != JsonValueKind.Object) throw new TriggerFormatException("trigger", element.GetRawText(), "is not a trigger", "a trigger is an object with the field trigger and the fields of that kind");
        var fields = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var property in element.EnumerateObject()) fields[property.Name] = property.Value;
        if (!fields.Remove("trigger", out var kind) || kind.ValueKind != JsonValueKind.String)
        {
            throw new TriggerFormatException("trigger", kind.ValueKind == JsonValueKind.Undefined ? "nothing" : kind.GetRawText(), "is not a kind of trigger", "the kinds are " + string.Join(", ", Kinds.Order(StringComparer.Ordinal)));
        }

        return Read(kind.GetString()!, fields, context);
    }

    /// <summary>Writes the field <c>trigger</c> and the trigger's fields into the object that is open.</summary>
    /// <param name="writer">In an object.</param>
    /// <param name="trigger">Of one of the kinds that can be read.</param>
    /// <param name="style">For whom.</param>
    /// <param name="schedulerZone">With <see cref="TriggerStyle.Rest"/> the zone that is not mentioned; null: every zone is.</param>
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
            if (given.Count > 0) throw new TriggerFormatException("expression", $"'{expression}'", "stands beside the field " + given.Keys.First(), "give an expression or fields, not both");
            definition = CronDefinition.FromExpression(expression, context.JobId);
        }
        else
        {
            definition = CronDefinition.FromFields(given);
        }

        return new(definition, context.Zone, reader.Date("start_date", out _), reader.Date("end_date", out _)) { Jitter = reader.Jitter() };
    }

    static IntervalTrigger ReadInterval(IReadOnlyDictionary<string, JsonElement> fields, TriggerFieldReader reader, TriggerContext context)
    {
        var total = 0m;
        var isGiven = false;
        for (var i = 0; i < Units.Length; i++)
        {
            if (reader.Amount(Units[i]) is not { } amount) continue;
            isGiven = true;
            total += amount * MicrosecondsPerUnit[i];
        }

        var allowed = "give weeks, days, hours, minutes or seconds as numbers, together above zero";
        if (!isGiven) throw new TriggerFormatException("seconds", "an interval", "has no length", allowed);
        total = Math.Round(total, MidpointRounding.ToEven);
        if (total < 1) throw new TriggerFormatException("seconds", $"an interval of {total / 1_000_000m:0.######} seconds", "is not above zero", allowed);
        if (total > TimeSpan.MaxValue.Ticks / TimeSpan.TicksPerMicrosecond) throw new TriggerFormatException("seconds", $"an interval of {total / MicrosecondsPerUnit[1]:0} days", "is longer than the calendar", "at most 10675199 days");

        var interval = new TimeSpan((long)total * TimeSpan.TicksPerMicrosecond);
        var start = reader.Date("start_date", out var hasOffset);
        if (start is null)
        {
            if (interval > DateTimeOffset.MaxValue - context.Now) throw new TriggerFormatException("seconds", $"an interval of {total / MicrosecondsPerUnit[1]:0} days", "ends after the year 9999", "give a start_date, or less");
            start = context.Zone.ToZone(context.Now + interval);
        }

        var end = reader.Date("end_date", out _);
        return new(interval, start.Value, context.Zone, end, reader.Flag("zone_offset") ?? !hasOffset) { Jitter = reader.Jitter() };
    }

    static DateTrigger ReadDate(TriggerFieldReader reader, TriggerContext context)
    {
        var at = reader.Date("run_date", out var hasOffset);
        return new(at ?? context.Zone.ToZone(context.Now), context.Zone, reader.Flag("zone_offset") ?? !hasOffset);
    }

    static List<Trigger> ReadTriggers(IReadOnlyDictionary<string, JsonElement> fields, TriggerContext context)
    {
        const string allowed = "a list of at least one object, each with the field trigger and the fields of that kind";
        if (!fields.TryGetValue("triggers", out var list)) throw new TriggerFormatException("triggers", "nothing", "is given", allowed);
        if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() == 0) throw new TriggerFormatException("triggers", list.GetRawText(), "is not a list of triggers", allowed);
        return [.. list.EnumerateArray().Select(element => Read(element, context))];
    }
}
