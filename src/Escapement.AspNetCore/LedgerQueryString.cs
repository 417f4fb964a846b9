using System.Globalization;
using Escapement.Hosting;
using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Triggers;
using Microsoft.AspNetCore.Http;

namespace Escapement.AspNetCore;

/// <summary>Reads the query parameters of the ledger's routes: a time span, a language, and filters.</summary>
static class LedgerQueryString
{
    /// <summary>The parameters of a time span and of the language.</summary>
    public static readonly string[] Parameters = ["from", "to", "lang"];

    static readonly TimeSpan DefaultSpan = TimeSpan.FromHours(24);

    /// <summary>Returns the span of <c>from</c> and <c>to</c>, by default the last 24 hours.</summary>
    /// <exception cref="RefusedException">A value is no point in time, or the span does not begin before it ends.</exception>
    public static (DateTimeOffset From, DateTimeOffset To) Span(ApiContext parts, HttpContext context)
    {
        var now = parts.Store.Clock.GetUtcNow();
        var to = Point(parts, context, "to", now) ?? now;
        var from = Point(parts, context, "from", now) ?? Before(to);
        return from < to ? (from, to) : throw new RefusedException(Problems.Field("from", $"'{IsoTime.Format(from)}'",
            $"an instant before the end of the span, {IsoTime.Format(to)}, is allowed"));
    }

    /// <summary>Returns the language of <c>lang</c>, or of the header Accept-Language, or English.</summary>
    /// <exception cref="RefusedException">The language of <c>lang</c> is not supported.</exception>
    public static Language Language(HttpContext context) => One(context, "lang")?.ToUpperInvariant() switch
    {
        null => Accepted(context.Request.Headers.AcceptLanguage.ToString()),
        "EN" => Triggers.Language.English,
        "ZH" => Triggers.Language.Chinese,
        _ => throw new RefusedException(Problems.Field("lang", $"'{Printable.Shown(One(context, "lang")!)}'", "en and zh are allowed")),
    };

    /// <summary>Returns the reason of <c>reason</c>, or null.</summary>
    /// <exception cref="RefusedException">There is no such reason.</exception>
    public static Reason? Reason(HttpContext context) => Word(context, "reason", Enum.GetValues<Reason>(), OutcomeWords.Of);

    /// <summary>Returns the kind of <c>kind</c>, or null.</summary>
    /// <exception cref="RefusedException">There is no such kind.</exception>
    public static ItemKind? Kind(HttpContext context) => Word(context, "kind", Enum.GetValues<ItemKind>(), OutcomeWords.Of);

    /// <summary>Returns a parameter, or null without the parameter.</summary>
    /// <exception cref="RefusedException">The parameter is given several times.</exception>
    public static string? One(HttpContext context, string name) => context.Request.Query[name] switch
    {
        [] => null,
        [var only] => only,
        var several => throw new RefusedException(Problems.Field(name, $"given {several.Count} times", "once is allowed")),
    };

    static DateTimeOffset? Point(ApiContext parts, HttpContext context, string name, DateTimeOffset now) =>
        One(context, name) is not { } text ? null
        : PointInTime.TryParse(text, now, parts.Zone, out var instant) ? instant
        : throw new RefusedException(Problems.Field(name, $"'{Printable.Shown(text)}'", PointInTime.Allowed));

    /// <summary>Returns the point in time of a parameter, or null without the parameter.</summary>
    /// <exception cref="RefusedException">The value is no point in time.</exception>
    public static DateTimeOffset? Point(ApiContext parts, HttpContext context, string name) =>
        Point(parts, context, name, parts.Store.Clock.GetUtcNow());

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

    static DateTimeOffset Before(DateTimeOffset to) =>
        to - DateTimeOffset.MinValue > DefaultSpan ? to - DefaultSpan : DateTimeOffset.MinValue;

    static T? Word<T>(HttpContext context, string name, IReadOnlyList<T> values, Func<T, string> word) where T : struct =>
        One(context, name) is not { } text ? null
        : values.Where(value => string.Equals(word(value), text, StringComparison.OrdinalIgnoreCase)).ToList() is [var found] ? found
        : throw new RefusedException(
            Problems.Field(name, $"'{Printable.Shown(text)}'", $"{string.Join(", ", values.Select(word))} are allowed"));

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
