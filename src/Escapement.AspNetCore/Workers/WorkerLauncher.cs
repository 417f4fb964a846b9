using System.Runtime.InteropServices;

namespace Escapement.AspNetCore.Workers;

/// <summary>Starts several processes of a program at the same port, restarts ended processes, and ends all processes
/// together.</summary>
sealed class WorkerLauncher(WorkerPlan plan, int count) : IDisposable
{
    static readonly PosixSignal[] Signals = [PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGHUP, PosixSignal.SIGQUIT];

    readonly WorkerProbe probe = new(plan.Clock);
    readonly CancellationTokenSource stopping = new();
    readonly TaskCompletionSource stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Runs until a signal arrives and all workers have ended.</summary>
    /// <returns>0 if all workers ended on their own, 1 if workers had to be killed, or a worker's exit code if the
    /// program does not start.</returns>
    public async Task<int> RunAsync()
    {
        // The launcher sends the signal to all workers once. A worker ignores a signal that the terminal has already
        // sent, and the launcher
        // ignores a second signal.
        var signals = Signals.Select(kind => PosixSignalRegistration.Create(kind, Stop)).ToList();
        try
        {
            var slots = Enumerable.Range(0, count).Select(_ => new WorkerSlot(plan, probe)).ToList();
            bool NeverServed() => !slots.Exists(slot => slot.Answered.IsCompleted);
            var running = slots.ConvertAll(slot => slot.RunAsync(NeverServed, stopping.Token));
            var failed = FirstAsync(running);
            var serving = Task.WhenAll(slots.Select(slot => slot.Answered));
            if (await Task.WhenAny(serving, stopped.Task, failed) == serving) plan.Output.Tell(Serving(slots));
            await Task.WhenAny(stopped.Task, failed);
            var end = failed.IsCompletedSuccessfully ? await failed : null;
            await stopping.CancelAsync();
            return await EndAsync(slots, running) ? end?.ExitCode ?? 0 : 1;
        }
        finally
        {
            signals.ForEach(signal => signal.Dispose());
        }
    }

    void Stop(PosixSignalContext signal)
    {
        signal.Cancel = true;
        stopped.TrySetResult();
    }

    string Serving(List<WorkerSlot> slots) =>
        $"{slots.Count} {(slots.Count == 1 ? "worker" : "workers")} on {string.Join(", ", plan.Urls)} ({(slots.Count == 1 ? "process" : "processes")} {string.Join(", ", slots.Select(slot => slot.Worker!.Pid))})";

    /// <summary>Returns the end of the first slot that gives up, or null if the slots were told to stop.</summary>
    async Task<WorkerEnd?> FirstAsync(List<Task<WorkerEnd?>> running)
    {
        if (await await Task.WhenAny(running) is not { } end) return null;
        if (end.ExitCode != 0)
        {
            plan.Output.Fault($"A worker ended {end} before any worker had answered. The program does not start, and is not retried.");
        }

        return end;
    }

    /// <summary>Waits for the workers to end, up to the limit for their runs.</summary>
    /// <returns>True if all workers ended on their own.</returns>
    async Task<bool> EndAsync(List<WorkerSlot> slots, List<Task<WorkerEnd?>> running)
    {
        try
        {
            await Task.WhenAll(running).WaitAsync(plan.StopLimit, plan.Clock);
            return true;
        }
        catch (TimeoutException)
        {
            var left = slots.Select(slot => slot.Worker).OfType<WorkerProcess>().Where(worker => !worker.Ended.IsCompleted).ToList();
            left.ForEach(worker => worker.Kill());
            plan.Output.Fault($"{left.Count} of {slots.Count} workers had not ended after {plan.StopLimit.TotalSeconds:0.#} s and were killed: {string.Join(", ", left.Select(worker => worker.Pid))}.");
            await Task.WhenAll(running);
            return false;
        }
    }

    public void Dispose()
    {
        probe.Dispose();
        stopping.Dispose();
    }
}
