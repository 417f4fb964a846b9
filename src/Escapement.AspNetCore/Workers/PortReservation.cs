using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace Escapement.AspNetCore.Workers;

/// <summary>The addresses of the workers, bound by the launcher but not listened on: while a worker is started anew nobody else can take them.</summary>
sealed class PortReservation : IDisposable
{
    readonly List<Socket> held = [];

    PortReservation() { }

    /// <summary>The addresses as the workers get them: every port is a number above 0.</summary>
    public IReadOnlyList<string> Urls { get; private set; } = [];

    /// <summary>Takes the addresses that the program is told to listen on.</summary>
    /// <exception cref="WorkersRefusedException">One cannot be had or shared; the message says which and what to do.</exception>
    public static PortReservation Take(IConfiguration configuration)
    {
        if (configuration.GetSection("Kestrel:Endpoints").GetChildren().Any())
        {
            throw new WorkersRefusedException(
                "Workers cannot share the endpoints of Kestrel:Endpoints. Give the addresses by --urls, and a certificate by Kestrel:Certificates:Default.");
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

    /// <summary>As the web host reads them.</summary>
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
                // A machine with one family alone; Kestrel goes on with the other too.
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
        // First alone: another launcher shares its port too, and the two would serve each other's requests.
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
                    $"'{url}' cannot be listened on: an address begins with http:// or https://, such as http://127.0.0.1:5080.");
            }

            return address.IsUnixPipe || address.IsNamedPipe
                ? throw new WorkersRefusedException($"Workers cannot share '{url}': give an address with a port by --urls.")
                : address;
        }
        catch (FormatException e)
        {
            throw new WorkersRefusedException($"'{url}' is not an address to listen on; one looks like http://127.0.0.1:5080.", e);
        }
    }

    static bool IsLocalhost(BindingAddress address) => address.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase);

    /// <summary>As Kestrel binds a host: localhost is both loopbacks, a name is every interface.</summary>
    static IPAddress[] Interfaces(BindingAddress address) =>
        IsLocalhost(address) ? [IPAddress.Loopback, IPAddress.IPv6Loopback]
        : IPAddress.TryParse(address.Host, out var ip) ? [ip]
        : [Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any];

    static string Sentence(string url, SocketException e) => e.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse => $"Another process listens on {url} already. Stop it, or give another address by --urls.",
        SocketError.AccessDenied => $"This user may not listen on {url}. Take a port from 1024 on, or allow it.",
        SocketError.AddressNotAvailable =>
            $"This machine does not have the address of {url}. Give one that it has, or http://*:PORT for all.",
        _ => $"{url} cannot be listened on: {e.Message}.",
    };

    public void Dispose() => held.ForEach(socket => socket.Dispose());
}

/// <summary>The workers cannot be started as asked; the message is for people.</summary>
sealed class WorkersRefusedException(string message, Exception? inner = null) : Exception(message, inner);
