using Escapement.Triggers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Template;

namespace Escapement.AspNetCore;

/// <summary>Answers unmatched requests below the API's prefix with a problem: an unknown address, or a method that an
/// address does not support.</summary>
/// <remarks>The application's own routes take precedence, except its fallback page.</remarks>
static class UnknownRoutes
{
    /// <summary>Maps the routes. Must be called after all routes are mapped, because the messages name the
    /// routes.</summary>
    /// <param name="api">The mapped routes.</param>
    /// <param name="prefix">The API's prefix. If the API is mapped at the root, all unknown addresses belong to the
    /// application.</param>
    public static void Map(ApiGroup api, string prefix)
    {
        var routes = api.Routes.ToLookup(route => route.Pattern, route => route.Method);
        foreach (var route in routes)
        {
            string[] allowed = [.. route.Order(StringComparer.Ordinal)];
            api.Otherwise(route.Key, context => Task.FromResult<IResult>(OtherMethod(context, allowed)));
        }

        string[] patterns = [.. routes.Select(route => route.Key)];
        // A path with a file extension may belong to the application's static files.
        if (prefix is not "")
        {
            api.Otherwise("/{**path:nonfile}", context => Task.FromResult<IResult>(OtherAddress(context, prefix, patterns)));
        }
    }

    static Problem OtherMethod(HttpContext context, string[] allowed)
    {
        context.Response.Headers.Allow = string.Join(", ", allowed);
        return Problems.MethodNotAllowed(context.Request.Method, Address(context), allowed);
    }

    static Problem OtherAddress(HttpContext context, string prefix, string[] patterns)
    {
        // One of the application's own routes has this address with a different method.
        if (MethodsAt(context) is { Length: > 0 } allowed) return OtherMethod(context, allowed);
        var address = Address(context);
        var below = "/" + context.Request.RouteValues["path"];
        var root = address.EndsWith(below, StringComparison.Ordinal) ? address[..^below.Length] : prefix;
        var nearest = Suggestion.Nearest(below, patterns.Select(pattern => Filled(pattern, below)).OfType<string>().Where(filled => filled != below), 2);
        return Problems.AddressNotFound(address, nearest is null ? null : root + nearest, root, patterns);
    }

    static string[] MethodsAt(HttpContext context)
    {
        if (context.RequestServices.GetService(typeof(EndpointDataSource)) is not EndpointDataSource all) return [];
        // A catch-all route does not count as having this address.
        var matching = all.Endpoints.OfType<RouteEndpoint>().Where(route =>
            !route.RoutePattern.Parameters.Any(parameter => parameter.IsCatchAll)
                && route.Metadata.GetMetadata<IHttpMethodMetadata>() is not null
                && new TemplateMatcher(new RouteTemplate(route.RoutePattern), []).TryMatch(context.Request.Path, []));
        return [.. matching.SelectMany(route => route.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods).Distinct()
            .Order(StringComparer.Ordinal)];
    }

    /// <summary>Returns the pattern with its parameters replaced by the parts of the address, or null if the number of
    /// parts differs.</summary>
    static string? Filled(string pattern, string address)
    {
        var (names, parts) = (pattern.Split('/'), address.Split('/'));
        return names.Length == parts.Length ? string.Join('/', names.Zip(parts, (name, part) => name is ['{', ..] ? part : name)) : null;
    }

    static string Address(HttpContext context) => (context.Request.PathBase + context.Request.Path).Value!;
}
