using Escapement.Ledger;

namespace Escapement.Sqlite;

/// <summary>The ledger beside runs: entries, actions, definitions, pauses and marks.</summary>
static class LedgerTable
{
    /// <summary>Writes an action.</summary>
    /// <returns>The number of the action.</returns>
    public static long Add(SqliteSession db, JobAction action, long? job) =>
        db[SqliteStatements.AddAction].With(action.At.ToMicros()).With((long)action.Kind).With(job).With(action.Change)
        .With(action.Version).With(action.From?.ToMicros()).With(action.To?.ToMicros()).With(action.By).With(action.Why)
            .With(action.Until?.ToMicros()).With(action.Origin).With(action.Before).With(action.After)
            .With((long?)action.Scope).With(action.ScopeName).Insert();

    /// <summary>Writes an entry, and deletes the entry that the new entry extends.</summary>
    public static void Add(SqliteSession db, long job, in (int Unit, Entry Entry, Entry? Replaces) planned)
    {
        var entry = planned.Entry;
        if (planned.Replaces is { } before)
        {
            db[SqliteStatements.DeleteEntry].With(before.Last.ToMicros()).With(job).With(before.First.ToMicros()).With(before.Change)
                .Run();
        }

        db[SqliteStatements.AddEntry].With(entry.Last.ToMicros()).With(job).With(entry.First.ToMicros()).With(entry.Change)
            .With((long)entry.Reason).With(entry.Cause).Run();
    }

    /// <summary>Returns the entry written by the last change of a job, or null if the change wrote no entry.</summary>
    public static Entry? Last(SqliteSession db, StoredJob stored, in DuePlace place)
    {
        if (place.EntryLast is not { } last) return null;
        var row = db[SqliteStatements.EntryOf].With(last).With(stored.Number).With(place.Change);
        if (!row.Read()) return null;
        var entry = new Entry
        {
            Job = stored.Job.Id,
            First = Instant.FromMicros(row.Long(0)),
            Last = Instant.FromMicros(row.Long(1)),
            Change = row.Long(2),
            Reason = (Reason)row.Long(3),
            Cause = row.Maybe(4),
        };
        row.Reset();
        return entry;
    }

    public static void Add(SqliteSession db, LedgerMark mark) =>
        db[SqliteStatements.AddMark].With((long)mark.Kind).With(mark.From.ToMicros()).With(mark.To.ToMicros()).With(mark.Epoch).Run();
}
