using System.Globalization;
using Escapement.Hosting;
using Escapement.Jobs;
using Escapement.Triggers;
using Microsoft.AspNetCore.Http;

namespace Escapement.AspNetCore;

/// <summary>The query parameters of a list of runs.</summary>
sealed class RunFilter
{
    /// <summary>The allowed query parameters.</summary>
    public static readonly string[] Parameters =
        ["job_id", "outcome", "reason", "cause", "node", "tag", "since", "until", "limit", "before"];

    /// <summary>The query for the store.</summary>
    public required RunQuery Query { get; init; }

    /// <summary>Reads the query parameters of a request.</summary>
    /// <exception cref="RefusedException">The value of a parameter is not allowed, or the job does not exist.</exception>
    /// <exception cref="FormatException">A word or an instant is not allowed.</exception>
    public static async Task<RunFilter> ReadAsync(ApiContext parts, HttpContext context, CancellationToken cancellationToken)
    {
        _ = await LedgerQueryString.KnownJobAsync(parts, context, cancellationToken);
        return new()
        {
            Query = FilterWords.Runs(name => LedgerQueryString.One(context, name), "", parts.Clock.GetUtcNow(), parts.Zone,
                (LedgerQueryString.Limit(context), Before(LedgerQueryString.One(context, "before")))),
        };
    }

    /// <summary>Adds the address of the next page, with the same filter, to the answer.</summary>
    /// <param name="context">The request.</param>
    /// <param name="last">The last run of this page.</param>
    public void LinkNext(HttpContext context, RunId last) => LedgerQueryString.LinkNext(context,
    [
        .. ((string[])["job_id", "outcome", "reason", "cause", "node", "tag"]).Select(name => (name, LedgerQueryString.One(context, name))),
        ("since", LedgerQueryString.Fixed(Query.Since)), ("until", LedgerQueryString.Fixed(Query.Until)),
        ("limit", Query.Limit.ToString(CultureInfo.InvariantCulture)), ("before", last.ToString()),
    ]);

    static RunId? Before(string? text) =>
        text is null ? null
        : RunId.TryParse(text, out var id) ? id
        : throw new RefusedException(Problems.Field("before", $"'{Printable.Shown(text)}'",
            "the id of a run is allowed, as the Link header of the page before has it"));
}
