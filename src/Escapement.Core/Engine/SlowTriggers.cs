using Escapement.Rules;

namespace Escapement.Engine;

/// <summary>
/// Computes the triggers of <see cref="SlowJob"/>s while the claims continue. The triggers are computed in turn, so
/// that the other processors stay free for the program.
/// </summary>
/// <param name="context">The context of the node.</param>
/// <param name="wakeUp">The signal that ends the planner's wait once a job can be claimed.</param>
sealed class SlowTriggers(NodeContext context, WakeUp wakeUp)
{
    static readonly TimeSpan Told = TimeSpan.FromMilliseconds(100);

    readonly Lock gate = new();
    readonly Queue<SlowJob> queue = [];
    readonly HashSet<string> told = [];
    bool isWorking;

    /// <summary>Queues jobs that a claim passed over.</summary>
    /// <param name="jobs">The jobs.</param>
    /// <param name="cancellationToken">
    /// Cancelled when the claims end. Searches that have not begun are then dropped.
    /// </param>
    public void Add(IReadOnlyList<SlowJob> jobs, CancellationToken cancellationToken)
    {
        if (jobs.Count == 0) return;
        lock (gate)
        {
            foreach (var job in jobs)
            {
                job.Reserve();
                queue.Enqueue(job);
            }

            if (isWorking) return;
            isWorking = true;
        }

        // Not on the engine's scheduler, because a search is pure computation for up to several seconds.
        _ = Task.Factory.StartNew(() =>
            Work(cancellationToken), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    void Work(CancellationToken cancellationToken)
    {
        while (Next(cancellationToken) is { } job)
        {
            var begun = context.Clock.GetTimestamp();
            job.Prepare();
            var took = context.Clock.GetElapsedTime(begun);
            if (took >= Told && told.Add(job.Job.Value)) Log.SlowTrigger(context.Log, job.Job.Value, (long)took.TotalMilliseconds);
            wakeUp.Signal();
        }
    }

    SlowJob? Next(CancellationToken cancellationToken)
    {
        lock (gate)
        {
            while (!cancellationToken.IsCancellationRequested && queue.TryDequeue(out var job))
                if (!job.IsReplaced) return job;
            isWorking = false;
            return null;
        }
    }
}
