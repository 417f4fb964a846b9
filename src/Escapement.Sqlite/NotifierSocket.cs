using System.Net.Sockets;

namespace Escapement.Sqlite;

/// <summary>The notification socket of a process, in the folder shared by the processes of the store.</summary>
sealed class NotifierSocket : IDisposable
{
    readonly SocketFolder folder;
    readonly string name;
    readonly Socket own = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    readonly Socket sender = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { Blocking = false };
    volatile bool closed, failed;

    NotifierSocket(SocketFolder folder, string name) => (this.folder, this.name) = (folder, name);

    /// <summary>Creates the folder if necessary, and binds a socket in the folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="name">The socket's name in the folder.</param>
    /// <param name="rights">The access rights for the files of the store.</param>
    /// <exception cref="IOException">The folder cannot be used.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be used.</exception>
    /// <exception cref="SocketException">The socket cannot be bound.</exception>
    public static NotifierSocket Bind(string folder, string name, UnixFileMode rights)
    {
        var socket = new NotifierSocket(SocketFolder.Open(folder, rights), name);
        try
        {
            socket.own.Bind(socket.folder.Address(name));
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(socket.folder.PathOf(name), rights);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Returns true while other processes can find this socket in its folder and the socket
    /// receives.</summary>
    public bool IsThere => !failed && File.Exists(folder.PathOf(name));

    /// <summary>Receives on a dedicated thread until the socket is closed or fails.</summary>
    /// <param name="take">Called with each message. Must not throw.</param>
    /// <param name="fail">Called with the error that ended receiving.</param>
    public void Start(Action<ReadOnlySpan<byte>> take, Action<Exception> fail) =>
        new Thread(() => Receive(take, fail)) { IsBackground = true, Name = "escapement notifier" }.Start();

    void Receive(Action<ReadOnlySpan<byte>> take, Action<Exception> fail)
    {
        var buffer = new byte[NotifierMessage.MaxBytes];
        while (!closed)
        {
            try
            {
                var length = own.Receive(buffer);
                if (!closed) take(buffer.AsSpan(0, length));
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.Interrupted or SocketError.MessageSize)
            {
                // The message is longer than the maximum.
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                if (closed) return;
                failed = true;
                fail(e);
                return;
            }
        }
    }

    /// <summary>Returns false if the process of a socket has ended. A process that ended before it read a question
    /// never answers.</summary>
    /// <remarks>
    /// Connecting fails at once if no process has the socket open. A second message would fill the queue of a stopped
    /// process.
    /// Trying the life lock, even briefly, could take the lock ahead of a process that waits in the kernel.
    /// </remarks>
    public bool Lives(string other)
    {
        try
        {
            using var probe = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            probe.Connect(folder.Address(other));
            return true;
        }
        catch (SocketException e)
        {
            if (e.SocketErrorCode == SocketError.ConnectionRefused) folder.Delete(other);
            return false;
        }
    }

    /// <summary>Returns the names of the other processes' sockets.</summary>
    public IEnumerable<string> Others() => folder.Others(name);

    /// <summary>Sends a message, and deletes the receiver's socket if its process is gone.</summary>
    /// <returns>Success, WouldBlock if the receiver's queue is full, or another error if the receiver has
    /// ended.</returns>
    public SocketError Send(string other, ReadOnlySpan<byte> message)
    {
        try
        {
            sender.SendTo(message, SocketFlags.None, folder.Address(other));
            return SocketError.Success;
        }
        catch (SocketException e)
        {
            if (e.SocketErrorCode == SocketError.ConnectionRefused) folder.Delete(other);
            return e.SocketErrorCode is SocketError.NoBufferSpaceAvailable ? SocketError.WouldBlock : e.SocketErrorCode;
        }
        catch (ObjectDisposedException)
        {
            return SocketError.OperationAborted;
        }
    }

    /// <summary>Breaks receiving, like a system fault. For tests.</summary>
    internal void Break() => own.Dispose();

    /// <summary>Stops receiving and deletes the socket file.</summary>
    public void Dispose()
    {
        if (closed) return;
        closed = true;

        // The thread is blocked in the kernel, and a message wakes the thread. If the folder was deleted, the
        // message does not
        // arrive, and the shutdown wakes the thread on Linux.
        Send(name, NotifierMessage.Nothing);
        try
        {
            own.Shutdown(SocketShutdown.Both);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Other systems shut down connected sockets only.
        }

        folder.Delete(name);
        sender.Dispose();
        own.Dispose();
        folder.Dispose();
    }
}
