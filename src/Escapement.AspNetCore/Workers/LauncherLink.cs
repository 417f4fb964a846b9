using System.Net.Sockets;
using System.Text;

namespace Escapement.AspNetCore.Workers;

/// <summary>The worker's side of the connection to its launcher.</summary>
sealed class LauncherLink : IDisposable
{
    readonly Socket socket;
    readonly CancellationTokenSource gone = new();

    LauncherLink(Socket socket, IReadOnlyList<string> urls)
    {
        this.socket = socket;
        Urls = urls;
        _ = WatchAsync();
    }

    /// <summary>The link of this process, or null before <see cref="Open"/>.</summary>
    public static LauncherLink? Current { get; private set; }

    /// <summary>The shared addresses to listen on.</summary>
    public IReadOnlyList<string> Urls { get; }

    /// <summary>Cancelled when the launcher has ended.</summary>
    public CancellationToken Gone => gone.Token;

    /// <summary>Connects to the launcher in a worker process. Only the first call connects.</summary>
    /// <returns>The link, or null if this process is not a worker or is already connected.</returns>
    public static LauncherLink? Open()
    {
        if (WorkerVariables.Take() is not var (name, urls)) return null;
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint('\0' + name));
        }
        catch (SocketException)
        {
            // The launcher ended while this process started. Nothing has begun yet.
            Environment.Exit(1);
        }

        return Current = new(socket, urls);
    }

    /// <summary>Sends a line to the launcher. A missing launcher is no error, because <see cref="Gone"/> reports the
    /// loss.</summary>
    public void Tell(string line)
    {
        try
        {
            socket.Send(Encoding.UTF8.GetBytes(line + '\n'));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // See above.
        }
    }

    async Task WatchAsync()
    {
        try
        {
            // The launcher never writes, so the only event is the end of the connection.
            while (await socket.ReceiveAsync(new byte[1]) > 0) { }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The connection has failed: the launcher has ended.
        }

        await gone.CancelAsync();
    }

    public void Dispose()
    {
        socket.Dispose();
        gone.Dispose();
    }
}
