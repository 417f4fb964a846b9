using System.Data;
using System.Data.Common;
using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Escapement.PostgreSql;

/// <summary>A job store in a PostgreSQL database, shared by the processes of many machines. Every process is active, unless
/// <see cref="PostgreSqlStoreOptions.IsSingleActive"/> is set.</summary>
/// <remarks>
/// The clock of the database decides. A claim reads what is due in one round trip, thinks, and writes in one statement under the
/// conditions that it has read, so that no transaction is open while it thinks. All transactions lock rows in the same order: the
/// state, epochs by number, jobs by number.
/// </remarks>
public sealed partial class PostgreSqlStore : IJobStore
{
    /// <summary>The number of times that a transaction is repeated after a deadlock.</summary>
    const int MaxRepeats = 5;

    /// <summary>The maximum number of ledger reads at a time, and the number of sessions that the callers' writes leave: slow reads and
    /// waiting writes must not delay a heartbeat, a claim or a record.</summary>
    const int MaxReaders = 2, KeptSessions = 4;

    readonly PostgreSqlStoreOptions options;
    readonly string schema;
    readonly Timelines timelines;
    readonly ActiveSetting setting;
    readonly SessionPool sessions;
    readonly Vacuum vacuum;
    readonly PostgreSqlNotifier notifier;
    readonly PostgreSqlFaults faults;
    readonly JobCache jobs = new();
    readonly LimitedHistories limits = new();
    readonly ILogger log;
    readonly TimeProvider? host;
    readonly TimeProvider clock;
    readonly ClaimTransaction claims;
    readonly SemaphoreSlim claiming = new(1), readers, writers;
    readonly string role;
    string? application, identity;
    bool disposed, toldOfPartitions;

    /// <summary>Creates a store. <see cref="OpenAsync"/> opens the store.</summary>
    public PostgreSqlStore(PostgreSqlStoreOptions options, TimeProvider clock, ILogger<PostgreSqlStore>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(clock);
        this.options = options;
        log = logger ?? (ILogger)NullLogger.Instance;
        schema = $"\"{options.Schema}\"";
        (host, this.clock) = options.UsesClockOfProgram ? (clock, clock) : (null, new DatabaseClock(clock));
        claims = new(new(), jobs, host, options.SharePatience);
        var settings = new NpgsqlConnectionStringBuilder(options.Database.ConnectionString);
        var place = $"{settings.Host ?? "localhost"}:{settings.Port}/{settings.Database ?? settings.Username ?? "?"}";
        role = PostgreSqlFaults.Quoted(PostgreSqlFaults.RoleOf(settings));
        var places = options.Sessions;
        (readers, writers) = (new(Math.Min(MaxReaders, places - 1)), new(Math.Max(1, places - KeptSessions)));
        faults = new(place, settings, options.Schema);
        timelines = new(place, log) { Changed = jobs.Clear };
        setting = new(place, options.IsSingleActive, options.Lease, this.clock);
        sessions = new(options, schema, timelines);
        vacuum = new(sessions, options, role, log);
        notifier = new(sessions, options.Schema, clock, logger);
        Place = new("postgresql", options.Schema == PostgreSqlStoreOptions.DefaultSchema ? place : $"{place} schema {options.Schema}", null,
            "the database")
        { Actives = options.IsSingleActive ? ActiveNodes.One : ActiveNodes.Each };
    }

    /// <inheritdoc/>
    public StorePlace Place { get; }

    /// <inheritdoc/>
    /// <remarks>The database's clock as last measured, unless the options say that the clock of the program decides.</remarks>
    public TimeProvider Clock => clock;

    /// <inheritdoc/>
    public IStoreNotifier Notifier => notifier;

    /// <inheritdoc/>
    /// <remarks>A change in a transaction of another database fails with <see cref="InvalidOperationException"/>. A commit sends the
    /// notification by itself. While the transaction is open, no node claims the jobs that it changed.</remarks>
    public IJobChanges In(DbTransaction transaction)
    {
        if (transaction is not NpgsqlTransaction { Connection: { } connection } open)
        {
            throw new NotSupportedException(
                $"A PostgreSQL store can only join an open NpgsqlTransaction. This transaction is a {transaction?.GetType().Name ?? "null"}.");
        }

        return new CallersTransaction(open, new(connection, schema, prepares: false), host, notifier.Channel, faults, identity);
    }

    /// <inheritdoc/>
    public Task<JobPage> JobsAsync(JobQuery query, CancellationToken cancellationToken) => ReadLedgerAsync(async db =>
    {
        IReadOnlyList<StoredJob> found = query.Id is { } id
            ? await JobTable.FindAsync(db, id) is { } one ? [one] : []
            : await JobTable.AllAsync(db, query.Ended);
        return JobPages.Of(found, query);
    }, cancellationToken);

    /// <inheritdoc/>
    public Task<Changed> ChangeAsync(Change change, CancellationToken cancellationToken) =>
        InPlaceOfAsync(writers, () => ChangeNowAsync(change, cancellationToken), cancellationToken);

    async Task<Changed> ChangeNowAsync(Change change, CancellationToken cancellationToken)
    {
        while (true)
        {
            // Outside of a transaction: a search may take seconds.
            if (change.Jobs.Count > 0 || change.Pauses.Count > 0)
            {
                var (read, now) = await ReadAsync(async db =>
                    (await ChangeTransaction.ReadAsync(db, change), host?.GetUtcNow() ?? await db.NowAsync()), cancellationToken);
                ChangeTransaction.Prepare(change, read, now);
            }

            try
            {
                return await WriteAsync(tx => ChangeTransaction.RunAsync(tx, change), cancellationToken);
            }
            catch (SearchTooLongException)
            {
                // A job was changed between the read and the write.
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Enqueued>> EnqueueAsync(IReadOnlyList<RunRequest> requests, CancellationToken cancellationToken) =>
        requests is [] ? [] : await InPlaceOfAsync(writers,
            () => WriteAsync(tx => EnqueueTransaction.RunAsync(tx, requests), cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public async Task<Claimed> ClaimAsync(ClaimRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        Name(request.Node);

        // One claim under way for each node.
        await claiming.WaitAsync(cancellationToken);
        try
        {
            var claimed = await UseAsync(
                db => timelines.IsOld(request.Epoch) ? Task.FromResult(Claimed.Refused) : claims.RunAsync(db, request), cancellationToken);
            notifier.Notify(claims.Notification);
            vacuum.Count(claimed.Runs.Count, claims.Nodes);
            return claimed;
        }
        finally
        {
            claiming.Release();
        }
    }

    /// <inheritdoc/>
    public async Task<int> RecordAsync(IReadOnlyList<Finished> finished)
    {
        if (finished is []) return 0;
        var others = await UseAsync(db => PlainEnds.WriteAsync(db, jobs, finished), CancellationToken.None);
        if (others is []) return 0;

        // A job that another transaction holds delays only its own outcomes.
        var (refused, left) = await WriteAsync(tx => EndTransaction.RecordAsync(tx, others, waits: false), CancellationToken.None);
        if (left is []) return refused;
        return refused + (await WriteAsync(tx => EndTransaction.RecordAsync(tx, left, waits: true), CancellationToken.None)).Refused;
    }

    /// <inheritdoc/>
    public async Task<Look> LookAsync(Sign sign, CancellationToken cancellationToken)
    {
        if (sign is Sign.Enter enter) Name(enter.Node.Id);
        var look = sign switch
        {
            Sign.Heartbeat beat => await LookAsync(beat, cancellationToken),
            _ when sign == Sign.None => await LookAsync(null, cancellationToken),
            _ => await WriteAsync(async tx =>
            {
                var seen = await EpochTransaction.SignAsync(tx, sign);
                if (sign is not Sign.Enter) return seen;
                setting.See(seen);
                setting.CheckEntry(seen);
                return seen;
            }, cancellationToken),
        };
        timelines.See(look);
        setting.See(look);
        return look;
    }

    /// <summary>Looks after a heartbeat or without a heartbeat, and measures the database's clock: an idle node asks nothing
    /// else.</summary>
    Task<Look> LookAsync(Sign.Heartbeat? beat, CancellationToken cancellationToken) => UseAsync(async db =>
    {
        // The session of this very heartbeat may have shown another timeline.
        var old = beat is { Epoch: var own } && timelines.IsOld(own) ? beat : null;
        var begun = clock.GetTimestamp();
        var (look, now) = await (beat is null || old is not null ? LookRows.ReadAsync(db) : LookRows.BeatAsync(db, beat, host?.GetUtcNow()));
        if (clock is DatabaseClock measured) measured.Measure(now, begun);

        // A row that a manual edit has given to another node refuses the claims of this node, which must begin a new epoch.
        var isLost = old is not null || (beat is not null && look.Living.Any(row => row.Number == beat.Epoch && row.Node.Id != beat.Node));
        return isLost ? Timelines.Without(look, beat!.Epoch) : look;
    }, cancellationToken);

    /// <inheritdoc/>
    public async Task<EpochChanged> ChangeEpochsAsync(EpochChange change, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(change);
        if (change.Begin is { } begins) Name(begins.Id);
        try
        {
            return await ChangeOnceAsync(change, cancellationToken);
        }
        catch (StoreUnavailableException e) when (change.Ends.Count > 0
            && e.InnerException is PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable })
        {
            // A stopped process may hold its rows in the middle of a message, which no timeout of the server ends.
            await UseAsync(db => LostSessions.EndAsync(db, change), cancellationToken);
            return await ChangeOnceAsync(change, cancellationToken);
        }
    }

    async Task<EpochChanged> ChangeOnceAsync(EpochChange change, CancellationToken cancellationToken)
    {
        var (changed, timeline) = await WriteAsync(
            async tx => (await timelines.ChangeAsync(tx, change, setting), tx.Db.Timeline), cancellationToken);
        timelines.Committed(change, changed, timeline);
        return changed;
    }

    /// <inheritdoc/>
    public Task<RunPage> RunsAsync(RunQuery query, CancellationToken cancellationToken) =>
        ReadLedgerAsync(db => RunReading.FindAsync(db, query), cancellationToken);

    /// <inheritdoc/>
    public Task<LedgerPart> LedgerAsync(LedgerQuery query, CancellationToken cancellationToken) =>
        ReadLedgerAsync(db => LedgerRows.ReadAsync(db, query, host, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public async Task<bool> TrimAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        var now = await UseAsync(async db =>
        {
            var now = host?.GetUtcNow() ?? await db.NowAsync();
            await AddPartitionsAsync(db, now);
            return now;
        }, cancellationToken);
        if (await UseAsync(db => Partitions.DropAsync(db, before), cancellationToken)) return true;
        var beyond = await ReadAsync(db => limits.FindAsync(db, now, TrimTransaction.MaxRows), cancellationToken);
        if (await WriteAsync(tx => TrimTransaction.RunAsync(tx, before, beyond), cancellationToken)) return true;
        if (sessions.Pooling != Pooling.Transactions && await UseAsync(db => JobIndexes.AddAsync(db, options.MinIndexed, now), cancellationToken))
            return true;
        await RepairAsync(cancellationToken);
        return false;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (disposed) return;
        disposed = true;
        await notifier.DisposeAsync();
        await vacuum.DisposeAsync();
        await sessions.DisposeAsync();
        if (options.OwnsDatabase) await options.Database.DisposeAsync();
    }

    void Name(string node) => sessions.NameNode(node);

    /// <summary>Runs a write transaction. Repeats the transaction after a deadlock, of which nothing is left.</summary>
    async Task<T> WriteAsync<T>(Func<Transaction, Task<T>> work, CancellationToken cancellationToken)
    {
        var repeats = 0;
        while (true)
        {
            try
            {
                var (result, notification) = await UseAsync(async db =>
                {
                    await db.BeginAsync();
                    var tx = new Transaction(db, jobs, host);
                    var result = await work(tx);
                    await db.CommitAsync();
                    return (result, tx.Notification);
                }, cancellationToken);
                notifier.Notify(notification);
                return result;
            }
            catch (Exception e) when (e is StoreUnavailableException or StoreRefusedException
                && PostgreSqlFaults.IsWorthRepeating(e.InnerException) && repeats++ < MaxRepeats)
            {
                // Two transactions added the same job, or waited for each other.
            }
        }
    }

    /// <summary>Adds the next partitions, and tells once if the role may not.</summary>
    async Task AddPartitionsAsync(Session db, DateTimeOffset now)
    {
        if (await Partitions.AddAsync(db, now) || toldOfPartitions) return;
        toldOfPartitions = true;
        PostgreSqlLog.NoPartitions(log, schema, role);
    }

    /// <summary>Works in one of the places of a kind of work.</summary>
    static async Task<T> InPlaceOfAsync<T>(SemaphoreSlim places, Func<Task<T>> work, CancellationToken cancellationToken)
    {
        await places.WaitAsync(cancellationToken);
        try
        {
            return await work();
        }
        finally
        {
            places.Release();
        }
    }

    /// <summary>Reads as <see cref="ReadAsync"/>, a few at a time.</summary>
    Task<T> ReadLedgerAsync<T>(Func<Session, Task<T>> work, CancellationToken cancellationToken) =>
        InPlaceOfAsync(readers, () => ReadAsync(work, cancellationToken), cancellationToken);

    /// <summary>Reads in a single snapshot.</summary>
    Task<T> ReadAsync<T>(Func<Session, Task<T>> work, CancellationToken cancellationToken) => UseAsync(async db =>
    {
        await db.BeginAsync(IsolationLevel.RepeatableRead);
        await db.CallAsync(Session.Patient);
        await db.CallAsync(ReadOnly);
        var result = await work(db);
        await db.CommitAsync();
        return result;
    }, cancellationToken);

    static readonly Sql ReadOnly = new("select set_config('transaction_read_only', 'on', true)");

    /// <summary>Runs work on a session. The session is discarded after an error of the connection.</summary>
    async Task<T> UseAsync<T>(Func<Session, Task<T>> work, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        if (application is null) throw NotOpen();
        return await UseUnopenedAsync(work, cancellationToken);
    }

    async Task<T> UseUnopenedAsync<T>(Func<Session, Task<T>> work, CancellationToken cancellationToken, bool opens = false)
    {
        Session? db = null;
        try
        {
            db = await sessions.TakeAsync(cancellationToken);
            var result = await work(db);

            // The answer of a server that was replaced meanwhile is not used.
            if (db.Timeline != timelines.Current) throw faults.Replaced();
            await sessions.ReturnAsync(db);
            return result;
        }
        catch (Exception e)
        {
            if (db is not null)
            {
                var isBroken = e is NpgsqlException and not PostgresException or IOException
                    || e is PostgresException { SqlState: var state } && PostgreSqlFaults.IsOfTheSession(state);
                isBroken |= !await db.RollbackAsync();
                if (isBroken || e is OperationCanceledException) await sessions.DiscardAsync(db, withIdle: isBroken);
                else await sessions.ReturnAsync(db);
            }

            if (faults.Of(e, opens) is var told && told != e) throw told;
            throw;
        }
    }

    InvalidOperationException NotOpen() =>
        new($"The store {Place.Name} is not open. The store is open from the start of the host (StartAsync or RunAsync) until the host stops. Use the scheduler in this period.");
}
