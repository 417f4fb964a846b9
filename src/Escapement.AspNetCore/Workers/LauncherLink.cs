using System.Net.Sockets;
using System.Text;

namespace Escapement.AspNetCore.Workers;

/// <summary>A worker's end of the connection with its launcher.</summary>
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

    /// <summary>This process's, once it is open.</summary>
    public static LauncherLink? Current { get; private set; }

    /// <summary>The shared addresses to listen on.</summary>
    public IReadOnlyList<string> Urls { get; }

    /// <summary>Cancelled when the launcher is gone.</summary>
    public CancellationToken Gone => gone.Token;

    /// <summary>Connects, in a process that was started as a worker; the first time only.</summary>
    /// <returns>Null where there is nothing to connect to, or where it was done already.</returns>
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
            // The launcher ended while this process started: nobody waits for it, and nothing has begun.
            Environment.Exit(1);
        }

        return Current = new(socket, urls);
    }

    /// <summary>Tells the launcher a line. One that is gone is no failure: <see cref="Gone"/> says so.</summary>
    public void Tell(string line)
    {
        try
        {
            socket.Send(Encoding.UTF8.GetBytes(line + '\n'));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // As above.
        }
    }

    async Task WatchAsync()
    {
        try
        {
            // The launcher never writes: the only thing to come is the end.
            while (await socket.ReceiveAsync(new byte[1]) > 0) { }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The end too.
        }

        await gone.CancelAsync();
    }

    public void Dispose()
    {
        socket.Dispose();
        gone.Dispose();
    }
}
