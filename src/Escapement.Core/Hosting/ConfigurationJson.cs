using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration;

namespace Escapement.Hosting;

/// <summary>Lists and dictionaries of the configuration as JSON: a single JSON text, or a section with
/// children.</summary>
/// <remarks>
/// A configuration keeps every value as text, so a section loses the difference between the number 1 and the text "1".
/// In a section,
/// a value that looks like a number, true or false is converted. A single JSON text preserves the types.
/// </remarks>
static class ConfigurationJson
{
    static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>Returns the value as JSON.</summary>
    /// <param name="section">The section of the value.</param>
    /// <param name="unreadable">Creates the exception for invalid JSON from a sentence with the reason.</param>
    /// <exception cref="FormatException">The text is not JSON.</exception>
    public static JsonElement Read(IConfigurationSection section, Func<string, FormatException> unreadable)
    {
        if (!section.GetChildren().Any()) return Parse(section.Value ?? "null", unreadable);
        return JsonSerializer.SerializeToElement(Tree(section, Leaf));
    }

    /// <summary>Returns a value inside a section as JSON. A text that begins like a list or a dictionary is
    /// parsed.</summary>
    /// <param name="section">The section of the value.</param>
    /// <param name="unreadable">Creates the exception for invalid JSON from a sentence with the reason.</param>
    /// <param name="isListOfTexts">True if list items stay texts, even items that look like numbers.</param>
    public static JsonElement ReadOption(IConfigurationSection section, Func<string, FormatException> unreadable,
        bool isListOfTexts = false) =>
        section.Value is ['[' or '{', ..] text ? Parse(text, unreadable)
        : isListOfTexts && Tree(section, item => item is null ? null : JsonValue.Create(item)) is JsonArray list
            ? JsonSerializer.SerializeToElement(list)
        : JsonSerializer.SerializeToElement(Tree(section, Leaf));

    /// <summary>Returns a value of a settings file as JSON. A text that looks like a number, true, false or a list is
    /// converted, unless the value is a text. A value of a text, and each item of a list of texts, becomes a text.</summary>
    public static JsonElement AsWritten(JsonElement value, bool isText, bool isListOfTexts) => value.ValueKind switch
    {
        JsonValueKind.Array when isListOfTexts => JsonSerializer.SerializeToElement(value.EnumerateArray().Select(TextOf)),
        JsonValueKind.String when !isText => AsJson(value),
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False when isText => JsonSerializer.SerializeToElement(TextOf(value)),
        _ => value,
    };

    static string TextOf(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();

    static JsonElement AsJson(JsonElement text)
    {
        try
        {
            return text.GetString() is ['[', ..] list
                ? JsonSerializer.Deserialize<JsonElement>(list)
                : JsonSerializer.SerializeToElement(Leaf(text.GetString()));
        }
        catch (JsonException)
        {
            return text;
        }
    }

    static JsonElement Parse(string text, Func<string, FormatException> unreadable)
    {
        try
        {
            using var document = JsonDocument.Parse(text, Strict);
            return document.RootElement.Clone();
        }
        catch (JsonException e)
        {
            throw unreadable($"it is not JSON at character {(e.BytePositionInLine ?? 0) + 1}");
        }
    }

    static JsonNode? Tree(IConfigurationSection section, Func<string?, JsonNode?> leaf)
    {
        var children = section.GetChildren().ToList();
        if (children is []) return leaf(section.Value);
        if (children.All(child => child.Key.All(char.IsAsciiDigit)))
        {
            return new JsonArray([.. children.OrderBy(child => int.Parse(child.Key, System.Globalization.CultureInfo.InvariantCulture))
                .Select(child => Tree(child, leaf))]);
        }

        return new JsonObject(children.Select(child => KeyValuePair.Create(child.Key, Tree(child, leaf))));
    }

    static JsonNode? Leaf(string? text)
    {
        if (text is null) return null;
        if (bool.TryParse(text, out var truth)) return JsonValue.Create(truth);
        if (text is not [(>= '0' and <= '9') or '-', ..]) return JsonValue.Create(text);
        try
        {
            return JsonNode.Parse(text) as JsonValue ?? JsonValue.Create(text);
        }
        catch (JsonException)
        {
            return JsonValue.Create(text);
        }
    }
}
