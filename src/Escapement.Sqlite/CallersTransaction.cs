using Escapement.Rules;
using Escapement.Stores;

namespace Escapement.Sqlite;

/// <summary>Changes inside a transaction of the caller's: they exist exactly if it is committed.</summary>
/// <param name="db">The caller's connection.</param>
/// <param name="clock">The store's clock.</param>
sealed class CallersTransaction(SqliteSession db, TimeProvider clock) : IJobChanges
{
    // Nothing is remembered beyond the call: the transaction may be undone.
    public Task<Changed> ChangeAsync(Change change, CancellationToken cancellationToken) =>
        Task.FromResult(Do(tx => ChangeTransaction.Run(tx, change)));

    public Task<IReadOnlyList<Enqueued>> EnqueueAsync(IReadOnlyList<RunRequest> requests, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<Enqueued>>(Do(tx => WaitingTable.Enqueue(tx, requests)));

    T Do<T>(Func<Transaction, T> work)
    {
        if (db.Pragma("pragma application_id") != SqliteSchema.ApplicationId || db.Pragma("pragma user_version") != SqliteSchema.Newest)
        {
            throw new InvalidOperationException(
                $"The transaction is not one on the store {db.Path}. Open the connection on the store's file.");
        }

        try
        {
            // What is refused leaves nothing in the caller's transaction, which may be committed all the same.
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
