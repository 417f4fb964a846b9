using Escapement.Stores;

namespace Escapement.Engine;

/// <summary>The loop of the active node: claim what is due, start it, sleep until more is.</summary>
/// <param name="store">Where runs are claimed.</param>
/// <param name="executors">Where they are started.</param>
/// <param name="wakeUp">Ends the sleep.</param>
/// <param name="trouble">Tells of claims that fail.</param>
/// <param name="clockJumpedFrom">What the wall clock should show, where it is ahead of that.</param>
/// <param name="stopping">The host's first sign of stopping. It is read before each claim, because its callbacks may wait for others of the program.</param>
sealed class Planner(
    IJobStore store, IReadOnlyDictionary<string, Executor> executors, WakeUp wakeUp, StoreTrouble trouble, Func<DateTimeOffset?> clockJumpedFrom,
    CancellationToken stopping)
{
    static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);

    /// <summary>Runs until it is stopped, the host stops, or the epoch is refused.</summary>
    /// <returns>True when a claim was refused: the epoch is over, or the scheduler is shut down.</returns>
    public async Task<bool> RunAsync(ClaimRequest request, StartRight right, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested && !stopping.IsCancellationRequested)
        {
            wakeUp.Reset();
            Claimed claimed;
            try
            {
                claimed = await store.ClaimAsync(WithPlaces(request), stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return false;
            }
            catch (Exception e)
            {
                trouble.Met(Failure.MessageOf(e));
                await wakeUp.WaitAsync(RetryPause, stop);
                continue;
            }
            if (claimed.Fenced) return true;
            if (claimed.Runs.Count > 0) trouble.Over();
            foreach (var run in claimed.Runs) executors[run.Job.Options.Executor].Start(run, right);
            await wakeUp.WaitUntilAsync(claimed.NextDue ?? DateTimeOffset.MaxValue, stop);
        }
        return false;
    }

    ClaimRequest WithPlaces(ClaimRequest request)
    {
        Dictionary<string, int> free = [];
        Dictionary<string, DateTimeOffset>? full = null;
        foreach (var (name, executor) in executors)
        {
            if (executor.Free is not (> 0 and var places)) continue;
            free.Add(name, places);
            if (executor.FullSince is not { } since) continue;
            (full ??= [])[name] = since;
            executor.FullSince = null;
        }
        return request with { FreePlaces = free, FullSince = full, ClockJumpedFrom = clockJumpedFrom() };
    }
}
