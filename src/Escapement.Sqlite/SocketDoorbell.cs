using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net.Sockets;
using Escapement.Stores;
using Microsoft.Extensions.Logging;

namespace Escapement.Sqlite;

/// <summary>A doorbell between the processes of one machine: each has a datagram socket in a folder beside the store, and a ring is a datagram to each of the others.</summary>
/// <remarks>
/// Nothing here waits for a receiver. Where there are no such sockets (Windows), rings reach this process alone, and the others notice at their next beat.
/// What arrives is not trusted: it is bounded, and what has no sense is passed over.
/// </remarks>
public sealed class SocketDoorbell : IDoorbell, IDisposable
{
    static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(1), LastPause = TimeSpan.FromMilliseconds(200);

    readonly string folder;
    readonly string name = $"{Environment.ProcessId}-{Guid.NewGuid():N}"[..^20] + SocketFolder.Extension;
    readonly TimeProvider clock;
    readonly ILogger? logger;
    readonly ConcurrentDictionary<long, Asked> asked = new();
    readonly Dictionary<string, Bell> late = [];
    ImmutableList<Listener> listeners = [];
    ImmutableDictionary<string, Func<NodeReport>> nodes = ImmutableDictionary<string, Func<NodeReport>>.Empty;
    SocketFolder? sockets;
    Socket? own, sender;
    long lastQuestion;
    volatile bool closed;

    internal SocketDoorbell(string folder, TimeProvider clock, ILogger? logger) => (this.folder, this.clock, this.logger) = (folder, clock, logger);

    sealed class Listener(SocketDoorbell bell, Action<Bell> rung) : IDisposable
    {
        public Action<Bell> Rung => rung;

        public void Dispose() => ImmutableInterlocked.Update(ref bell.listeners, static (all, one) => all.Remove(one), this);
    }

    /// <summary>A question that is under way.</summary>
    sealed class Asked
    {
        public required HashSet<string> Waits { get; init; }

        public List<NodeReport> Reports { get; } = [];

        public TaskCompletionSource All { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>Binds this process's socket and begins to listen. Without one the store works, and rings reach this process alone.</summary>
    internal void Open()
    {
        if (OperatingSystem.IsWindows() || !Socket.OSSupportsUnixDomainSockets) return;
        try
        {
            sockets = SocketFolder.Open(folder);
            own = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            own.Bind(sockets.Address(name));
            sender = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { Blocking = false };
            new Thread(Receive) { IsBackground = true, Name = "escapement doorbell" }.Start();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SocketException or ArgumentException)
        {
            own?.Dispose();
            own = null;
            if (logger is not null) SqliteLog.NoDoorbell(logger, folder, e.Message);
        }
    }

    /// <inheritdoc/>
    public void Ring(Bell bell)
    {
        if (bell == Bell.None) return;
        RingHere(bell);
        if (own is null || closed) return;

        // Elsewhere: a socket of a process that is gone costs an exception, which a takeover must not wait for.
        ThreadPool.UnsafeQueueUserWorkItem(static ring => ring.Doorbell.RingOthers(ring.Bell), (Doorbell: this, Bell: bell), preferLocal: false);
    }

    void RingOthers(Bell bell)
    {
        try
        {
            var message = DoorbellMessage.Ring(bell);
            foreach (var other in sockets!.Others(name))
                if (Send(other, message) == SocketError.WouldBlock) RingLater(other, bell);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            // The folder is out of reach, or the store was closed meanwhile: who waits looks now and then without a ring.
        }
    }

    /// <summary>The kernel keeps some ten messages for a socket: a busy process has no room for a moment, and a stopped one until it goes on.</summary>
    void RingLater(string other, Bell bell)
    {
        lock (late)
        {
            if (!late.TryAdd(other, bell))
            {
                late[other] |= bell;
                return;
            }
        }
        _ = RingAgainAsync(other);
    }

    async Task RingAgainAsync(string other)
    {
        var pause = FirstPause;
        while (true)
        {
            await Task.Delay(pause, clock);
            pause *= 2;
            lock (late)
            {
                // Who is given up looks by itself, a part of the lease later.
                if (!closed && Send(other, DoorbellMessage.Ring(late[other])) == SocketError.WouldBlock && pause < LastPause) continue;
                late.Remove(other);
                return;
            }
        }
    }

    void RingHere(Bell bell)
    {
        foreach (var listener in listeners) listener.Rung(bell);
    }

    /// <returns>Success; WouldBlock where its process has no room for the message; another error where it is gone.</returns>
    SocketError Send(string other, ReadOnlySpan<byte> message)
    {
        try
        {
            sender!.SendTo(message, SocketFlags.None, sockets!.Address(other));
            return SocketError.Success;
        }
        catch (SocketException e)
        {
            // Refused: the socket's process is gone.
            if (e.SocketErrorCode == SocketError.ConnectionRefused) sockets!.Delete(other);
            return e.SocketErrorCode is SocketError.NoBufferSpaceAvailable ? SocketError.WouldBlock : e.SocketErrorCode;
        }
        catch (ObjectDisposedException)
        {
            return SocketError.OperationAborted;
        }
    }

    /// <inheritdoc/>
    public IDisposable Listen(Action<Bell> rung)
    {
        var listener = new Listener(this, rung);
        ImmutableInterlocked.Update(ref listeners, static (all, one) => all.Add(one), listener);
        return listener;
    }

    /// <inheritdoc/>
    public void Answer(string node, Func<NodeReport> report) => ImmutableInterlocked.AddOrUpdate(ref nodes, node, report, (_, _) => report);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<NodeReport>> AskNodesAsync(TimeSpan limit, CancellationToken stop)
    {
        List<NodeReport> reports = [.. nodes.Values.Select(report => report())];
        if (own is null || closed) return reports;
        var others = sockets!.Others(name).ToArray();
        var question = new Asked { Waits = [.. others] };
        var number = Interlocked.Increment(ref lastQuestion);
        asked[number] = question;
        try
        {
            var message = DoorbellMessage.Question(number, name);
            foreach (var other in others)
                if (Send(other, message) != SocketError.Success) Answered(question, other, []);
            Answered(question, "", []);
            await question.All.Task.WaitAsync(limit, clock, stop);
        }
        catch (TimeoutException)
        {
            // Those that did not answer are stopped, or busy.
        }
        finally
        {
            asked.TryRemove(number, out _);
        }
        lock (question) reports.AddRange(question.Reports);
        return reports;
    }

    static void Answered(Asked question, string socket, IReadOnlyList<NodeReport> reports)
    {
        lock (question)
        {
            if (question.Waits.Remove(socket)) question.Reports.AddRange(reports);
            if (question.Waits.Count == 0) question.All.TrySetResult();
        }
    }

    void Receive()
    {
        var buffer = new byte[DoorbellMessage.MostBytes];
        while (!closed)
        {
            try
            {
                var length = own!.Receive(buffer);
                if (!closed) Take(buffer.AsSpan(0, length));
            }
            catch (SocketException e) when (!closed && e.SocketErrorCode is SocketError.Interrupted or SocketError.MessageSize)
            {
                // Too long for one of ours.
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return;
            }
            catch (Exception e) when (logger is not null)
            {
                SqliteLog.ListenerThrew(logger, e);
            }
        }
    }

    void Take(ReadOnlySpan<byte> message)
    {
        switch (DoorbellMessage.Read(message))
        {
            case DoorbellMessage.Rung(var bell):
                RingHere(bell);
                break;
            case DoorbellMessage.Asks(var number, var from) when SocketFolder.IsName(from):
                Send(from, DoorbellMessage.Answer(number, name, [.. nodes.Values.Select(report => report())]));
                break;
            case DoorbellMessage.Answers(var number, var from, var reports) when asked.TryGetValue(number, out var question):
                Answered(question, from, reports);
                break;
        }
    }

    /// <summary>Ends the listening and deletes this process's socket.</summary>
    public void Dispose()
    {
        if (closed) return;
        closed = true;
        if (own is not null)
        {
            // The thread is blocked in the kernel: a message of its own wakes it, and it sees that it is over.
            Send(name, DoorbellMessage.Nothing);
            sockets!.Delete(name);
            sender!.Dispose();
            own.Dispose();
            sockets.Dispose();
        }
    }
}
