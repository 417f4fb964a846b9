using System.Globalization;
using Escapement.Leadership;
using Escapement.Stores;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Escapement.Sqlite;

/// <summary>SQLite's errors as sentences: what happened to which file, and what to do.</summary>
static class SqliteFaults
{
    /// <summary>What an error of the opening means.</summary>
    public static Exception OfOpening(SqliteException e, string path) => e.SqliteErrorCode switch
    {
        raw.SQLITE_CANTOPEN => new StoreRefusedException(
            $"The store {path} cannot be opened: {e.Message} It must be a file, in a folder that exists, which this process may read and write.", e),
        raw.SQLITE_READONLY => StoreRefusedException.OnlyReadable(path, e),
        _ => Of(e, path),
    };

    /// <summary>What an error means.</summary>
    public static Exception Of(SqliteException e, string path) => e.SqliteErrorCode switch
    {
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED => new StoreUnavailableException(Locked(path), e),
        raw.SQLITE_FULL => new StoreUnavailableException(
            $"The store {path} cannot be written: the disk is full. Nothing of what was asked has been done; free some space, and it goes on by itself.", e),
        raw.SQLITE_READONLY => new StoreUnavailableException(
            $"The store {path} can only be read now: {e.Message} Make the file and its folder writable again.", e),
        raw.SQLITE_IOERR or raw.SQLITE_CANTOPEN or raw.SQLITE_PROTOCOL or raw.SQLITE_NOMEM or raw.SQLITE_INTERRUPT =>
            new StoreUnavailableException(
            $"The store {path} cannot be read or written now: {e.Message} (SQLite's code {e.SqliteExtendedErrorCode}). Look at its disk.",
            e),
        raw.SQLITE_NOTADB => new StoreRefusedException(
            $"{path} is not a SQLite database. A store is an Escapement store or a file that does not exist yet: give STORE another path.",
            e),
        raw.SQLITE_CORRUPT => new StoreRefusedException(
            $"The store {path} is damaged: {e.Message} Stop all its processes and put a backup in its place, or save what can be read by: sqlite3 {path} .recover", e),
        raw.SQLITE_CONSTRAINT when e.SqliteExtendedErrorCode == raw.SQLITE_CONSTRAINT_CHECK => new StoreUnavailableException(
            $"The store {path} does not take the change: {e.Message} A value in the store is at its limit, as after a change by hand. Nothing of what was asked has been done; put the value right, or restore a backup.", e),
        _ => e,
    };

    /// <summary>A process, with its state where that matters.</summary>
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
            // The name before it is in parentheses and may hold anything, these too.
            var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat"));
            return stat[stat.LastIndexOf(')') + 2];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or IndexOutOfRangeException)
        {
            return null;
        }
    }

    /// <summary>The sentence for a store that is locked by a process that knows nothing of the write queue.</summary>
    public static string Locked(string path)
    {
        const string NoQueue = "which does not queue with Escapement's writers";
        if (Locker(path) is not { } pid)
            return $"The store {path} is locked by another program, such as a sqlite3 shell with an open transaction, {NoQueue}. Let it end its transaction, or end the process.";
        var (who, stopped) = (Who(pid).TrimEnd(','), StateOf(pid) is 'T' or 't');
        return $"The store {path} is locked by {who}, {NoQueue}. "
            + (stopped ? ResumeAdvice(pid) : $"Let it end its transaction, or end the process: kill {pid}.");
    }

    /// <summary>What to do about a process that is stopped with the write lock.</summary>
    public static string ResumeAdvice(int pid) => string.Create(CultureInfo.InvariantCulture,
        $"To let it go on: kill -CONT {pid}. To end it: kill -9 {pid}. Nothing is lost by either.");

    /// <summary>Who holds SQLite's write lock: byte 120 of the shared memory's file, by the kernel's table of locks.</summary>
    public static int? Locker(string path) =>
        FileIdentity.Of(path + "-shm") is { } shared ? KernelLocks.Holder("POSIX", shared, at: 120) : null;
}
