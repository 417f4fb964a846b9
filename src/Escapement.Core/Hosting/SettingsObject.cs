using System.Text.Json;
using Escapement.Triggers;

namespace Escapement.Hosting;

/// <summary>A dictionary inside a value, with known names only.</summary>
sealed class SettingsObject
{
    readonly string path;
    readonly bool secret;
    readonly Dictionary<string, JsonElement> values = new(StringComparer.Ordinal);

    SettingsObject(string path, bool secret) => (this.path, this.secret) = (path, secret);

    /// <summary>Creates the object from a dictionary.</summary>
    /// <param name="path">The key of the dictionary, for messages.</param>
    /// <param name="json">The value.</param>
    /// <param name="known">The known names. Case and underscores are ignored.</param>
    /// <param name="example">An example for the error message.</param>
    /// <param name="secret">True if messages must not show values.</param>
    /// <exception cref="FormatException">The value is not a dictionary, or contains an unknown name.</exception>
    public static SettingsObject Of(string path, JsonElement json, string[] known, string example, bool secret = false)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw new FormatException($"{path} is {(secret ? "no dictionary" : Shown(json))}; a dictionary is allowed, such as {example}.");
        }

        var result = new SettingsObject(path, secret);
        foreach (var property in json.EnumerateObject())
        {
            var name = Array.Find(known, name => SettingsKey.Folded(name) == SettingsKey.Folded(property.Name))
                ?? throw new FormatException(
                    $"{path}:{property.Name} is not known; {string.Join(", ", known)} are.{Suggestion.Sentence(property.Name, known)}");
            result.values[name] = property.Value;
        }

        return result;
    }

    /// <summary>Returns a text, or null if the name is missing.</summary>
    public string? Text(string name) => !values.TryGetValue(name, out var value) ? null
        : value.ValueKind == JsonValueKind.String && !string.IsNullOrWhiteSpace(value.GetString()) ? value.GetString()
        // In a section, a password of digits looks like a number.
        : value.ValueKind == JsonValueKind.Number ? value.GetRawText()
        : throw Fault(name, "a text that is not empty is allowed");

    /// <summary>Returns a whole number within a range, or null if the name is missing.</summary>
    public int? Integer(string name, int least, int most) => !values.TryGetValue(name, out var value) ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= least && number <= most ? number
        : throw Fault(name, $"a whole number from {least} to {most} is allowed");

    /// <summary>Returns the exception for an invalid value.</summary>
    public FormatException Fault(string name, string allowed) =>
        new($"{path}:{name} is {(!values.TryGetValue(name, out var value) ? "missing" : secret ? "not usable" : Shown(value))}; {allowed}.");

    static string Shown(JsonElement value) => Printable.Shown(value.GetRawText());
}
