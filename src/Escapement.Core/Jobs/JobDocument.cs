using System.Buffers;
using System.Text;
using System.Text.Json;
using Escapement.Triggers;

namespace Escapement.Jobs;

/// <summary>Converts job definitions to and from the JSON text in stores. Fields of newer versions are
/// preserved.</summary>
public static class JobDocument
{
    static readonly HashSet<string> Known =
    [
        "name", "handler", "args", "kwargs", "origin", "declared_hash", "trigger",
        .. JobOptionTable.All.SelectMany(option => option.Form.StoredNames(option.Name)),
    ];

    /// <summary>Writes a definition without its id, which the store keeps separately. An unreadable definition is
    /// written unchanged.</summary>
    public static string Write(Job job)
    {
        if (job.StoredText is { } text) return text;
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("name", job.Name);
            writer.WriteString("handler", job.Handler);
            writer.WritePropertyName("args");
            writer.WriteRawValue(job.Arguments.Args);
            writer.WritePropertyName("kwargs");
            writer.WriteRawValue(job.Arguments.Kwargs);
            foreach (var option in JobOptionTable.All) option.Store(writer, job.Options[option]);
            writer.WriteNumber("origin", (int)job.Origin);
            if (job.DeclaredHash is { } hash) writer.WriteString("declared_hash", hash);
            if (job.Trigger is { } trigger)
            {
                writer.WriteStartObject("trigger");
                TriggerJson.Write(writer, trigger, TriggerStyle.Stored);
                writer.WriteEndObject();
            }

            if (job.Unknown is { } unknown) WriteFields(writer, unknown);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Parses a text written by <see cref="Write"/>.</summary>
    /// <exception cref="FormatException">The text is invalid. The message names the job, the field and the
    /// remedy.</exception>
    public static Job Read(JobId id, string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return ReadFields(id, document.RootElement);
        }
        catch (Exception e)
        {
            // A single catch for all: a row that was damaged, edited by hand or written by a newer version must not
            // affect other jobs.
            var why = e is JsonException ? "the text is not JSON." : e.Message;
            throw new FormatException($"The stored definition of job {id} cannot be read: {why} {Advice(e)}", e);
        }
    }

    static string Advice(Exception e) => e is ZoneNameException || e.InnerException is ZoneNameException
        ? "If the zone's name is right, the zone data of this machine or container (the package tzdata) is missing or too old."
        : "If the definition was written by a newer version of the program, run the newer version. Otherwise replace or remove the job.";

    static Job ReadFields(JobId id, JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw new FormatException($"the text is {JobOptionForm.Shown(root)}, not a JSON object.");
        }

        return new()
        {
            Id = id,
            Name = Text(root, "name"),
            Handler = Text(root, "handler"),
            Arguments = JobArguments.From(Field(root, "args"), Field(root, "kwargs")),
            Options = new(option => option.ReadStored(root)),
            Origin = Field(root, "origin") is { ValueKind: JsonValueKind.Number } origin && origin.TryGetInt32(out var number)
                && Enum.IsDefined((JobOrigin)number)
                ? (JobOrigin)number
                : throw Fault("origin", Field(root, "origin"), $"a number from 0 to {(int)Enum.GetValues<JobOrigin>()[^1]} is allowed"),
            DeclaredHash = root.TryGetProperty("declared_hash", out _) ? Text(root, "declared_hash") : null,
            // A stored trigger contains its zone and its start, so the context does not matter.
            Trigger = root.TryGetProperty("trigger", out var trigger)
                ? TriggerJson.Read(trigger, new(ZoneClock.Utc, DateTimeOffset.UnixEpoch, id.Value))
                : null,
            Unknown = UnknownOf(root),
        };
    }

    static string? UnknownOf(JsonElement root)
    {
        var unknown = root.EnumerateObject().Where(field => !Known.Contains(field.Name)).ToList();
        return unknown is [] ? null
            : $"{{{string.Join(',', unknown.Select(field => $"{JsonSerializer.Serialize(field.Name)}:{field.Value.GetRawText()}"))}}}";
    }

    static void WriteFields(Utf8JsonWriter writer, string json)
    {
        using var document = JsonDocument.Parse(json);
        foreach (var field in document.RootElement.EnumerateObject())
        {
            writer.WritePropertyName(field.Name);
            writer.WriteRawValue(field.Value.GetRawText());
        }
    }

    static JsonElement Field(JsonElement root, string name) => root.TryGetProperty(name, out var value) ? value : throw Missing(name);

    static string Text(JsonElement root, string name) =>
        JobOptionForm.TextOf(Field(root, name)) ?? throw Fault(name, Field(root, name), "a text is allowed");

    static FormatException Missing(string name) => new($"{name} is missing.");

    static FormatException Fault(string name, JsonElement value, string allowed) =>
        new($"{name} is {JobOptionForm.Shown(value)}; {allowed}.");
}
