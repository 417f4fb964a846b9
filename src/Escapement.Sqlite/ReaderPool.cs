using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace Escapement.Sqlite;

/// <summary>The read connections. Each read is a short transaction, because a long snapshot prevents checkpoints of the
/// write-ahead log.</summary>
/// <param name="path">The file of the store.</param>
/// <param name="readOnly">True to open connections that cannot write.</param>
sealed class ReaderPool(string path, bool readOnly) : IDisposable
{
    const int Most = 4;

    readonly ConcurrentBag<SqliteSession> idle = [];
    readonly SemaphoreSlim places = new(Most);
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
