using Escapement.Ledger;
using Escapement.Stores;

namespace Escapement.Sqlite;

/// <summary>A write transaction that is open, with what it wants rung once it is committed.</summary>
/// <param name="db">The writer's connection.</param>
/// <param name="jobs">What is parsed already.</param>
/// <param name="now">The clock, read once the write lock was taken.</param>
sealed class Transaction(SqliteSession db, JobCache jobs, DateTimeOffset now)
{
    bool fresh;

    public SqliteSession Db => db;

    public JobCache Jobs => jobs;

    public DateTimeOffset Now { get; } = now.ToWholeMicros();

    /// <summary><see cref="Now"/> as it is stored.</summary>
    public long NowMicros { get; } = now.ToMicros();

    /// <summary>Rung after the commit.</summary>
    public Bell Bells { get; set; }

    /// <summary>The job of this number, as it stands in this transaction.</summary>
    public CachedJob Job(long number)
    {
        if (!fresh) Refresh(StateTable.Read(db).Definitions);
        return jobs.Get(db, number);
    }

    /// <summary>Parses all jobs that are not known yet.</summary>
    public bool ReadJobs()
    {
        Refresh(StateTable.Read(db).Definitions);
        jobs.ReadAll(db);
        return true;
    }

    /// <summary>Forgets what of the jobs is old.</summary>
    public void Refresh(long definitions)
    {
        jobs.Refresh(db, definitions);
        fresh = true;
    }
}
