using System.Text.Json;
using Escapement.Triggers;

namespace Escapement;

/// <summary>The arguments of a handler: positional and keyword arguments, kept as JSON text instead of
/// objects.</summary>
public sealed record JobArguments
{
    /// <summary>Creates arguments from JSON texts.</summary>
    public JobArguments(string args, string kwargs) => (Args, Kwargs) = (args, kwargs);

    /// <summary>The positional arguments, as a JSON array.</summary>
    public string Args { get; }

    /// <summary>The keyword arguments, as a JSON object.</summary>
    public string Kwargs { get; }

    /// <summary>No arguments.</summary>
    public static JobArguments None { get; } = new("[]", "{}");

    /// <summary>Creates arguments from JSON values. Null means no arguments.</summary>
    /// <exception cref="FormatException"><paramref name="args"/> is not an array, or <paramref name="kwargs"/> is not
    /// an object.</exception>
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

    /// <summary>Checks the kinds of the JSON texts.</summary>
    /// <exception cref="FormatException">A text is not JSON of the required kind.</exception>
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
            // Reported below.
        }

        throw new FormatException($"{name} is {Printable.Shown(text ?? "null")}; {allowed}.");
    }

    static string Shown(JsonElement value) => Printable.Shown(value.GetRawText());
}
