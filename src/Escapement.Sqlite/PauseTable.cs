using Escapement.Ledger;
using Escapement.Rows;
using Escapement.Rules;

namespace Escapement.Sqlite;

/// <summary>The pauses of all scopes.</summary>
static class PauseTable
{
    /// <summary>Returns the pauses of tags and executors without a recorded end.</summary>
    public static List<ScopedPause> Scopes(SqliteSession db) => Read(db[SqliteStatements.OpenScopes]);

    /// <summary>Returns the pauses of all scopes that last.</summary>
    public static List<ScopedPause> Open(SqliteSession db, DateTimeOffset now) =>
        [.. Read(db[SqliteStatements.OpenPauses]).Where(pause => ScopedPauses.Seen(pause, now).Ended is null)];

    /// <summary>Returns the pauses that touch a span.</summary>
    /// <param name="db">The connection.</param>
    /// <param name="from">The inclusive start of the span in microseconds since 1970.</param>
    /// <param name="to">The exclusive end of the span.</param>
    /// <param name="job">Only pauses of this job and of wider scopes, or null for all.</param>
    /// <param name="now">The store's clock.</param>
    /// <param name="checks">Collects values that no process writes.</param>
    public static List<ScopedPause> OfSpan(SqliteSession db, long from, long to, string? job, DateTimeOffset now, RowChecks checks) =>
        [.. Read(db[SqliteStatements.Pauses].With(job).With(from).With(to), checks).Select(pause => ScopedPauses.Seen(pause, now))
            .Where(pause => !(pause.Ended?.ToMicros() < from))];

    public static void Open(SqliteSession db, PauseScope scope, string name, PauseRecord pause) =>
        db[SqliteStatements.OpenPause].With((long)scope).With(name)
        .With(pause.At.ToMicros()).With(pause.Until?.ToMicros()).With(pause.By).With(pause.Why).With(pause.Action)
            .With((long?)pause.Scope).With(pause.Name).With((long?)pause.AfterFailures).Run();

    public static void Close(SqliteSession db, PauseScope scope, string name, DateTimeOffset at) =>
        db[SqliteStatements.ClosePause].With(at.ToMicros()).With((long)scope).With(name).Run();

    /// <summary>Reads a pause from eight columns. Returns null if the columns are null.</summary>
    public static PauseRecord? Pause(Statement row, int column) => row.Maybe(column) is { } at
        ? new()
        {
            At = Instant.FromMicros(at),
            Until = PauseChecks.Until(row.Maybe(column + 1)),
            By = row.MaybeText(column + 2),
            Why = row.MaybeText(column + 3),
            Action = row.Maybe(column + 4),
            Scope = (PauseScope?)row.Maybe(column + 5),
            Name = row.MaybeText(column + 6),
            AfterFailures = PauseChecks.Failures(row.Maybe(column + 7)),
        }
        : null;

    static List<ScopedPause> Read(Statement row, RowChecks? checks = null)
    {
        List<ScopedPause> pauses = [];
        while (row.Read())
        {
            if (checks is not null && !PauseChecks.IsSound(
                new(row.Long(0), row.Text(1), row.Long(2), row.Maybe(3), row.Maybe(6), row.Maybe(9), row.Maybe(10)), checks))
            {
                continue;
            }

            pauses.Add(new()
            {
                Scope = (PauseScope)row.Long(0),
                Name = row.Text(1),
                Pause = Pause(row, 2)!,
                Ended = Maybe(row, 10)
            });
        }

        return pauses;
    }

    static DateTimeOffset? Maybe(Statement row, int column) => row.Maybe(column) is { } micros ? Instant.FromMicros(micros) : null;
}
