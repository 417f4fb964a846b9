using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Escapement.Sqlite;

/// <summary>The read connections. Each read is a short transaction, because a long snapshot prevents checkpoints of the
/// write-ahead log.</summary>
/// <param name="path">The file of the store.</param>
/// <param name="readOnly">True to open connections that cannot write.</param>
sealed class ReaderPool(string path, bool readOnly) : IDisposable
{
    const int Most = 4;

    /// <summary>The maximum number of readings of the ledger at once, so that short reads always find a connection.</summary>
    const int MostLedgers = 2;

    /// <summary>The number of SQLite's instructions after which a reading of the ledger looks at its token.</summary>
    const int StepsPerLook = 20_000;

    readonly ConcurrentBag<SqliteSession> idle = [];
    readonly SemaphoreSlim places = new(Most);
    readonly SemaphoreSlim ledgers = new(MostLedgers);
    volatile bool disposed;

    public async Task<T> ReadAsync<T>(Func<SqliteSession, T> work, CancellationToken cancellationToken)
    {
        await places.WaitAsync(cancellationToken);
        try
        {
            return Read(work);
        }
        catch (SqliteException e)
        {
            throw SqliteFaults.Of(e, path);
        }
        finally
        {
            places.Release();
        }
    }

    /// <summary>Reads the ledger, which may take seconds. Such a reading ends with its token.</summary>
    public async Task<T> ReadLedgerAsync<T>(Func<SqliteSession, T> work, CancellationToken cancellationToken)
    {
        await ledgers.WaitAsync(cancellationToken);
        try
        {
            return await ReadAsync(db => Interruptible(db, work, cancellationToken), cancellationToken);
        }
        finally
        {
            ledgers.Release();
        }
    }

    static T Interruptible<T>(SqliteSession db, Func<SqliteSession, T> work, CancellationToken cancellationToken)
    {
        raw.sqlite3_progress_handler(db.Handle, StepsPerLook, _ => cancellationToken.IsCancellationRequested ? 1 : 0, null);
        try
        {
            return work(db);
        }
        catch (SqliteException e) when (e.SqliteErrorCode == raw.SQLITE_INTERRUPT)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw;
        }
        finally
        {
            raw.sqlite3_progress_handler(db.Handle, 0, null, null);
        }
    }

    public T Read<T>(Func<SqliteSession, T> work)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        if (!idle.TryTake(out var session)) session = new(path, readOnly ? SqliteOpenMode.ReadOnly : SqliteOpenMode.ReadWrite);
        try
        {
            session.BeginRead();
            var result = work(session);
            session.Commit();
            return result;
        }
        catch
        {
            session.Rollback();
            throw;
        }
        finally
        {
            idle.Add(session);
            if (disposed) CloseIdle();
        }
    }

    void CloseIdle()
    {
        while (idle.TryTake(out var session)) session.Dispose();
    }

    public void Dispose()
    {
        disposed = true;
        CloseIdle();
    }
}
