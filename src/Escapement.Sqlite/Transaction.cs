using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;

namespace Escapement.Sqlite;

/// <summary>An open write transaction, with the notification to send after the commit.</summary>
/// <param name="db">The writer's connection.</param>
/// <param name="jobs">The cache of parsed jobs and counts.</param>
/// <param name="now">The time, read after taking the write lock.</param>
sealed class Transaction(SqliteSession db, JobCache jobs, DateTimeOffset now)
{
    StoreState? state;

    public SqliteSession Db => db;

    public JobCache Jobs => jobs;

    /// <summary>The time of the transaction, in whole microseconds.</summary>
    public DateTimeOffset Now { get; } = now.ToWholeMicros();

    /// <summary>The stored form of <see cref="Now"/>.</summary>
    public long NowMicros { get; } = now.ToMicros();

    /// <summary>The notification to send after the commit.</summary>
    public Notification Notification { get; private set; }

    /// <summary>The state at the start of this transaction. Reading the state drops changed jobs from the
    /// cache.</summary>
    public StoreState State
    {
        get
        {
            if (state is { } read) return read;
            state = StateTable.Read(db);
            jobs.Refresh(db, state.Value.Definitions);
            return state.Value;
        }
    }

    /// <summary>The pauses of tags and executors without a recorded end, as of this transaction.</summary>
    public IReadOnlyList<ScopedPause> Scopes
    {
        get
        {
            _ = State;
            return jobs.Scopes ??= PauseTable.Scopes(db);
        }
    }

    public void Notify(StoreSignal signal, RunId? run = null) => Notification = Notification.And(new(signal, run is { } id ? [id] : null));

    /// <summary>Returns the job with a number as of this transaction, or null if no row has this number.</summary>
    public CachedJob? Job(long number)
    {
        _ = State;
        return jobs.Get(db, number);
    }

    /// <summary>Makes this process the owner of the counts of running and blocked runs. Required before a count is read
    /// or changed.</summary>
    public void TakeCounts()
    {
        if (State.Writer == jobs.Id) return;
        jobs.ClearCounts();
        db[SqliteStatements.TakeCounts].With(jobs.Id).Run();
        state = State with { Writer = jobs.Id };
    }

    /// <summary>The stamp of all rows of <c>job</c> changed by this transaction, or null before the first change.</summary>
    public long? Stamp { get; set; }

    /// <summary>The jobs whose place in <c>due</c> was changed by hand, as far as they were read.</summary>
    public HashSet<long> Misplaced { get; } = [];

    /// <summary>The places of all jobs in <c>due</c>, kept current, or null if each place is looked up
    /// separately.</summary>
    public Dictionary<long, DuePlace>? Places { get; set; }

    /// <summary>Parses the jobs that are not yet cached.</summary>
    public bool ReadJobs(IReadOnlyList<long> numbers)
    {
        _ = State;
        foreach (var number in numbers) jobs.Get(db, number);
        return true;
    }
}
