using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Escapement.AspNetCore;

/// <summary>An answer of JSON.</summary>
/// <param name="Write">Writes one value.</param>
/// <param name="Status">The status code.</param>
/// <param name="ContentType">What it says it is.</param>
sealed record JsonAnswer(Action<Utf8JsonWriter> Write, int Status = 200, string ContentType = "application/json") : IResult
{
    // Never inside a page, so only JSON's own characters are escaped: an offset is +08:00 and not \u002B08:00.
    static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>An answer that is a list.</summary>
    public static JsonAnswer List<T>(IEnumerable<T> items, Action<Utf8JsonWriter, T> write) => new(writer =>
    {
        writer.WriteStartArray();
        foreach (var item in items) write(writer, item);
        writer.WriteEndArray();
    });

    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        // Written whole before the first byte goes out, so that a failure still becomes a problem.
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Writing)) Write(writer);
        httpContext.Response.StatusCode = Status;
        httpContext.Response.ContentType = ContentType;
        httpContext.Response.ContentLength = buffer.WrittenCount;
        if (!HttpMethods.IsHead(httpContext.Request.Method))
        {
            await httpContext.Response.Body.WriteAsync(buffer.WrittenMemory, httpContext.RequestAborted);
        }
    }
}
