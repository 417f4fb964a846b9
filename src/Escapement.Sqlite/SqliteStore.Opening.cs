using Escapement.Leadership;
using Escapement.Stores;
using Microsoft.Data.Sqlite;

namespace Escapement.Sqlite;

public sealed partial class SqliteStore
{
    /// <inheritdoc/>
    public async Task OpenAsync(string application, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(application);
        if (readers is not null) throw new InvalidOperationException($"The store {path} is open already.");
        if (isGuest)
        {
            OpenAsGuest();
            return;
        }

        StorePath.Prepare(path);
        queue = OpenQueue();
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

        (this.application, readers) = (application, new(path, readOnly: false));
        notifier.Open();
    }

    /// <summary>Opens the file for reading only. The first change opens the write queue, the writer and the notifier.</summary>
    void OpenAsGuest()
    {
        StorePath.CheckExisting(path);
        ReaderPool pool = new(path, readOnly: true);
        try
        {
            application = pool.Read(db => StoredApplication(db, path));
        }
        catch (SqliteException e)
        {
            pool.Dispose();
            throw SqliteFaults.OfOpening(e, path);
        }
        catch
        {
            pool.Dispose();
            throw;
        }

        (readers, opened) = (pool, FileIdentity.Of(path));
    }

    static string StoredApplication(SqliteSession db, string path)
    {
        SqliteSchema.CheckExisting(db, path);
        var row = db[SqliteStatements.ReadApplication];
        return row.Read() ? row.Text(0) : throw new StoreRefusedException(
            $"The store {path} has no owner: its table state has no row. Restore a backup, or restart one process of the application, which writes the row anew.");
    }

    /// <summary>Opens what a guest needs for its first change.</summary>
    WriteQueue OpenQueueOfGuest()
    {
        ObjectDisposedException.ThrowIf(application is null, this);
        StorePath.Check(path);
        NotifyAsGuest();
        return OpenQueue();
    }

    void NotifyAsGuest()
    {
        if (isGuest && Interlocked.Exchange(ref notifies, true) is false) notifier.Open();
    }

    WriteQueue OpenQueue()
    {
        try
        {
            return new(path, TurnLimit, clock);
        }
        catch (IOException e)
        {
            throw new StoreRefusedException(
                $"The store {path} cannot be opened: its folder must be writable by {Environment.UserName}. {e.Message}", e);
        }
    }

    /// <param name="application">The application that must own the store.</param>
    /// <param name="create">True if the file may be created.</param>
    /// <param name="over">The last epoch of a replaced file. Epochs up to this number are ended.</param>
    SqliteSession Open(string application, bool create, long over = 0)
    {
        var db = new SqliteSession(path, create ? SqliteOpenMode.ReadWriteCreate : SqliteOpenMode.ReadWrite);
        try
        {
            if (db.ReadOnly) throw StoreRefusedException.OnlyReadable(path);
            SqliteSchema.Check(db, path);
            // Applies to an empty file only. A count over the history reads half as many pages as with SQLite's default of 4096 bytes.
            db.Execute("pragma page_size = 8192");
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
            readers = new(path, isGuest);
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
}
