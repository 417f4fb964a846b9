using System.Security.Cryptography;
using Escapement.Ledger;
using Escapement.Rules;

namespace Escapement.Sqlite;

/// <summary>A job as the claim needs it: parsed once, until its row changes.</summary>
sealed class CachedJob
{
    /// <summary>As its row says; watermark, last fire time and change counter of a job that has a place in <c>due</c> are there.</summary>
    public required StoredJob Stored { get; init; }

    /// <summary>Why the job is passed over until its row changes: its place in <c>due</c> is not as it must be. Null for a sound job.</summary>
    public string? SetAside { get; set; }

    /// <summary>Where the job stood in <c>due</c> when this process wrote it last; another process may have moved it.</summary>
    public DuePlace? Place { get; set; }

    /// <summary>How many of its runs are claimed; null where that must be counted.</summary>
    public int? Running { get; set; }

    /// <summary>How many of its waiting runs are blocked; null where that must be counted.</summary>
    public int? Blocked { get; set; }
}

/// <summary>The jobs that the writer has parsed. What another process changed is noticed by the store's count of changes, inside the transaction.</summary>
sealed class JobCache
{
    readonly Dictionary<long, CachedJob> jobs = [];
    readonly HashSet<long> touched = [];
    long definitions = -1;
    (long Epoch, IReadOnlyList<DelayCause> Downtimes) down = (-1, []);

    /// <summary>Names this cache among those of all processes of the store.</summary>
    public long Id { get; } = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(8));

    /// <summary>The plan of claims, begun anew for each.</summary>
    public ClaimPlan Plan { get; } = new();

    /// <summary>Drops what changed since it was last asked.</summary>
    public void Refresh(SqliteSession db, long current)
    {
        if (current == definitions) return;
        var changed = db[SqliteStatements.JobNumbersChangedAfter].With(definitions);
        while (changed.Read()) jobs.Remove(changed.Long(0));
        definitions = current;
    }

    /// <summary>Returns the job of a number; null where no row has it.</summary>
    public CachedJob? Get(SqliteSession db, long number)
    {
        if (jobs.TryGetValue(number, out var known)) return known;
        var row = db[SqliteStatements.JobByNumber].With(number);
        if (!row.Read()) return null;
        var job = new CachedJob { Stored = JobTable.Read(row) };
        row.Reset();
        jobs.Add(number, job);
        return job;
    }

    /// <summary>Returns the downtimes before an epoch, read once for each activation.</summary>
    public IReadOnlyList<DelayCause> Downtimes(SqliteSession db, long epoch)
    {
        if (down.Epoch != epoch) down = (epoch, EpochRules.Downtimes(EpochTable.Recent(db)));
        return down.Downtimes;
    }

    /// <summary>Drops a job that was changed in the transaction that is open.</summary>
    public void Remove(long number)
    {
        jobs.Remove(number);
        Touch(number);
    }

    /// <summary>Remembers that a count or place of the job was changed in the transaction that is open.</summary>
    public void Touch(long number) => touched.Add(number);

    /// <summary>What was touched is written.</summary>
    public void Committed() => touched.Clear();

    /// <summary>What was touched is not written: it is read anew. An ordinary refusal, such as of an id that is taken, drops no other job.</summary>
    public void RolledBack()
    {
        foreach (var number in touched) jobs.Remove(number);
        touched.Clear();
        ClearCounts();
    }

    /// <summary>Another process has changed runs since: what was counted is counted anew.</summary>
    public void ClearCounts()
    {
        foreach (var job in jobs.Values) (job.Running, job.Blocked, job.Place) = (null, null, null);
    }

    /// <summary>Drops everything: the store is another file.</summary>
    public void Clear()
    {
        jobs.Clear();
        touched.Clear();
        (definitions, down) = (-1, (-1, []));
    }
}
