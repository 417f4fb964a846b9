using System.Buffers;
using System.Text;
using System.Text.Json;
using Escapement.Jobs;

namespace Escapement.Rules;

/// <summary>Compares two definitions of a job for the record of a change, whose fields have the names and values of
/// REST.</summary>
static class DefinitionChange
{
    /// <summary>Fields of the stored document that REST does not have.</summary>
    static readonly string[] hidden = ["declared_hash", "origin"];

    /// <summary>The options whose stored fields have other names and values than in REST.</summary>
    static readonly Dictionary<string, JobOption> converted = JobOptionTable.All
        .SelectMany(option => option.Form.StoredNames(option.Name).Where(name => name != option.Name), (option, name) => (name, option))
        .ToDictionary(each => each.name, each => each.option, StringComparer.Ordinal);

    /// <summary>A field as in REST.</summary>
    /// <param name="Stored">The text in the stored document, by which fields are compared.</param>
    /// <param name="Shown">The JSON of the value.</param>
    readonly record struct Field(string Stored, string Shown);

    /// <summary>Returns the fields that differ, as JSON objects. The first object is null for a new job.</summary>
    /// <param name="before">The old definition, or null for a new job.</param>
    /// <param name="after">The new definition.</param>
    public static (string? Before, string? After) Of(Job? before, Job after)
    {
        var (had, has) = (Fields(before), Fields(after));
        return (before is null ? null : Different(had, has), Different(has, had));
    }

    static Dictionary<string, Field> Fields(Job? job)
    {
        Dictionary<string, Field> fields = new(StringComparer.Ordinal);
        if (job is null) return fields;
        try
        {
            using var document = JsonDocument.Parse(JobDocument.Write(job));
            if (document.RootElement.ValueKind != JsonValueKind.Object) return fields;
            foreach (var field in document.RootElement.EnumerateObject())
            {
                if (hidden.Contains(field.Name)) continue;
                var text = field.Value.GetRawText();
                if (converted.TryGetValue(field.Name, out var option))
                    fields[option.Name] = new($"{field.Name} {text}", Converted(option, document.RootElement) ?? text);
                else fields[field.Name == "handler" ? "func" : field.Name] = new(text, text);
            }
        }
        catch (JsonException)
        {
            // An unreadable definition has no fields to compare.
        }

        return fields;
    }

    /// <summary>Returns the value of an option as in REST, or null if the stored value is invalid.</summary>
    static string? Converted(JobOption option, JsonElement document)
    {
        try
        {
            if (option.ReadStored(document) is not { } value) return null;
            var buffer = new ArrayBufferWriter<byte>();
            using (var writer = new Utf8JsonWriter(buffer)) option.Form.Write(writer, value);
            return Encoding.UTF8.GetString(buffer.WrittenSpan);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    static string Different(Dictionary<string, Field> fields, Dictionary<string, Field> others)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var (name, value) in fields)
            {
                if (others.TryGetValue(name, out var other) && other.Stored == value.Stored) continue;
                writer.WritePropertyName(name);
                writer.WriteRawValue(value.Shown);
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
