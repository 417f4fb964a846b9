using Escapement.Ledger;
using Escapement.Rules;
using Escapement.Stores;

namespace Escapement.Sqlite;

/// <summary>The state of the whole store.</summary>
/// <param name="Definitions">The number of job changes so far.</param>
/// <param name="Writer">The process with the current counts of running and blocked runs.</param>
/// <param name="Scheduler">The state of the scheduler.</param>
readonly record struct StoreState(long Definitions, long Writer, SchedulerState Scheduler);

/// <summary>The store's single row of state, and the pauses.</summary>
static class StateTable
{
    public static StoreState Read(SqliteSession db)
    {
        var row = db[SqliteStatements.ReadState];
        if (!row.Read())
        {
            throw new StoreUnavailableException(
                $"The store {db.Path} is damaged: its table state has no row. Restore a backup, or restart one process of the application, which writes the row anew.");
        }

        PauseSpan? before = row.Maybe(8) is { } from && row.Maybe(9) is { } to
            ? new(Instant.FromMicros(from), Instant.FromMicros(to)) { Action = row.Maybe(10) }
            : null;
        var marks = new SchedulerState
        {
            Paused = Pause(row, 2),
            ShutDown = Maybe(row, 7),
            PausedBefore = before,
            Declared = row.MaybeText(11),
            CompleteSince = Maybe(row, 12),
        };
        var state = new StoreState(row.Long(0), row.Long(1), marks);
        row.Reset();
        return state;
    }

    /// <summary>Writes the scheduler state, and opens or closes the scheduler's pause.</summary>
    public static void Write(Transaction tx, in EditedState edited)
    {
        var after = edited.After;
        if (edited.Action is { } action) after = edited.Numbered(LedgerTable.Add(tx.Db, action, null));
        if (edited.ClosesPause is not null) Close(tx.Db, PauseScope.All, "", after.PausedBefore?.To ?? tx.Now);
        if (edited.OpensPause is not null) Open(tx.Db, PauseScope.All, "", after.Paused!);
        tx.Db[SqliteStatements.WriteState].With(after.ShutDown?.ToMicros()).With(after.PausedBefore?.From.ToMicros())
            .With(after.PausedBefore?.To.ToMicros())
            .With(after.PausedBefore?.Action).With(after.Declared).Run();
    }

    public static void Open(SqliteSession db, PauseScope scope, string name, PauseRecord pause) =>
        db[SqliteStatements.OpenPause].With((long)scope).With(name)
        .With(pause.At.ToMicros()).With(pause.Until?.ToMicros()).With(pause.By).With(pause.Why).With(pause.Action).Run();

    public static void Close(SqliteSession db, PauseScope scope, string name, DateTimeOffset at) =>
        db[SqliteStatements.ClosePause].With(at.ToMicros()).With((long)scope).With(name).Run();

    /// <summary>Reads a pause from five columns. Returns null if the columns are null.</summary>
    public static PauseRecord? Pause(Statement row, int column) => row.Maybe(column) is { } at
        ? new()
        {
            At = Instant.FromMicros(at),
            Until = Maybe(row, column + 1),
            By = row.MaybeText(column + 2),
            Why = row.MaybeText(column + 3),
            Action = row.Maybe(column + 4)
        }
        : null;

    public static DateTimeOffset? Maybe(Statement row, int column) => row.Maybe(column) is { } micros ? Instant.FromMicros(micros) : null;
}
