using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Escapement.TestProcesses;

/// <summary>A node in a separate process. Tests start, kill, stop and query the process, and read its log.</summary>
public sealed partial class NodeProcess : IDisposable
{
    /// <summary>SIGKILL.</summary>
    public const int Kill = 9;

    /// <summary>SIGTERM.</summary>
    public const int Terminate = 15;

    /// <summary>SIGCONT.</summary>
    public const int Continue = 18;

    /// <summary>SIGSTOP.</summary>
    public const int Stop = 19;

    /// <summary>The time limit for expected events, generous enough for a busy machine.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(Environment.GetEnvironmentVariable(
        "ESCAPEMENT_TEST_PATIENCE") is { } seconds ? double.Parse(seconds, CultureInfo.InvariantCulture) : 180);

    readonly Process process;
    readonly List<LogLine> lines = [];
    readonly List<(Func<LogLine, bool> Wanted, TaskCompletionSource<LogLine> Found)> waits = [];

    NodeProcess(Process process, string url, string journal) => (this.process, Url, JournalFile) = (process, url, journal);

    /// <summary>Gets the address of the process.</summary>
    public string Url { get; }

    /// <summary>Gets the file with the journal of the handlers.</summary>
    public string JournalFile { get; }

    /// <summary>Gets the process id.</summary>
    public int Pid => process.Id;

    /// <summary>Starts a process.</summary>
    /// <param name="folder">The folder of the store and the journals.</param>
    /// <param name="settings">Further arguments, such as <c>--load 100</c>.</param>
    public static NodeProcess Start(string folder, params string[] settings) => StartAs([], null, folder, settings);

    /// <summary>Starts a process under another command, such as <c>setpriv --reuid nobody</c>.</summary>
    /// <param name="command">The command and its arguments. Empty to start the program directly.</param>
    /// <param name="program">The folder of a copy of the program, or null for the program's own folder.</param>
    /// <param name="folder">The folder of the store and the journals.</param>
    /// <param name="settings">Further arguments.</param>
    public static NodeProcess StartAs(IReadOnlyList<string> command, string? program, string folder, params string[] settings)
    {
        var file = typeof(NodeProcess).Assembly.Location;
        if (program is not null) file = Path.Combine(program, Path.GetFileName(file));
        var port = FreePort();
        var url = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}");
        var journal = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"journal-{port}-{Guid.NewGuid():N}.txt"));
        var words = (List<string>)[.. command, "dotnet", file, "--urls", url, "--journal", journal, "--Escapement:Store",
            Path.Combine(folder, "jobs.db"), "--contentRoot", folder, .. settings];
        var info = new ProcessStartInfo(words[0])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder
        };
        foreach (var word in words.Skip(1)) info.ArgumentList.Add(word);
        var node = new NodeProcess(new Process { StartInfo = info }, url, journal);
        node.process.OutputDataReceived += (_, line) => node.Heard(line.Data);
        node.process.ErrorDataReceived += (_, line) => node.Heard(line.Data);
        node.process.Start();
        node.process.BeginOutputReadLine();
        node.process.BeginErrorReadLine();
        return node;
    }

    void Heard(string? text)
    {
        if (text is null) return;
        var line = LogLine.Read(text);
        lock (lines)
        {
            lines.Add(line);
            foreach (var wait in waits.Where(wait => wait.Wanted(line)).ToList())
            {
                waits.Remove(wait);
                wait.Found.TrySetResult(line);
            }
        }
    }

    /// <summary>Waits for a log event. Events logged earlier count as well.</summary>
    /// <param name="what">The event.</param>
    /// <param name="such">A condition on the fields of the awaited event, or null for the first event.</param>
    public Task<LogLine> SaysAsync(LogEvent what, Func<LogLine, bool>? such = null) =>
        FindAsync(line => line.Event == what && such?.Invoke(line) is not false, $"log event {what} ({(int)what})");

    /// <summary>Waits until the process has become active, with or without a takeover from a lost process.</summary>
    /// <param name="epoch">The epoch, or null for any epoch.</param>
    public Task<LogLine> IsActiveAsync(long? epoch = null) => FindAsync(line => line.Event is LogEvent.Active or LogEvent.TakenOver
        && (epoch is null || line["Epoch"] == epoch.Value.ToString(CultureInfo.InvariantCulture)), $"that it is active with epoch {epoch}");

    /// <summary>Waits for a line of the launcher of <c>--workers</c>.</summary>
    public Task<LogLine> SaysAsync(LauncherEvent what) =>
        FindAsync(line => line.Event == LogEvent.None && LauncherLine.Read(line.Text).Event == what, $"launcher's line {what}");

    /// <summary>Returns true if the log event has been logged so far.</summary>
    public bool HasSaid(LogEvent what)
    {
        lock (lines) return lines.Exists(line => line.Event == what);
    }

    async Task<LogLine> FindAsync(Func<LogLine, bool> wanted, string what)
    {
        var found = new TaskCompletionSource<LogLine>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (lines)
        {
            if (lines.Find(line => wanted(line)) is { } there) return there;
            waits.Add((wanted, found));
        }

        try
        {
            return await found.Task.WaitAsync(Limit);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"Process {Pid} did not say {what}. It said:\n{Log}");
        }
    }

    /// <summary>Gets the whole output of the process.</summary>
    public string Log
    {
        get
        {
            lock (lines) return string.Join('\n', lines);
        }
    }

    /// <summary>Sends a signal.</summary>
    public void Signal(int number) => _ = kill(Pid, number);

    /// <summary>Sends a signal to any process. A negative id denotes a process group.</summary>
    public static void Signal(int pid, int number) => _ = kill(pid, number);

    /// <summary>Waits until the process has ended.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> EndAsync()
    {
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"Process {Pid} did not end. It said:\n{Log}");
        }

        return process.ExitCode;
    }

    /// <summary>Returns an unused port.</summary>
    public static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!process.HasExited) Signal(Kill);
        process.WaitForExit(10_000);
        process.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int kill(int pid, int signal);
}
