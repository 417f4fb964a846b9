using System.Collections.Concurrent;
using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Escapement.Engine;

/// <summary>The dependencies shared by all executors of a node.</summary>
/// <param name="Handlers">The handlers of the program.</param>
/// <param name="Services">The source of the handlers' services, with a scope for each run that needs services.</param>
/// <param name="Recorder">The recorder of the outcomes.</param>
/// <param name="Clock">The clock that stamps runs and judges lateness.</param>
/// <param name="Scheduler">The task scheduler on which all work is started.</param>
/// <param name="Log">The log of the node.</param>
sealed record ExecutorContext(
    HandlerRegistry Handlers, IServiceScopeFactory? Services, Recorder Recorder, TimeProvider Clock, TaskScheduler Scheduler, ILogger Log);

/// <summary>Limits how many runs go on at once, under a name.</summary>
/// <remarks>
/// A worker takes one claim at a time, and calls another worker before starting the claim. A handler that blocks its
/// thread therefore holds up only its own run.
/// </remarks>
sealed class Executor(string name, int places, ExecutorContext context, Action freed)
{
    readonly ConcurrentQueue<RunUnderWay> queue = new();

    // Keyed by the number of the claim, because an attempt that does not end may run beside the next attempt of the
    // same run.
    readonly ConcurrentDictionary<long, RunUnderWay> underWay = new();
    readonly Lock gate = new();
    TaskCompletionSource? idle;
    DateTimeOffset? fullSince;
    int taken, workers;
    bool isStopping;

    /// <summary>The name of the executor.</summary>
    public string Name => name;

    /// <summary>The number of free places.</summary>
    public int Free => places - Volatile.Read(ref taken);

    /// <summary>The number of runs, started or not.</summary>
    public int Taken => Volatile.Read(ref taken);

    /// <summary>Returns whether the executor has runs of an epoch, started or not.</summary>
    public bool Has(long epoch) => underWay.Values.Any(run => run.Activation.Epoch == epoch);

    /// <summary>
    /// Returns the instant since which all places were taken until recently, and clears the instant. Returns null if a
    /// place was free at all times since the last call.
    /// </summary>
    /// <remarks>Called only by the planner's loop, as is <see cref="Start"/>.</remarks>
    public DateTimeOffset? TakeFullSince()
    {
        var since = fullSince;
        fullSince = null;
        return since;
    }

    /// <summary>Takes a run. The run starts at once, unless the node loses its right first.</summary>
    public void Start(ClaimedRun run, Activation activation)
    {
        // Registered first, so that a fence or a stop finds the run at every point on the way to its handler.
        var running = new RunUnderWay(run, activation);
        underWay[run.Token] = running;
        if (Volatile.Read(ref isStopping) && run.Job.Options.CancelAtStop) running.Cancel();
        if (Interlocked.Increment(ref taken) >= places) fullSince ??= context.Clock.GetUtcNow();
        queue.Enqueue(running);
        CallWorker();
    }

    /// <summary>
    /// Drops the runs that have not started and cancels the others. The node is fenced, and other nodes settle these
    /// runs.
    /// </summary>
    /// <param name="epoch">
    /// The epoch of the runs, or null for all epochs. The node keeps the runs of epochs that the node itself had ended
    /// before.
    /// </param>
    public void Fence(long? epoch)
    {
        foreach (var run in underWay.Values)
        {
            if (epoch is null || run.Activation.Epoch == epoch)
                run.Abandon();
        }
    }

    /// <summary>Stops all runs, and records each run as interrupted, started or not.</summary>
    public void StopAll()
    {
        foreach (var run in underWay.Values)
        {
            _ = TrySettle(run, Outcome.Interrupted, Reason.Draining);
            run.Cancel();
        }
    }

    /// <summary>Cancels the runs of jobs that ask for the cancellation when their process is asked to stop.</summary>
    public void CancelAtStop()
    {
        // A claim that was under way may still bring runs.
        Volatile.Write(ref isStopping, true);
        foreach (var run in underWay.Values)
            if (run.Run.Job.Options.CancelAtStop) run.Cancel();
    }

    /// <summary>The id of the job of each run.</summary>
    public IEnumerable<string> Jobs => underWay.Values.Select(run => run.Run.Job.Id.Value);

    /// <summary>Completes when no run is left.</summary>
    public Task IdleAsync()
    {
        lock (gate)
        {
            if (taken == 0) return Task.CompletedTask;
            return (idle ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    void CallWorker()
    {
        // Never incremented in vain, not even briefly: a worker that ends at the same time would find no place for its
        // successor, and no worker would take the run.
        int now;
        do
        {
            now = Volatile.Read(ref workers);
            if (now >= places) return;
        }
        while (Interlocked.CompareExchange(ref workers, now + 1, now) != now);
        _ = Task.Factory.StartNew(WorkAsync, CancellationToken.None, TaskCreationOptions.None, context.Scheduler).Unwrap();
    }

    async Task WorkAsync()
    {
        try
        {
            while (queue.TryDequeue(out var next))
            {
                if (!queue.IsEmpty) CallWorker();
                await RunAsync(next);
            }
        }
        finally
        {
            Interlocked.Decrement(ref workers);

            // A run may have arrived between the last look at the queue and the line above, when its call for a worker
            // found all places taken.
            if (!queue.IsEmpty) CallWorker();
        }
    }

    async Task RunAsync(RunUnderWay running)
    {
        try
        {
            await StartAsync(running);
        }
        catch (Exception e)
        {
            // Only the handler is expected to fail. After any other failure, no other code would record the run.
            _ = TrySettle(running, Outcome.Failed, null, Failure.TextOf(e));
            Log.HandlerFailed(context.Log, running.Run.Job.Id.Value, running.Run.Id, running.Run.FireTime, Failure.Loggable(e));
        }
        finally
        {
            underWay.TryRemove(running.Run.Token, out _);
            running.Dispose();
            Done();
        }
    }

    async ValueTask StartAsync(RunUnderWay running)
    {
        var (run, activation) = (running.Run, running.Activation);
        var answer = activation.MayStart();
        while (!answer.IsCompleted)
        {
            // An awaited answer may be stale: the process may have been stopped meanwhile, or the thread pool may have
            // had no free thread.
            await answer;
            answer = activation.MayStart();
        }

        var mayStart = await answer;
        if (!running.IsSettled && (activation.DrainOver() || (run.Job.Options.CancelAtStop && running.Stop.IsCancellationRequested)))
        {
            _ = TrySettle(running, Outcome.Interrupted, Reason.Draining);
            return;
        }

        if (!mayStart || running.Abandoned)
        {
            Log.DroppedUnstarted(context.Log, run.Job.Id.Value, run.FireTime);
            return;
        }

        if (running.IsSettled) return;
        var startedAt = context.Clock.GetUtcNow();
        if (run.MisfireGraceFrom is { } from && !run.Job.Options.MisfireGrace.Allows(startedAt - from, activation.GraceLimit))
        {
            if (!TrySettle(running, Outcome.Missed, Reason.ExecutorSaturated)) return;
            MissedLog.Tell(context.Log, [new(run.Job.Id, run.FireTime, run.FireTime, Reason.ExecutorSaturated)]);
            return;
        }

        if (!running.Begin(startedAt)) return;
        var (outcome, reason, failure) = await CallAsync(running);

        // Logged before the run ends, so that code waiting for the end finds the line in the log.
        if (failure is not null) Log.HandlerFailed(context.Log, run.Job.Id.Value, run.Id, run.FireTime, Failure.Loggable(failure));
        if (!TrySettle(running, outcome, reason, failure is null ? null : Failure.TextOf(failure)) && running.Abandoned
            && outcome != Outcome.Interrupted)
        {
            Log.WentOnFenced(context.Log, run.Job.Id.Value, run.FireTime, outcome);
        }
    }

    async ValueTask<(Outcome, Reason?, Exception?)> CallAsync(RunUnderWay running)
    {
        try
        {
            await CallHandlerAsync(running.Run, running.Stop);
            return (Outcome.Succeeded, null, null);
        }
        catch (OperationCanceledException) when (running.Stop.IsCancellationRequested)
        {
            return (Outcome.Interrupted, running.Abandoned ? Reason.Fenced : Reason.Draining, null);
        }
        catch (Exception e)
        {
            return (Outcome.Failed, null, e);
        }
    }

    async ValueTask CallHandlerAsync(ClaimedRun run, CancellationToken cancellationToken)
    {
        var handler = context.Handlers.Get(run.Job.Handler);
        var job = new JobContext
        {
            Job = run.Job.Id,
            Run = run.Id,
            FireTime = run.FireTime,
            Attempt = run.Attempt,
            FencingToken = run.Token,
            Arguments = run.Arguments,
        };
        if (!handler.NeedsServices)
        {
            await handler.Run(job, null, cancellationToken);
            return;
        }

        var scope = context.Services!.CreateAsyncScope();
        try
        {
            await handler.Run(job, scope.ServiceProvider, cancellationToken);
        }
        catch (Exception)
        {
            await DisposeAfterFailureAsync(scope, run);
            throw;
        }

        await scope.DisposeAsync();
    }

    /// <summary>
    /// Disposes of the services of a run whose handler failed. An exception of a service must not hide the handler's
    /// exception.
    /// </summary>
    async ValueTask DisposeAfterFailureAsync(AsyncServiceScope scope, ClaimedRun run)
    {
        try
        {
            await scope.DisposeAsync();
        }
        catch (Exception e)
        {
            Log.DisposalFailed(context.Log, run.Job.Id.Value, run.FireTime, Failure.Loggable(e));
        }
    }

    /// <summary>Settles a run and records its outcome.</summary>
    /// <remarks>A caller that finds the run settled returns only after the outcome was handed to the recorder. A stop
    /// therefore flushes every outcome that any thread had settled.</remarks>
    /// <returns>False if the run was settled before.</returns>
    bool TrySettle(RunUnderWay running, Outcome outcome, Reason? reason, string? error = null)
    {
        lock (running)
        {
            if (!running.Settle()) return false;
            Record(running, outcome, reason, error);
            return true;
        }
    }

    void Record(RunUnderWay running, Outcome outcome, Reason? reason, string? error = null)
    {
        var finishedAt = context.Clock.GetUtcNow();
        if (running.StartedAt is { } begun && context.Log.IsEnabled(LogLevel.Debug))
        {
            Log.RunEnded(context.Log, running.Run.Job.Id.Value, running.Run.FireTime, outcome, DurationWords.Of(finishedAt - begun));
        }

        context.Recorder.Add(new()
        {
            Id = running.Run.Id,
            Node = running.Activation.Node,
            Epoch = running.Activation.Epoch,
            Attempt = running.Run.Attempt,
            StartedAt = running.StartedAt,
            FinishedAt = finishedAt,
            Outcome = outcome,
            Reason = reason,
            Error = error,
        }, running.Run.Job);
    }

    void Done()
    {
        lock (gate)
        {
            if (Interlocked.Decrement(ref taken) == 0)
            {
                idle?.TrySetResult();
                idle = null;
            }
        }

        freed();
    }
}
