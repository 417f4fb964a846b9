using System.Data.Common;
using Escapement.Leadership;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Escapement.Sqlite;

/// <summary>Jobs and their ledger in one SQLite file, which the processes of one machine share.</summary>
/// <remarks>
/// One connection writes, with its turn taken in the kernel (<see cref="WriteQueue"/>); a few read. The files are never opened but through SQLite:
/// closing any other handle on them would drop SQLite's locks in this process.
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

    /// <summary>Names a store; <see cref="OpenAsync"/> opens it.</summary>
    public SqliteStore(SqliteStoreOptions options, TimeProvider clock, ILogger<SqliteStore>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        (path, lease, this.clock) = (options.FullPath, options.Lease, clock);
        notifier = new(path, clock, logger);
    }

    // A third of the lease, so that who waits can say within a lease whom it waits for; with a very short lease long enough for a slow disk.
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
            // So that it can be tried again.
            queue.Dispose();
            queue = null;
            if (e is SqliteException fault) throw SqliteFaults.OfOpening(fault, path);
            throw;
        }

        (this.application, readers) = (application, new(path));
        notifier.Open();
    }

    /// <param name="application">Whose it must be.</param>
    /// <param name="create">Whether it may be made.</param>
    /// <param name="over">Epochs up to this number, begun in a file whose place this one has taken, are over.</param>
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
                    $"The store {path} cannot be shared by several processes: SQLite's journal is '{mode}' there and must be 'wal'. Put it on a local disk.");
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
                $"The store {path} belongs to the application '{owner}', and this one is '{application}'. Give each application a store of its own, or set APPLICATION to '{owner}' if it is the same under another name.");
        }
    }

    /// <summary>One write transaction. Nothing in <paramref name="work"/> waits, logs or calls a handler.</summary>
    async Task<T> WriteAsync<T>(Func<Transaction, T> work, CancellationToken cancellationToken, bool undo = false)
    {
        if (queue is not { } turns || application is null) throw NotOpen();
        await turns.TakeAsync(cancellationToken);
        T result;
        Notification notification;
        try
        {
            // A claim that is undone must leave nothing behind in what is remembered, either.
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
        new($"The store {path} is not open. It is from the start of the host (StartAsync or RunAsync) to its end: use the scheduler in between.");

    (T, Notification) Write<T>(JobCache cache, Func<Transaction, T> work, bool undo)
    {
        if (writer is null || FileIdentity.Of(path) != opened) Reopen();
        var db = writer!;
        try
        {
            // The write lock first, then the clock: a time that was read before may be old.
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

    /// <summary>Goes over to the file that was put in the store's place, such as a backup. The epoch of who wrote into the old one is not current there.</summary>
    void Reopen()
    {
        ObjectDisposedException.ThrowIf(application is null, this);
        if (!File.Exists(path))
        {
            throw new StoreUnavailableException(
                $"The store {path} is gone: its file was moved or deleted. Put it, or a backup, in its place; until then nothing is written.");
        }
        // Kept until it has succeeded: what is at the path may be no store yet, while a backup is copied there.
        over = Math.Max(over, LastEpoch());
        try
        {
            writer?.Dispose();
            writer = null;
            // A new pool opens nothing yet: whoever reads before all of this has succeeded is told what is the matter.
            var before = readers!;
            readers = new(path);
            before.Dispose();
            // The log of the old file would be written into the new one. One that came with the new file is another. It is kept: whoever moved the old file away may want its newest commits.
            if (log is not null && FileIdentity.Of(path + "-wal") == log)
            {
                File.Move(path + "-wal", path + "-wal.replaced", overwrite: true);
                File.Delete(path + "-shm");
            }

            // Never once more: a log that is made later may be given the number of the one that is gone.
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

    /// <summary>The number of the newest epoch in the file that was open until now; 0 when it cannot be read any more.</summary>
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
                // The store went over to another file in this moment.
            }
            catch (ObjectDisposedException)
            {
                throw NotOpen();
            }
        }
    }

    /// <inheritdoc/>
    /// <remarks>The transaction is of a connection to this store's file, and waits for its turn as SQLite does, not in the queue.</remarks>
    public IJobChanges In(DbTransaction transaction)
    {
        if (transaction is not SqliteTransaction { Connection: { } connection })
        {
            throw new NotSupportedException(
                $"A SQLite store takes part in a SqliteTransaction that is open; this is a {transaction.GetType().Name}.");
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
            // Not while the reader's snapshot is open: a search may take seconds.
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
                // A job was changed in between.
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
        // The turn is released after each, so that the active node never waits for more than one.
        for (var time = 0; time < times; time++) await WriteAsync(tx => WarmUp.Walk(tx, node), cancellationToken, undo: true);

        // The definitions are parsed now, some at a time: a takeover then parses only those that changed since.
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

    /// <summary>Closes the connection once the writes that are under way or in line have ended.</summary>
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
            // Another process is stopped with the turn; this connection has nothing open.
            writer?.Dispose();
            writer = null;
        }
    }
}
