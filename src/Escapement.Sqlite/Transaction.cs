using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;

namespace Escapement.Sqlite;

/// <summary>A write transaction that is open, with what it notifies once it is committed.</summary>
/// <param name="db">The writer's connection.</param>
/// <param name="jobs">What is parsed and counted already.</param>
/// <param name="now">The clock, read once the write lock was taken.</param>
sealed class Transaction(SqliteSession db, JobCache jobs, DateTimeOffset now)
{
    StoreState? state;

    public SqliteSession Db => db;

    public JobCache Jobs => jobs;

    /// <summary>The clock, in whole microseconds.</summary>
    public DateTimeOffset Now { get; } = now.ToWholeMicros();

    /// <summary><see cref="Now"/> as it is stored.</summary>
    public long NowMicros { get; } = now.ToMicros();

    /// <summary>Notified after the commit.</summary>
    public Notification Notification { get; private set; }

    /// <summary>The state as this transaction found it; what is known of jobs that changed since is dropped.</summary>
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

    public void Notify(StoreSignal signal, RunId? run = null) => Notification = Notification.And(new(signal, run is { } id ? [id] : null));

    /// <summary>Returns the job of a number as it stands in this transaction; null where no row has this number.</summary>
    public CachedJob? Job(long number)
    {
        _ = State;
        return jobs.Get(db, number);
    }

    /// <summary>Makes this process the one whose counts of running and blocked runs are kept up to date. Before any of them is read or changed.</summary>
    public void TakeCounts()
    {
        if (State.Writer == jobs.Id) return;
        jobs.ClearCounts();
        db[SqliteStatements.TakeCounts].With(jobs.Id).Run();
        state = State with { Writer = jobs.Id };
    }

    /// <summary>Where all jobs stand in <c>due</c>, kept up to date; null where each place is looked for by itself.</summary>
    public Dictionary<long, DuePlace>? Places { get; set; }

    /// <summary>Parses jobs that are not known yet.</summary>
    public bool ReadJobs(IReadOnlyList<long> numbers)
    {
        _ = State;
        foreach (var number in numbers) jobs.Get(db, number);
        return true;
    }
}
