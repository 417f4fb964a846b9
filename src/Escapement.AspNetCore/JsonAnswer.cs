using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Escapement.AspNetCore;

/// <summary>A JSON response.</summary>
/// <param name="Write">Writes a single value.</param>
/// <param name="Status">The status code.</param>
/// <param name="ContentType">The content type.</param>
sealed record JsonAnswer(Action<Utf8JsonWriter> Write, int Status = 200, string ContentType = "application/json") : IResult
{
    // The output is never part of an HTML page, so only JSON's own characters are escaped: an offset is +08:00, not
    // \u002B08:00.
    static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Returns a response with a list.</summary>
    public static JsonAnswer List<T>(IEnumerable<T> items, Action<Utf8JsonWriter, T> write) => new(writer =>
    {
        writer.WriteStartArray();
        foreach (var item in items) write(writer, item);
        writer.WriteEndArray();
    });

    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        // The whole value is written before the first byte is sent, so that a failure can still become a problem
        // response.
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
