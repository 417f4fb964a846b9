using Escapement.Jobs;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Escapement.AspNetCore;

/// <summary>Reads a job id from an address. An id may contain any character, including a slash, written as
/// %2F.</summary>
static class JobAddress
{
    /// <summary>The name of the id in a route pattern.</summary>
    public const string Parameter = "job_id";

    /// <summary>Returns the problem of an address with the part <c>.</c> or <c>..</c>, or null. A server shortens such an address
    /// before the routes see it: <c>/jobs/../pause</c> would pause everything.</summary>
    public static Problem? Refuses(HttpContext context)
    {
        var sent = context.Features.Get<IHttpRequestFeature>()?.RawTarget.Split('?')[0] ?? "";
        return Array.Exists(sent.Split('/'), part => Uri.UnescapeDataString(part) is "." or "..") ? Problems.DotSegment(sent) : null;
    }

    /// <summary>Returns the job id.</summary>
    /// <exception cref="RefusedException">The text is not a valid job id, so no such job exists.</exception>
    public static JobId Read(HttpContext context)
    {
        var text = Text(context, Parameter);
        try
        {
            return JobId.Parse(text);
        }
        catch (FormatException)
        {
            throw new RefusedException(Problems.JobNotFound(text));
        }
    }

    /// <summary>Returns the text of a parameter. The decoded path leaves %2F encoded, so a text with a slash and a text with
    /// %2F look the same, and only the raw address tells the two apart.</summary>
    public static string Text(HttpContext context, string parameter)
    {
        var routed = (string)context.GetRouteValue(parameter)!;
        if (!routed.Contains("%2F", StringComparison.OrdinalIgnoreCase)) return routed;
        var sent = context.Features.Get<IHttpRequestFeature>()?.RawTarget.Split('?')[0].TrimEnd('/').Split('/') ?? [];
        var fromEnd = context.GetEndpoint() is RouteEndpoint { RoutePattern.PathSegments: var pattern }
            ? pattern.Count - 1 - pattern.TakeWhile(segment => !segment.Parts.Any(part => part.IsParameter)).Count()
            : 0;
        var text = sent.Length > fromEnd ? Uri.UnescapeDataString(sent[^(fromEnd + 1)]) : routed;

        // If a middleware rewrote the path, only the path counts.
        return Slashes(text) == Slashes(routed) ? text : Slashes(routed);
    }

    static string Slashes(string text) => text.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
}
