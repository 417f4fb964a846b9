using Escapement.Jobs;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Escapement.AspNetCore;

/// <summary>Reads a job's id from an address. An id may hold any character, also a slash, written as %2F.</summary>
static class JobAddress
{
    /// <summary>The place of the id in a route's pattern.</summary>
    public const string Parameter = "job_id";

    /// <summary>The id.</summary>
    /// <exception cref="RefusedException">No job can have it, so there is none.</exception>
    public static JobId Read(HttpContext context)
    {
        var text = Text(context);
        try
        {
            return JobId.Parse(text);
        }
        catch (FormatException)
        {
            throw new RefusedException(Problems.JobNotFound(text));
        }
    }

    /// <summary>The path decodes everything but %2F, so that an id with a slash and one with the text %2F look the same in it: the address as it was sent tells them apart.</summary>
    static string Text(HttpContext context)
    {
        var routed = (string)context.GetRouteValue(Parameter)!;
        if (!routed.Contains("%2F", StringComparison.OrdinalIgnoreCase)) return routed;
        var sent = context.Features.Get<IHttpRequestFeature>()?.RawTarget.Split('?')[0].TrimEnd('/').Split('/') ?? [];
        var fromEnd = context.GetEndpoint() is RouteEndpoint { RoutePattern.PathSegments: var pattern }
            ? pattern.Count - 1 - pattern.TakeWhile(segment => !segment.Parts.Any(part => part.IsParameter)).Count()
            : 0;
        var text = sent.Length > fromEnd ? Uri.UnescapeDataString(sent[^(fromEnd + 1)]) : routed;

        // A middleware may have rewritten the path: then only the path counts.
        return Slashes(text) == Slashes(routed) ? text : Slashes(routed);
    }

    static string Slashes(string text) => text.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
}
