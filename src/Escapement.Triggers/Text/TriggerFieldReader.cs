using System.Globalization;
using System.Text.Json;

namespace Escapement.Triggers;

/// <summary>Reads single fields of a trigger's JSON form. Part of <see cref="TriggerJson"/>.</summary>
/// <remarks>A null counts as an omitted field, as in APScheduler. Only an amount must not be null.</remarks>
sealed class TriggerFieldReader
{
    // The limit of APScheduler. Far below the range of decimal, so that a sum cannot overflow.
    const decimal LargestAmount = 1_000_000_000_000m;

    readonly IReadOnlyDictionary<string, JsonElement> fields;

    public TriggerFieldReader(IReadOnlyDictionary<string, JsonElement> fields, ZoneClock zone)
    {
        this.fields = fields;
        Zone = Text("timezone") is { } name ? ZoneOf(name) : zone;
    }

    static ZoneClock ZoneOf(string name)
    {
        try
        {
            return ZoneClock.Get(name);
        }
        catch (ZoneNameException fault)
        {
            throw new TriggerFormatException("timezone", $"'{name}'", fault.Problem, fault.Advice, fault);
        }
    }

    /// <summary>The zone given in the fields, or the zone of the context.</summary>
    public ZoneClock Zone { get; }

    public string? Text(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        { } other => throw new TriggerFormatException(name, other.GetRawText(), "is not a text", "give a JSON string"),
    };

    public bool? Flag(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        { } other => throw new TriggerFormatException(name, other.GetRawText(), "is not true or false", "give a JSON true or false"),
    };

    /// <summary>Returns the text of a cron field, also from an integer.</summary>
    public string? CronValue(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        { ValueKind: JsonValueKind.Number } number when number.TryGetInt64(out _) => number.GetRawText(),
        { } other => throw new TriggerFormatException(name, other.GetRawText(), "is not a cron field", "give a JSON string or an integer"),
    };

    public decimal? Amount(string name)
    {
        if (!fields.TryGetValue(name, out var value)) return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out var amount) && Math.Abs(amount) <= LargestAmount)
        {
            return amount;
        }

        throw new TriggerFormatException(name, value.GetRawText(), value.ValueKind == JsonValueKind.Number
            ? "is out of range"
            : "is not a number", "an amount is a JSON number, for example 1.5");
    }

    /// <summary>Returns a whole number within a range, given as a JSON number or as its text.</summary>
    public int? Whole(string name, int least, int most)
    {
        if (Find(name) is not { } value) return null;
        var text = value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
        return value.ValueKind is JsonValueKind.Number or JsonValueKind.String
            && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new TriggerFormatException(name, value.GetRawText(), "is not allowed",
                FormattableString.Invariant($"whole numbers from {least} to {most} are"));
    }

    /// <summary>Returns a day without a time.</summary>
    public DateOnly? Day(string name) => Text(name) is not { } text ? null
        : DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day
        : throw new TriggerFormatException(name, $"'{text}'", "is not a day",
            "a calendar interval starts and ends on days, written 2041-05-06; the time of day is given by hour, minute and second");

    /// <summary>
    /// Returns the exclusions, from a list of texts or from a text with commas. In the form of a store, each set has
    /// its days beside its name.
    /// </summary>
    public ExclusionCalendar? Exclusions(IReadOnlyDictionary<string, NamedDates>? known)
    {
        const string allowed = "a list of days, parts of each day and names, such as [\"holidays\", \"2041-12-25\", \"22:00-06:00\"]";
        if (Find("exclude") is not { } list) return null;
        if (list.ValueKind == JsonValueKind.String) return ExclusionCalendar.Parse(list.GetString()!.Split(','), known);
        if (list.ValueKind != JsonValueKind.Array) throw new TriggerFormatException("exclude", list.GetRawText(), "is not a list", allowed);
        List<string> items = [];
        Dictionary<string, NamedDates>? sets = null;
        foreach (var item in list.EnumerateArray())
        {
            if (item.ValueKind == JsonValueKind.String)
            {
                items.Add(item.GetString()!);
                continue;
            }

            var set = Stored(item) ?? throw new TriggerFormatException("exclude", item.GetRawText(), "is not a text", allowed);
            sets ??= known is null ? new(StringComparer.Ordinal) : new(known, StringComparer.Ordinal);
            sets[set.Name!] = set;
            items.Add(set.Name!);
        }

        return ExclusionCalendar.Parse(items, sets ?? known);
    }

    static NamedDates? Stored(JsonElement item)
    {
        if (item.ValueKind != JsonValueKind.Object || !item.TryGetProperty("name", out var name) || name.ValueKind != JsonValueKind.String)
        {
            return null;
        }

        if (!item.TryGetProperty("days", out var days) || days.ValueKind != JsonValueKind.Array
            || days.EnumerateArray().Any(day => day.ValueKind != JsonValueKind.String))
        {
            return null;
        }

        return new(name.GetString()!, days.EnumerateArray().Select(day => day.GetString()!));
    }

    public DateTimeOffset? Date(string name, out bool hasOffset)
    {
        hasOffset = false;
        if (Text(name) is not { } text) return null;
        return IsoTime.TryParse(text, Zone, out var instant, out hasOffset)
            ? instant
            : throw new TriggerFormatException(name, $"'{text}'", "is not a date", IsoTime.Allowed);
    }

    /// <summary>Returns the jitter from seconds, or zero if the field is omitted.</summary>
    public TimeSpan Jitter()
    {
        if (Find("jitter") is null) return TimeSpan.Zero;
        var seconds = Amount("jitter")!.Value;
        // A day is far more than jobs need to spread, and keeps a run close to its fire time.
        if (seconds is < 0 or > 86_400)
        {
            throw new TriggerFormatException("jitter", fields["jitter"].GetRawText(), "is out of range", "seconds from 0 to 86400");
        }

        return new((long)Math.Round(seconds * 1_000_000m) * TimeSpan.TicksPerMicrosecond);
    }

    JsonElement? Find(string name) =>
        fields.TryGetValue(name, out var value) && value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined) ? value : null;
}
