using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Reflection;
using System.Text.Json;
using Escapement.Cli.Tests;
using Escapement.Ledger;
using Escapement.Sqlite;

namespace Escapement.SchedulerTool.Tests;

/// <summary>Processes of the Quickstart with three workers each, their address, and the tool.</summary>
sealed class QuickstartProcesses : IDisposable
{
    static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    static readonly string Quickstart = typeof(QuickstartProcesses).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(metadata => metadata.Key == "Quickstart").Value!;

    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("escapement-real-");
    readonly List<int> groups = [];
    readonly int port = FreePort();
    readonly FakeClock? clock;

    /// <summary>Chooses an address. No process is started.</summary>
    /// <param name="hasFakeClock">True if the wall clock of the processes and of the tool can be set.</param>
    public QuickstartProcesses(bool hasFakeClock = false)
    {
        Http = new() { BaseAddress = new($"http://127.0.0.1:{port}") };
        if (hasFakeClock) clock = new(Path.Combine(folder.FullName, "clock"));
    }

    public HttpClient Http { get; }

    public string Store => Path.Combine(folder.FullName, "escapement.db");

    public string[] Url => ["--url", $"http://127.0.0.1:{port}"];

    /// <summary>The wall clock of the processes.</summary>
    public DateTimeOffset Now => DateTimeOffset.UtcNow + (clock?.Offset ?? TimeSpan.Zero);

    static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Sets the wall clock of all processes and of the tool.</summary>
    public void JumpClock(TimeSpan by) => clock!.Offset += by;

    /// <summary>Runs the tool with the wall clock of the processes.</summary>
    public Task<(int ExitCode, string Output, string Error)> RunToolAsync(params string[] arguments) =>
        Tool.RunWith("", clock?.Environment, arguments);

    /// <summary>Starts a group of processes, and returns the number of the group.</summary>
    public int Start()
    {
        // A session of its own, so that the launcher and all workers are killed together.
        ProcessStartInfo start = new("setsid", [Quickstart, "--workers", "3", "--data", folder.FullName, "--urls", $"http://127.0.0.1:{port}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DOTNET_ENVIRONMENT"] = "Production";
        foreach (var (name, value) in clock?.Environment ?? []) start.Environment[name] = value;
        var process = Process.Start(start)!;
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        groups.Add(process.Id);
        return process.Id;
    }

    /// <summary>Waits until a process other than a given process is active, and returns the active process.</summary>
    public async Task<int> ActiveAsync(int? not)
    {
        var active = 0;
        await UntilAsync(async () =>
        {
            var nodes = await Http.GetFromJsonAsync<JsonElement>("/scheduler/nodes", Token);
            active = nodes.EnumerateArray().Where(node => node.GetProperty("role").GetString() == "active")
                .Select(node => node.GetProperty("pid").GetInt32()).FirstOrDefault();
            return active != 0 && active != not;
        }, "no other process is active");
        return active;
    }

    /// <summary>Waits until a number of further runs of the job have succeeded, whatever their fire times.</summary>
    public async Task RanAsync(int count)
    {
        var before = await SucceededAsync();
        await UntilAsync(async () => await SucceededAsync() >= before + count, "the job does not run");
    }

    async Task<int> SucceededAsync() => (await RunsAsync("&outcome=succeeded")).Count;

    /// <summary>Returns the fire times of the runs of the job, newest first.</summary>
    public async Task<List<DateTimeOffset>> RunsAsync(string filter = "") =>
        [.. (await Http.GetFromJsonAsync<JsonElement>($"/scheduler/runs?job_id=sample&limit=1000{filter}", Token))
            .EnumerateArray().Select(run => run.GetProperty("fire_time").GetDateTimeOffset())];

    /// <summary>Waits until the ledger has a number of clock jumps.</summary>
    public async Task MarkedAsync(int jumps)
    {
        await using SqliteStore store = new(new(Store, TimeSpan.FromSeconds(15)) { AsGuest = true }, TimeProvider.System);
        await store.OpenAsync("tests", Token);
        await UntilAsync(async () => (await store.LedgerAsync(new() { Runs = false }, Token)).Marks
            .Count(mark => mark.Kind == MarkKind.ClockJump) >= jumps, "the ledger has no mark of the clock jump");
    }

    /// <summary>Waits until all processes of a group have ended.</summary>
    public static async Task EndedAsync(int group) =>
        await UntilAsync(() => Task.FromResult(Signal(0, -group) != 0), "the processes do not end");

    /// <summary>Waits until a condition holds. A process that starts or ends may not answer.</summary>
    public static async Task UntilAsync(Func<Task<bool>> reached, string otherwise)
    {
        var begun = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                if (await reached()) return;
            }
            catch (Exception e) when (e is HttpRequestException or JsonException)
            {
                // A process that starts or ends does not answer.
            }

            Assert.True(Stopwatch.GetElapsedTime(begun) < Limit, $"For {Limit}, {otherwise}.");
            await Task.Delay(TimeSpan.FromMilliseconds(100), Token);
        }
    }

    /// <summary>Kills a process, or the processes of a group with a negative number.</summary>
    public static void Kill(int process) => Signal(9, process);

    static int Signal(int signal, int process)
    {
        using var kill = Process.Start(new ProcessStartInfo("kill",
            [$"-{signal}", "--", process.ToString(CultureInfo.InvariantCulture)])
        { RedirectStandardError = true })!;
        kill.WaitForExit();
        return kill.ExitCode;
    }

    static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public void Dispose()
    {
        foreach (var group in groups)
        {
            Kill(-group);
            clock?.Forget(group);
        }

        Http.Dispose();
        folder.Delete(recursive: true);
    }
}
