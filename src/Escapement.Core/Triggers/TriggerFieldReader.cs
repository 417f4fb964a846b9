using System.Text.Json;

namespace Escapement.Triggers;

/// <summary>Reads single fields of a trigger's JSON form. Part of <see cref="TriggerJson"/>.</summary>
/// <remarks>A null is a field that was left out, as in the original; only an amount may not be null.</remarks>
sealed class TriggerFieldReader
{
    // The original's limit; far below what a decimal holds, so that a sum cannot overflow.
    const decimal LargestAmount = 1_000_000_000_000m;

    readonly IReadOnlyDictionary<string, JsonElement> fields;

    public TriggerFieldReader(IReadOnlyDictionary<string, JsonElement> fields, ZoneClock zone)
    {
        this.fields = fields;
        Zone = Text("timezone") is { } name ? ZoneClock.Get(name) : zone;
    }

    /// <summary>The zone that the fields name, else the one that was given.</summary>
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

    /// <summary>The text of a cron field, also from an integer.</summary>
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
        if (value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out var amount) && Math.Abs(amount) <= LargestAmount) return amount;
        throw new TriggerFormatException(name, value.GetRawText(), value.ValueKind == JsonValueKind.Number ? "is out of range" : "is not a number", "an amount is a JSON number, for example 1.5");
    }

    public DateTimeOffset? Date(string name, out bool hasOffset)
    {
        hasOffset = false;
        if (Text(name) is not { } text) return null;
        return IsoTime.TryParse(text, Zone, out var instant, out hasOffset) ? instant : throw new TriggerFormatException(name, $"'{text}'", "is not a date", IsoTime.Allowed);
    }

    /// <summary>Seconds, zero when left out.</summary>
    public TimeSpan Jitter()
    {
        if (Find("jitter") is null) return TimeSpan.Zero;
        var seconds = Amount("jitter")!.Value;
        // A day is far more than spreading jobs can need, and keeps a run in sight of its fire time.
        if (seconds is < 0 or > 86_400) throw new TriggerFormatException("jitter", fields["jitter"].GetRawText(), "is out of range", "seconds from 0 to 86400");
        return new((long)Math.Round(seconds * 1_000_000m) * TimeSpan.TicksPerMicrosecond);
    }

    JsonElement? Find(string name) => fields.TryGetValue(name, out var value) && value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined) ? value : null;
}
