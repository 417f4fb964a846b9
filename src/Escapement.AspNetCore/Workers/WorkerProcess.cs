using System.Diagnostics;

namespace Escapement.AspNetCore.Workers;

/// <summary>A worker process, from its start to its end.</summary>
sealed class WorkerProcess : IDisposable
{
    readonly Process process;
    readonly PidHandle? handle;
    readonly WorkerLink link;
    readonly CancellationTokenSource ended = new();
    readonly TaskCompletionSource<Uri> ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly TaskCompletionSource stopping = new(TaskCreationOptions.RunContinuationsAsynchronously);

    WorkerProcess(Process process, PidHandle? handle, WorkerLink link)
    {
        this.process = process;
        this.handle = handle;
        this.link = link;
        Pid = process.Id;
        Ended = EndAsync();
        _ = link.ReadAsync(Pid, Hear, ended.Token);
    }

    /// <summary>The process id.</summary>
    public int Pid { get; }

    /// <summary>Completes with the exit status when the process has ended.</summary>
    public Task<WorkerEnd> Ended { get; }

    /// <summary>Completes with the worker's own address when the worker listens. Never completes if the worker ends
    /// before.</summary>
    public Task<Uri> Ready => ready.Task;

    /// <summary>Completes when the worker reports its stop. From then on the worker does not answer.</summary>
    public Task Stopping => stopping.Task;

    /// <summary>Starts a worker.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">The program cannot be started.</exception>
    public static WorkerProcess Start(WorkerProgram program, IReadOnlyList<string> urls)
    {
        var link = new WorkerLink();
        try
        {
            var process = program.Start(link.Name, urls);
            return new(process, Hold(process), link);
        }
        catch
        {
            link.Dispose();
            throw;
        }
    }

    /// <summary>Requests the process to finish and end.</summary>
    public void Terminate() => handle?.Send(Signal.Terminate);

    /// <summary>Ends the process at once.</summary>
    public void Kill() => handle?.Send(Signal.Kill);

    /// <summary>Reads the kernel's view of the process.</summary>
    public ProcessStatus Status() => ProcessStatus.Of(Pid);

    // If the process ended before the handle was open, its pid may belong to another process. If the process is
    // still alive, the handle is
    // correct. A worker without a handle is released, and ends on its own as after the end of its launcher.
    static PidHandle? Hold(Process process)
    {
        PidHandle handle;
        try
        {
            handle = PidHandle.Open(process.Id);
        }
        catch (System.ComponentModel.Win32Exception) when (process.HasExited)
        {
            return null;
        }

        if (!process.HasExited) return handle;
        handle.Dispose();
        return null;
    }

    async Task<WorkerEnd> EndAsync()
    {
        await process.WaitForExitAsync();
        await ended.CancelAsync();
        return new(process.ExitCode);
    }

    void Hear(string line)
    {
        if (line.StartsWith(WorkerWord.Ready, StringComparison.Ordinal)
            && Uri.TryCreate(line[WorkerWord.Ready.Length..], UriKind.Absolute, out var url))
        {
            ready.TrySetResult(url);
        }
        else if (line == WorkerWord.Stopping)
        {
            stopping.TrySetResult();
        }
    }

    /// <summary>Releases the process. A living worker notices the loss of its launcher.</summary>
    public void Dispose()
    {
        link.Dispose();
        handle?.Dispose();
        process.Dispose();
        ended.Dispose();
    }
}

/// <summary>The exit status of a worker.</summary>
/// <param name="ExitCode">The exit code, or 128 plus the number of the signal that ended the worker.</param>
readonly record struct WorkerEnd(int ExitCode)
{
    /// <summary>The shell's exit code for a program that cannot be started.</summary>
    public static WorkerEnd NotStarted { get; } = new(126);

    /// <summary>True if the worker ended or crashed on its own, without an external signal.</summary>
    public bool ByItself => ExitCode is not (128 + 1 or 128 + 2 or 128 + 9 or 128 + 15);

    /// <summary>Returns the exit status for the launcher's output.</summary>
    public override string ToString() => ExitCode switch
    {
        128 + 1 => "by SIGHUP",
        128 + 2 => "by SIGINT",
        128 + 6 => "by SIGABRT (crash)",
        128 + 9 => "by SIGKILL",
        128 + 11 => "by SIGSEGV (crash)",
        128 + 15 => "by SIGTERM",
        var code => $"with exit code {code}",
    };
}
