using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Escapement.AspNetCore.Workers;

/// <summary>The sockets requested by Kestrel.</summary>
sealed class WorkerSockets
{
    /// <summary>The port of this worker only, or 0 before binding.</summary>
    public int OwnPort { get; private set; }

    public Socket Bind(EndPoint endPoint)
    {
        if (endPoint is not IPEndPoint ip) return SocketTransportOptions.CreateDefaultBoundListenSocket(endPoint);

        // The shared addresses have port numbers. Port 0 is this worker's own address.
        if (ip.Port != 0) return SharedPort.Bind(ip);
        var socket = SharedPort.BindAlone(ip);
        OwnPort = ((IPEndPoint)socket.LocalEndPoint!).Port;
        return socket;
    }
}
