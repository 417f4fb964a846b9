using Escapement.Jobs;
using Escapement.Ledger;

namespace Escapement.Sqlite;

/// <summary>A job as the claim needs it: parsed once, until its row changes.</summary>
sealed class CachedJob
{
    /// <summary>As its row says; watermark and last fire time of a job that has a place in <c>due</c> are there.</summary>
    public required StoredJob Stored { get; init; }

    /// <summary>The entry that this process wrote last for it, which an adjoining one extends.</summary>
    public Entry? LastEntry { get; set; }
}

/// <summary>The jobs that the writer has parsed. What another process changed is noticed by the store's count of changes, inside the transaction.</summary>
sealed class JobCache
{
    readonly Dictionary<long, CachedJob> jobs = [];
    long definitions = -1;

    /// <summary>Forgets what changed since it was last asked.</summary>
    public void Refresh(SqliteSession db, long current)
    {
        if (current == definitions) return;
        var changed = db[SqliteStatements.JobNumbersChangedAfter].With(definitions);
        while (changed.Read()) jobs.Remove(changed.Long(0));
        definitions = current;
    }

    /// <summary>Parses what is not known yet.</summary>
    public void ReadAll(SqliteSession db)
    {
        List<long> numbers = [];
        var all = db[SqliteStatements.JobNumbersChangedAfter].With(-1L);
        while (all.Read()) numbers.Add(all.Long(0));
        foreach (var number in numbers) Get(db, number);
    }

    /// <summary>The job of this number.</summary>
    public CachedJob Get(SqliteSession db, long number)
    {
        if (jobs.TryGetValue(number, out var known)) return known;
        var row = db[SqliteStatements.JobByNumber].With(number);
        if (!row.Read()) throw new InvalidOperationException($"The store has no job of number {number}, to which another row refers.");
        var job = new CachedJob { Stored = JobTable.Read(row, null).Stored };
        row.Reset();
        jobs.Add(number, job);
        return job;
    }

    /// <summary>Forgets one that was changed in the transaction that is open.</summary>
    public void Forget(long number) => jobs.Remove(number);

    /// <summary>Forgets all: after a transaction that was undone nobody knows what of it was remembered.</summary>
    public void Clear()
    {
        jobs.Clear();
        definitions = -1;
    }
}
