using System.Collections.Concurrent;
using Escapement.Rules;

namespace Escapement.PostgreSql;

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

    /// <summary>The downtimes and the pauses of tags and executors with the stamp under which they were read.</summary>
    public (long Stamp, IReadOnlyList<DelayCause> Downtimes, IReadOnlyList<Ledger.ScopedPause> Scopes)? Around { get; set; }
}
