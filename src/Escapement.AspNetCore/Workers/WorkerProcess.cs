using System.Diagnostics;

namespace Escapement.AspNetCore.Workers;

/// <summary>One worker, from its start to its end.</summary>
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

    /// <summary>Its number.</summary>
    public int Pid { get; }

    /// <summary>Done when it has ended, with how.</summary>
    public Task<WorkerEnd> Ended { get; }

    /// <summary>Done when it listens, with its own address. Never, if it ends before.</summary>
    public Task<Uri> Ready => ready.Task;

    /// <summary>Done when it says that it stops: it then no longer answers.</summary>
    public Task Stopping => stopping.Task;

    /// <summary>Starts one.</summary>
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

    /// <summary>Asks it to finish and end.</summary>
    public void Terminate() => handle?.Send(Signal.Terminate);

    /// <summary>Ends it at once.</summary>
    public void Kill() => handle?.Send(Signal.Kill);

    /// <summary>What the kernel says of it.</summary>
    public ProcessStatus Status() => ProcessStatus.Of(Pid);

    // One that ended before the handle was open may have left its number to another; one that has not, has not.
    // A worker that cannot be held is let go: it then ends by itself, as when its launcher is gone.
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

    /// <summary>Lets go of it. One that still lives sees its launcher gone.</summary>
    public void Dispose()
    {
        link.Dispose();
        handle?.Dispose();
        process.Dispose();
        ended.Dispose();
    }
}

/// <summary>How a worker ended.</summary>
/// <param name="ExitCode">Its exit code; 128 and the signal's number if a signal ended it.</param>
readonly record struct WorkerEnd(int ExitCode)
{
    /// <summary>The shell's code for a program that cannot be started.</summary>
    public static WorkerEnd NotStarted { get; } = new(126);

    /// <summary>Whether it ended or crashed by itself, and not because someone ended it.</summary>
    public bool ByItself => ExitCode is not (128 + 1 or 128 + 2 or 128 + 9 or 128 + 15);

    /// <summary>For the launcher's line.</summary>
    public override string ToString() => ExitCode switch
    {
        128 + 1 => "by SIGHUP",
        128 + 2 => "by SIGINT",
        128 + 6 => "by SIGABRT (it crashed)",
        128 + 9 => "by SIGKILL",
        128 + 11 => "by SIGSEGV (it crashed)",
        128 + 15 => "by SIGTERM",
        var code => $"with exit code {code}",
    };
}
