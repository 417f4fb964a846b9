using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Threading.Channels;
using Escapement.Rules;
using Escapement.Stores;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Escapement.PostgreSql;

/// <summary>Notifies the nodes of a database through LISTEN and NOTIFY.</summary>
/// <remarks>
/// A session of its own listens, and is opened again when it is lost. Whoever has just connected looks once, because notifications
/// may have been lost meanwhile. Messages are sent after the commit that they announce, in their order, by a session of the store.
/// They are not trusted: any role of the database may send one.
/// </remarks>
public sealed class PostgreSqlNotifier : IStoreNotifier, IAsyncDisposable
{
    static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200), LastPause = TimeSpan.FromSeconds(5);

    /// <summary>The interval in which a listening session proves that its connection still exists.</summary>
    static readonly TimeSpan Check = TimeSpan.FromSeconds(30);

    static readonly Sql Send = new("select pg_notify($1, $2)");

    static readonly Sql Listeners = new("""
        select pid::bigint from pg_stat_activity where application_name = $1 and datname = current_database() and pid <> $2
        """);

    static readonly Sql Pid = new("select pg_backend_pid()::bigint");

    readonly SessionPool sessions;
    readonly string channel, listenerName;
    readonly TimeProvider clock;
    readonly ILogger? logger;
    readonly Channel<Func<IEnumerable<string>>> outbox =
        System.Threading.Channels.Channel.CreateUnbounded<Func<IEnumerable<string>>>(new() { SingleReader = true });
    readonly PendingQuestions asked = new();
    readonly CancellationTokenSource closing = new();
    readonly ConcurrentDictionary<long, Question> questions = new();
    ImmutableList<Subscription> subscriptions = [];
    ImmutableDictionary<string, Func<NodeInfo>> nodes = ImmutableDictionary<string, Func<NodeInfo>>.Empty;
    Task listening = Task.CompletedTask, sending = Task.CompletedTask;
    long lastQuestion;
    volatile bool toldOfTrouble;
    long listener;

    internal PostgreSqlNotifier(SessionPool sessions, string schema, TimeProvider clock, ILogger? logger)
    {
        (this.sessions, this.clock, this.logger) = (sessions, clock, logger);
        (channel, listenerName) = ("escapement_" + schema, "notifier of " + schema);
    }

    /// <summary>The channel of the store's notifications, as the argument of LISTEN.</summary>
    internal string Channel => channel;

    /// <summary>The server process of the listening session, or 0 without one.</summary>
    internal long Listener => Interlocked.Read(ref listener);

    sealed class Subscription(PostgreSqlNotifier notifier, Action<Notification> notified) : IDisposable
    {
        public void Call(Notification notification) => notified(notification);

        public void Dispose() => ImmutableInterlocked.Update(ref notifier.subscriptions, static (all, one) => all.Remove(one), this);
    }

    /// <summary>A pending question.</summary>
    sealed class Question(IEnumerable<long> waits)
    {
        readonly Dictionary<long, int> waits = waits.ToDictionary(pid => pid, _ => -1);
        readonly List<NodeInfo> reports = [];

        public TaskCompletionSource All { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public IReadOnlyList<NodeInfo> Reports
        {
            get
            {
                lock (waits) return [.. reports];
            }
        }

        public void Take(NotifierMessage.Answers answer)
        {
            lock (waits)
            {
                if (!waits.TryGetValue(answer.From, out var left)) return;
                if (answer.Report is { } report) reports.Add(report);
                left = (left < 0 ? answer.Count : left) - 1;
                if (left > 0) waits[answer.From] = left;
                else waits.Remove(answer.From);
                if (waits.Count == 0) All.TrySetResult();
            }
        }
    }

    /// <summary>Begins to listen. Without a listening session the store still works, and other processes' changes are noticed at the
    /// heartbeats.</summary>
    internal async Task OpenAsync(CancellationToken cancellationToken)
    {
        sending = KeepSendingAsync();

        // A session that the next transaction of another program uses hears nothing. Processes without the pooler still hear this one.
        if (sessions.Pooling == Pooling.Transactions) return;
        Session? session = null;
        try
        {
            session = await ListenAsync(cancellationToken);
        }
        catch (Exception e) when (IsTrouble(e))
        {
            Tell(e);
        }

        listening = KeepListeningAsync(session);
    }

    async Task<Session> ListenAsync(CancellationToken cancellationToken)
    {
        var session = await sessions.OpenAsync(listenerName, cancellationToken);
        try
        {
            session.Connection.Notification += (_, notification) => Take(notification.Payload);
            await session.ExecuteAsync($"listen {channel}");
            Interlocked.Exchange(ref listener, (await session.ScalarAsync(Pid))!.Value);
            return session;
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    async Task KeepListeningAsync(Session? session)
    {
        var pause = FirstPause;
        while (!closing.IsCancellationRequested)
        {
            try
            {
                if (session is null)
                {
                    session = await ListenAsync(closing.Token);
                    if (toldOfTrouble && logger is not null) PostgreSqlLog.ListensAgain(logger);
                    (toldOfTrouble, pause) = (false, FirstPause);

                    // What was said meanwhile is lost.
                    NotifyHere(new(StoreSignal.Work | StoreSignal.Epoch | StoreSignal.RunEnded));
                }

                session.Cancellation = closing.Token;
                while (true)
                    if (!await session.Connection.WaitAsync(Check, closing.Token)) await session.ExecuteAsync(Session.Nothing);
            }
            catch (OperationCanceledException) when (closing.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e) when (IsTrouble(e) || e is OperationCanceledException)
            {
                Interlocked.Exchange(ref listener, 0);
                if (session is not null) await session.DisposeAsync();
                session = null;
                Tell(e);
                pause = await PauseAsync(pause);
            }
        }

        if (session is null) return;
        await session.FreeAsync();
        await session.DisposeAsync();
    }

    async Task<TimeSpan> PauseAsync(TimeSpan pause)
    {
        try
        {
            await Task.Delay(pause, clock, closing.Token);
        }
        catch (OperationCanceledException)
        {
            // The store is closed.
        }

        return pause * 2 < LastPause ? pause * 2 : LastPause;
    }

    void Tell(Exception why)
    {
        if (!toldOfTrouble && logger is not null) PostgreSqlLog.NotListening(logger, PostgreSqlFaults.Told(why), LastPause);
        toldOfTrouble = true;
    }

    static bool IsTrouble(Exception e) => e is NpgsqlException or System.Net.Sockets.SocketException or IOException or TimeoutException
        or InvalidOperationException or StoreUnavailableException;

    async Task KeepSendingAsync()
    {
        try
        {
            await foreach (var messages in outbox.Reader.ReadAllAsync(closing.Token))
                foreach (var message in messages()) await SendAsync(message);
        }
        catch (OperationCanceledException)
        {
            // The store is closed.
        }
    }

    async Task SendAsync(string message)
    {
        try
        {
            var session = await sessions.TakeAsync(closing.Token);
            try
            {
                await session.CallAsync(Send, channel, message);
            }
            catch
            {
                await sessions.DiscardAsync(session);
                throw;
            }

            await sessions.ReturnAsync(session);
        }
        catch (Exception e) when (IsTrouble(e))
        {
            if (logger is not null) PostgreSqlLog.NotSent(logger, PostgreSqlFaults.Told(e));
        }
    }

    /// <inheritdoc/>
    public void Notify(Notification notification)
    {
        if (notification.Signal == StoreSignal.None) return;
        NotifyHere(notification);
        outbox.Writer.TryWrite(() => [NotifierMessage.Notify(Listener, notification)]);
    }

    /// <summary>Sends a notification as a part of a caller's transaction, so that its commit sends it, to this process too.</summary>
    internal static Task NotifyAtCommitAsync(Session db, string channel, Notification notification) =>
        notification.Signal == StoreSignal.None
            ? Task.CompletedTask
            : db.CallAsync(Send, channel, NotifierMessage.Notify(0, notification));

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
                if (logger is not null) PostgreSqlLog.ListenerThrew(logger, e);
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
        List<NodeInfo> reports = [.. Reports()];
        if (closing.IsCancellationRequested || Listener is not (> 0 and var from)) return reports;
        var number = Interlocked.Increment(ref lastQuestion);
        try
        {
            List<long> others;
            var session = await sessions.TakeAsync(cancellationToken);
            try
            {
                others = await session.QueryAsync(Listeners, static row => row.Long(0), "escapement " + listenerName, from);
            }
            catch
            {
                await sessions.DiscardAsync(session);
                throw;
            }

            await sessions.ReturnAsync(session);
            if (others.Count == 0) return reports;
            var question = questions[number] = new(others);
            outbox.Writer.TryWrite(() => [NotifierMessage.Question(from, number)]);
            try
            {
                await question.All.Task.WaitAsync(limit, clock, cancellationToken);
            }
            catch (TimeoutException)
            {
                // The remaining processes are stopped or busy.
            }

            reports.AddRange(question.Reports);
        }
        catch (Exception e) when (IsTrouble(e))
        {
            Tell(e);
        }
        finally
        {
            questions.TryRemove(number, out _);
        }

        return reports;
    }

    IEnumerable<NodeInfo> Reports() => nodes.Values.Select(report => report());

    List<string> Answers()
    {
        try
        {
            NodeInfo[] reports = [.. Reports()];
            return [.. asked.Take().SelectMany(question => NotifierMessage.Answer(Listener, question.From, question.Number, reports))];
        }
        catch (Exception e)
        {
            // A node's report failed. An exception here would end the sending.
            asked.Take();
            if (logger is not null) PostgreSqlLog.ListenerThrew(logger, e);
            return [];
        }
    }

    void Take(string payload)
    {
        try
        {
            switch (NotifierMessage.Read(payload))
            {
                case NotifierMessage.Notified(var from, var notification) when from == 0 || from != Listener:
                    NotifyHere(notification);
                    break;
                case NotifierMessage.Asks(var from, var number) when from != Listener:
                    if (asked.Add(from, number)) outbox.Writer.TryWrite(Answers);
                    break;
                case NotifierMessage.Answers answer when answer.To == Listener && questions.TryGetValue(answer.Number, out var question):
                    question.Take(answer);
                    break;
            }
        }
        catch (Exception e)
        {
            // For example, a node's report failed. An exception here would end the listening session.
            if (logger is not null) PostgreSqlLog.ListenerThrew(logger, e);
        }
    }

    /// <summary>Stops listening, after what was announced has been sent.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!outbox.Writer.TryComplete()) return;
        try
        {
            await sending.WaitAsync(LastPause, clock);
        }
        catch (TimeoutException)
        {
            // The database is out of reach. Other processes notice the changes at their next heartbeat.
        }

        await closing.CancelAsync();
        await listening;
        closing.Dispose();
    }
}
