using System.Globalization;
using Escapement.Hosting;
using Escapement.Jobs;
using Escapement.Triggers;
using Microsoft.AspNetCore.Http;

namespace Escapement.AspNetCore;

/// <summary>The query parameters of a list of runs.</summary>
sealed class RunFilter
{
    const int DefaultLimit = 100;

    /// <summary>The allowed query parameters.</summary>
    public static readonly string[] Parameters =
        ["job_id", "outcome", "reason", "cause", "node", "tag", "since", "until", "limit", "before"];

    readonly List<(string Name, string Value)> given = [];

    /// <summary>The query for the store.</summary>
    public required RunQuery Query { get; init; }

    /// <summary>Reads the query parameters of a request.</summary>
    /// <exception cref="RefusedException">The value of a parameter is not allowed, or the job does not exist.</exception>
    /// <exception cref="FormatException">A word of a parameter is not allowed.</exception>
    public static async Task<RunFilter> ReadAsync(ApiContext parts, HttpContext context, CancellationToken cancellationToken)
    {
        List<(string Name, string Value)> given = [];
        var query = new RunQuery
        {
            Job = await JobAsync(parts, One("job_id"), cancellationToken),
            Outcomes = One("outcome") is { } outcomes ? FilterWords.Outcomes("outcome", outcomes) : null,
            Reasons = One("reason") is { } reasons ? FilterWords.Reasons("reason", reasons) : null,
            Causes = One("cause") is { } causes ? FilterWords.Causes("cause", causes) : null,
            Node = One("node"),
            Tag = One("tag"),
            Since = At("since"),
            Until = At("until"),
            Limit = Limit(Value("limit")),
            Before = Before(Value("before")),
        };
        if (query.Since >= query.Until)
        {
            throw new RefusedException(Problems.Field("until", $"'{Printable.Shown(Value("until")!)}'", "an instant after since is allowed"));
        }

        var filter = new RunFilter { Query = query };
        filter.given.AddRange(given);
        return filter;

        string? Value(string name) => context.Request.Query[name] switch
        {
            [] => null,
            [var only] => only,
            var several => throw new RefusedException(Problems.Field(name, $"given {several.Count} times", "once is allowed")),
        };

        string? One(string name)
        {
            if (Value(name) is not { } text) return null;
            given.Add((name, text));
            return text;
        }

        DateTimeOffset? At(string name)
        {
            if (Value(name) is not { } text) return null;
            if (!PointInTime.TryParse(text, parts.Clock.GetUtcNow(), parts.Zone, out var instant))
            {
                throw new RefusedException(Problems.Field(name, $"'{Printable.Shown(text)}'", PointInTime.Allowed));
            }

            // The next page has the same span, although a duration counts back from now.
            given.Add((name, IsoTime.Format(instant.ToUniversalTime())));
            return instant;
        }
    }

    /// <summary>Returns the address of the next page, with the same filter.</summary>
    /// <param name="context">The request.</param>
    /// <param name="last">The last run of this page.</param>
    public string NextPage(HttpContext context, RunId last)
    {
        var filter = string.Concat(given.Select(parameter => $"{parameter.Name}={Uri.EscapeDataString(parameter.Value)}&"));
        return $"{context.Request.PathBase.ToUriComponent()}{context.Request.Path.ToUriComponent()}?{filter}limit={Query.Limit}&before={last}";
    }

    /// <summary>Returns the job of the filter, or null without a filter. An ended job still has runs, but an unknown
    /// job is an error.</summary>
    static async Task<JobId?> JobAsync(ApiContext parts, string? text, CancellationToken cancellationToken)
    {
        if (text is null) return null;
        JobId id;
        try
        {
            id = JobId.Parse(text);
        }
        catch (FormatException)
        {
            throw new RefusedException(Problems.JobNotFound(text));
        }

        return (await parts.Store.JobsAsync(new() { Id = id, Ended = true }, cancellationToken)).Jobs is []
            ? throw new JobNotFoundException(id)
            : id;
    }

    static RunId? Before(string? text) =>
        text is null ? null
        : RunId.TryParse(text, out var id) ? id
        : throw new RefusedException(Problems.Field("before", $"'{Printable.Shown(text)}'",
            "the id of a run is allowed, as the Link header of the page before has it"));

    static int Limit(string? text) =>
        text is null ? DefaultLimit
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit is >= 1 and <= RunQuery.MaxLimit
            ? limit
        : throw new RefusedException(
            Problems.Field("limit", $"'{Printable.Shown(text)}'", $"a whole number from 1 to {RunQuery.MaxLimit} is allowed"));
}
