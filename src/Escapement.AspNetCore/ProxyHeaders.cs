using System.Collections.Frozen;
using Escapement.Triggers;
using Microsoft.AspNetCore.Http;

namespace Escapement.AspNetCore;

/// <summary>Recognises request headers that only a proxy, a gateway or a content delivery network adds.</summary>
/// <remarks>docs/rest.md lists these names. No client sends such a header to a server on its own machine.</remarks>
static class ProxyHeaders
{
    /// <summary>Prefixes of header names. The forwarded-headers middleware leaves <c>X-Original-</c> in place of each
    /// header that the middleware used.</summary>
    internal static readonly string[] Beginnings =
    [
        "X-Forwarded", "X-Original-", "X-Envoy-", "X-Azure-", "X-ARR-", "X-Amzn-", "X-Amz-Cf-", "X-AppEngine-", "X-Akamai-", "X-Vercel-",
        "X-Sucuri-", "X-ProxyUser-",
        "CF-", "CloudFront-", "Fastly-", "Fly-", "Akamai-", "Ali-", "Incap-", "WL-Proxy-", "Proxy-",
    ];

    /// <summary>Whole header names.</summary>
    internal static readonly FrozenSet<string> Names = FrozenSet.ToFrozenSet(
    [
        "Forwarded", "Forwarded-For", "Via", "CDN-Loop", "True-Client-IP", "Client-IP", "Front-End-Https", "X-Real-IP", "X-Real-Port",
        "X-Client-IP", "X-Cluster-Client-IP",
        "X-Remote-IP", "X-Remote-Addr", "X-Originating-IP", "X-Rewrite-URL", "X-Url-Scheme", "X-Scheme", "X-NginX-Proxy", "X-BlueCoat-Via",
    ], StringComparer.OrdinalIgnoreCase);

    /// <summary>Returns the name of the first such header, or null if there is none.</summary>
    public static string? Find(IHeaderDictionary headers)
    {
        foreach (var name in headers.Keys)
        {
            if (Names.Contains(name)
                || Array.Exists(Beginnings, beginning => name.StartsWith(beginning, StringComparison.OrdinalIgnoreCase)))
            {
                return Printable.Shown(name);
            }
        }

        return null;
    }
}
