using System.Text.Json;
using Escapement.Engine;
using Escapement.Triggers;

namespace Escapement.Hosting;

/// <summary>Writes the arguments of a program as JSON.</summary>
static class ArgumentsJson
{
    /// <summary>Returns positional arguments.</summary>
    /// <exception cref="FormatException">A value cannot be written as JSON. The message gives the reason.</exception>
    public static JsonElement Positional(IReadOnlyList<object?> values, EscapementOptions options) => Write(values, options.Json);

    /// <summary>Returns keyword arguments.</summary>
    /// <param name="values">An object with the arguments as members, or a dictionary. Names of members stay unchanged.</param>
    /// <param name="options">The options with the JSON options.</param>
    /// <exception cref="FormatException">The object cannot be written as a JSON object. The message gives the
    /// reason.</exception>
    public static JsonElement Keywords(object values, EscapementOptions options)
    {
        var written = Write(values, options.JsonAsWritten);
        return written.ValueKind == JsonValueKind.Object ? written : throw new FormatException(
            $"The arguments are {Printable.Shown(written.GetRawText())}, of type {values.GetType().Name}; an object with the arguments as members is allowed, such as new {{ orderId = 1 }}, or a dictionary.");
    }

    static JsonElement Write(object value, JsonSerializerOptions json)
    {
        try
        {
            return JsonSerializer.SerializeToElement(value, json.GetTypeInfo(value.GetType()));
        }
        catch (JsonException e) when (e.Message.StartsWith("A possible object cycle", StringComparison.Ordinal))
        {
            throw new FormatException("The arguments cannot be written as JSON: an object refers to itself, or is nested deeper than 64 levels.", e);
        }
        catch (Exception e)
        {
            // All exceptions: a converter or a property of the program may throw anything.
            throw new FormatException($"The arguments cannot be written as JSON: {Printable.Shown(Failure.MessageOf(e), 500)}", e);
        }
    }
}
