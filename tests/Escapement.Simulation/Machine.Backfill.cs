using Escapement.Hosting;
using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Stores;

namespace Escapement.Simulation;

/// <summary>The backfills of clients.</summary>
sealed partial class Machine
{
    /// <summary>Returns true if a run makes up for a fire time that did not run.</summary>
    public bool IsBackfill(RunId id) =>
        Store.Inner.RunsAsync(new() { Id = id }, CancellationToken.None).Result.Runs is [{ Cause: RunCause.Backfill }];

    /// <summary>Makes up for the missed fire times of a random job through a node.</summary>
    public void Backfill(SimulatedNode node)
    {
        var job = Jobs[world.Pick(Jobs.Count)].Id;
        node.Tell($"is asked for a backfill of job {job}");
        node.Do(async () =>
        {
            try
            {
                var scheduler = GuestScheduler.Over(node.Store!, node.Clock);
                var made = await scheduler.BackfillAsync(job.Value, World.Start, node.Clock.GetUtcNow() + TimeSpan.FromTicks(1));
                node.Tell($"has asked for {made.Runs.Count} runs of job {job} that make up for missed fire times");
            }
            catch (Exception e) when (e is StoreUnavailableException or JobNotFoundException or BackfillRefusedException
                or ArgumentOutOfRangeException)
            {
                node.Tell($"cannot make up for fire times of job {job}: {e.Message}");
            }
        });
    }
}
