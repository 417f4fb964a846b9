using System.Security.Cryptography;
using Escapement.Ledger;
using Escapement.Rules;

namespace Escapement.Sqlite;

/// <summary>A parsed job as the claim needs it, cached until its row changes.</summary>
sealed class CachedJob
{
    /// <summary>The job as of its row. A job in <c>due</c> has its watermark, last fire time and change counter in that
    /// place instead.</summary>
    public required StoredJob Stored { get; init; }

    /// <summary>The first fire time of the job's present definition, or null if unknown.</summary>
    public long? AccountsFrom { get; init; }

    /// <summary>The reason why the job is skipped until its row changes, or null for a sound job.</summary>
    public string? SetAside { get; set; }

    /// <summary>The job's place in <c>due</c> as this process last wrote it. Another process may have moved the
    /// job.</summary>
    public DuePlace? Place { get; set; }

    /// <summary>The number of claimed runs, or null if the runs must be counted.</summary>
    public int? Running { get; set; }

    /// <summary>The number of blocked waiting runs, or null if the runs must be counted.</summary>
    public int? Blocked { get; set; }
}

/// <summary>The jobs parsed by the writer. The store's definition counter shows, inside the transaction, changes of
/// other processes.</summary>
sealed class JobCache
{
    readonly Dictionary<long, CachedJob> jobs = [];
    readonly HashSet<long> touched = [];
    long definitions = -1;
    (long Epoch, IReadOnlyList<DelayCause> Downtimes) down = (-1, []);

    /// <summary>A random id of this cache, unique among all processes of the store.</summary>
    public long Id { get; } = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(8));

    /// <summary>The claim plan, reused for each claim.</summary>
    public ClaimPlan Plan { get; } = new();

    /// <summary>The pauses of tags and executors without a recorded end, or null if the pauses must be read.</summary>
    public IReadOnlyList<ScopedPause>? Scopes { get; set; }

    /// <summary>Drops the jobs and pauses that changed since the last call.</summary>
    public void Refresh(SqliteSession db, long current)
    {
        if (current == definitions) return;
        var changed = db[SqliteStatements.JobNumbersChangedAfter].With(definitions);
        while (changed.Read()) jobs.Remove(changed.Long(0));
        (definitions, Scopes) = (current, null);
    }

    /// <summary>Returns the job with a number, or null if no row has this number.</summary>
    public CachedJob? Get(SqliteSession db, long number)
    {
        if (jobs.TryGetValue(number, out var known)) return known;
        var row = db[SqliteStatements.JobByNumber].With(number);
        if (!row.Read()) return null;
        var job = new CachedJob { Stored = JobRow.Read(row), AccountsFrom = JobRow.AccountsFrom(row) };
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

    /// <summary>Drops a job that the open transaction changed.</summary>
    public void Remove(long number)
    {
        jobs.Remove(number);
        Touch(number);
    }

    /// <summary>Marks a job whose counts or place the open transaction changed.</summary>
    public void Touch(long number) => touched.Add(number);

    /// <summary>Keeps the marked jobs: their changes are committed.</summary>
    public void Committed() => touched.Clear();

    /// <summary>Drops the marked jobs: their changes were rolled back. A common error, such as a duplicate id, drops no
    /// other job.</summary>
    public void RolledBack()
    {
        foreach (var number in touched) jobs.Remove(number);
        touched.Clear();
        Scopes = null;
        ClearCounts();
    }

    /// <summary>Clears the counts, because another process has changed runs.</summary>
    public void ClearCounts()
    {
        foreach (var job in jobs.Values) (job.Running, job.Blocked, job.Place) = (null, null, null);
    }

    /// <summary>Clears the cache, because the store is another file.</summary>
    public void Clear()
    {
        jobs.Clear();
        touched.Clear();
        (definitions, down, Scopes) = (-1, (-1, []), null);
    }
}
