using Escapement.Jobs;
using Escapement.Ledger;

namespace Escapement.Rules;

/// <summary>A stretch of a job's missed fire times.</summary>
/// <param name="Job">The job.</param>
/// <param name="First">The first fire time.</param>
/// <param name="Last">The last fire time.</param>
/// <param name="Reason">The reason.</param>
readonly record struct MissedTimes(JobId Job, DateTimeOffset First, DateTimeOffset Last, Reason Reason)
{
    // A reason below the number is a skip on request.
    const int FirstTrouble = 100;

    /// <summary>Returns the missed stretches of a plan, without stretches that continue an entry.</summary>
    public static IEnumerable<MissedTimes> Of(
        List<(int Unit, Entry Entry, Entry? Replaces)> entries, List<(int Unit, WaitingRun Run, RunEnd? End)> fates, List<ClaimUnit> units) => entries
        .Where(planned => planned.Replaces is null && (int)planned.Entry.Reason >= FirstTrouble)
        .Select(planned => planned.Entry)
        .Select(entry => new MissedTimes(entry.Job, entry.First, entry.Last, entry.Reason))
        .Concat(fates.Where(fate => fate.End is { Outcome: Outcome.Missed, Reason: not null }).Select(fate => new MissedTimes(
            units[fate.Unit].Job.Job.Id, Instant.FromMicros(fate.Run.Id.FireTime), Instant.FromMicros(fate.Run.Id.FireTime),
            fate.End!.Reason!.Value)));
}
