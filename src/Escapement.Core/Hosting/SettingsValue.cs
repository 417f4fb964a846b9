using System.Text.Json;
using Escapement.Triggers;
using Microsoft.Extensions.Configuration;

namespace Escapement.Hosting;

/// <summary>A value of the configuration with its key. Converts the value, or reports the allowed values.</summary>
/// <param name="section">The section of the value.</param>
/// <param name="secret">True if messages must not show the value.</param>
sealed class SettingsValue(IConfigurationSection section, bool secret = false)
{
    /// <summary>The full key, for messages.</summary>
    public string Key => section.Path;

    /// <summary>The section itself.</summary>
    public IConfigurationSection Section => section;

    /// <summary>The value for messages.</summary>
    string Shown => secret ? "not shown, as it may hold a password" : section.Value is { } text
        ? $"'{Printable.Shown(text)}'"
        : "a section";

    /// <summary>Returns the exception for an invalid value.</summary>
    /// <param name="allowed">The allowed values as the end of a sentence, without a full stop.</param>
    public FormatException Unreadable(string allowed) => new($"{Key} is {(section.Value is "" ? "empty" : Shown)}; {allowed}.");

    /// <summary>Returns a non-empty text.</summary>
    public string Text(string allowed) =>
        section.Value is { } text && !string.IsNullOrWhiteSpace(text)
            ? text.Trim()
            : throw Unreadable($"{allowed} is allowed. Leave the key out for its default");

    /// <summary>Returns a Boolean in any of its spellings.</summary>
    public bool Bool() => section.Value?.Trim().ToUpperInvariant() switch
    {
        "TRUE" or "1" or "YES" or "ON" => true,
        "FALSE" or "0" or "NO" or "OFF" => false,
        _ => throw Unreadable("true, false, 1, 0, yes, no, on and off are allowed"),
    };

    /// <summary>Returns a value of an enum by name, in any case.</summary>
    public T OneOf<T>() where T : struct, Enum
    {
        var allowed = string.Join(", ", Enum.GetNames<T>().Select(name => name.ToLowerInvariant()));
        return Enum.GetNames<T>()
            .FirstOrDefault(name => string.Equals(name, section.Value?.Trim(), StringComparison.OrdinalIgnoreCase)) is { } found
            ? Enum.Parse<T>(found)
            : throw Unreadable($"one of {allowed} is allowed");
    }

    /// <summary>Returns a duration within a range.</summary>
    public TimeSpan Duration(DurationRange range)
    {
        var allowed = $"a duration {range} is allowed, such as 15s, 500ms, 2m, 24h, 30d, 00:00:15, or seconds as a number";
        return DurationText.TryParse(section.Value, out var duration) && range.Contains(duration) ? duration : throw Unreadable(allowed);
    }

    /// <summary>Returns a list or a dictionary, from JSON in a single text or from a section.</summary>
    public JsonElement Json(JsonValueKind kind, string example)
    {
        var json = ConfigurationJson.Read(section, text => Unreadable($"{text}. {Wanted()}"));
        return json.ValueKind == kind ? json : throw Unreadable(Wanted());

        string Wanted() => $"{(kind == JsonValueKind.Array ? "a list" : "a dictionary")} is allowed, as JSON such as {example}, or as a section";
    }
}
