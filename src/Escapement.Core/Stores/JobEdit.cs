using Escapement.Jobs;
using Escapement.Rules;

namespace Escapement.Stores;

/// <summary>A change of one job.</summary>
/// <param name="Job">Which.</param>
/// <param name="Edit">How.</param>
public sealed record JobEdit(JobId Job, JobEditor Edit);
