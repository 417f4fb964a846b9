using Escapement.Triggers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Template;

namespace Escapement.AspNetCore;

/// <summary>Answers below the API's prefix what no route answers, with a problem as everywhere: an address that is not known, or a method that an address does not have.</summary>
/// <remarks>Whatever the application itself serves there goes before, but its fallback page.</remarks>
static class UnknownRoutes
{
    /// <summary>Maps them: after all routes, as they name these.</summary>
    /// <param name="api">The routes.</param>
    /// <param name="prefix">The API's; under the root every other address is the application's.</param>
    public static void Map(ApiGroup api, string prefix)
    {
        var routes = api.Routes.ToLookup(route => route.Pattern, route => route.Method);
        foreach (var route in routes)
        {
            string[] allowed = [.. route.Order(StringComparer.Ordinal)];
            api.Otherwise(route.Key, context => Task.FromResult<IResult>(OtherMethod(context, allowed)));
        }

        string[] patterns = [.. routes.Select(route => route.Key)];
        // What looks like a file may be one that the application serves: it does not, once a route has been found.
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
        // A route of the application's own that has the address, but not the method.
        if (MethodsAt(context) is { Length: > 0 } allowed) return OtherMethod(context, allowed);
        var address = Address(context);
        var below = "/" + context.Request.RouteValues["path"];
        var root = address.EndsWith(below, StringComparison.Ordinal) ? address[..^below.Length] : prefix;
        var nearest = Suggestion.Nearest(below, patterns.Select(pattern => Filled(pattern, below)).OfType<string>(), 2);
        return Problems.AddressNotFound(address, nearest is null ? null : root + nearest, root, patterns);
    }

    static string[] MethodsAt(HttpContext context)
    {
        if (context.RequestServices.GetService(typeof(EndpointDataSource)) is not EndpointDataSource all) return [];
        // One that takes every address does not have this one in particular.
        var matching = all.Endpoints.OfType<RouteEndpoint>().Where(route =>
            !route.RoutePattern.Parameters.Any(parameter => parameter.IsCatchAll)
                && route.Metadata.GetMetadata<IHttpMethodMetadata>() is not null
                && new TemplateMatcher(new RouteTemplate(route.RoutePattern), []).TryMatch(context.Request.Path, []));
        return [.. matching.SelectMany(route => route.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods).Distinct()
            .Order(StringComparer.Ordinal)];
    }

    /// <summary>The pattern with the address's own parts in place of its parameters; null where it has more or fewer parts.</summary>
    static string? Filled(string pattern, string address)
    {
        var (names, parts) = (pattern.Split('/'), address.Split('/'));
        return names.Length == parts.Length ? string.Join('/', names.Zip(parts, (name, part) => name is ['{', ..] ? part : name)) : null;
    }

    static string Address(HttpContext context) => (context.Request.PathBase + context.Request.Path).Value!;
}
