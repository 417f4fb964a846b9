using Escapement.Triggers;
using Microsoft.AspNetCore.Http;

namespace Escapement.AspNetCore;

/// <summary>Rejects unknown query parameters. A filter with a typing error would otherwise be ignored and return
/// unwanted results.</summary>
static class RequestQuery
{
    /// <summary>The query parameter that RFC 6750 allows for a bearer token.</summary>
    const string AccessToken = "access_token";

    /// <param name="context">The request.</param>
    /// <param name="known">The allowed parameters.</param>
    /// <exception cref="RefusedException">The query has an unknown parameter.</exception>
    public static void Check(HttpContext context, IReadOnlyList<string> known)
    {
        foreach (var name in context.Request.Query.Keys)
        {
            if (known.Contains(name, StringComparer.OrdinalIgnoreCase) || (name == AccessToken && Access.HasPolicy(context))) continue;
            throw new RefusedException(Problems.UnknownParameter(Printable.Shown(name), Suggestion.Nearest(name, known, 3), known));
        }
    }
}
