using System.Text.Json;
using Escapement.Hosting;
using Escapement.Jobs;
using Escapement.Triggers;
using Microsoft.AspNetCore.Http;

namespace Escapement.AspNetCore;

/// <summary>The optional body of a request for a run: <c>{"args": […], "kwargs": {…}, "at": …, "after": …, "key":
/// …, "by": …, "reason": …}</c>. APScheduler's clients send no body or <c>{}</c>.</summary>
sealed record RunBody
{
    /// <summary>The run's own arguments, or null for the job's arguments.</summary>
    public JobArguments? Arguments { get; private init; }

    /// <summary>The earliest start, or null for now.</summary>
    public DateTimeOffset? DueAt { get; private init; }

    /// <summary>The key, or null.</summary>
    public string? Key { get; private init; }

    /// <summary>The author of the request, or null.</summary>
    public string? By { get; private init; }

    /// <summary>The purpose of the request, or null.</summary>
    public string? Why { get; private init; }

    /// <summary>True if the run is not due yet, so that the response does not wait for the end of the run.</summary>
    public bool IsDelayed { get; private init; }

    /// <summary>Reads the body.</summary>
    /// <exception cref="RefusedException">A field is unknown, or its value is not allowed.</exception>
    public static async Task<RunBody> ReadAsync(ApiContext parts, HttpContext context)
    {
        var fields = RequestBody.Options(await RequestBody.ReadOptionalAsync(context), "args", "kwargs", "at", "after", "key", "by", "reason");
        var now = parts.Clock.GetUtcNow();
        var args = OfKind(fields, "args", JsonValueKind.Array, "a list, such as [1, \"two\"], is allowed");
        var kwargs = OfKind(fields, "kwargs", JsonValueKind.Object, "an object, such as {\"name\": 1}, is allowed");
        var (at, after) = (At(fields, parts.Zone), After(fields));
        if (at is not null && after is not null)
        {
            throw new RefusedException(Problems.Field("after", RequestBody.Shown(fields["after"]),
                "at is given as well; only one of at and after is allowed"));
        }

        var due = at ?? (after is { } wait ? now.Plus(wait) : null);
        return new()
        {
            Arguments = args is null && kwargs is null ? null : JobArguments.From(args, kwargs),
            DueAt = due,
            Key = OfKind(fields, "key", JsonValueKind.String, $"a text of 1 to {RunRequest.MaxKeyLength} printable characters is allowed")
                ?.GetString(),
            IsDelayed = due > now,
            By = Author.Text(fields, "by", ChangeAuthor.MaxBy),
            Why = Author.Text(fields, "reason", ChangeAuthor.MaxWhy),
        };
    }

    /// <summary>Returns the request for a run.</summary>
    /// <param name="job">The job.</param>
    /// <param name="version">The required version of the job, or null for any.</param>
    /// <exception cref="FormatException">The key is not valid.</exception>
    public RunRequest Request(JobId job, long? version) =>
        new() { Job = job, Arguments = Arguments, DueAt = DueAt, Key = Key, IfVersion = version, Watched = true };

    static JsonElement? OfKind(Dictionary<string, JsonElement> fields, string name, JsonValueKind kind, string allowed) =>
        !fields.TryGetValue(name, out var value) || value.ValueKind == JsonValueKind.Null ? null
        : value.ValueKind == kind ? value
        : throw new RefusedException(Problems.Field(name, RequestBody.Shown(value), allowed));

    static DateTimeOffset? At(Dictionary<string, JsonElement> fields, ZoneClock zone)
    {
        if (OfKind(fields, "at", JsonValueKind.String, IsoTime.Allowed) is not { } value) return null;
        return IsoTime.TryParse(value.GetString(), zone, out var instant, out _)
            ? instant
            : throw new RefusedException(Problems.Field("at", RequestBody.Shown(value), IsoTime.Allowed));
    }

    static TimeSpan? After(Dictionary<string, JsonElement> fields)
    {
        if (!fields.TryGetValue("after", out var value) || value.ValueKind == JsonValueKind.Null) return null;
        var text = value.ValueKind switch
        {
            JsonValueKind.String => value.GetString(),
            JsonValueKind.Number => value.GetRawText(),
            _ => null,
        };
        return DurationText.TryParse(text, out var after)
            ? after
            : throw new RefusedException(Problems.Field("after", RequestBody.Shown(value),
                "seconds from 0 are allowed, or a duration such as \"90s\", \"15m\", \"2h\", \"1d\" and \"00:15:00\""));
    }
}
