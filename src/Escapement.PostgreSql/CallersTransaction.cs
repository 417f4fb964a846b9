using Escapement.Rules;
using Escapement.Stores;
using Npgsql;

namespace Escapement.PostgreSql;

/// <summary>Changes inside a transaction of the caller. The changes exist only if the caller commits, and the commit sends their
/// notification.</summary>
/// <param name="transaction">The caller's transaction.</param>
/// <param name="db">A session on the caller's connection.</param>
/// <param name="host">The clock that decides in place of the database's clock, or null.</param>
/// <param name="channel">The channel of the notifications.</param>
/// <param name="faults">The messages of errors.</param>
/// <param name="identity">The <see cref="DatabaseIdentity"/> of the store, or null if unknown.</param>
sealed class CallersTransaction(
    NpgsqlTransaction transaction, Session db, TimeProvider? host, string channel, PostgreSqlFaults faults, string? identity) : IJobChanges
{
    const string Savepoint = "escapement";

    public Task<Changed> ChangeAsync(Change change, CancellationToken cancellationToken) =>
        DoAsync(tx => ChangeTransaction.RunAsync(tx, change), cancellationToken);

    public async Task<IReadOnlyList<Enqueued>> EnqueueAsync(IReadOnlyList<RunRequest> requests, CancellationToken cancellationToken) =>
        await DoAsync(tx => EnqueueTransaction.RunAsync(tx, requests), cancellationToken);

    async Task<T> DoAsync<T>(Func<Transaction, Task<T>> work, CancellationToken cancellationToken)
    {
        db.Cancellation = cancellationToken;
        await transaction.SaveAsync(Savepoint, cancellationToken);
        try
        {
            // Another database may have a store of the same name, whose nodes would run the job in place of this program.
            if (identity is not null && await DatabaseIdentity.OfConnectionAsync(db) is { } callers && callers != identity)
                throw faults.OfAnotherDatabase(db.Connection);

            // Nothing is cached beyond the call, because the caller may roll back.
            var tx = new Transaction(db, new(), host);
            var result = await work(tx);
            await PostgreSqlNotifier.NotifyAtCommitAsync(db, channel, tx.Notification);
            await transaction.ReleaseAsync(Savepoint, cancellationToken);
            return result;
        }
        catch (Exception e)
        {
            // A rejected change leaves nothing in the caller's transaction, which may still be committed.
            if (db.Connection.FullState == System.Data.ConnectionState.Open)
                await transaction.RollbackAsync(Savepoint, CancellationToken.None);
            if (faults.Of(e) is var told && told != e) throw told;
            throw;
        }
    }
}
