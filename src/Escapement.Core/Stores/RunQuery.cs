using Escapement.Jobs;
using Escapement.Ledger;

namespace Escapement.Stores;

/// <summary>Which runs to read, newest fire time first.</summary>
/// <param name="Job">Of one job only.</param>
/// <param name="Id">This run only.</param>
/// <param name="Before">Only those that come after this one in the answer's order: the next page.</param>
/// <param name="Since">Only fire times at or after this.</param>
/// <param name="Limit">1 to 1,000.</param>
public sealed record RunQuery(JobId? Job = null, RunId? Id = null, RunId? Before = null, DateTimeOffset? Since = null, int Limit = 100);
