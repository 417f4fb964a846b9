using System.ComponentModel;

namespace Escapement.AspNetCore.Workers;

/// <summary>The common settings of a launcher's workers.</summary>
/// <param name="Program">The command line of a worker.</param>
/// <param name="Urls">The shared addresses.</param>
/// <param name="Lease">A worker without an answer for this time is killed.</param>
/// <param name="StopLimit">A worker that is still alive this long after it began to stop is killed.</param>
/// <param name="Clock">The time provider.</param>
/// <param name="Output">The output of the launcher.</param>
sealed record WorkerPlan(WorkerProgram Program, IReadOnlyList<string> Urls, TimeSpan Lease, TimeSpan StopLimit, TimeProvider Clock,
    WorkerOutput Output);

/// <summary>The place of a worker. When its worker ends, the slot starts the next worker.</summary>
sealed class WorkerSlot(WorkerPlan plan, WorkerProbe probe)
{
    // A worker is probed this often within a lease, and killed after this many failures in a row. Each probe has its
    // own time, so that a
    // launcher that was itself suspended kills no worker.
    const int Asks = 3;

    readonly TaskCompletionSource answered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when a worker in this slot has answered for the first time.</summary>
    public Task Answered => answered.Task;

    /// <summary>The current worker.</summary>
    public WorkerProcess? Worker { get; private set; }

    /// <summary>Keeps the slot filled until the stop, and until the last worker has ended.</summary>
    /// <param name="neverServed">Called when a worker has ended. True if no worker of this launcher has ever answered,
    /// so that a restart would fail as well.</param>
    /// <param name="cancellationToken">The stop signal, passed on to the worker.</param>
    /// <returns>Null after a stop, or the exit status of the worker if the slot gives up.</returns>
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
            // This also happens during the launcher's life: a deployment may be replacing the program's files.
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

                if (!told)
                {
                    plan.Output.Tell($"Worker {worker.Pid} does not answer. The worker is kept, because a debugger holds the process.");
                }

                (told, missed) = (true, 0);
            }

            await WaitAsync(third);
        }

        if (!worker.Ended.IsCompleted && !cancellationToken.IsCancellationRequested) await EndAsync(worker);
    }

    /// <summary>The result of a third of the lease.</summary>
    enum Sign
    {
        /// <summary>No sign of life.</summary>
        None,

        /// <summary>The worker is still starting and has no address yet. The process is not stopped.</summary>
        Starting,

        /// <summary>The worker answered.</summary>
        Answer,
    }

    async Task<Sign> SignAsync(WorkerProcess worker, Task third, CancellationToken cancellationToken)
    {
        await WaitAsync(Task.WhenAny(third, worker.Ready));
        if (!worker.Ready.IsCompletedSuccessfully) return worker.Status().IsStopped ? Sign.None : Sign.Starting;
        return await probe.AnswersAsync(await worker.Ready, plan.Lease / Asks, cancellationToken) ? Sign.Answer : Sign.None;
    }

    /// <summary>Reports that a worker answers. The first workers of all slots are reported together, later workers
    /// individually.</summary>
    bool Serves(WorkerProcess worker)
    {
        if (!answered.TrySetResult()) plan.Output.Tell($"Worker {worker.Pid} answers.");
        return true;
    }

    /// <summary>Waits for a worker that is stopping on its own or was killed, up to the limit.</summary>
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
            // The watch has ended.
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
            // The caller checks the token.
        }
    }

    static string Seconds(TimeSpan span) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{span.TotalSeconds:0.#} s");
}
