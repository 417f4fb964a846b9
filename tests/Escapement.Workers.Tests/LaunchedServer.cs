using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Escapement.Workers.Tests;

/// <summary>A program started as a separate process, and its output.</summary>
sealed partial class LaunchedServer : IAsyncDisposable
{
    /// <summary>The time limit for expected events, generous enough for a busy machine.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(180);

    readonly Process process;
    readonly List<string> lines = [];
    readonly HashSet<int> seen = [];
    TaskCompletionSource more = new(TaskCreationOptions.RunContinuationsAsynchronously);

    LaunchedServer(Process process) => this.process = process;

    public int Pid => process.Id;

    /// <summary>Gets the shared address, available as soon as the workers serve.</summary>
    public Uri Url { get; private set; } = null!;

    /// <summary>Gets the first workers, available as soon as the workers serve.</summary>
    public int[] Workers { get; private set; } = [];

    /// <summary>Gets the output so far.</summary>
    public string Output
    {
        get
        {
            lock (lines) return string.Join('\n', lines);
        }
    }

    /// <summary>The program without a scheduler.</summary>
    public const string Plain = "Escapement.Workers.Program";

    /// <summary>Starts a program. Variables have the form <c>NAME=value</c> and precede the arguments.</summary>
    public static LaunchedServer Start(string program, params string[] words)
    {
        var variables = words.TakeWhile(word => !word.StartsWith('-') && word.Contains('=', StringComparison.Ordinal)).ToList();

        // A shell starts background processes with SIGINT ignored, and nohup does the same with SIGHUP.
        var start = new ProcessStartInfo("env",
            ["--default-signal=INT,HUP", Path.Combine(AppContext.BaseDirectory, program), .. words.Skip(variables.Count)])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = AppContext.BaseDirectory,
        };
        foreach (var variable in variables) start.Environment[variable.Split('=', 2)[0]] = variable.Split('=', 2)[1];
        var process = new Process { StartInfo = start };
        var launched = new LaunchedServer(process);
        process.OutputDataReceived += (_, line) => launched.Hear(line.Data);
        process.ErrorDataReceived += (_, line) => launched.Hear(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return launched;
    }

    /// <summary>Starts workers on a free port and waits until the workers serve.</summary>
    public static async Task<LaunchedServer> ServeAsync(string program, int workers, params string[] words)
    {
        var variables = words.TakeWhile(word => !word.StartsWith('-'));
        var launched = Start(program, [.. variables, "--workers", workers.ToString(CultureInfo.InvariantCulture), "--urls",
            "http://127.0.0.1:0", .. words.SkipWhile(word => !word.StartsWith('-'))]);
        var serving = await launched.LineAsync(LauncherEvent.Serving);
        launched.Url = new(serving.Url);
        launched.Workers = [.. serving.Workers];
        return launched;
    }

    /// <summary>Waits for the launcher's next line of a kind. Each line is returned once.</summary>
    /// <param name="what">The kind.</param>
    /// <param name="such">A condition on the awaited line, or null for the next line.</param>
    public async Task<LauncherLine> LineAsync(LauncherEvent what, Func<LauncherLine, bool>? such = null)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (true)
        {
            Task next;
            lock (lines)
            {
                for (var at = 0; at < lines.Count; at++)
                {
                    if (seen.Contains(at) || LauncherLine.Read(lines[at]) is not { } line) continue;
                    if (line.Event == what && such?.Invoke(line) is not false)
                    {
                        seen.Add(at);
                        return line;
                    }
                }

                next = more.Task;
            }

            try
            {
                await next.WaitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"The launcher did not tell {what}. What came:\n{Output}");
            }
        }
    }

    /// <summary>Waits for the end of the program.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> EndAsync()
    {
        await process.WaitForExitAsync().WaitAsync(Patience);
        return process.ExitCode;
    }

    /// <summary>Waits until a process that is not a child of the test is gone.</summary>
    public static async Task GoneAsync(int pid)
    {
        try
        {
            using var other = Process.GetProcessById(pid);
            await other.WaitForExitAsync().WaitAsync(Patience);
        }
        catch (ArgumentException)
        {
            // The process was gone already.
        }
    }

    public void Signal(int signal) => Signal(Pid, signal);

    public static void Signal(int pid, int signal) => Assert.Equal(0, Kill(pid, signal));

    void Hear(string? line)
    {
        if (line is null) return;
        lock (lines)
        {
            lines.Add(line);
            more.TrySetResult();
            more = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    public async ValueTask DisposeAsync()
    {
        // After the launcher is gone, its workers end by themselves and close the output.
        // A stopped worker must be continued to end.
        if (!process.HasExited)
        {
            process.Kill();
            foreach (var worker in Workers) _ = Kill(worker, Continue);
        }

        await process.WaitForExitAsync().WaitAsync(Patience);
        process.Dispose();
    }

    public const int HangUp = 1;
    public const int Interrupt = 2;
    public const int KillNow = 9;
    public const int Terminate = 15;
    public const int Continue = 18;
    public const int Stop = 19;

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);
}
