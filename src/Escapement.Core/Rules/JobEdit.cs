using Escapement.Jobs;
using Escapement.Ledger;

namespace Escapement.Rules;

/// <summary>A change of one job.</summary>
/// <param name="Job">Which.</param>
/// <param name="Edit">How.</param>
public sealed record JobEdit(JobId Job, JobEditor Edit);

/// <summary>What a change makes of a job, inside the store's transaction. Pure; refuses by throwing, which undoes the whole transaction.</summary>
/// <param name="stored">The job as it stands, ended ones too; null when the id was never used.</param>
/// <param name="account">Takes what becomes of fire times by the change.</param>
/// <returns>The job as it shall stand: the same object for no change.</returns>
public delegate StoredJob? JobEditor(StoredJob? stored, JobAccount account);
