using Escapement.Ledger;
using Escapement.Rows;
using Escapement.Rules;
using Escapement.Stores;

namespace Escapement.Sqlite;

/// <summary>The state of the whole store.</summary>
/// <param name="Definitions">The number of job changes so far.</param>
/// <param name="Writer">The process with the current counts of running and blocked runs.</param>
/// <param name="Scheduler">The state of the scheduler.</param>
readonly record struct StoreState(long Definitions, long Writer, SchedulerState Scheduler);

/// <summary>The store's single row of state.</summary>
static class StateTable
{
    /// <param name="db">The connection.</param>
    /// <param name="checks">Collects values that no process writes, or null.</param>
    public static StoreState Read(SqliteSession db, RowChecks? checks = null)
    {
        var row = db[SqliteStatements.ReadState];
        if (!row.Read())
        {
            throw new StoreUnavailableException(
                $"The store {db.Path} is damaged: its table state has no row. Restore a backup, or restart one process of the application, which writes the row anew.");
        }

        SchedulerState marks = new()
        {
            Paused = PauseTable.Pause(row, 2),
            ShutDown = row.MaybeInstant(10),
            PausedBefore = row.MaybeInstant(11) is { } from && row.MaybeInstant(12) is { } to
                ? new(from, to) { Action = row.Maybe(13) }
                : null,
            Declared = row.MaybeText(14),
        };
        marks = StateChecks.Checked(marks, new(row.Maybe(15), row.Maybe(11), row.Maybe(12), row.Long(16) != 0, row.Long(17) != 0), checks);
        var state = new StoreState(row.Long(0), row.Long(1), marks);
        row.Reset();
        return state;
    }

    /// <summary>Writes the scheduler state, and opens or closes the scheduler's pause.</summary>
    public static void Write(SqliteSession db, in EditedState edited, DateTimeOffset now)
    {
        var after = edited.After;
        if (edited.Action is { } action) after = edited.Numbered(LedgerTable.Add(db, action, null));
        if (edited.ClosesPause is not null) PauseTable.Close(db, PauseScope.All, "", after.PausedBefore?.To ?? now);
        if (edited.OpensPause is not null) PauseTable.Open(db, PauseScope.All, "", after.Paused!);
        db[SqliteStatements.WriteState].With(after.ShutDown?.ToMicros()).With(after.PausedBefore?.From.ToMicros())
            .With(after.PausedBefore?.To.ToMicros())
            .With(after.PausedBefore?.Action).With(after.Declared).Run();
    }
}
