using System.Text.Json;
using Escapement.Triggers;

namespace Escapement;

/// <summary>What a handler is called with: values in order and values by name, kept as JSON text and never as objects.</summary>
/// <param name="Args">A JSON array.</param>
/// <param name="Kwargs">A JSON object.</param>
public sealed record JobArguments(string Args, string Kwargs)
{
    /// <summary>No arguments.</summary>
    public static JobArguments None { get; } = new("[]", "{}");

    /// <summary>Takes arguments over from JSON values.</summary>
    /// <exception cref="FormatException"><paramref name="args"/> is no array, or <paramref name="kwargs"/> no object; null stands for none.</exception>
    public static JobArguments From(JsonElement? args, JsonElement? kwargs)
    {
        if (args is { ValueKind: not JsonValueKind.Array } a)
        {
            throw new FormatException($"args is {Shown(a)}; a JSON array is allowed, such as [1, \"two\"].");
        }

        if (kwargs is { ValueKind: not JsonValueKind.Object } k)
        {
            throw new FormatException($"kwargs is {Shown(k)}; a JSON object is allowed, such as {{\"name\": 1}}.");
        }

        return args is null && kwargs is null ? None : new(args?.GetRawText() ?? "[]", kwargs?.GetRawText() ?? "{}");
    }

    /// <summary>Checks that the texts are JSON of the right kind.</summary>
    /// <exception cref="FormatException">A text is not.</exception>
    internal JobArguments Checked()
    {
        Check("args", Args, JsonValueKind.Array, "a JSON array is allowed, such as [1, \"two\"]");
        Check("kwargs", Kwargs, JsonValueKind.Object, "a JSON object is allowed, such as {\"name\": 1}");
        return this;
    }

    static void Check(string name, string text, JsonValueKind kind, string allowed)
    {
        try
        {
            using var json = JsonDocument.Parse(text ?? "null");
            if (json.RootElement.ValueKind == kind) return;
        }
        catch (JsonException)
        {
            // Said below.
        }

        throw new FormatException($"{name} is {Printable.Shown(text ?? "null")}; {allowed}.");
    }

    static string Shown(JsonElement value) => Printable.Shown(value.GetRawText());
}
