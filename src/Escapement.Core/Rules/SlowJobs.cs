using Escapement.Ledger;

namespace Escapement.Rules;

/// <summary>The slow jobs of a store's claims. A job is kept until its fire times are decided, its definition changes,
/// or its node's epoch ends.</summary>
sealed class SlowJobs
{
    readonly Dictionary<(long Epoch, long Job), SlowJob> jobs = [];

    public SlowJob? Find(long epoch, StoredJob stored) =>
        jobs.Count > 0 && jobs.TryGetValue((epoch, stored.Number), out var job) && job.Stored.Version == stored.Version ? job : null;

    public void Set(long epoch, SlowJob job)
    {
        if (jobs.TryGetValue((epoch, job.Stored.Number), out var before)) before.Replace();
        jobs[(epoch, job.Stored.Number)] = job;
    }

    public void Remove(long epoch, StoredJob stored)
    {
        if (jobs.Count > 0 && jobs.Remove((epoch, stored.Number), out var job)) job.Replace();
    }

    /// <summary>Drops the jobs of all epochs but the given epoch.</summary>
    public void KeepOnly(long epoch)
    {
        foreach (var key in jobs.Keys)
        {
            if (key.Epoch != epoch && jobs.Remove(key, out var job)) job.Replace();
        }
    }
}
