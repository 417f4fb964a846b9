using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace Escapement.AspNetCore.Workers;

/// <summary>The addresses of the workers, bound by the launcher without listening. No foreign process can take an
/// address during a worker's restart.</summary>
sealed class PortReservation : IDisposable
{
    readonly List<Socket> held = [];

    PortReservation() { }

    /// <summary>The addresses passed to the workers, with port numbers above 0.</summary>
    public IReadOnlyList<string> Urls { get; private set; } = [];

    /// <summary>Reserves the configured listen addresses.</summary>
    /// <exception cref="WorkersRefusedException">An address is unavailable or cannot be shared. The message names the
    /// address and the remedy.</exception>
    public static PortReservation Take(IConfiguration configuration)
    {
        if (configuration.GetSection("Kestrel:Endpoints").GetChildren().Any())
        {
            throw new WorkersRefusedException(
                "Workers cannot share the endpoints of Kestrel:Endpoints. Set the addresses with --urls, and a certificate with Kestrel:Certificates:Default.");
        }

        var reservation = new PortReservation();
        try
        {
            reservation.Urls = [.. Addresses(configuration).Select(reservation.Hold)];
            return reservation;
        }
        catch
        {
            reservation.Dispose();
            throw;
        }
    }

    /// <summary>Returns the configured addresses, by the rules of the web host.</summary>
    static string[] Addresses(IConfiguration configuration)
    {
        var urls = Parts(configuration["urls"]);
        if (urls is [])
        {
            urls = [.. Parts(configuration["http_ports"]).Select(port => $"http://*:{port}"), .. Parts(configuration["https_ports"])
                .Select(port => $"https://*:{port}")];
        }

        return urls is [] ? ["http://localhost:5000"] : urls;
    }

    static string[] Parts(string? list) => list?.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];

    string Hold(string url)
    {
        var address = Parse(url);
        var port = address.Port;
        foreach (var ip in Interfaces(address))
        {
            try
            {
                port = Hold(new IPEndPoint(ip, port));
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressFamilyNotSupported
                || (IsLocalhost(address) && e.SocketErrorCode is SocketError.AddressNotAvailable))
            {
                // The machine has a single address family. Kestrel also continues with the available family.
            }
            catch (SocketException e)
            {
                throw new WorkersRefusedException(Sentence(url, e), e);
            }
        }

        return port == address.Port
            ? url
            : $"{address.Scheme}://{address.Host}:{port.ToString(CultureInfo.InvariantCulture)}{address.PathBase}";
    }

    int Hold(IPEndPoint endPoint)
    {
        // Binds exclusively first: a second launcher would share the port, and the two would serve each other's
        // requests.
        if (endPoint.Port != 0) SharedPort.BindAlone(endPoint).Dispose();
        var socket = SharedPort.Bind(endPoint);
        held.Add(socket);
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    static BindingAddress Parse(string url)
    {
        try
        {
            var address = BindingAddress.Parse(url);
            if (address.Scheme is not ("http" or "https"))
            {
                throw new WorkersRefusedException(
                    $"'{url}' is not a valid listen address: an address begins with http:// or https://, such as http://127.0.0.1:5080.");
            }

            return address.IsUnixPipe || address.IsNamedPipe
                ? throw new WorkersRefusedException($"Workers cannot share '{url}': set an address with a port with --urls.")
                : address;
        }
        catch (FormatException e)
        {
            throw new WorkersRefusedException(
                $"'{url}' is not a valid listen address. A valid address is, for example, http://127.0.0.1:5080.", e);
        }
    }

    static bool IsLocalhost(BindingAddress address) => address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase);

    /// <summary>Returns the interfaces for a host, by the rules of Kestrel: localhost is both loopbacks, a name is
    /// every interface.</summary>
    static IPAddress[] Interfaces(BindingAddress address) =>
        IsLocalhost(address) ? [IPAddress.Loopback, IPAddress.IPv6Loopback]
        : IPAddress.TryParse(address.Host, out var ip) ? [ip]
        : [Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any];

    static string Sentence(string url, SocketException e) => e.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse =>
            $"Another process already listens on {url}. Stop that process, or set another address with --urls.",
        SocketError.AccessDenied => $"This user may not listen on {url}. Use a port from 1024 on, or grant the permission.",
        SocketError.AddressNotAvailable =>
            $"This machine does not have the address of {url}. Use an address of this machine, or http://*:PORT for all.",
        _ => $"Listening on {url} failed: {e.Message}.",
    };

    public void Dispose() => held.ForEach(socket => socket.Dispose());
}

/// <summary>Thrown if the workers cannot be started. The message is shown to the user.</summary>
sealed class WorkersRefusedException(string message, Exception? inner = null) : Exception(message, inner);
