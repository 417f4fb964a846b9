using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Escapement.AspNetCore.Workers;

/// <summary>What a worker tells its launcher, one line each.</summary>
static class WorkerWord
{
    /// <summary>It answers; its own address follows.</summary>
    public const string Ready = "ready ";

    /// <summary>It is stopping, and no longer answers.</summary>
    public const string Stopping = "stopping";
}

/// <summary>The launcher's end of the connection with one worker.</summary>
/// <remarks>
/// A socket without a file. By it the launcher learns the worker's own address, and the worker that its launcher is gone, however that came: the kernel closes it. Not PR_SET_PDEATHSIG,
/// which fires when the <em>thread</em> that started the worker ends, and misses a launcher that ended before the worker asked for it; a connection that fails does not.
/// </remarks>
sealed class WorkerLink : IDisposable
{
    // SO_PEERCRED of Linux: pid, uid, gid of who connected.
    const int SocketLevel = 1;
    const int PeerCredentials = 17;

    readonly Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    Socket? connection;

    /// <summary>Waits under a name of its own.</summary>
    public WorkerLink()
    {
        Name = $"escapement-{Environment.ProcessId}-{Guid.NewGuid():n}";
        listener.Bind(new UnixDomainSocketEndPoint('\0' + Name));
        listener.Listen(1);
    }

    /// <summary>What the worker connects to.</summary>
    public string Name { get; }

    /// <summary>Takes the worker's connection and reads what it tells, until it ends.</summary>
    /// <param name="pid">The worker: nobody else is listened to.</param>
    /// <param name="told">Gets each line.</param>
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
            // The worker has ended, and its launcher knows that from elsewhere.
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
