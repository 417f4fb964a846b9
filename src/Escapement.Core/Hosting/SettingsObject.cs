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

    /// <summary>Takes the dictionary over.</summary>
    /// <param name="path">The key under which it stands, for messages.</param>
    /// <param name="json">The value.</param>
    /// <param name="known">The names; case and underscores are ignored.</param>
    /// <param name="example">For the message when it is no dictionary.</param>
    /// <param name="secret">Whether messages must not show values.</param>
    /// <exception cref="FormatException">It is no dictionary, or has another name.</exception>
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

    /// <summary>A text; null when the name is not there.</summary>
    public string? Text(string name) => !values.TryGetValue(name, out var value) ? null
        : value.ValueKind == JsonValueKind.String && !string.IsNullOrWhiteSpace(value.GetString()) ? value.GetString()
        // In a section a password of digits reads as a number.
        : value.ValueKind == JsonValueKind.Number ? value.GetRawText()
        : throw Fault(name, "a text that is not empty is allowed");

    /// <summary>A whole number within a range; null when the name is not there.</summary>
    public int? Integer(string name, int least, int most) => !values.TryGetValue(name, out var value) ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= least && number <= most ? number
        : throw Fault(name, $"a whole number from {least} to {most} is allowed");

    /// <summary>What to throw for a value.</summary>
    public FormatException Fault(string name, string allowed) =>
        new($"{path}:{name} is {(!values.TryGetValue(name, out var value) ? "missing" : secret ? "not usable" : Shown(value))}; {allowed}.");

    static string Shown(JsonElement value) => Printable.Shown(value.GetRawText());
}
