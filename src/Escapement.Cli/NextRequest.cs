using System.Text.Encodings.Web;
using System.Text.Json;
using Escapement.Triggers;

namespace Escapement.Cli;

/// <summary>One line of <c>escapement next --json</c>: a trigger, a zone, an instant and a count; and its answer.</summary>
static class NextRequest
{
    public const int DefaultCount = 5;
    public const int MaxCount = 100_000;

    static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The answer's line with its line feed. Never throws for what the line holds.</summary>
    public static byte[] Answer(string line, DateTimeOffset now)
    {
        var id = default(JsonElement);
        try
        {
            using var document = JsonDocument.Parse(line);
            var request = document.RootElement;
            if (request.ValueKind != JsonValueKind.Object) throw new FormatException("The line is not a JSON object.");
            if (request.TryGetProperty("id", out var given)) id = given.Clone();
            var fireTimes = Read(request, now);
            return Line(id, writer =>
            {
                writer.WriteStartArray("next");
                foreach (var fireTime in fireTimes) writer.WriteStringValue(IsoTime.Format(fireTime));
                writer.WriteEndArray();
            });
        }
        catch (Exception failure) when (failure is FormatException or JsonException or InvalidOperationException or ArgumentException)
        {
            return Line(id, writer => writer.WriteString("error", failure is JsonException ? "The line is not JSON: " + failure.Message : failure.Message));
        }
    }

    /// <summary>The first fire times at or after an instant; fewer than <paramref name="count"/> when the trigger ends.</summary>
    public static IEnumerable<DateTimeOffset> FireTimes(Trigger trigger, DateTimeOffset from, int count)
    {
        for (var next = trigger.Next(from); next is { } fireTime && count > 0; count--)
        {
            yield return fireTime;
            if (fireTime.UtcTicks > DateTimeOffset.MaxValue.UtcTicks - TimeSpan.TicksPerMicrosecond) yield break;
            next = trigger.Next(fireTime.AddMicroseconds(1));
        }
    }

    public static int CheckCount(int count) => count is >= 1 and <= MaxCount ? count : throw new FormatException($"count: {count} is out of range: from 1 to {MaxCount}.");

    static List<DateTimeOffset> Read(JsonElement request, DateTimeOffset now)
    {
        var zone = Text(request, "zone") is { } name ? ZoneClock.Get(name) : ZoneClock.Local;
        var from = now;
        if (Text(request, "from") is { } instant && !IsoTime.TryParse(instant, zone, out from, out _)) throw new FormatException($"from: '{instant}' is not a date: {IsoTime.Allowed}.");
        return [.. FireTimes(ReadTrigger(request, new(zone, from, Text(request, "job_id"))), from, Count(request))];
    }

    static Trigger ReadTrigger(JsonElement request, TriggerContext context)
    {
        const string kinds = "the kinds are cron_fields, crontab, interval, date, and, or";
        if (!request.TryGetProperty("spec", out var spec) || spec.ValueKind != JsonValueKind.Object) throw new FormatException("spec: there is none. Give the trigger's fields as a JSON object.");
        var fields = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var property in spec.EnumerateObject()) fields[property.Name] = property.Value;
        fields.Remove("trigger");

        var kind = Text(request, "kind") ?? throw new FormatException($"kind: there is none: {kinds}.");
        if (kind == "crontab" && !fields.ContainsKey("expression")) throw new FormatException("expression: there is none. A crontab is given as an expression of five or six fields.");
        if (kind == "cron_fields" && fields.ContainsKey("expression")) throw new FormatException("expression: fields are given by name; for an expression the kind is crontab.");
        return kind switch
        {
            "cron_fields" or "crontab" => TriggerJson.Read("cron", fields, context),
            "interval" or "date" or "and" or "or" => TriggerJson.Read(kind, fields, context),
            _ => throw new FormatException($"kind: '{kind}' is not known: {kinds}."),
        };
    }

    static int Count(JsonElement request)
    {
        if (!request.TryGetProperty("count", out var count)) return DefaultCount;
        return count.ValueKind == JsonValueKind.Number && count.TryGetInt32(out var number) ? CheckCount(number) : throw new FormatException($"count: {count.GetRawText()} is not a count: from 1 to {MaxCount}.");
    }

    static string? Text(JsonElement request, string name)
    {
        if (!request.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null) return null;
        return value.ValueKind == JsonValueKind.String ? value.GetString() : throw new FormatException($"{name}: {value.GetRawText()} is not a text.");
    }

    static byte[] Line(JsonElement id, Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Plain))
        {
            writer.WriteStartObject();
            writer.WritePropertyName("id");
            if (id.ValueKind == JsonValueKind.Undefined) writer.WriteNullValue();
            // As it came: half a surrogate pair can be passed on, but not be read.
            else writer.WriteRawValue(id.GetRawText(), skipInputValidation: true);
            write(writer);
            writer.WriteEndObject();
        }

        buffer.WriteByte((byte)'\n');
        return buffer.ToArray();
    }
}
