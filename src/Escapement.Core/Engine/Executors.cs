using Escapement.Jobs;
using Escapement.Rules;

namespace Escapement.Engine;

/// <summary>The executors of a node.</summary>
sealed class Executors
{
    readonly Dictionary<string, Executor> byName;
    readonly ExecutorContext context;

    /// <param name="places">The places of each executor.</param>
    /// <param name="context">Shared by all executors.</param>
    /// <param name="freed">Called after each run, once its place is free.</param>
    public Executors(IReadOnlyDictionary<string, int> places, ExecutorContext context, Action freed)
    {
        this.context = context;
        byName = places.ToDictionary(each => each.Key, each => new Executor(each.Key, each.Value, context, freed));
        if (context.Handlers.AnyBlocks) AskForThreads(places.Values.Sum());
    }

    /// <summary>Each executor.</summary>
    public IReadOnlyCollection<Executor> All => byName.Values;

    /// <summary>The names of the handlers that the executors can run.</summary>
    public IReadOnlySet<string> Handlers => context.Handlers.Names;

    /// <inheritdoc cref="ClaimRequest.Mismatch"/>
    public string? Mismatch(Job job, JobArguments arguments) => context.Handlers.Mismatch(job, arguments);

    /// <summary>The number of runs, started or not.</summary>
    public int Taken => byName.Values.Sum(executor => executor.Taken);

    /// <summary>Hands a claimed run to its executor.</summary>
    public void Start(ClaimedRun run, Activation activation) => byName[run.Job.Options.Executor].Start(run, activation);

    /// <summary>Returns whether a run of the epoch is left, started or not.</summary>
    public bool Has(long epoch) => byName.Values.Any(executor => executor.Has(epoch));

    /// <summary>
    /// Drops all runs of an epoch that have not started and cancels the others. Null stands for every epoch.
    /// </summary>
    public void Fence(long? epoch)
    {
        foreach (var executor in byName.Values) executor.Fence(epoch);
    }

    /// <summary>Stops all runs and records each as interrupted.</summary>
    public void StopAll()
    {
        foreach (var executor in byName.Values) executor.StopAll();
    }

    /// <summary>Cancels the runs of jobs that ask for the cancellation when their process is asked to stop.</summary>
    public void CancelAtStop()
    {
        foreach (var executor in byName.Values) executor.CancelAtStop();
    }

    /// <summary>Returns the names of the jobs with runs, for people.</summary>
    public string Names()
    {
        const int most = 10;
        var jobs = byName.Values.SelectMany(executor => executor.Jobs).GroupBy(job => job)
            .OrderBy(job => job.Key, StringComparer.Ordinal).ToList();
        return Engine.Names.Bounded(
            [.. jobs.Take(most).Select(job => job.Count() == 1 ? job.Key : $"{job.Key} ({job.Count()} runs)")], jobs.Count);
    }

    /// <summary>Completes when no run is left.</summary>
    /// <remarks>
    /// The executors are awaited in turn, because <c>WhenAll</c> would continue on the thread pool instead of the
    /// engine's scheduler.
    /// </remarks>
    public async Task IdleAsync()
    {
        foreach (var executor in byName.Values) await executor.IdleAsync();
    }

    /// <summary>
    /// Raises the thread pool's minimum, because a handler that blocks its thread must not hold up other runs: the pool
    /// adds about one thread a second.
    /// </summary>
    static void AskForThreads(int places)
    {
        ThreadPool.GetMinThreads(out var workers, out var ports);
        ThreadPool.GetMaxThreads(out var most, out _);
        var wanted = Math.Min(most, Environment.ProcessorCount + places);
        if (workers < wanted) ThreadPool.SetMinThreads(wanted, ports);
    }
}
