using Escapement.Ledger;

namespace Escapement.PostgreSql;

/// <summary>The ledger beside runs: entries, actions and marks.</summary>
static class LedgerTable
{
    static readonly Sql AddAction = new("""
        insert into esc.action(at, kind, job, change, version, moved_from, moved_to, by, why, until, origin, definition_before,
            definition_after, scope, scope_name)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) returning number
        """);

    static readonly Sql AddEntries = new("""
        insert into esc.entry(last, job, first, change, reason, cause) select * from unnest($1, $2, $3, $4, $5, $6) on conflict do nothing
        """);

    static readonly Sql DeleteEntries = new("""
        delete from esc.entry e using unnest($1, $2, $3, $4) d(last, job, first, change)
        where e.last = d.last and e.job = d.job and e.first = d.first and e.change = d.change
        """);

    static readonly Sql AddMark = new("insert into esc.mark(kind, from_at, to_at, epoch) values ($1, $2, $3, $4)");

    /// <summary>Writes an action.</summary>
    /// <returns>The number of the action.</returns>
    public static async Task<long> AddAsync(Session db, JobAction action, long? job) =>
        (await db.ScalarAsync(AddAction, action.At, (long)action.Kind, job, action.Change, action.Version, action.From, action.To,
            action.By, action.Why, action.Until, action.Origin, action.Before, action.After, (long?)action.Scope, action.ScopeName))!.Value;

    /// <summary>Writes entries, and deletes the entries that the new entries extend.</summary>
    public static async Task AddAsync(Session db, IReadOnlyList<(long Job, Entry Entry, Entry? Replaces)> entries)
    {
        if (entries.Count == 0) return;
        List<(long Job, Entry Entry)> replaced = [.. entries
            .Where(entry => entry.Replaces is not null).Select(entry => (entry.Job, entry.Replaces!))];
        if (replaced.Count > 0)
        {
            await db.RunAsync(DeleteEntries, Micros(replaced, entry => entry.Last), Longs(replaced, entry => entry.Job),
                Micros(replaced, entry => entry.First), replaced.Select(entry => entry.Entry.Change).ToArray());
        }

        List<(long Job, Entry Entry)> added = [.. entries.Select(entry => (entry.Job, entry.Entry))];
        await db.RunAsync(AddEntries, Micros(added, entry => entry.Last), Longs(added, entry => entry.Job),
            Micros(added, entry => entry.First), added.Select(entry => entry.Entry.Change).ToArray(),
            added.Select(entry => (long)entry.Entry.Reason).ToArray(), added.Select(entry => entry.Entry.Cause).ToArray());
    }

    static long[] Micros(List<(long Job, Entry Entry)> entries, Func<Entry, DateTimeOffset> of) =>
        [.. entries.Select(entry => of(entry.Entry).ToMicros())];

    static long[] Longs(List<(long Job, Entry Entry)> entries, Func<(long Job, Entry Entry), long> of) => [.. entries.Select(of)];

    public static Task AddAsync(Session db, LedgerMark mark) =>
        db.RunAsync(AddMark, (long)mark.Kind, mark.From, mark.To, mark.Epoch);
}
