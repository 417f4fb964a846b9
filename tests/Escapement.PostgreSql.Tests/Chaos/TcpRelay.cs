using System.Net;
using System.Net.Sockets;

namespace Escapement.PostgreSql.Tests.Chaos;

/// <summary>A relay between nodes and the server, which can hold back what it relays in each direction, as a broken network
/// does.</summary>
sealed class TcpRelay : IAsyncDisposable
{
    readonly TcpListener listener = new(IPAddress.Loopback, 0);
    readonly CancellationTokenSource over = new();
    readonly int server;
    readonly Task accepting;
    readonly List<Socket> sockets = [];
    readonly Gate toServer = new(), toNodes = new();

    public TcpRelay(int server)
    {
        this.server = server;
        listener.Start();
        accepting = AcceptAsync();
    }

    /// <summary>The port of the relay.</summary>
    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>Holds back what nodes send, what the server answers, or both. The connections stay open.</summary>
    public void Cut(bool requests, bool answers)
    {
        if (requests) toServer.Close();
        if (answers) toNodes.Close();
    }

    /// <summary>Relays again, also what was held back.</summary>
    public void Mend()
    {
        toServer.Open();
        toNodes.Open();
    }

    async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var node = await listener.AcceptSocketAsync(over.Token);
                _ = RelayAsync(node);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The relay was closed.
        }
    }

    async Task RelayAsync(Socket node)
    {
        using var back = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using (node)
        {
            lock (sockets) sockets.AddRange([node, back]);
            try
            {
                (node.NoDelay, back.NoDelay) = (true, true);
                await back.ConnectAsync(IPAddress.Loopback, server, over.Token);
                await await Task.WhenAny(PumpAsync(node, back, toServer), PumpAsync(back, node, toNodes));
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // One of both ended the connection, or the relay was closed.
            }
            finally
            {
                lock (sockets) sockets.RemoveAll(socket => socket == node || socket == back);
            }
        }
    }

    async Task PumpAsync(Socket from, Socket to, Gate gate)
    {
        var buffer = new byte[16 * 1024];
        while (await from.ReceiveAsync(buffer, over.Token) is > 0 and var count)
        {
            await gate.PassAsync(over.Token);
            await to.SendAsync(buffer.AsMemory(0, count), over.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await over.CancelAsync();
        listener.Stop();
        lock (sockets)
            foreach (var socket in sockets) socket.Dispose();
        await accepting;
        over.Dispose();
    }

    sealed class Gate
    {
        volatile TaskCompletionSource? closed;

        public void Close() => closed ??= new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Open()
        {
            var waiting = closed;
            closed = null;
            waiting?.TrySetResult();
        }

        public Task PassAsync(CancellationToken cancellationToken) => closed?.Task.WaitAsync(cancellationToken) ?? Task.CompletedTask;
    }
}
