using System.Globalization;
using Escapement.Leadership;
using Escapement.Stores;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Escapement.Sqlite;

/// <summary>Turns SQLite errors into messages: the event, the file and the remedy.</summary>
static class SqliteFaults
{
    /// <summary>Returns the exception for an error while opening the store.</summary>
    public static Exception OfOpening(SqliteException e, string path) => e.SqliteErrorCode switch
    {
        raw.SQLITE_CANTOPEN => new StoreRefusedException(
            $"The store {path} cannot be opened: {e.Message} The path must name a file in an existing folder, and this process must be able to read and write both.", e),
        raw.SQLITE_READONLY => StoreRefusedException.OnlyReadable(path, e),
        _ => Of(e, path),
    };

    /// <summary>Returns the exception for an error.</summary>
    public static Exception Of(SqliteException e, string path) => e.SqliteErrorCode switch
    {
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED => new StoreUnavailableException(Locked(path), e),
        raw.SQLITE_FULL => new StoreUnavailableException(
            $"The store {path} cannot be written: the disk is full. Nothing was changed. Free some disk space, and work continues automatically.", e),
        raw.SQLITE_READONLY => new StoreUnavailableException(
            $"The store {path} is read-only now: {e.Message} Make the file and its folder writable again.", e),
        raw.SQLITE_IOERR or raw.SQLITE_CANTOPEN or raw.SQLITE_PROTOCOL or raw.SQLITE_NOMEM or raw.SQLITE_INTERRUPT =>
            new StoreUnavailableException(
            $"The store {path} cannot be read or written now: {e.Message} (SQLite error code {e.SqliteExtendedErrorCode}). Check its disk.",
            e),
        raw.SQLITE_NOTADB => new StoreRefusedException(
            $"{path} is not a SQLite database. A store is an existing Escapement store or a new file. Set STORE to another path.",
            e),
        raw.SQLITE_CORRUPT => new StoreRefusedException(
            $"The store {path} is damaged: {e.Message} Stop all its processes and restore a backup, or recover the readable data with: sqlite3 {path} .recover", e),
        raw.SQLITE_CONSTRAINT when e.SqliteExtendedErrorCode == raw.SQLITE_CONSTRAINT_CHECK => new StoreUnavailableException(
            $"The store {path} rejected the change: {e.Message} A value in the store is at its limit, for example after a manual edit. Nothing was changed. Correct the value, or restore a backup.", e),
        _ => e,
    };

    /// <summary>Returns the name of a process, with its state if the process is stopped.</summary>
    public static string Who(int pid)
    {
        var process = string.Create(CultureInfo.InvariantCulture, $"process {pid}");
        return StateOf(pid) switch
        {
            'T' => process + ", which is stopped,",
            't' => process + ", which a debugger holds,",
            _ => process,
        };
    }

    static char? StateOf(int pid)
    {
        if (!OperatingSystem.IsLinux()) return null;
        try
        {
            // The process name precedes the state in parentheses, and may itself contain parentheses.
            var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat"));
            return stat[stat.LastIndexOf(')') + 2];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or IndexOutOfRangeException)
        {
            return null;
        }
    }

    /// <summary>Returns the message for a store that is locked by a process outside the write queue.</summary>
    public static string Locked(string path)
    {
        const string NoQueue = "which does not queue with Escapement's writers";
        if (Locker(path) is not { } pid)
            return $"The store {path} is locked by another program, such as a sqlite3 shell with an open transaction, {NoQueue}. Let it end its transaction, or end the process.";
        var (who, stopped) = (Who(pid).TrimEnd(','), StateOf(pid) is 'T' or 't');
        return $"The store {path} is locked by {who}, {NoQueue}. "
            + (stopped ? ResumeAdvice(pid) : $"Let it end its transaction, or end the process: kill {pid}.");
    }

    /// <summary>Returns the advice for a stopped process that holds the write lock.</summary>
    public static string ResumeAdvice(int pid) => string.Create(CultureInfo.InvariantCulture,
        $"To let it go on: kill -CONT {pid}. To end it: kill -9 {pid}. Nothing is lost by either.");

    /// <summary>Returns the holder of SQLite's write lock, which is byte 120 of the shared memory file, from the
    /// kernel's lock table. Null if no process holds the lock.</summary>
    public static int? Locker(string path) =>
        FileIdentity.Of(path + "-shm") is { } shared ? KernelLocks.Holder("POSIX", shared, at: 120) : null;
}
