using System.Text.Json;
using Escapement.Triggers;
using Microsoft.AspNetCore.Http;

namespace Escapement.AspNetCore;

/// <summary>The author of a change: the user that the application has signed in, or the name in the request.</summary>
static class Author
{
    /// <summary>Returns the scheduler for the changes of a request.</summary>
    /// <param name="parts">The shared objects.</param>
    /// <param name="context">The request.</param>
    /// <param name="by">The name in the body, or null.</param>
    /// <param name="why">The purpose in the body, or null.</param>
    public static IScheduler Of(ApiContext parts, HttpContext context, string? by = null, string? why = null) =>
        parts.Scheduler.As(new() { By = Name(parts, context, by), Why = why, Origin = Origin(context) });

    /// <summary>Returns the name of the author, or null if unknown. A signed-in user cannot act under another name. The name of
    /// the settings' authentication is shared, so a name in the body takes precedence.</summary>
    public static string? Name(ApiContext parts, HttpContext context, string? by) =>
        context.User.Identity is { IsAuthenticated: true, Name: { Length: > 0 } name }
            ? Printable.Shown(name, ChangeAuthor.MaxBy - 1)
            : by ?? parts.Options.Auth?.Username;

    /// <summary>Reads the optional body of a change: <c>{"by": …, "reason": …}</c>.</summary>
    /// <exception cref="RefusedException">A field is unknown, or its value is not allowed.</exception>
    public static async Task<IScheduler> ReadAsync(ApiContext parts, HttpContext context)
    {
        var fields = RequestBody.Options(await RequestBody.ReadOptionalAsync(context), "by", "reason");
        return Of(parts, context, Text(fields, "by", ChangeAuthor.MaxBy), Text(fields, "reason", ChangeAuthor.MaxWhy));
    }

    /// <summary>Takes <c>by</c> and <c>reason</c> out of the fields of a body that also has other fields.</summary>
    /// <exception cref="RefusedException">The value of one of both is not allowed.</exception>
    public static IScheduler Take(ApiContext parts, HttpContext context, Dictionary<string, JsonElement> fields)
    {
        var scheduler = Of(parts, context, Text(fields, "by", ChangeAuthor.MaxBy), Text(fields, "reason", ChangeAuthor.MaxWhy));
        fields.Remove("by");
        fields.Remove("reason");
        return scheduler;
    }

    /// <summary>Returns a text of a body, or null.</summary>
    /// <exception cref="RefusedException">The value is no text, or the text is too long.</exception>
    public static string? Text(Dictionary<string, JsonElement> fields, string name, int max) =>
        !fields.TryGetValue(name, out var value) || value.ValueKind == JsonValueKind.Null ? null
        : value.ValueKind == JsonValueKind.String && value.GetString() is { } text && text.Length <= max ? text
        : throw new RefusedException(
            Problems.Field(name, RequestBody.Shown(value), $"a text of at most {max} characters is allowed"));

    static string Origin(HttpContext context) => context.Connection.RemoteIpAddress is { } address
        ? $"REST {(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address)}"
        : "REST on this machine";
}
