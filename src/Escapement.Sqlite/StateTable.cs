using Escapement.Ledger;

namespace Escapement.Sqlite;

/// <summary>What holds for the whole store.</summary>
/// <param name="Definitions">Counts every change of a job.</param>
/// <param name="Scheduler">The scheduler's marks.</param>
/// <param name="Trimmed">Before this runs were deleted.</param>
readonly record struct StoreState(long Definitions, SchedulerState Scheduler, long Trimmed);

/// <summary>The store's one row of state.</summary>
static class StateTable
{
    public static StoreState Read(SqliteSession db)
    {
        var row = db[SqliteStatements.ReadState];
        if (!row.Read()) throw new InvalidOperationException("The store has no state; it was opened by nobody.");
        var paused = Pause(row, 1);
        var before = row.Maybe(6) is { } from ? new PauseSpan(Instant.FromMicros(from), Instant.FromMicros(row.Long(7))) : null;
        var state = new StoreState(row.Long(0), new(paused, Maybe(row, 5), before, row.MaybeText(9)), row.Maybe(8) ?? long.MinValue);
        row.Reset();
        return state;
    }

    public static void Write(SqliteSession db, SchedulerState state) => With(db[SqliteStatements.WriteState], state.Paused)
        .With(state.ShutDown?.ToMicros()).With(state.PausedBefore?.From.ToMicros()).With(state.PausedBefore?.To.ToMicros()).With(state.Declared).Run();

    /// <summary>Counts a change of a job.</summary>
    /// <returns>The number of the change.</returns>
    public static long CountDefinition(SqliteSession db) => db[SqliteStatements.CountDefinition].Scalar()!.Value;

    /// <summary>The pause in four columns.</summary>
    public static PauseMark? Pause(Statement row, int column) => row.Maybe(column) is { } at
        ? new(Instant.FromMicros(at), Maybe(row, column + 1), row.MaybeText(column + 2), row.MaybeText(column + 3))
        : null;

    public static Statement With(Statement statement, PauseMark? pause) =>
        statement.With(pause?.At.ToMicros()).With(pause?.Until?.ToMicros()).With(pause?.By).With(pause?.Why);

    public static DateTimeOffset? Maybe(Statement row, int column) => row.Maybe(column) is { } micros ? Instant.FromMicros(micros) : null;
}
