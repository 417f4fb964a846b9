using System.Collections.Concurrent;
using Escapement.Ledger;
using Escapement.Rules;

namespace Escapement.PostgreSql;

/// <summary>What a claim needs beside the jobs.</summary>
/// <param name="Stamp">The stamp of the state under which the rest was read.</param>
/// <param name="Downtimes">The downtimes.</param>
/// <param name="Scopes">The pauses of tags and executors.</param>
sealed record Surroundings(long Stamp, IReadOnlyList<DelayCause> Downtimes, IReadOnlyList<ScopedPause> Scopes);

/// <summary>The parsed jobs of a store by number. A job is used only under the stamp of its row in <c>due</c>.</summary>
sealed class JobCache
{
    readonly ConcurrentDictionary<long, StampedJob> jobs = new();

    /// <summary>Returns a job under a stamp, or null if the job must be read.</summary>
    public StampedJob? Get(long number, long stamp) =>
        jobs.TryGetValue(number, out var known) && known.Stamp == stamp ? known : null;

    /// <summary>Returns a job as last read, or null.</summary>
    public StampedJob? Known(long number) => jobs.GetValueOrDefault(number);

    /// <summary>Adds a job that was read outside of the change of the job. A job that is set aside is read each time, because a
    /// correction by hand leaves the stamp as it is.</summary>
    public void Add(StampedJob job)
    {
        if (!job.IsSetAside) jobs[job.Stored.Number] = job;
    }

    /// <summary>Forgets all jobs, because numbers and stamps may be given again.</summary>
    public void Clear()
    {
        jobs.Clear();
        Around = null;
    }

    /// <summary>What lies around the jobs, as last read, or null. A class, because a failover clears the cache during a claim, and a
    /// reference is written as a whole.</summary>
    public Surroundings? Around { get; set; }
}
