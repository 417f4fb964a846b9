using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net.Sockets;
using Escapement.Leadership;
using Escapement.Rules;
using Escapement.Stores;
using Microsoft.Extensions.Logging;

namespace Escapement.Sqlite;

/// <summary>Notifies the processes of a machine about changes. Each process has a datagram socket in a folder beside
/// the store, and a notification is a datagram to each other process.</summary>
/// <remarks>
/// Sending never waits for a receiver. On Windows, which lacks such sockets, notifications reach this process only, and
/// other processes notice a change at their next heartbeat. Received messages are not trusted: their size is limited,
/// and
/// invalid messages are ignored.
/// </remarks>
public sealed class SocketNotifier : IStoreNotifier, IDisposable
{
    /// <summary>The interval of the socket check, equal to the heartbeat interval of a node with the default
    /// lease.</summary>
    static readonly TimeSpan LookPause = TimeSpan.FromSeconds(5);

    static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(1), LastPause = TimeSpan.FromMilliseconds(200),
        BetweenLooks = TimeSpan.FromMilliseconds(10);

    readonly string store, folder;
    readonly string name = $"{Environment.ProcessId}-{Guid.NewGuid():N}"[..^20] + SocketFolder.Extension;
    readonly TimeProvider clock;
    readonly ILogger? logger;
    readonly ConcurrentDictionary<long, Asked> asked = new();
    readonly Dictionary<string, Notification> late = [];
    ImmutableList<Subscription> subscriptions = [];
    ImmutableDictionary<string, Func<NodeInfo>> nodes = ImmutableDictionary<string, Func<NodeInfo>>.Empty;
    readonly Lock gate = new();
    volatile NotifierSocket? socket;
    ITimer? looking;
    bool toldOfTrouble;
    long lastQuestion;
    volatile bool closed;

    internal SocketNotifier(string store, TimeProvider clock, ILogger? logger) =>
        (this.store, folder, this.clock, this.logger) = (store, store + ".notify", clock, logger);

    sealed class Subscription(SocketNotifier notifier, Action<Notification> notified) : IDisposable
    {
        public void Call(Notification notification) => notified(notification);

        public void Dispose() => ImmutableInterlocked.Update(ref notifier.subscriptions, static (all, one) => all.Remove(one), this);
    }

    /// <summary>A pending question.</summary>
    sealed class Asked
    {
        public required HashSet<string> Waits { get; init; }

        public List<NodeInfo> Reports { get; } = [];

        public TaskCompletionSource All { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>Binds this process's socket and starts to listen. Without a socket the store still works, and
    /// notifications reach this process only until a socket can be bound.</summary>
    internal void Open()
    {
        if (OperatingSystem.IsWindows() || !Socket.OSSupportsUnixDomainSockets) return;
        Look();
        looking = clock.CreateTimer(static notifier => ((SocketNotifier)notifier!).Look(), this, LookPause, LookPause);
    }

    /// <summary>Binds a new socket if the folder was deleted or receiving failed.</summary>
    void Look()
    {
        lock (gate)
        {
            if (closed || socket is { IsThere: true }) return;
            socket?.Dispose();
            socket = null;
            try
            {
                socket = NotifierSocket.Bind(folder, name, FileRights.Beside(store));
                socket.Start(Take, e => Tell(e.Message));
                toldOfTrouble = false;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or SocketException or ArgumentException)
            {
                if (!toldOfTrouble) Tell(e.Message);
                toldOfTrouble = true;
            }
        }
    }

    void Tell(string why)
    {
        if (logger is not null) SqliteLog.NotifierUnavailable(logger, folder, why);
    }

    /// <summary>The bound socket, or null if no socket is bound.</summary>
    internal NotifierSocket? Bound => socket;

    /// <inheritdoc/>
    public void Notify(Notification notification)
    {
        if (notification.Signal == StoreSignal.None) return;
        NotifyHere(notification);
        if (socket is null || closed) return;

        // On another thread: a socket of an ended process costs an exception, and a takeover must not wait for the
        // exception.
        ThreadPool.UnsafeQueueUserWorkItem(static sent =>
            sent.Notifier.NotifyOthers(sent.Notification), (Notifier: this, Notification: notification), preferLocal: false);
    }

    void NotifyOthers(Notification notification)
    {
        try
        {
            var message = NotifierMessage.Notify(notification);
            if (socket is not { } bound) return;
            foreach (var other in bound.Others())
                if (bound.Send(other, message) == SocketError.WouldBlock) NotifyLater(other, notification);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            // The folder is unavailable, or the store was closed meanwhile. Waiting processes also check without a
            // notification.
        }
    }

    /// <summary>Retries a notification. The kernel queues about ten messages for a socket, so a busy process has no
    /// room for a moment, and a stopped process has none until it resumes.</summary>
    void NotifyLater(string other, Notification notification)
    {
        lock (late)
        {
            if (!late.TryAdd(other, notification))
            {
                late[other] = late[other].And(notification);
                return;
            }
        }

        _ = NotifyAgainAsync(other);
    }

    async Task NotifyAgainAsync(string other)
    {
        var pause = FirstPause;
        while (true)
        {
            await Task.Delay(pause, clock);
            pause *= 2;
            lock (late)
            {
                // A receiver that is given up checks on its own within a part of the lease.
                if (!closed && socket?.Send(other, NotifierMessage.Notify(late[other])) == SocketError.WouldBlock && pause < LastPause)
                {
                    continue;
                }

                late.Remove(other);
                return;
            }
        }
    }

    // The notification follows the commit: an error of a listener must not make a successful change look failed.
    void NotifyHere(Notification notification)
    {
        foreach (var subscription in subscriptions)
        {
            try
            {
                subscription.Call(notification);
            }
            catch (Exception e)
            {
                if (logger is not null) SqliteLog.ListenerThrew(logger, e);
            }
        }
    }

    /// <inheritdoc/>
    public IDisposable Subscribe(Action<Notification> notified)
    {
        var subscription = new Subscription(this, notified);
        ImmutableInterlocked.Update(ref subscriptions, static (all, one) => all.Add(one), subscription);
        return subscription;
    }

    /// <inheritdoc/>
    public void Answer(string node, Func<NodeInfo> report) => ImmutableInterlocked.AddOrUpdate(ref nodes, node, report, (_, _) => report);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<NodeInfo>> AskNodesAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        List<NodeInfo> reports = [.. nodes.Values.Select(report => report())];
        if (socket is not { } bound || closed) return reports;
        var others = bound.Others().ToArray();
        var question = new Asked { Waits = [.. others] };
        var number = Interlocked.Increment(ref lastQuestion);
        asked[number] = question;
        try
        {
            var message = NotifierMessage.Question(number, name);
            foreach (var other in others)
                if (bound.Send(other, message) != SocketError.Success) Answered(question, other, []);
            Answered(question, "", []);
            await WaitForAnswersAsync(question, limit, cancellationToken);
        }
        finally
        {
            asked.TryRemove(number, out _);
        }

        lock (question) reports.AddRange(question.Reports);
        return reports;
    }

    /// <summary>Waits until all processes have answered or ended, or until the limit. The remaining processes are
    /// stopped or busy.</summary>
    async Task WaitForAnswersAsync(Asked question, TimeSpan limit, CancellationToken cancellationToken)
    {
        var begun = clock.GetTimestamp();
        while (limit - clock.GetElapsedTime(begun) is var left && left > TimeSpan.Zero)
        {
            try
            {
                await question.All.Task.WaitAsync(left < BetweenLooks ? left : BetweenLooks, clock, cancellationToken);
                return;
            }
            catch (TimeoutException)
            {
                string[] silent;
                lock (question) silent = [.. question.Waits];
                foreach (var other in silent)
                    if (socket is not { } bound || !bound.Lives(other)) Answered(question, other, []);
            }
        }
    }

    static void Answered(Asked question, string socket, IReadOnlyList<NodeInfo> reports)
    {
        lock (question)
        {
            if (question.Waits.Remove(socket)) question.Reports.AddRange(reports);
            if (question.Waits.Count == 0) question.All.TrySetResult();
        }
    }

    void Take(ReadOnlySpan<byte> message)
    {
        try
        {
            Act(message);
        }
        catch (Exception e)
        {
            // For example, a node's report failed. An exception on this thread would end the process.
            if (logger is not null) SqliteLog.ListenerThrew(logger, e);
        }
    }

    void Act(ReadOnlySpan<byte> message)
    {
        switch (NotifierMessage.Read(message))
        {
            case NotifierMessage.Notified(var notification):
                NotifyHere(notification);
                break;
            case NotifierMessage.Asks(var number, var from) when SocketFolder.IsName(from):
                socket?.Send(from, NotifierMessage.Answer(number, name, [.. nodes.Values.Select(report => report())]));
                break;
            case NotifierMessage.Answers(var number, var from, var reports) when asked.TryGetValue(number, out var question):
                Answered(question, from, reports);
                break;
        }
    }

    /// <summary>Stops listening and deletes this process's socket.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            if (closed) return;
            closed = true;
            looking?.Dispose();
            socket?.Dispose();
        }
    }
}
