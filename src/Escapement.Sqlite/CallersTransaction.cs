using Escapement.Rules;
using Escapement.Stores;

namespace Escapement.Sqlite;

/// <summary>Changes inside a transaction of the caller. The changes exist only if the caller commits.</summary>
/// <param name="db">The caller's connection.</param>
/// <param name="clock">The store's clock.</param>
sealed class CallersTransaction(SqliteSession db, TimeProvider clock) : IJobChanges
{
    // Nothing is cached beyond the call, because the caller may roll back.
    public Task<Changed> ChangeAsync(Change change, CancellationToken cancellationToken) =>
        Task.FromResult(Do(tx => ChangeTransaction.Run(tx, change)));

    public Task<IReadOnlyList<Enqueued>> EnqueueAsync(IReadOnlyList<RunRequest> requests, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<Enqueued>>(Do(tx => EnqueueTransaction.Run(tx, requests)));

    T Do<T>(Func<Transaction, T> work)
    {
        if (db.Pragma("pragma application_id") != SqliteSchema.ApplicationId || db.Pragma("pragma user_version") != SqliteSchema.Newest)
        {
            throw new InvalidOperationException(
                $"The transaction does not belong to the store {db.Path}. Open the connection on the store's file.");
        }

        try
        {
            // A rejected change leaves nothing in the caller's transaction, which may still be committed.
            db.Execute("savepoint escapement");
            try
            {
                return work(new(db, new JobCache(), clock.GetUtcNow()));
            }
            catch
            {
                if (db.InTransaction) db.Execute("rollback to escapement");
                throw;
            }
            finally
            {
                if (db.InTransaction) db.Execute("release escapement");
            }
        }
        catch (Microsoft.Data.Sqlite.SqliteException e)
        {
            throw SqliteFaults.Of(e, db.Path);
        }
        finally
        {
            db.Dispose();
        }
    }
}
