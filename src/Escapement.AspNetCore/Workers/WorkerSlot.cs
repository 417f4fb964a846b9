using System.ComponentModel;

namespace Escapement.AspNetCore.Workers;

/// <summary>What all workers of a launcher have in common.</summary>
/// <param name="Program">How one is started.</param>
/// <param name="Urls">The shared addresses.</param>
/// <param name="Lease">Who does not answer for this long is ended.</param>
/// <param name="StopLimit">Who has not ended this long after it began to stop is ended.</param>
/// <param name="Clock">All time.</param>
/// <param name="Output">Where the launcher's lines go.</param>
sealed record WorkerPlan(WorkerProgram Program, IReadOnlyList<string> Urls, TimeSpan Lease, TimeSpan StopLimit, TimeProvider Clock,
    WorkerOutput Output);

/// <summary>The place of one worker: when the one in it ends, the next one gets it.</summary>
sealed class WorkerSlot(WorkerPlan plan, WorkerProbe probe)
{
    // A worker is asked this often within a lease, and judged by as many asks in a row. Each has its own time, so that a launcher that was itself stopped judges nobody by it.
    const int Asks = 3;

    readonly TaskCompletionSource answered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Done when a worker in this place has answered for the first time.</summary>
    public Task Answered => answered.Task;

    /// <summary>The worker that is there now.</summary>
    public WorkerProcess? Worker { get; private set; }

    /// <summary>Keeps the place filled until it is told to stop, and until the last worker in it has ended.</summary>
    /// <param name="neverServed">Asked when one has ended: whether no worker of this launcher has ever answered, so that another would fare alike.</param>
    /// <param name="cancellationToken">Passed on to the worker.</param>
    /// <returns>Null when told to stop; how the worker ended when no other is to be tried.</returns>
    public async Task<WorkerEnd?> RunAsync(Func<bool> neverServed, CancellationToken cancellationToken)
    {
        for (var pause = TimeSpan.Zero; !cancellationToken.IsCancellationRequested;)
        {
            var began = plan.Clock.GetTimestamp();
            var (who, end) = await LiveAsync(cancellationToken);
            if (cancellationToken.IsCancellationRequested) break;
            if (end.ByItself && neverServed()) return end;

            var lived = plan.Clock.GetElapsedTime(began);
            pause = RestartPause.After(pause, lived);
            plan.Output.Tell($"{who} {end} after {Seconds(lived)}. The next one starts {(pause > TimeSpan.Zero ? $"in {Seconds(pause)}" : "now")}.");
            await WaitAsync(Task.Delay(pause, plan.Clock, cancellationToken));
        }

        return null;
    }

    async Task<(string Who, WorkerEnd End)> LiveAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var worker = Worker = WorkerProcess.Start(plan.Program, plan.Urls);
            using (cancellationToken.Register(worker.Terminate)) await WatchAsync(worker, cancellationToken);
            return ($"Worker {worker.Pid} ended", await worker.Ended);
        }
        catch (Win32Exception e)
        {
            // Also in the middle of its life: a deployment may be replacing the program's files.
            plan.Output.Fault($"'{plan.Program.File}' cannot be started: {e.Message}");
            return ("The start ended", WorkerEnd.NotStarted);
        }
    }

    async Task WatchAsync(WorkerProcess worker, CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _ = CancelWhenAsync(Task.WhenAny(worker.Ended, worker.Stopping), over);
        var missed = 0;
        var (told, served) = (false, false);
        while (!over.IsCancellationRequested)
        {
            var third = Task.Delay(plan.Lease / Asks, plan.Clock, over.Token);
            var sign = await SignAsync(worker, third, over.Token);
            missed = sign == Sign.None ? missed + 1 : 0;
            if (sign == Sign.Answer && !served) served = Serves(worker);
            if (over.IsCancellationRequested) break;
            if (missed >= Asks)
            {
                if (!worker.Status().IsTraced)
                {
                    worker.Kill();
                    plan.Output.Tell($"Worker {worker.Pid} has not answered for {Seconds(plan.Lease)} and is ended.");
                    break;
                }

                if (!told) plan.Output.Tell($"Worker {worker.Pid} does not answer; a debugger holds it, so it is let be.");
                (told, missed) = (true, 0);
            }

            await WaitAsync(third);
        }

        if (!worker.Ended.IsCompleted && !cancellationToken.IsCancellationRequested) await EndAsync(worker);
    }

    /// <summary>What a worker shows within a third of the lease.</summary>
    enum Sign
    {
        /// <summary>Nothing.</summary>
        None,

        /// <summary>It is starting and has nothing to answer with yet; nobody has stopped it.</summary>
        Starting,

        /// <summary>It answered.</summary>
        Answer,
    }

    async Task<Sign> SignAsync(WorkerProcess worker, Task third, CancellationToken cancellationToken)
    {
        await WaitAsync(Task.WhenAny(third, worker.Ready));
        if (!worker.Ready.IsCompletedSuccessfully) return worker.Status().IsStopped ? Sign.None : Sign.Starting;
        return await probe.AnswersAsync(await worker.Ready, plan.Lease / Asks, cancellationToken) ? Sign.Answer : Sign.None;
    }

    /// <summary>The first in this place is told of with all others, the next ones one by one.</summary>
    bool Serves(WorkerProcess worker)
    {
        if (!answered.TrySetResult()) plan.Output.Tell($"Worker {worker.Pid} answers.");
        return true;
    }

    /// <summary>One that stops for itself, or was killed: it has its time.</summary>
    async Task EndAsync(WorkerProcess worker)
    {
        try
        {
            await worker.Ended.WaitAsync(plan.StopLimit, plan.Clock);
        }
        catch (TimeoutException)
        {
            worker.Kill();
            plan.Output.Tell($"Worker {worker.Pid} began to stop {Seconds(plan.StopLimit)} ago and is ended.");
        }
    }

    static async Task CancelWhenAsync(Task done, CancellationTokenSource source)
    {
        await done;
        try
        {
            await source.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // The watch is over.
        }
    }

    static async Task WaitAsync(Task wait)
    {
        try
        {
            await wait;
        }
        catch (OperationCanceledException)
        {
            // Whoever waits looks at the token.
        }
    }

    static string Seconds(TimeSpan span) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{span.TotalSeconds:0.#} s");
}
