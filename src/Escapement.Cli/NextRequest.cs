using System.Text.Encodings.Web;
using System.Text.Json;
using Escapement.Jobs;
using Escapement.Triggers;

namespace Escapement.Cli;

/// <summary>A line of <c>escapement next --json</c>: a request with trigger, zone, instant and count, and its
/// response.</summary>
static class NextRequest
{
    public const int DefaultCount = 5;
    public const int MaxCount = 100_000;

    static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // The fields of a request, and the further fields of a recorded case, which are ignored.
    static readonly string[] Known = ["id", "kind", "spec", "zone", "from", "count", "job_id"];
    static readonly string[] Ignored = ["next", "dst", "error", "reference_quirk", "reference_error"];

    // Deeper nesting than allowed in a trigger is still parsed, so that the response can name the place.
    public static readonly JsonDocumentOptions Deep = new() { MaxDepth = 5_000 };

    /// <summary>Returns the response line, including the line feed. Never throws for invalid input.</summary>
    public static byte[] Answer(string line, DateTimeOffset now)
    {
        var id = default(JsonElement);
        try
        {
            using var document = Parse(line);
            var request = document.RootElement;
            if (request.ValueKind != JsonValueKind.Object)
            {
                throw new FormatException(
                    "The line is not a JSON object. A request is one, such as {\"kind\": \"crontab\", \"spec\": {\"expression\": \"0 9 * * *\"}, \"zone\": \"UTC\"}.");
            }

            if (request.TryGetProperty("id", out var given)) id = given.Clone();
            if (!JsonTexts.AreWhole(request))
            {
                throw new FormatException("A text in the line holds half a character (a lone surrogate). Give whole characters.");
            }

            var fireTimes = Read(TriggerJson.FieldsOf(request), now);
            return Line(id, writer =>
            {
                writer.WriteStartArray("next");
                foreach (var fireTime in fireTimes) writer.WriteStringValue(IsoTime.Format(fireTime));
                writer.WriteEndArray();
            });
        }
        catch (Exception failure) when (failure is FormatException or ArgumentException)
        {
            return Line(id, writer => writer.WriteString("error", failure.Message));
        }
    }

    static JsonDocument Parse(string line)
    {
        // Some text editors write a byte order mark in front of the first line.
        line = line.TrimStart('\uFEFF');
        if (string.IsNullOrWhiteSpace(line)) throw new FormatException("The line is empty. A request is a JSON object on one line.");
        try
        {
            return JsonDocument.Parse(line, Deep);
        }
        catch (JsonException failure)
        {
            var at = (failure.BytePositionInLine ?? 0) + 1;
            throw new FormatException(
                $"The line is not JSON: {JsonFault.Problem(line, failure, Deep.MaxDepth)}, at byte {at}. A request is a JSON object on one line.", failure);
        }
    }

    /// <summary>Returns the first fire times at or after an instant. Returns fewer than <paramref name="count"/> if the
    /// trigger ends.</summary>
    public static IEnumerable<DateTimeOffset> FireTimes(Trigger trigger, DateTimeOffset from, int count)
    {
        for (var next = trigger.Next(from); next is { } fireTime && count > 0; count--)
        {
            yield return fireTime;
            if (fireTime.UtcTicks > DateTimeOffset.MaxValue.UtcTicks - TimeSpan.TicksPerMicrosecond) yield break;
            next = trigger.Next(fireTime.AddMicroseconds(1));
        }
    }

    /// <summary>Checks the number of fire times.</summary>
    /// <exception cref="FormatException">The count is out of range. The message names the place.</exception>
    public static int CheckCount(int? count, string shown, string place = "count") => count is >= 1 and <= MaxCount and var checkedCount
        ? checkedCount
        : throw new FormatException($"{place}: {shown} is not a count: give a whole number from 1 to {MaxCount}.");

    static List<DateTimeOffset> Read(Dictionary<string, JsonElement> request, DateTimeOffset now)
    {
        foreach (var name in request.Keys.Except(Known).Except(Ignored))
        {
            // Recorded cases may contain further fields. Only a name similar to a known field is an error.
            if (Known.FirstOrDefault(known => IsNearly(name, known)) is { } nearest)
            {
                throw new FormatException(
                    $"{name}: there is no such field. Did you mean {nearest}? The fields of a request are {string.Join(", ", Known)}.");
            }
        }

        var zone = Text(request, "zone") is { } named ? Zone(named) : ZoneClock.Local;
        var from = now;
        if (Text(request, "from") is { } instant && !IsoTime.TryParse(instant, zone, out from, out _))
        {
            throw new FormatException($"from: '{instant}' is not a date: {IsoTime.Allowed}.");
        }

        var count = Count(request);
        return [.. FireTimes(ReadTrigger(request, new(zone, from, Job(Text(request, "job_id")))), from, count)];
    }

    /// <summary>Checks a job id by the rules for jobs. Returns null for null.</summary>
    /// <exception cref="FormatException">The id is invalid. The message names the place.</exception>
    public static string? Job(string? id, string place = "job_id")
    {
        try
        {
            return id is null ? null : JobId.Parse(id).Value;
        }
        catch (FormatException failure)
        {
            throw new FormatException($"{place}: {failure.Message}", failure);
        }
    }

    /// <summary>Returns the time zone of a name.</summary>
    /// <exception cref="FormatException">The zone does not exist. The message names the place.</exception>
    public static ZoneClock Zone(string name, string place = "zone") => Zone(name, place, out _);

    /// <summary>Returns the time zone of a name, and a remark if the name was corrected.</summary>
    /// <exception cref="FormatException">The zone does not exist. The message names the place.</exception>
    public static ZoneClock Zone(string name, string place, out string? remark)
    {
        try
        {
            return ZoneClock.Get(name, out remark);
        }
        catch (ZoneNameException failure)
        {
            throw new FormatException($"{place}: {failure.Message}", failure);
        }
    }

    static Trigger ReadTrigger(Dictionary<string, JsonElement> request, TriggerContext context)
    {
        const string kinds = "the kinds are cron_fields, crontab, interval, calendarinterval, date, and, or";
        if (!request.TryGetValue("spec", out var spec))
        {
            throw new FormatException("spec: there is none. Give the trigger's fields as a JSON object.");
        }

        if (spec.ValueKind != JsonValueKind.Object)
        {
            throw new FormatException($"spec: {Shown(spec)} is not an object. Give the trigger's fields as a JSON object.");
        }

        var fields = TriggerJson.FieldsOf(spec);
        var kind = Text(request, "kind") ?? throw new FormatException($"kind: there is none: {kinds}.");
        var name = kind is "cron_fields" or "crontab" ? "cron" : kind;
        if (fields.Remove("trigger", out var trigger) && !(trigger.ValueKind == JsonValueKind.String && trigger.ValueEquals(name)))
        {
            throw new FormatException($"trigger: {Shown(trigger)} is not what the kind says, {kind}. Leave it out, or write \"{name}\".");
        }

        if (kind == "crontab" && !fields.ContainsKey("expression"))
        {
            throw new FormatException("expression: there is none. A crontab is given as an expression of five or six fields.");
        }

        if (kind == "cron_fields" && fields.ContainsKey("expression"))
        {
            throw new FormatException("expression: fields are given by name; for an expression the kind is crontab.");
        }

        return kind switch
        {
            "cron_fields" or "crontab" or "interval" or "calendarinterval" or "date" or "and" or "or" =>
                TriggerJson.Read(name, fields, context),
            _ => throw new FormatException($"kind: '{kind}' is not known: {kinds}."),
        };
    }

    static int Count(Dictionary<string, JsonElement> request)
    {
        if (!request.TryGetValue("count", out var count)) return DefaultCount;
        return CheckCount(count.ValueKind == JsonValueKind.Number && count.TryGetInt32(out var number) ? number : null, Shown(count));
    }

    static string? Text(Dictionary<string, JsonElement> request, string name)
    {
        if (!request.TryGetValue(name, out var value) || value.ValueKind == JsonValueKind.Null) return null;
        return value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : throw new FormatException($"{name}: {Shown(value)} is not a text. Give a JSON string.");
    }

    static string Shown(JsonElement value) => Printable.Shown(value.GetRawText());

    /// <summary>Returns true if a name equals a known name except for a changed, missing or additional letter, or for
    /// two exchanged neighbours.</summary>
    static bool IsNearly(string name, string known)
    {
        if (string.Equals(name, known, StringComparison.OrdinalIgnoreCase)) return true;
        if (known.Length < 4 || Math.Abs(name.Length - known.Length) > 1) return false;
        var same = name.Zip(known).TakeWhile(pair => pair.First == pair.Second).Count();
        var (left, right) = (name[same..], known[same..]);
        if (left.Length < right.Length) return left == right[1..];
        if (left.Length > right.Length) return left[1..] == right;
        return left[1..] == right[1..] || (left.Length > 1 && left[0] == right[1] && left[1] == right[0] && left[2..] == right[2..]);
    }

    static byte[] Line(JsonElement id, Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Plain))
        {
            writer.WriteStartObject();
            writer.WritePropertyName("id");
            if (id.ValueKind == JsonValueKind.Undefined) writer.WriteNullValue();
            // Raw, because half a surrogate pair can be copied but not read.
            else writer.WriteRawValue(id.GetRawText(), skipInputValidation: true);
            write(writer);
            writer.WriteEndObject();
        }

        buffer.WriteByte((byte)'\n');
        return buffer.ToArray();
    }
}
