using Escapement.Jobs;

namespace Escapement.Ledger;

/// <summary>A stretch of fire times of one job that never became runs.</summary>
/// <param name="Job">Whose.</param>
/// <param name="First">The first fire time of the stretch.</param>
/// <param name="Last">The last one; the same as <paramref name="First"/> when there is one.</param>
/// <param name="Count">How many there were; 1 or more.</param>
/// <param name="Reason">Why.</param>
public sealed record Entry(JobId Job, DateTimeOffset First, DateTimeOffset Last, long Count, Reason Reason);
