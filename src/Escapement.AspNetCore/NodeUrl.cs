using System.Net;
using Escapement.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Escapement.AspNetCore;

/// <summary>Determines the address of this process for the list of nodes, once the server listens.</summary>
static class NodeUrl
{
    /// <summary>The environment variable with the address of a process that shares its port, if started by something
    /// else than <c>--workers</c>.</summary>
    public const string Variable = "ESCAPEMENT_WORKER_URL";

    /// <summary>Sets the node's address when the application has started. A worker already has its own address, because
    /// all workers share the others.</summary>
    public static void Watch(IServiceProvider services, ThisNode node)
    {
        var server = services.GetService<IServer>();
        services.GetRequiredService<IHostApplicationLifetime>().ApplicationStarted.Register(() =>
            node.Url ??= Choose(Environment.GetEnvironmentVariable(Variable), server?.Features.Get<IServerAddressesFeature>()?.Addresses
                ?? []));
    }

    /// <summary>Returns the best listen address: preferably an address reachable from this machine without a
    /// certificate.</summary>
    /// <param name="own">An address of this process only, or null.</param>
    /// <param name="addresses">The addresses reported by the server.</param>
    /// <returns>The address, or null if the server listens on files and pipes only.</returns>
    public static string? Choose(string? own, IEnumerable<string> addresses)
    {
        if (!string.IsNullOrWhiteSpace(own)) return own.TrimEnd('/');
        return addresses.Select(Reachable).OfType<Uri>().OrderBy(Rank).FirstOrDefault()?.GetLeftPart(UriPartial.Authority);
    }

    static int Rank(Uri address) =>
        (address.Scheme, address.IsLoopback) switch { ("http", true) => 0, ("https", true) => 1, ("http", _) => 2, _ => 3 };

    /// <summary>Returns an address usable by clients, or null. A wildcard address becomes the loopback
    /// address.</summary>
    static Uri? Reachable(string text)
    {
        var address = text.Replace("://*", "://0.0.0.0", StringComparison.Ordinal).Replace("://+", "://0.0.0.0", StringComparison.Ordinal);
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Host is "" or "unix" or "pipe") return null;
        return IPAddress.TryParse(uri.Host.Trim('[', ']'), out var ip) && (ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any))
            ? new UriBuilder(uri) { Host = "127.0.0.1" }.Uri
            : uri;
    }
}
