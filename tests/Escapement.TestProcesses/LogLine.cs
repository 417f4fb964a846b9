using System.Text.Json;

namespace Escapement.TestProcesses;

/// <summary>A line of a process's output.</summary>
/// <param name="Event">The log event, or <see cref="LogEvent.None"/> for a line that is no log event of the
/// scheduler.</param>
/// <param name="Text">The sentence and the exception, if any, on a single line.</param>
/// <param name="Fields">The fields of the sentence.</param>
public sealed record LogLine(LogEvent Event, string Text, IReadOnlyDictionary<string, string> Fields)
{
    static readonly Dictionary<string, string> NoFields = [];

    /// <summary>Gets a field by its name in the sentence's template.</summary>
    public string this[string field] => Fields.TryGetValue(field, out var value)
        ? value
        : throw new KeyNotFoundException($"Event {Event} has no field '{field}'. Its fields are {string.Join(", ", Fields.Keys)}.");

    /// <summary>Reads a line of the JSON console. Any other line becomes the text.</summary>
    public static LogLine Read(string line)
    {
        if (!line.StartsWith("{\"EventId\":", StringComparison.Ordinal)) return new(LogEvent.None, line, NoFields);

        try
        {
            using var json = JsonDocument.Parse(line);
            return Read(json.RootElement);
        }
        catch (JsonException)
        {
            // The process was killed while it wrote.
            return new(LogEvent.None, line, NoFields);
        }
    }

    static LogLine Read(JsonElement entry)
    {
        var category = entry.GetProperty("Category").GetString()!;
        var known = category.StartsWith("Escapement", StringComparison.Ordinal);
        var text = entry.GetProperty("Message").GetString()!;
        if (entry.TryGetProperty("Exception", out var exception)) text += " " + exception.GetString();
        Dictionary<string, string> fields = [];
        if (entry.TryGetProperty("State", out var state))
        {
            // The formatter adds its own "Message" field first.
            // The sentence's field of the same name follows and takes precedence.
            foreach (var field in state.EnumerateObject()) fields[field.Name] = field.Value.ToString();
        }

        return new(known ? (LogEvent)entry.GetProperty("EventId").GetInt32() : LogEvent.None, text.ReplaceLineEndings(" "), fields);
    }

    /// <inheritdoc/>
    public override string ToString() => Event == LogEvent.None ? Text : $"[{(int)Event}] {Text}";
}
