using Escapement.Jobs;
using Escapement.Triggers;

namespace Escapement.Rules;

/// <summary>By how much a run starts later than its fire time, so that jobs of one instant spread.</summary>
/// <remarks>The job's id and the fire time decide, so that every process comes to the same instant. The fire time itself stays as it is: it is the key under which a run is claimed once.</remarks>
public static class Jitter
{
    /// <summary>When a fire time's run is to start: the fire time, or up to the trigger's jitter later.</summary>
    /// <param name="job">Whose.</param>
    /// <param name="fireTime">The instant for which it runs.</param>
    public static DateTimeOffset StartOf(Job job, DateTimeOffset fireTime)
    {
        if (job.Trigger is not { Jitter: var most } || most == TimeSpan.Zero) return fireTime;
        var steps = (ulong)(most.Ticks / TimeSpan.TicksPerMicrosecond) + 1;
        return fireTime.Plus(TimeSpan.FromMicroseconds((long)(Hash(job.Id.Value, fireTime) % steps)));
    }

    // FNV-1a with a last mixing: the same in every process and version, which string.GetHashCode is not.
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
