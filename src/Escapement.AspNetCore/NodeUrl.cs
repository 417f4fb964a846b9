using System.Net;
using Escapement.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Escapement.AspNetCore;

/// <summary>Finds the address at which this process answers itself, once its server listens, for the list of nodes.</summary>
static class NodeUrl
{
    /// <summary>Names the address of a process that shares its port with others, where something else than <c>--workers</c> started it.</summary>
    public const string Variable = "ESCAPEMENT_WORKER_URL";

    /// <summary>Tells the node its address when the application has started. A worker has its own already: all share the other ones.</summary>
    public static void Watch(IServiceProvider services, ThisNode node)
    {
        var server = services.GetService<IServer>();
        services.GetRequiredService<IHostApplicationLifetime>().ApplicationStarted.Register(() =>
            node.Url ??= Choose(Environment.GetEnvironmentVariable(Variable), server?.Features.Get<IServerAddressesFeature>()?.Addresses
                ?? []));
    }

    /// <summary>The best of the addresses on which a server listens: one that this machine reaches without a certificate before any other.</summary>
    /// <param name="own">An address that names this process alone; null for none.</param>
    /// <param name="addresses">As the server names them.</param>
    /// <returns>Null when there is none but files and pipes.</returns>
    public static string? Choose(string? own, IEnumerable<string> addresses)
    {
        if (!string.IsNullOrWhiteSpace(own)) return own.TrimEnd('/');
        return addresses.Select(Reachable).OfType<Uri>().OrderBy(Rank).FirstOrDefault()?.GetLeftPart(UriPartial.Authority);
    }

    static int Rank(Uri address) =>
        (address.Scheme, address.IsLoopback) switch { ("http", true) => 0, ("https", true) => 1, ("http", _) => 2, _ => 3 };

    /// <summary>An address that a client can use: one that stands for all of this machine's is reached at its loopback.</summary>
    static Uri? Reachable(string text)
    {
        var address = text.Replace("://*", "://0.0.0.0", StringComparison.Ordinal).Replace("://+", "://0.0.0.0", StringComparison.Ordinal);
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Host is "" or "unix" or "pipe") return null;
        return IPAddress.TryParse(uri.Host.Trim('[', ']'), out var ip) && (ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any))
            ? new UriBuilder(uri) { Host = "127.0.0.1" }.Uri
            : uri;
    }
}
