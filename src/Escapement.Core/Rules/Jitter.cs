using Escapement.Jobs;
using Escapement.Triggers;

namespace Escapement.Rules;

/// <summary>Delays the start of a run by a pseudo-random time, so that the runs of jobs with the same fire time
/// spread.</summary>
/// <remarks>The delay depends on the job's id and the fire time only, so that all processes compute the same start. The
/// fire time remains the key of the run.</remarks>
public static class Jitter
{
    /// <summary>Returns the start of a fire time's run: the fire time plus a delay of at most the trigger's
    /// jitter.</summary>
    /// <param name="job">The job.</param>
    /// <param name="fireTime">The fire time.</param>
    public static DateTimeOffset StartOf(Job job, DateTimeOffset fireTime)
    {
        if (job.Trigger is not { Jitter: var most } || most == TimeSpan.Zero) return fireTime;
        var steps = (ulong)(most.Ticks / TimeSpan.TicksPerMicrosecond) + 1;
        return fireTime.Plus(TimeSpan.FromMicroseconds((long)(Hash(job.Id.Value, fireTime) % steps)));
    }

    // FNV-1a with a final mix. Unlike string.GetHashCode, the result is the same in every process and version.
    static ulong Hash(string job, DateTimeOffset fireTime)
    {
        unchecked
        {
            var hash = 14_695_981_039_346_656_037UL;
            foreach (var c in job) hash = (hash ^ c) * 1_099_511_628_211UL;
            var micros = fireTime.UtcTicks / TimeSpan.TicksPerMicrosecond;
            for (var shift = 0; shift < 64; shift += 8) hash = (hash ^ (byte)(micros >> shift)) * 1_099_511_628_211UL;
            hash = (hash ^ (hash >> 33)) * 0xFF51_AFD7_ED55_8CCDUL;
            return hash ^ (hash >> 33);
        }
    }
}
