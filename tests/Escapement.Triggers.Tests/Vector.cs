using System.Text.Json;

namespace Escapement.Triggers.Tests;

/// <summary>A recorded case.</summary>
sealed record Vector(string Id, JsonElement Json)
{
    public string Zone => Json.GetProperty("zone").GetString()!;

    public DateTimeOffset From => IsoTime.Parse(Json.GetProperty("from").GetString()!, ZoneClock.Utc);

    public IEnumerable<string> Next => Json.GetProperty("next").EnumerateArray().Select(instant => instant.GetString()!);

    /// <summary>Gets the fields of the definition, with their values as written.</summary>
    public IReadOnlyList<(string Name, string Value)> Fields =>
        [.. Json.GetProperty("spec").EnumerateObject().Select(entry => (entry.Name,
            entry.Value.ValueKind == JsonValueKind.String ? entry.Value.GetString()! : entry.Value.GetRawText()))];

    public static IEnumerable<Vector> Of(string file) => File.ReadLines(PathOf(file))
        .Select(line => JsonDocument.Parse(line).RootElement)
        .Select(json => new Vector(json.GetProperty("id").GetString()!, json));

    public static string PathOf(string file) => Path.Combine(AppContext.BaseDirectory, "Vectors", file + ".jsonl");

    public Trigger Trigger()
    {
        var kind = Json.GetProperty("kind").GetString()!;
        var fields = Json.GetProperty("spec").EnumerateObject().ToDictionary(field => field.Name, field => field.Value);
        return TriggerJson.Read(kind is "cron_fields" or "crontab" ? "cron" : kind, fields, new(ZoneClock.Get(Zone), From));
    }

    public IEnumerable<string> Yielded() => FireTimes.Of(Trigger(), From).Take(Json.GetProperty("count").GetInt32()).Select(IsoTime.Format);
}
