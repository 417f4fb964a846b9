using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace Escapement;

/// <summary>A command that runs until it is stopped, in a process group of its own, and its output.</summary>
sealed class BackgroundProgram : IAsyncDisposable
{
    /// <summary>The time limit for expected output, generous enough for a busy machine.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    readonly Process process;
    readonly List<string> lines = [];
    TaskCompletionSource more = new(TaskCreationOptions.RunContinuationsAsynchronously);

    BackgroundProgram(Process process) => this.process = process;

    /// <summary>The output so far.</summary>
    public string Output
    {
        get
        {
            lock (lines) return string.Join('\n', lines);
        }
    }

    /// <summary>Starts a program with the environment of the tests.</summary>
    /// <param name="folder">The working directory.</param>
    /// <param name="program">The program's name or path.</param>
    /// <param name="arguments">The command line.</param>
    public static BackgroundProgram Start(string folder, string program, params string[] arguments) => Start(
        new(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true });

    /// <summary>Starts a program.</summary>
    /// <param name="start">The program, its command line, its environment and its working directory.</param>
    public static BackgroundProgram Start(ProcessStartInfo start)
    {
        // A process group can be interrupted as a whole, as a terminal does. A shell starts background processes with SIGINT ignored.
        foreach (var word in ((string[])["--default-signal=INT", "setsid", start.FileName]).Reverse()) start.ArgumentList.Insert(0, word);

        start.FileName = "env";
        var process = new Process { StartInfo = start };
        var program = new BackgroundProgram(process);
        process.OutputDataReceived += (_, line) => program.Hear(line.Data);
        process.ErrorDataReceived += (_, line) => program.Hear(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return program;
    }

    /// <summary>Returns an unused port.</summary>
    public static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    /// <summary>Waits for a line of the output. Earlier lines count as well.</summary>
    /// <param name="shown">The text of the line.</param>
    /// <param name="times">The number of lines.</param>
    /// <returns>The match.</returns>
    public async Task<Match> ShownAsync(Regex shown, int times = 1)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Limit);
        while (true)
        {
            Task next;
            var ended = process.HasExited;
            lock (lines)
            {
                if (lines.Select(line => shown.Match(line)).Where(match => match.Success).ElementAtOrDefault(times - 1) is { } found)
                {
                    return found;
                }

                next = more.Task;
            }

            Assert.False(ended, $"The program ended before it showed '{shown}':\n{Output}");
            try
            {
                // The end of the program includes the end of its output.
                await await Task.WhenAny(next, process.WaitForExitAsync(limit.Token)).WaitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"The program did not show '{shown}':\n{Output}");
            }
        }
    }

    /// <summary>Interrupts the program as Ctrl+C does, and waits for its end.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> StopAsync()
    {
        await SignalAsync("INT");
        return await EndAsync();
    }

    /// <summary>Kills the program, and waits for its end.</summary>
    public async Task KillAsync()
    {
        await SignalAsync("KILL");
        await EndAsync();
    }

    /// <summary>Waits for the end of the program.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> EndAsync()
    {
        await process.WaitForExitAsync().WaitAsync(Limit);
        return process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited) await KillAsync();

        process.Dispose();
    }

    async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("bash", ["-c", string.Create(CultureInfo.InvariantCulture, $"kill -{signal} -- -{process.Id}")]);
        await kill.WaitForExitAsync();
    }

    void Hear(string? line)
    {
        lock (lines)
        {
            if (line is not null) lines.Add(line);
            more.TrySetResult();
            more = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }
}
