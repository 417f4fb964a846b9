using System.Buffers;
using System.Text;
using System.Text.Json;
using Escapement.Triggers;
using Microsoft.AspNetCore.Http;

namespace Escapement.AspNetCore;

/// <summary>Reads a request's body as a JSON object, independent of its Content-Type.</summary>
static class RequestBody
{
    /// <summary>The maximum size in bytes.</summary>
    public const int Limit = 1 << 20;

    static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };
    static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    static ReadOnlySpan<byte> Blanks => " \t\r\n"u8;

    /// <summary>Returns the body's object.</summary>
    /// <exception cref="RefusedException">The body is too large, not JSON, or not an object.</exception>
    public static async Task<JsonElement> ReadAsync(HttpContext context) =>
        await ReadOptionalAsync(context) ?? throw new RefusedException(Problems.NotJson("it is empty."));

    /// <summary>Returns the body's object, or null if there is no body.</summary>
    /// <inheritdoc cref="ReadAsync"/>
    public static async Task<JsonElement?> ReadOptionalAsync(HttpContext context)
    {
        var bytes = await BytesAsync(context);
        if (bytes.Span.Trim(Blanks).IsEmpty) return null;
        var body = Parse(bytes);
        return body.ValueKind == JsonValueKind.Object
            ? body
            : throw new RefusedException(Problems.NotAnObject(body.ValueKind is JsonValueKind.Array ? "list" : "value that is no object"));
    }

    /// <summary>Reads the body of a request without parameters. APScheduler's clients send {} or nothing.</summary>
    /// <exception cref="RefusedException">The body is not empty, and would be ignored.</exception>
    public static async Task ReadNoneAsync(HttpContext context)
    {
        var body = (await BytesAsync(context)).Span.Trim(Blanks);
        if (body.IsEmpty || (body[0] == '{' && body[^1] == '}' && body[1..^1].Trim(Blanks).IsEmpty)) return;
        throw new RefusedException(Problems.BodyNotRead(Printable.Shown(Encoding.UTF8.GetString(body))));
    }

    /// <summary>Returns the fields of a small options object.</summary>
    /// <param name="body">The object, or null.</param>
    /// <param name="allowed">The allowed names. Any further name is rejected.</param>
    /// <exception cref="RefusedException">The object has an unknown field.</exception>
    public static Dictionary<string, JsonElement> Options(JsonElement? body, params string[] allowed)
    {
        if (body is not { } given) return [];
        var fields = given.EnumerateObject().ToDictionary(field => field.Name, field => field.Value, StringComparer.Ordinal);
        foreach (var (name, value) in fields)
        {
            if (!allowed.Contains(name))
            {
                throw new RefusedException(
                    Problems.Field(name, Shown(value), $"there is no such field; the fields are {string.Join(", ", allowed)}"));
            }
        }

        return fields;
    }

    /// <summary>Returns a value for messages, shortened.</summary>
    public static string Shown(JsonElement value) => Printable.Shown(value.GetRawText());

    static async Task<ReadOnlyMemory<byte>> BytesAsync(HttpContext context)
    {
        if (context.Request.ContentLength > Limit) throw new RefusedException(Problems.TooLarge(Limit));
        var buffer = new ArrayBufferWriter<byte>();
        while (await context.Request.Body.ReadAsync(buffer.GetMemory(4096), context.RequestAborted) is > 0 and var read)
        {
            buffer.Advance(read);
            if (buffer.WrittenCount > Limit) throw new RefusedException(Problems.TooLarge(Limit));
        }

        var bytes = buffer.WrittenMemory;
        return bytes.Span.StartsWith(Encoding.UTF8.Preamble) ? bytes[Encoding.UTF8.Preamble.Length..] : bytes;
    }

    static JsonElement Parse(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            // The parser accepts invalid characters inside strings, and only reading the string would fail.
            Utf8.GetCharCount(bytes.Span);
            using var document = JsonDocument.Parse(bytes, Strict);
            CheckTexts(document.RootElement);
            return document.RootElement.Clone();
        }
        catch (JsonException e)
        {
            throw new RefusedException(Problems.NotJson(Sentence(e)));
        }
        catch (Exception e) when (e is DecoderFallbackException or InvalidOperationException)
        {
            throw new RefusedException(Problems.NotJson("a text in it holds characters that are not UTF-8."));
        }
    }

    static void CheckTexts(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                element.GetString();
                break;
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray()) CheckTexts(item);
                break;
            case JsonValueKind.Object:
                foreach (var field in element.EnumerateObject())
                {
                    _ = field.Name;
                    CheckTexts(field.Value);
                }

                break;
        }
    }

    static string Sentence(JsonException e)
    {
        var place = e.LineNumber is { } line ? $"line {line + 1}, byte {(e.BytePositionInLine ?? 0) + 1}" : "its beginning";
        if (e.Message.Contains("maximum configured depth", StringComparison.OrdinalIgnoreCase))
        {
            return $"at {place} it is nested deeper than 64 levels.";
        }

        if (e.Message.Contains("Expected depth to be zero", StringComparison.Ordinal)) return $"it ends too early, at {place}.";
        return e.Message.Contains("uplicate", StringComparison.Ordinal)
            ? "an object in it has the same field twice."
            : $"it cannot be read at {place}.";
    }
}
