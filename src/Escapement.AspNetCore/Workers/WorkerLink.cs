using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Escapement.AspNetCore.Workers;

/// <summary>The messages of a worker to its launcher, as lines.</summary>
static class WorkerWord
{
    /// <summary>The worker answers. Followed by its own address.</summary>
    public const string Ready = "ready ";

    /// <summary>The worker is stopping and does not answer.</summary>
    public const string Stopping = "stopping";
}

/// <summary>The launcher's side of the connection to a worker.</summary>
/// <remarks>
/// A socket without a file. The launcher receives the worker's own address, and the worker notices the end of its
/// launcher in all
/// cases, because the kernel closes the socket. PR_SET_PDEATHSIG would fire when the <em>thread</em> ends that started
/// the worker, and
/// would miss a launcher that ended earlier. A failed connection detects both.
/// </remarks>
sealed class WorkerLink : IDisposable
{
    // SO_PEERCRED of Linux: pid, uid and gid of the connecting process.
    const int SocketLevel = 1;
    const int PeerCredentials = 17;

    readonly Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    Socket? connection;

    /// <summary>Listens under a unique name.</summary>
    public WorkerLink()
    {
        Name = $"escapement-{Environment.ProcessId}-{Guid.NewGuid():n}";
        listener.Bind(new UnixDomainSocketEndPoint('\0' + Name));
        listener.Listen(1);
    }

    /// <summary>The name of the socket for the worker.</summary>
    public string Name { get; }

    /// <summary>Accepts the worker's connection and reads its lines until the connection ends.</summary>
    /// <param name="pid">The pid of the worker. Connections of all foreign processes are rejected.</param>
    /// <param name="told">Called with each line.</param>
    /// <param name="cancellationToken">Ends the wait for a worker that never connects.</param>
    public async Task ReadAsync(int pid, Action<string> told, CancellationToken cancellationToken)
    {
        try
        {
            connection = await AcceptAsync(pid, cancellationToken);
            using var lines = new StreamReader(new NetworkStream(connection));
            while (await lines.ReadLineAsync(cancellationToken) is { } line) told(line);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or SocketException or ObjectDisposedException)
        {
            // The worker has ended. The launcher detects the end by the process.
        }
    }

    async Task<Socket> AcceptAsync(int pid, CancellationToken cancellationToken)
    {
        var candidate = await listener.AcceptAsync(cancellationToken);
        for (; PeerOf(candidate) != pid; candidate = await listener.AcceptAsync(cancellationToken)) candidate.Dispose();
        return candidate;
    }

    static int PeerOf(Socket socket)
    {
        Span<byte> credentials = stackalloc byte[12];
        socket.GetRawSocketOption(SocketLevel, PeerCredentials, credentials);
        return MemoryMarshal.Read<int>(credentials);
    }

    public void Dispose()
    {
        listener.Dispose();
        connection?.Dispose();
    }
}
