using Escapement.Triggers;
using Microsoft.AspNetCore.Http;

namespace Escapement.AspNetCore;

/// <summary>Sees that a request's query holds nothing that would be passed over: a filter with a typing error answers what nobody asked for.</summary>
static class RequestQuery
{
    /// <summary>Where RFC 6750 lets a token stand for the scheme by which an application signs its callers in.</summary>
    const string AccessToken = "access_token";

    /// <param name="context">The request.</param>
    /// <param name="known">The parameters that are read.</param>
    /// <exception cref="RefusedException">There is another one.</exception>
    public static void Check(HttpContext context, IReadOnlyList<string> known)
    {
        foreach (var name in context.Request.Query.Keys)
        {
            if (known.Contains(name, StringComparer.OrdinalIgnoreCase) || (name == AccessToken && Access.HasPolicy(context))) continue;
            throw new RefusedException(Problems.UnknownParameter(Printable.Shown(name), Suggestion.Nearest(name, known, 3), known));
        }
    }
}
