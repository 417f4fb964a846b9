using System.Collections.Concurrent;
using Escapement.Jobs;
using Escapement.Ledger;
using Escapement.Rules;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Escapement.Engine;

/// <summary>What all executors of a node share.</summary>
/// <param name="Handlers">The code.</param>
/// <param name="Services">Where handlers' services come from; a scope for each run that asks for one.</param>
/// <param name="Recorder">Takes the outcomes.</param>
/// <param name="Clock">Stamps and judges lateness.</param>
/// <param name="Scheduler">The one place where work is started.</param>
/// <param name="Log">The story.</param>
sealed record ExecutorContext(
    HandlerRegistry Handlers, IServiceScopeFactory? Services, Recorder Recorder, TimeProvider Clock, TaskScheduler Scheduler, ILogger Log);

/// <summary>A named limit on how many runs go on at once.</summary>
/// <remarks>
/// A worker takes one claim at a time, so that a handler that blocks its thread holds only its own run, and calls for another worker before it starts one.
/// </remarks>
sealed class Executor(string name, int places, ExecutorContext context, Action freed)
{
    readonly ConcurrentQueue<RunUnderWay> queue = new();

    // By the number of the claim: an attempt that does not end may have the next attempt of its run beside it.
    readonly ConcurrentDictionary<long, RunUnderWay> underWay = new();
    readonly Lock gate = new();
    TaskCompletionSource? idle;
    DateTimeOffset? fullSince;
    int taken, workers;

    /// <summary>Its alias.</summary>
    public string Name => name;

    /// <summary>How many more runs it can take.</summary>
    public int Free => places - Volatile.Read(ref taken);

    /// <summary>How many runs it has, started or not.</summary>
    public int Taken => Volatile.Read(ref taken);

    /// <summary>Whether it has runs of an epoch, started or not.</summary>
    public bool Has(long epoch) => underWay.Values.Any(run => run.Activation.Epoch == epoch);

    /// <summary>Returns since when all places were taken until recently, and clears the instant. Null if a place was free all the time since the last call.</summary>
    /// <remarks>Called by the planner's loop alone, as is <see cref="Start"/>.</remarks>
    public DateTimeOffset? TakeFullSince()
    {
        var since = fullSince;
        fullSince = null;
        return since;
    }

    /// <summary>Takes a run; it starts at once, unless the node loses its right meanwhile.</summary>
    public void Start(ClaimedRun run, Activation activation)
    {
        // Known from here on: whoever fences or stops all in the next moment finds it, wherever it is on its way to its handler.
        var running = new RunUnderWay(run, activation);
        underWay[run.Token] = running;
        if (Interlocked.Increment(ref taken) >= places) fullSince ??= context.Clock.GetUtcNow();
        queue.Enqueue(running);
        CallWorker();
    }

    /// <summary>Drops what was not started and cancels what runs: the node is fenced, others settle these runs.</summary>
    /// <param name="epoch">Only those of this epoch, because those of one that the node itself had ended before stay its own; null for all.</param>
    public void Fence(long? epoch)
    {
        foreach (var run in underWay.Values)
        {
            if (epoch is null || run.Activation.Epoch == epoch)
                run.Abandon();
        }
    }

    /// <summary>Stops what runs and records it, and what was not started, as interrupted.</summary>
    public void StopAll()
    {
        foreach (var run in underWay.Values)
        {
            if (run.Settle()) Record(run, Outcome.Interrupted, Reason.Draining);
            run.Cancel();
        }
    }

    /// <summary>Ends when no run is left.</summary>
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
        // Never counted up in vain, not even for a moment: a worker that ends in that moment would find no place for its successor, and nobody would take the run.
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

            // Between the last look at the queue and the line above a run may have come, whose call for a worker found all places taken.
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
            // Outside the handler nothing is expected to fail. Nobody else would record the run.
            if (running.Settle()) Record(running, Outcome.Failed, null, Failure.TextOf(e));
            Log.HandlerFailed(context.Log, running.Run.Job.Id.Value, running.Run.FireTime, Failure.Loggable(e));
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
            // An answer that was waited for is old: since it was given the process may have been stopped, or the pool have had no thread to go on.
            await answer;
            answer = activation.MayStart();
        }

        var mayStart = await answer;
        if (!running.IsSettled && activation.DrainOver())
        {
            if (running.Settle()) Record(running, Outcome.Interrupted, Reason.Draining);
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
            if (running.Settle()) Record(running, Outcome.Missed, Reason.ExecutorSaturated);
            return;
        }

        if (!running.Begin(startedAt)) return;
        var (outcome, reason, failure) = await CallAsync(running);

        // Whoever waits for the end of the run finds its line in the log.
        if (failure is not null) Log.HandlerFailed(context.Log, run.Job.Id.Value, run.FireTime, Failure.Loggable(failure));
        if (running.Settle())
        {
            Record(running, outcome, reason, failure is null ? null : Failure.TextOf(failure));
        }
        else if (running.Abandoned && outcome != Outcome.Interrupted)
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

    /// <summary>Disposes of the services of a run whose handler failed. What a service throws then must not hide why the handler failed.</summary>
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

    void Record(RunUnderWay running, Outcome outcome, Reason? reason, string? error = null) => context.Recorder.Add(new()
    {
        Id = running.Run.Id,
        Node = running.Activation.Node,
        Epoch = running.Activation.Epoch,
        Attempt = running.Run.Attempt,
        StartedAt = running.StartedAt,
        FinishedAt = context.Clock.GetUtcNow(),
        Outcome = outcome,
        Reason = reason,
        Error = error,
    });

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
