using System.Data.Common;
using Escapement.Leadership;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Escapement.Sqlite;

/// <summary>A job store in a single SQLite file, shared by the processes of a machine.</summary>
/// <remarks>
/// A single connection writes, and takes turns with other processes in the kernel (<see cref="WriteQueue"/>). Up to
/// four connections
/// read. The files are opened through SQLite only, because closing any other handle would drop SQLite's locks in this
/// process.
/// </remarks>
public sealed partial class SqliteStore : IJobStore, IWarmUp
{
    readonly string path;
    readonly TimeSpan lease;
    readonly TimeProvider clock;
    readonly SocketNotifier notifier;
    readonly JobCache jobs = new();
    readonly JobCache warmedUp = new();
    readonly LimitedHistories limits = new();
    WriteQueue? queue;
    SqliteSession? writer;
    ReaderPool? readers;
    string? application;
    FileIdentity? opened, log;
    readonly bool isGuest;
    readonly Lock opening = new();
    long over;
    bool notifies;

    /// <summary>Creates a store for a path. <see cref="OpenAsync"/> opens the store.</summary>
    public SqliteStore(SqliteStoreOptions options, TimeProvider clock, ILogger<SqliteStore>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        (path, lease, isGuest, this.clock) = (options.FullPath, options.Lease, options.AsGuest, clock);
        notifier = new(path, clock, logger);
    }

    // A third of the lease, so that a waiting writer can name the holder within a lease. At least 1 s, for slow
    // disks with a short lease.
    TimeSpan TurnLimit => TimeSpan.FromTicks(Math.Max(lease.Ticks / 3, TimeSpan.TicksPerSecond));

    /// <inheritdoc/>
    public StorePlace Place => new("sqlite", path, path, "this machine");

    /// <inheritdoc/>
    public TimeProvider Clock => clock;

    /// <inheritdoc/>
    public IStoreNotifier Notifier
    {
        get
        {
            if (application is not null) NotifyAsGuest();
            return notifier;
        }
    }

    /// <summary>Runs a write transaction. <paramref name="work"/> must not wait, log or call a handler.</summary>
    async Task<T> WriteAsync<T>(Func<Transaction, T> work, CancellationToken cancellationToken, bool undo = false)
    {
        if (application is null) throw NotOpen();
        var turns = Queue();
        await turns.TakeAsync(cancellationToken);
        T result;
        Notification notification;
        try
        {
            // A claim that is rolled back must not leave traces in the cache either.
            (result, notification) = Write(undo ? warmedUp : jobs, work, undo);
        }
        finally
        {
            turns.Release();
        }

        notifier.Notify(notification);
        return result;
    }

    WriteQueue Queue()
    {
        if (queue is { } open) return open;
        if (!isGuest) throw NotOpen();
        lock (opening) return queue ??= OpenQueueOfGuest();
    }

    InvalidOperationException NotOpen() =>
        new($"The store {path} is not open. The store is open from the start of the host (StartAsync or RunAsync) until the host stops. Use the scheduler in this period.");

    (T, Notification) Write<T>(JobCache cache, Func<Transaction, T> work, bool undo)
    {
        if (writer is null || FileIdentity.Of(path) != opened) Reopen();
        var db = writer!;
        try
        {
            // The write lock first, then the clock: a time from before the wait may be old.
            db.Begin();
            var tx = new Transaction(db, cache, clock.GetUtcNow());
            var result = work(tx);
            if (undo)
            {
                db.Rollback();
                cache.Clear();
                return (result, default);
            }

            db.Commit();
            cache.Committed();
            return (result, tx.Notification);
        }
        catch (Exception e)
        {
            db.Rollback();
            cache.RolledBack();
            if (e is SqliteException fault) throw SqliteFaults.Of(fault, path);
            throw;
        }
    }

    async Task<T> ReadAsync<T>(Func<SqliteSession, T> work, CancellationToken cancellationToken, bool isLedger = false)
    {
        if (readers is null) throw NotOpen();
        if (!isGuest && opened is not null && FileIdentity.Of(path) is { } there && there != opened)
        {
            await WriteAsync(static _ => true, cancellationToken);
        }

        while (true)
        {
            var pool = readers;
            try
            {
                return await (isLedger ? pool.ReadLedgerAsync(work, cancellationToken) : pool.ReadAsync(work, cancellationToken));
            }
            catch (ObjectDisposedException) when (pool != readers)
            {
                // The store switched to another file during the read.
            }
            catch (ObjectDisposedException)
            {
                throw NotOpen();
            }
        }
    }

    /// <inheritdoc/>
    /// <remarks>The transaction must belong to a connection to this store's file. Its writes wait for SQLite's lock,
    /// not in the write queue.</remarks>
    public IJobChanges In(DbTransaction transaction)
    {
        if (transaction is not SqliteTransaction { Connection: { } connection })
        {
            throw new NotSupportedException(
                $"A SQLite store can only join an open SqliteTransaction. This transaction is a {transaction.GetType().Name}.");
        }

        return new CallersTransaction(new(connection, path), clock);
    }

    /// <inheritdoc/>
    public Task<JobPage> JobsAsync(JobQuery query, CancellationToken cancellationToken) => ReadAsync(
        db => JobPages.Of(query.Id is { } id ? JobTable.Find(db, id) is { } one ? [one] : [] : JobTable.All(db, query.Ended), query),
            cancellationToken);

    /// <inheritdoc/>
    public async Task<Changed> ChangeAsync(Change change, CancellationToken cancellationToken)
    {
        while (true)
        {
            // Outside the reader's snapshot: a search may take seconds.
            if (change.Jobs.Count > 0 || change.Pauses.Count > 0)
            {
                var read = await ReadAsync(db => ChangeTransaction.Read(db, change), cancellationToken);
                ChangeTransaction.Prepare(change, read, clock.GetUtcNow());
            }

            try
            {
                return await WriteAsync(tx => ChangeTransaction.Run(tx, change), cancellationToken);
            }
            catch (SearchTooLongException)
            {
                // A job was changed between the read and the write.
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<Enqueued>> EnqueueAsync(IReadOnlyList<RunRequest> requests, CancellationToken cancellationToken) =>
        WriteAsync<IReadOnlyList<Enqueued>>(tx => EnqueueTransaction.Run(tx, requests), cancellationToken);

    /// <inheritdoc/>
    public Task<Claimed> ClaimAsync(ClaimRequest request, CancellationToken cancellationToken) =>
        WriteAsync(tx => ClaimTransaction.Run(tx, request), cancellationToken);

    /// <inheritdoc/>
    public Task<int> RecordAsync(IReadOnlyList<Finished> finished) =>
        finished is [] ? Task.FromResult(0) : WriteAsync(tx => EndTransaction.Record(tx, finished), CancellationToken.None);

    /// <inheritdoc/>
    public Task<Look> LookAsync(Sign sign, CancellationToken cancellationToken) =>
        sign == Sign.None ? ReadAsync(static db => EpochTable.Look(db), cancellationToken)
            : WriteAsync(tx => EpochTransaction.Sign(tx, sign), cancellationToken);

    /// <inheritdoc/>
    public Task<EpochChanged> ChangeEpochsAsync(EpochChange change, CancellationToken cancellationToken) =>
        WriteAsync(tx => EpochTransaction.Change(tx, change), cancellationToken);

    /// <inheritdoc/>
    public Task<RunPage> RunsAsync(RunQuery query, CancellationToken cancellationToken) =>
        ReadAsync(db => RunTable.Find(db, query), cancellationToken);

    /// <inheritdoc/>
    public Task<LedgerPart> LedgerAsync(LedgerQuery query, CancellationToken cancellationToken) =>
        ReadAsync(db => LedgerRows.Read(db, query, clock.GetUtcNow(), cancellationToken), cancellationToken,
            isLedger: query is { OnlyActions: null, OnlyOpenPauses: false });

    /// <inheritdoc/>
    public async Task<bool> TrimAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        // Found in a reader, so that the search does not hold up claims.
        var beyond = await ReadAsync(db => limits.Find(db, clock.GetUtcNow(), TrimTransaction.MaxRows), cancellationToken);
        return await WriteAsync(tx => TrimTransaction.Run(tx, before, beyond), cancellationToken);
    }

    /// <inheritdoc/>
    public async Task WarmUpAsync(NodeName node, IReadOnlySet<string> handlers, int times, CancellationToken cancellationToken)
    {
        // The turn is released after each walk, so that the active node waits for at most one walk.
        for (var time = 0; time < times; time++) await WriteAsync(tx => WarmUp.Walk(tx, node), cancellationToken, undo: true);

        // Parses the definitions in batches, so that a takeover parses only definitions that changed since.
        foreach (var numbers in await ReadAsync(JobTable.Numbers, cancellationToken))
        {
            await WriteAsync(tx => tx.ReadJobs(numbers), cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        notifier.Dispose();
        if (queue is { } turns)
        {
            application = null;
            await CloseWriterAsync(turns);
            turns.Dispose();
        }

        readers?.Dispose();
    }

    /// <summary>Closes the connection after all running and queued writes have ended.</summary>
    async Task CloseWriterAsync(WriteQueue turns)
    {
        if (writer is null) return;
        try
        {
            await turns.TakeAsync(CancellationToken.None);
            writer?.Dispose();
            writer = null;
            turns.Release();
        }
        catch (StoreUnavailableException)
        {
            // Another process is stopped with the turn. This connection has no open transaction.
            writer?.Dispose();
            writer = null;
        }
    }
}
