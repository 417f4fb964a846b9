using System.Net;
using System.Security.Cryptography;
using System.Text;
using Escapement.Triggers;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;

namespace Escapement.AspNetCore;

/// <summary>Decides who may call the API. Without authentication in the settings and without a required policy, only
/// this machine may.</summary>
/// <param name="auth">Basic authentication from the settings, if set.</param>
sealed class Access(BasicAuth? auth)
{
    /// <summary>Returns the response that rejects a request, or null if the request may pass.</summary>
    public IResult? Refuses(HttpContext context)
    {
        if (auth is not null)
        {
            if (!HasPassword(context.Request, auth)) return new AccessDenied();
        }
        else if (!HasPolicy(context) && NotLocal(context) is { } seen)
        {
            return Problems.OnlyLocal(seen);
        }

        return IsChange(context.Request.Method) && OtherSite(context.Request) is { } origin ? Problems.OtherSite(origin) : null;
    }

    /// <summary>Returns true if the application itself authorised the request: by a policy of the endpoint, or by the
    /// fallback policy.</summary>
    public static bool HasPolicy(HttpContext context)
    {
        var metadata = context.GetEndpoint()?.Metadata;
        if (metadata is null || metadata.GetMetadata<IAllowAnonymous>() is not null) return false;
        return metadata.GetMetadata<IAuthorizeData>() is not null || metadata.GetMetadata<AuthorizationPolicy>() is not null;
    }

    /// <summary>Returns the evidence that a request comes from another machine, or null if there is none.</summary>
    static string? NotLocal(HttpContext context)
    {
        // A connection without an address is a Unix socket or an in-process connection.
        if (context.Connection.RemoteIpAddress is { } remote && !IsLoopback(remote)) return $"this request comes from {remote}";
        if (ProxyHeaders.Find(context.Request.Headers) is { } header) return $"this request came through a proxy (header {header})";

        // nginx sends these headers by default to an upstream server. No current browser or HTTP library sends them.
        if (context.Request.Protocol == "HTTP/1.0" && context.Request.Headers.Connection == "close")
        {
            return "this request came through a proxy (HTTP/1.0, Connection: close)";
        }

        // Against names of other sites that resolve to this machine (DNS rebinding): the browser sends the name.
        return IsLoopbackName(context.Request.Host.Host)
            ? null
            : $"this request asks for the host '{Printable.Shown(context.Request.Host.Host)}'";
    }

    static bool IsLoopback(IPAddress address) => IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);

    static bool IsLoopbackName(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(host, out var address) && IsLoopback(address));

    static bool IsChange(string method) => !(HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method));

    /// <summary>Returns the origin of the requesting page if the page belongs to another site, or null.</summary>
    static string? OtherSite(HttpRequest request)
    {
        var site = request.Headers["Sec-Fetch-Site"].ToString();
        if (request.Headers.Origin is { Count: > 0 } origin)
        {
            return IsSame(origin.ToString(), request.Host) && site is not "cross-site" ? null : origin.ToString();
        }

        return site is "cross-site" or "same-site" ? site : null;
    }

    /// <summary>Returns true if a page's origin is the requested site. Behind a proxy that terminates TLS the scheme
    /// differs, so only host and port are compared.</summary>
    static bool IsSame(string origin, HostString host) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var page) && page.Scheme is "http" or "https"
        && string.Equals(page.IdnHost, host.Host.Trim('[', ']'), StringComparison.OrdinalIgnoreCase)
        && page.Port == (host.Port ?? (page.Scheme is "https" ? 443 : 80));

    static bool HasPassword(HttpRequest request, BasicAuth auth)
    {
        if (Credentials(request) is not { } given) return false;
        var colon = given.AsSpan().IndexOf((byte)':');
        if (colon < 0) return false;

        // Both are always compared, in a time that depends only on the length of the input.
        var isName = IsEqual(given.AsSpan(0, colon), auth.Username);
        var isPassword = IsEqual(given.AsSpan(colon + 1), auth.Password);
        return isName & isPassword;
    }

    static byte[]? Credentials(HttpRequest request)
    {
        if (request.Headers.Authorization is not [{ } header]) return null;
        var space = header.IndexOf(' ', StringComparison.Ordinal);
        if (space < 0 || !header.AsSpan(0, space).Equals("Basic", StringComparison.OrdinalIgnoreCase)) return null;
        var text = header.AsSpan(space + 1).Trim();
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64Chars(text, bytes, out var length) ? bytes[..length] : null;
    }

    static bool IsEqual(ReadOnlySpan<byte> given, string known) =>
        CryptographicOperations.FixedTimeEquals(SHA256.HashData(given), SHA256.HashData(Encoding.UTF8.GetBytes(known)));

    /// <summary>APScheduler's response to an unauthenticated caller.</summary>
    sealed class AccessDenied : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = 401;
            httpContext.Response.Headers.WWWAuthenticate = "Basic realm=\"Authentication Required\"";
            httpContext.Response.ContentType = "text/html; charset=utf-8";
            return HttpMethods.IsHead(httpContext.Request.Method)
                ? Task.CompletedTask
                : httpContext.Response.WriteAsync("Access Denied", httpContext.RequestAborted);
        }
    }
}
