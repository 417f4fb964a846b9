using System.Globalization;
using Escapement.Hosting;
using Escapement.Jobs;
using Escapement.Triggers;
using Microsoft.AspNetCore.Http;

namespace Escapement.AspNetCore;

/// <summary>Reads the query parameters of the ledger's routes: a time span, a language, and filters.</summary>
static class LedgerQueryString
{
    /// <summary>The parameters of a time span and of the language.</summary>
    public static readonly string[] Parameters = ["from", "to", "lang"];

    const int DefaultLimit = 100;

    /// <summary>Returns the span of <c>from</c> and <c>to</c>, by default the last 24 hours.</summary>
    /// <exception cref="FormatException">A value is no point in time, or the span does not begin before it ends.</exception>
    public static (DateTimeOffset From, DateTimeOffset To) Span(ApiContext parts, HttpContext context) =>
        FilterWords.Span(name => One(context, name), "", parts.Store.Clock.GetUtcNow(), parts.Zone);

    /// <summary>Returns the language of <c>lang</c>, or of the header Accept-Language, or English.</summary>
    /// <exception cref="RefusedException">The language of <c>lang</c> is not supported.</exception>
    public static Language Language(HttpContext context) => One(context, "lang")?.ToUpperInvariant() switch
    {
        null => Accepted(context.Request.Headers.AcceptLanguage.ToString()),
        "EN" => Triggers.Language.English,
        "ZH" => Triggers.Language.Chinese,
        _ => throw new RefusedException(Problems.Field("lang", $"'{Printable.Shown(One(context, "lang")!)}'", "en and zh are allowed")),
    };

    /// <summary>Returns a parameter, or null without the parameter.</summary>
    /// <exception cref="RefusedException">The parameter is given several times.</exception>
    public static string? One(HttpContext context, string name) => context.Request.Query[name] switch
    {
        [] => null,
        [var only] => only,
        var several => throw new RefusedException(Problems.Field(name, $"given {several.Count} times", "once is allowed")),
    };

    /// <summary>Returns the point in time of a parameter, or null without the parameter.</summary>
    /// <exception cref="FormatException">The value is no point in time.</exception>
    public static DateTimeOffset? Point(ApiContext parts, HttpContext context, string name) =>
        FilterWords.Time(name, One(context, name), parts.Store.Clock.GetUtcNow(), parts.Zone);

    /// <summary>Returns the limit of a page, by default 100.</summary>
    /// <exception cref="RefusedException">The value is no whole number from 1 to 1000.</exception>
    public static int Limit(HttpContext context) =>
        (int)(Number(context, "limit", RunQuery.MaxLimit, $"a whole number from 1 to {RunQuery.MaxLimit} is allowed") ?? DefaultLimit);

    /// <summary>Returns the whole number of a parameter, or null without the parameter.</summary>
    /// <exception cref="RefusedException">The value is no whole number from 1 to the largest.</exception>
    public static long? Number(HttpContext context, string name, long most, string allowed) =>
        One(context, name) is not { } text ? null
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= most ? number
        : throw new RefusedException(Problems.Field(name, $"'{Printable.Shown(text)}'", allowed));

    /// <summary>Adds the address of the next page with the same filter to the answer.</summary>
    /// <param name="context">The request.</param>
    /// <param name="parameters">The parameters, with null for a parameter that is left out. A duration that counts back from now
    /// must be given as an instant.</param>
    public static void LinkNext(HttpContext context, params (string Name, string? Value)[] parameters)
    {
        var given = parameters.Where(parameter => parameter.Value is not null)
            .Select(parameter => $"{parameter.Name}={Uri.EscapeDataString(parameter.Value!)}");
        context.Response.Headers.Link =
            $"<{context.Request.PathBase.ToUriComponent()}{context.Request.Path.ToUriComponent()}?{string.Join('&', given)}>; rel=\"next\"";
    }

    /// <summary>Returns an instant for <see cref="LinkNext"/>, or null for null.</summary>
    public static string? Fixed(DateTimeOffset? instant) => instant is { } at ? IsoTime.Format(at.ToUniversalTime()) : null;

    /// <summary>Returns the job of <c>job_id</c>, or null without the parameter.</summary>
    /// <exception cref="RefusedException">The text is not a valid job id, so no such job exists.</exception>
    public static JobId? Job(HttpContext context)
    {
        if (One(context, "job_id") is not { } text) return null;
        try
        {
            return JobId.Parse(text);
        }
        catch (FormatException)
        {
            throw new RefusedException(Problems.JobNotFound(text));
        }
    }

    /// <summary>Returns the job of <c>job_id</c>, which may have ended, or null without the parameter.</summary>
    /// <exception cref="RefusedException">The text is not a valid job id, so no such job exists.</exception>
    /// <exception cref="JobNotFoundException">No job ever had the id.</exception>
    public static async Task<JobId?> KnownJobAsync(ApiContext parts, HttpContext context, CancellationToken cancellationToken)
    {
        if (Job(context) is not { } id) return null;
        return (await parts.Store.JobsAsync(new() { Id = id, Ended = true }, cancellationToken)).Jobs is []
            ? throw new JobNotFoundException(id)
            : id;
    }

    /// <summary>Returns the supported language with the highest weight, or English.</summary>
    static Language Accepted(string header)
    {
        var (best, weight) = (Triggers.Language.English, 0.0);
        foreach (var part in header.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var fields = part.Split(';', StringSplitOptions.TrimEntries);
            var of = fields[0].Split('-')[0].ToUpperInvariant() switch
            {
                "ZH" => Triggers.Language.Chinese,
                "EN" => Triggers.Language.English,
                _ => (Language?)null,
            };
            if (of is { } language && Weight(fields) is var given && given > weight) (best, weight) = (language, given);
        }

        return best;
    }

    static double Weight(string[] fields)
    {
        var given = fields.Skip(1).FirstOrDefault(field => field.StartsWith("q=", StringComparison.OrdinalIgnoreCase));
        return given is null ? 1
            : double.TryParse(given.AsSpan(2), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var weight) ? weight
            : 0;
    }
}
