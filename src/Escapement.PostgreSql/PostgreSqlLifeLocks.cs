using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Escapement.Leadership;
using Escapement.Stores;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Escapement.PostgreSql;

/// <summary>The life lock of a node as an advisory lock of a session of its own, and the wait for the life lock of another node in
/// a second session.</summary>
/// <remarks>
/// Two sessions, because each node of a ring holds its own lock and waits for the next lock, which the server would take for a
/// deadlock within one. A statement that waits for a lock keeps vacuum from removing rows, so each wait ends after a heartbeat and
/// begins anew.
/// </remarks>
/// <param name="sessions">Opens the sessions, which belong to the locks alone.</param>
/// <param name="isOpen">Returns true once the store is open.</param>
/// <param name="node">The id of the node.</param>
/// <param name="lease">The lease. A wait in a single statement lasts a third of the lease at most.</param>
/// <param name="clock">The clock of the pauses between attempts to connect.</param>
/// <param name="log">The log.</param>
sealed class PostgreSqlLifeLocks(
    SessionPool sessions, Func<bool> isOpen, string node, TimeSpan lease, TimeProvider clock, ILogger log) : ILifeLocks
{
    const string Prefix = "postgresql:", Taken = "escapement took the lock";

    static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(200), Check = TimeSpan.FromSeconds(30);

    readonly TimeSpan wait = lease / 3;
    readonly CancellationTokenSource stopping = new();
    readonly Lock gate = new();
    readonly long own = KeyOf($"{sessions.Schema}/{node}");
    TaskCompletionSource isWanted = NewSource();
    (long Key, TaskCompletionSource Free)? wanted;
    CancellationTokenSource? waiting;
    long session;
    volatile bool held;
    int told;
    Task running = Task.CompletedTask;

    public string? Key => IsPooled ? null : Prefix + own.ToString(CultureInfo.InvariantCulture);

    /// <summary>True behind a pooler, whose sessions outlive the process.</summary>
    bool IsPooled => sessions.Pooling is not (null or Pooling.None);

    public bool IsHeld => held;

    public long Session => Interlocked.Read(ref session);

    /// <summary>Begins to take and hold the lock.</summary>
    public PostgreSqlLifeLocks Start()
    {
        running = Task.WhenAll(KeepAsync(isOwn: true), KeepAsync(isOwn: false));
        return this;
    }

    public async Task WaitUntilFreeAsync(string key, CancellationToken cancellationToken)
    {
        if (!key.StartsWith(Prefix, StringComparison.Ordinal)
            || !long.TryParse(key.AsSpan(Prefix.Length), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var other))
        {
            throw new IOException($"The life lock '{key}' is no lock of this database.");
        }

        var free = NewSource();
        await using var cancelled = cancellationToken.Register(() => Withdraw(free, cancellationToken));
        lock (gate)
        {
            // A node waits for a single neighbour. The wait for an earlier neighbour is over.
            wanted?.Free.TrySetException(new IOException("Another life lock is awaited."));
            wanted = (other, free);
            isWanted.TrySetResult();
            waiting?.Cancel();
        }

        await free.Task;
    }

    void Withdraw(TaskCompletionSource free, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            if (wanted?.Free == free) Forget();
            waiting?.Cancel();
        }

        free.TrySetCanceled(cancellationToken);
    }

    /// <summary>Forgets the awaited lock. Called under the gate.</summary>
    void Forget() => (wanted, isWanted) = (null, NewSource());

    static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Holds the own lock, or waits for the locks of others, in a session, and in another session whenever the session was
    /// lost.</summary>
    async Task KeepAsync(bool isOwn)
    {
        var isTold = false;
        var failures = 0;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                if (!isOwn) await Wanted.WaitAsync(stopping.Token);
                if (await sessions.FindPoolingAsync(stopping.Token) is not Pooling.None and var pooling)
                {
                    if (pooling == Pooling.Connections && Interlocked.Exchange(ref told, 1) == 0) LifeLockLog.Pooled(log, lease);
                    return;
                }

                await using var opened = await sessions.OpenAsync(node, stopping.Token);
                Interlocked.Increment(ref session);
                await RunAsync(opened.Connection,
                    string.Create(CultureInfo.InvariantCulture, $"set lock_timeout = {(long)wait.TotalMilliseconds}; set statement_timeout = 0"),
                    stopping.Token);
                (isTold, failures) = (false, 0);
                try
                {
                    await (isOwn ? HoldAsync(opened.Connection) : WatchAsync(opened.Connection));
                }
                finally
                {
                    await opened.FreeAsync();
                }
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is NpgsqlException or IOException or TimeoutException or InvalidOperationException
                or OperationCanceledException or StoreUnavailableException)
            {
                // Before the store is open, its opening tells what is wrong. A lost connection to the server ends both sessions, which
                // the session of the own lock tells.
                if (!isTold && isOpen() && (isOwn || (++failures > 1 && held)))
                {
                    if (isOwn) LifeLockLog.Lost(log, PostgreSqlFaults.Told(e));
                    else LifeLockLog.NotWatching(log, PostgreSqlFaults.Told(e));
                    isTold = true;
                }
            }
            finally
            {
                if (isOwn) held = false;
                Interlocked.Increment(ref session);
            }

            await Task.Delay(RetryPause, clock, stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    Task Wanted
    {
        get
        {
            lock (gate) return isWanted.Task;
        }
    }

    /// <summary>Takes and holds the own lock, until the session is lost.</summary>
    async Task HoldAsync(NpgsqlConnection connection)
    {
        while (!held) held = await TakeAsync(connection, own, leavesFree: false, stopping.Token);

        // The end of the session is noticed at once, and a broken network by the statement.
        while (true)
            if (!await connection.WaitAsync(Check, stopping.Token)) await RunAsync(connection, PostgreSql.Session.Nothing, stopping.Token);
    }

    /// <summary>Waits for the awaited lock of another node, until the session is lost.</summary>
    async Task WatchAsync(NpgsqlConnection connection)
    {
        while (true)
        {
            await Wanted.WaitAsync(stopping.Token);
            (long Key, TaskCompletionSource Free)? now;
            using var changed = CancellationTokenSource.CreateLinkedTokenSource(stopping.Token);
            lock (gate)
            {
                // The wait may have been withdrawn.
                if ((now = wanted) is not null) waiting = changed;
            }

            if (now is not { } neighbour) continue;
            try
            {
                if (!await TakeAsync(connection, neighbour.Key, leavesFree: true, changed.Token)) continue;
                lock (gate)
                    if (wanted?.Free == neighbour.Free) Forget();
                neighbour.Free.TrySetResult();
            }
            catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
            {
                // Another neighbour is awaited.
            }
            finally
            {
                lock (gate) waiting = null;
            }
        }
    }

    async Task RunAsync(NpgsqlConnection connection, string text, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = new(text, connection) { CommandTimeout = Seconds };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>The time in seconds after which a statement without an answer shows a broken network.</summary>
    int Seconds => 1 + (int)Math.Ceiling(wait.TotalSeconds);

    /// <summary>Waits for a lock, at most <c>lock_timeout</c>. The server catches the end of a wait, so that its log is not filled with
    /// errors, and tells a taken lock by a message, which reaches the session at any level of messages.</summary>
    /// <returns>False if the lock was not free in time.</returns>
    async Task<bool> TakeAsync(NpgsqlConnection connection, long key, bool leavesFree, CancellationToken cancellationToken)
    {
        var taken = false;
        void Take(object sender, NpgsqlNoticeEventArgs told) => taken |= told.Notice.MessageText == Taken;
        connection.Notice += Take;
        try
        {
            await RunAsync(connection, string.Create(CultureInfo.InvariantCulture, $"""
                do $$ begin
                    perform pg_advisory_lock({key});
                    {(leavesFree ? $"perform pg_advisory_unlock({key});" : "")}
                    raise info '{Taken}';
                exception when lock_not_available then null;
                end $$
                """), cancellationToken);
            return taken;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.QueryCanceled && cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        finally
        {
            connection.Notice -= Take;
        }
    }

    static long KeyOf(string node) =>
        BinaryPrimitives.ReadInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"escapement/{node}")));

    public void Dispose()
    {
        lock (gate)
        {
            if (stopping.IsCancellationRequested) return;
            wanted?.Free.TrySetCanceled();
            Forget();
        }

        stopping.Cancel();

        // The sessions are closed with the task, and the server frees the lock.
        _ = running.ContinueWith(_ => stopping.Dispose(), TaskScheduler.Default);
    }
}
