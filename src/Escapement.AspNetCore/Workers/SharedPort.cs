using System.Net;
using System.Net.Sockets;

namespace Escapement.AspNetCore.Workers;

/// <summary>Sockets of several processes at the same address. The kernel distributes the connections.</summary>
static class SharedPort
{
    // SO_REUSEPORT of Linux. An inherited listening descriptor would also work, but distributes unevenly.
    const int SocketLevel = 1;
    const int ReusePort = 15;

    /// <summary>Binds a socket with a shareable port, without listening.</summary>
    /// <exception cref="SocketException">The address is unavailable, or taken by a socket without sharing.</exception>
    public static Socket Bind(IPEndPoint endPoint) => Bind(endPoint, shared: true);

    /// <summary>Binds a socket to an exclusive port.</summary>
    public static Socket BindAlone(IPEndPoint endPoint) => Bind(endPoint, shared: false);

    static Socket Bind(IPEndPoint endPoint, bool shared)
    {
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (endPoint.Address.Equals(IPAddress.IPv6Any)) socket.DualMode = true;
            if (shared) socket.SetRawSocketOption(SocketLevel, ReusePort, BitConverter.GetBytes(1));
            socket.Bind(endPoint);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
