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
public sealed class SqliteStore : IJobStore, IWarmUp
{
    readonly string path;
    readonly TimeSpan lease;
    readonly TimeProvider clock;
    readonly SocketNotifier notifier;
    readonly JobCache jobs = new();
    readonly JobCache warmedUp = new();
    WriteQueue? queue;
    SqliteSession? writer;
    ReaderPool? readers;
    string? application;
    FileIdentity? opened, log;
    long over;

    /// <summary>Creates a store for a path. <see cref="OpenAsync"/> opens the store.</summary>
    public SqliteStore(SqliteStoreOptions options, TimeProvider clock, ILogger<SqliteStore>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        (path, lease, this.clock) = (options.FullPath, options.Lease, clock);
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
    public IStoreNotifier Notifier => notifier;

    /// <inheritdoc/>
    public async Task OpenAsync(string application, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(application);
        if (writer is not null) throw new InvalidOperationException($"The store {path} is open already.");
        StorePath.Prepare(path);
        try
        {
            queue = new(path, TurnLimit, clock);
        }
        catch (IOException e)
        {
            throw new StoreRefusedException(
                $"The store {path} cannot be opened: its folder must be writable by {Environment.UserName}. {e.Message}", e);
        }

        try
        {
            await queue.TakeAsync(cancellationToken);
            try
            {
                writer = Open(application, create: true);
                (opened, log) = (FileIdentity.Of(path), FileIdentity.Of(path + "-wal"));
            }
            finally
            {
                queue.Release();
            }
        }
        catch (Exception e)
        {
            // So that opening can be retried.
            queue.Dispose();
            queue = null;
            if (e is SqliteException fault) throw SqliteFaults.OfOpening(fault, path);
            throw;
        }

        (this.application, readers) = (application, new(path));
        notifier.Open();
    }

    /// <param name="application">The application that must own the store.</param>
    /// <param name="create">True if the file may be created.</param>
    /// <param name="over">The last epoch of a replaced file. Epochs up to this number are ended.</param>
    SqliteSession Open(string application, bool create, long over = 0)
    {
        var db = new SqliteSession(path, create);
        try
        {
            if (db.ReadOnly) throw StoreRefusedException.OnlyReadable(path);
            SqliteSchema.Check(db, path);
            var mode = db.PragmaText("pragma journal_mode = wal");
            if (mode != "wal")
            {
                throw new StoreRefusedException(
                    $"The store {path} cannot be shared by several processes: its SQLite journal mode is '{mode}' and must be 'wal'. Put the store on a local disk.");
            }

            db.Begin();
            SqliteSchema.Migrate(db);
            CheckApplication(db, application);
            if (over > 0) EpochTable.EndReplaced(db, over);
            db.Commit();
            return db;
        }
        catch
        {
            db.Rollback();
            db.Dispose();
            throw;
        }
    }

    void CheckApplication(SqliteSession db, string application)
    {
        var row = db[SqliteStatements.ReadApplication];
        if (!row.Read())
        {
            db[SqliteStatements.WriteApplication].With(application).Run();
        }
        else if (row.Text(0) is var owner && owner != application)
        {
            throw new StoreRefusedException(
                $"The store {path} belongs to the application '{owner}', but this application is '{application}'. Give each application its own store, or set APPLICATION to '{owner}' if the application was renamed.");
        }
    }

    /// <summary>Runs a write transaction. <paramref name="work"/> must not wait, log or call a handler.</summary>
    async Task<T> WriteAsync<T>(Func<Transaction, T> work, CancellationToken cancellationToken, bool undo = false)
    {
        if (queue is not { } turns || application is null) throw NotOpen();
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

    /// <summary>Switches to a new file in the store's place, such as a backup. The epoch of the old file's writer is
    /// not current in the new file.</summary>
    void Reopen()
    {
        ObjectDisposedException.ThrowIf(application is null, this);
        if (!File.Exists(path))
        {
            throw new StoreUnavailableException(
                $"The store {path} is missing: its file was moved or deleted. Restore the file, or a backup. Nothing is written until then.");
        }
        // Kept until reopening succeeds: while a backup is being copied, the file at the path may not be a store
        // yet.
        over = Math.Max(over, LastEpoch());
        try
        {
            writer?.Dispose();
            writer = null;
            // A new pool opens nothing yet: a read before the end of this method gets the error of the store.
            var before = readers!;
            readers = new(path);
            before.Dispose();
            // The log of the old file would be written into the new file. A log that came with the new file has
            // another identity. The old log is
            // kept, because its newest commits may still be needed with the old file.
            if (log is not null && FileIdentity.Of(path + "-wal") == log)
            {
                File.Move(path + "-wal", path + "-wal.replaced", overwrite: true);
                File.Delete(path + "-shm");
            }

            // Never again: a later log may get the inode number of the deleted log.
            log = null;
            jobs.Clear();
            warmedUp.Clear();
            writer = Open(application, create: false, over);
            (opened, log) = (FileIdentity.Of(path), FileIdentity.Of(path + "-wal"));
            over = 0;
        }
        catch (SqliteException e)
        {
            throw SqliteFaults.OfOpening(e, path);
        }
    }

    /// <summary>Returns the number of the newest epoch in the previous file, or 0 if the file is unreadable.</summary>
    long LastEpoch()
    {
        try
        {
            return writer is null ? 0 : EpochTable.Newest(writer)?.Number ?? 0;
        }
        catch (SqliteException)
        {
            return 0;
        }
    }

    async Task<T> ReadAsync<T>(Func<SqliteSession, T> work, CancellationToken cancellationToken)
    {
        if (readers is null) throw NotOpen();
        if (opened is not null && FileIdentity.Of(path) is { } there && there != opened)
        {
            await WriteAsync(static _ => true, cancellationToken);
        }

        while (true)
        {
            var pool = readers;
            try
            {
                return await pool.ReadAsync(work, cancellationToken);
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
            if (change.Jobs.Count > 0)
            {
                ChangeTransaction.Prepare(change.Jobs, await ReadAsync(db => ChangeTransaction.Read(db, change.Jobs), cancellationToken),
                    clock.GetUtcNow());
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
        WriteAsync<IReadOnlyList<Enqueued>>(tx => WaitingTable.Enqueue(tx, requests), cancellationToken);

    /// <inheritdoc/>
    public Task<Claimed> ClaimAsync(ClaimRequest request, CancellationToken cancellationToken) =>
        WriteAsync(tx => ClaimTransaction.Run(tx, request), cancellationToken);

    /// <inheritdoc/>
    public Task<int> RecordAsync(IReadOnlyList<Finished> finished) =>
        finished is [] ? Task.FromResult(0) : WriteAsync(tx => EndTransaction.Record(tx, finished), CancellationToken.None);

    /// <inheritdoc/>
    public Task<Look> LookAsync(Sign sign, CancellationToken cancellationToken) =>
        sign == Sign.None ? ReadAsync(static db => EpochTable.Look(db), cancellationToken)
            : WriteAsync(tx => EpochTable.Sign(tx, sign), cancellationToken);

    /// <inheritdoc/>
    public Task<EpochChanged> ChangeEpochsAsync(EpochChange change, CancellationToken cancellationToken) =>
        WriteAsync(tx => EpochTable.Change(tx, change), cancellationToken);

    /// <inheritdoc/>
    public Task<RunPage> RunsAsync(RunQuery query, CancellationToken cancellationToken) =>
        ReadAsync(db => RunTable.Find(db, query), cancellationToken);

    /// <inheritdoc/>
    public Task<LedgerPart> LedgerAsync(LedgerQuery query, CancellationToken cancellationToken) =>
        ReadAsync(db => LedgerTable.Read(db, query, clock.GetUtcNow()), cancellationToken);

    /// <inheritdoc/>
    public Task<bool> TrimAsync(DateTimeOffset before, CancellationToken cancellationToken) =>
        WriteAsync(tx => TrimTransaction.Run(tx, before), cancellationToken);

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
