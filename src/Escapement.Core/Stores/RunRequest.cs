using Escapement.Jobs;
using Escapement.Ledger;

namespace Escapement.Stores;

/// <summary>Asks for a run of a job.</summary>
/// <param name="Job">Which job; one that is paused runs too.</param>
/// <param name="Arguments">In place of the job's own, if given.</param>
/// <param name="DueAt">From when on; null for now, by the store's clock.</param>
/// <param name="Key">Unique among the runs of its job that wait or run: asking again with it answers the one that stands.</param>
/// <param name="Watched">Whether someone waits for its end, so that its end rings.</param>
public sealed record RunRequest(JobId Job, JobArguments? Arguments = null, DateTimeOffset? DueAt = null, string? Key = null, bool Watched = false);

/// <summary>The answer to a <see cref="RunRequest"/>.</summary>
/// <param name="Run">Names the run.</param>
/// <param name="Existing">Whether it stood already under the same key.</param>
public sealed record AskedRun(RunId Run, bool Existing);
