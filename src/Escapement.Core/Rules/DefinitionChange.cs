using System.Buffers;
using System.Text;
using System.Text.Json;
using Escapement.Jobs;

namespace Escapement.Rules;

/// <summary>Compares two definitions of a job for the record of a change.</summary>
static class DefinitionChange
{
    /// <summary>The hash over a declaration says nothing to people.</summary>
    const string Hash = "declared_hash";

    /// <summary>Returns the fields that differ, as JSON objects. The first object is null for a new job.</summary>
    /// <param name="before">The old definition, or null for a new job.</param>
    /// <param name="after">The new definition.</param>
    public static (string? Before, string? After) Of(Job? before, Job after)
    {
        var (had, has) = (Fields(before), Fields(after));
        return (before is null ? null : Different(had, has), Different(has, had));
    }

    static Dictionary<string, string> Fields(Job? job)
    {
        Dictionary<string, string> fields = new(StringComparer.Ordinal);
        if (job is null) return fields;
        try
        {
            using var document = JsonDocument.Parse(JobDocument.Write(job));
            if (document.RootElement.ValueKind != JsonValueKind.Object) return fields;
            foreach (var field in document.RootElement.EnumerateObject())
                if (field.Name != Hash) fields[field.Name] = field.Value.GetRawText();
        }
        catch (JsonException)
        {
            // An unreadable definition has no fields to compare.
        }

        return fields;
    }

    static string Different(Dictionary<string, string> fields, Dictionary<string, string> others)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var (name, value) in fields)
            {
                if (others.TryGetValue(name, out var other) && other == value) continue;
                writer.WritePropertyName(name);
                writer.WriteRawValue(value);
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
