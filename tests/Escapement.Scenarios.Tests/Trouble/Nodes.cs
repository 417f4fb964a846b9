using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Escapement.Ledger;
using Escapement.Stores;
using Escapement.TestProcesses;
using Xunit;

namespace Escapement.Scenarios.Tests.Trouble;

/// <summary>Real processes over a store in a separate folder, with a lease of two seconds.</summary>
sealed class Nodes : IDisposable
{
    /// <summary>The time limit for expected events, generous enough for a busy machine.</summary>
    public static readonly TimeSpan Patience = NodeProcess.Limit;

    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(2);

    readonly List<NodeProcess> started = [];
    readonly HttpClient http = new() { Timeout = Patience };

    public Nodes(string? folder = null) => Folder = folder ?? Directory.CreateTempSubdirectory("escapement-trouble-").FullName;

    public string Folder { get; }

    public string StoreFile => Path.Combine(Folder, "jobs.db");

    public string LockFile => StoreFile + ".lock";

    public NodeProcess Start(params string[] settings) => StartAs([], null, settings);

    /// <summary>Starts a process under another command.</summary>
    /// <param name="command">The command. Empty to start the program directly.</param>
    /// <param name="program">A copy of the program's folder, or null for the program's own folder.</param>
    /// <param name="settings">Further arguments.</param>
    public NodeProcess StartAs(IReadOnlyList<string> command, string? program, params string[] settings)
    {
        var orders = Path.Combine(Folder, $"orders-{Guid.NewGuid():N}");
        var node = NodeProcess.StartAs(command, program, Folder, ["--orders", orders, "--Escapement:Lease", "2s", .. settings]);
        started.Add(node);
        Orders[node] = orders;
        return node;
    }

    Dictionary<NodeProcess, string> Orders { get; } = [];

    /// <summary>
    /// Starts the given number of processes. The first process becomes active, and the rest stand by.
    /// </summary>
    public async Task<NodeProcess[]> StartAsync(int count, params string[] settings)
    {
        var active = Start(settings);
        await active.IsActiveAsync(1);
        var others = Enumerable.Range(1, count - 1).Select(_ => Start(settings)).ToList();
        foreach (var other in others) await other.SaysAsync(LogEvent.WarmedUp);
        foreach (var node in (NodeProcess[])[active, .. others]) await node.SaysAsync(LogEvent.Serving);
        return [active, .. others];
    }

    /// <summary>Returns the id of a process as text.</summary>
    public static string Id(NodeProcess node) => node.Pid.ToString(CultureInfo.InvariantCulture);

    /// <summary>Waits until a process is standby for another process, which the log of the standby names.</summary>
    public static Task StandsByAsync(NodeProcess node, NodeProcess holder) => node.SaysAsync(LogEvent.Standby, line =>
        line["Sentence"].StartsWith($"Process {holder.Pid} on {Environment.MachineName} ", StringComparison.Ordinal));

    /// <summary>Waits until a process becomes active after a killed process.</summary>
    public static async Task FollowsTheKilledAsync(NodeProcess node, long epoch) =>
        Assert.Equal("its process is gone", (await node.IsActiveAsync(epoch))["How"]);

    /// <summary>The place before the next heartbeat, outside every transaction.</summary>
    public const string BeforeAHeartbeat = "SessionHeartbeat+<SendAsync !Escapement.Sqlite";

    /// <summary>The place inside the next write transaction, with SQLite's write lock.</summary>
    public const string InAWrite = "SqliteStore.Write !WriteQueue";

    /// <summary>The place before the raise, with the lock.</summary>
    public const string BeforeTheRaise = "Candidate+<RaiseAsync !Escapement.Sqlite";

    /// <summary>The place after a claim, right before the handler starts.</summary>
    public const string BeforeTheStart = "LeaseGuard.get_Holds";

    /// <summary>Orders a process to stop itself at a place.</summary>
    public void StopAt(NodeProcess node, string place) => Order(node, "stop " + place);

    /// <summary>Orders a single thread of a process to wait at a place until <see cref="Release"/> is called.</summary>
    public void HoldAt(NodeProcess node, string place) => Order(node, "hold " + place);

    /// <summary>Waits until a thread is held.</summary>
    public Task HeldAsync(NodeProcess node) =>
        UntilAsync(() => Task.FromResult(File.Exists(Orders[node] + ".held")), $"a thread of process {node.Pid} is held");

    public void Release(NodeProcess node) => File.Delete(Orders[node] + ".held");

    /// <summary>Shifts a process's wall clock.</summary>
    public void SetClockOff(NodeProcess node, TimeSpan by) =>
        Order(node, string.Create(CultureInfo.InvariantCulture, $"off {by.TotalSeconds}"));

    void Order(NodeProcess node, string order)
    {
        // The file must appear atomically, because the process may read at any moment.
        File.WriteAllText(Orders[node] + ".new", order);
        File.Move(Orders[node] + ".new", Orders[node], overwrite: true);
    }

    /// <summary>Makes a process stop itself, and waits until the process has stopped.</summary>
    /// <param name="node">The process.</param>
    /// <param name="place">The place at which the process stops.</param>
    /// <param name="asks">Triggers the process if the place is not reached automatically. The request gets no
    /// answer.</param>
    public async Task StopAsync(NodeProcess node, string place, Func<Task>? asks = null)
    {
        StopAt(node, place);
        if (asks is not null) Remove(asks());
        await StandsAsync(node.Pid);
    }

    static void Remove(Task task) => task.ContinueWith(ended => _ = ended.Exception, TaskScheduler.Default);

    /// <summary>Waits until a process is stopped.</summary>
    public static Task StandsAsync(int pid) => UntilAsync(() => Task.FromResult(StateOf(pid) is 'T' or 't'), $"process {pid} stands");

    /// <summary>Waits until a process is gone.</summary>
    public static Task GoneAsync(int pid) => UntilAsync(() => Task.FromResult(StateOf(pid) is null or 'Z'), $"process {pid} is gone");

    public static char? StateOf(int pid)
    {
        try
        {
            var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat"));
            return stat[stat.LastIndexOf(')') + 2];
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Waits for a condition without a log line or a notification.</summary>
    public static async Task UntilAsync(Func<Task<bool>> holds, string what)
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (!await holds())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(begun) < Patience, $"It did not come to it that {what}.");
            await Task.Delay(20);
        }
    }

    /// <summary>Lets the given time pass, for tests of the passing of time itself.</summary>
    public static Task LetPassAsync(TimeSpan time) => Task.Delay(time);

    public async Task AddAsync(NodeProcess through, object job)
    {
        using var answer = await http.PostAsJsonAsync(through.Url + "/scheduler/jobs", job);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>
    /// Runs a job now for up to 600 seconds.
    /// The grace is long, because a busy machine may exceed the default of a second.
    /// </summary>
    public async Task RunLongAsync(NodeProcess active, string id = "long")
    {
        await AddAsync(active, new { id, func = "long", kwargs = new { seconds = 600 }, misfire_grace_time = 600 });
        await AddTrial.StartedAsync(active.JournalFile, id);
    }

    /// <summary>Sends a request that changes something, and returns the status and the text of the answer.</summary>
    public async Task<(HttpStatusCode Status, string Text)> WriteAsync(NodeProcess through, string id)
    {
        using var answer = await http.PostAsJsonAsync(through.Url + "/scheduler/jobs",
            new { id, func = "note", trigger = "date", run_date = "2099-01-01T00:00:00Z" });
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    public async Task<(HttpStatusCode Status, string Text)> ReadAsync(NodeProcess through, string path)
    {
        using var answer = await http.GetAsync(new Uri(through.Url + path));
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Returns the process's report about itself under <c>/nodes</c>.</summary>
    public async Task<(string Role, string? Reason, string Sentence)> SelfAsync(NodeProcess node)
    {
        var (_, text) = await ReadAsync(node, "/scheduler/nodes");
        using var list = JsonDocument.Parse(text);
        var self = list.RootElement.EnumerateArray().Single(one => one.GetProperty("pid").GetInt32() == node.Pid);
        return (self.GetProperty("role").GetString()!, self.GetProperty("reason").GetString(), self.GetProperty("sentence").GetString()!);
    }

    /// <summary>Waits until the process's report about itself contains a text.</summary>
    public Task SaysOfItselfAsync(NodeProcess node, string text) => UntilAsync(
        async () => (await SelfAsync(node)).Sentence.Contains(text, StringComparison.Ordinal),
            $"process {node.Pid} says of itself '{text}', but: {SelfNow(node)}");

    string SelfNow(NodeProcess node) => node.Log.Split('\n') is [.., var last] ? last : "";

    /// <summary>
    /// Opens the store without becoming a node. Must not be called while a process is stopped inside a write.
    /// </summary>
    public Task<IJobStore> OpenAsync() => KillTrial.OpenAsync(Folder);

    public static async Task<Epoch> EpochAsync(IJobStore store) => (await store.LookAsync(Sign.None, CancellationToken.None)).Newest!;

    /// <summary>
    /// Waits until the current epoch has shown the given number of further signs of life, and returns the epoch.
    /// </summary>
    public static async Task<Epoch> HeartbeatsAsync(IJobStore store, int times)
    {
        var first = await EpochAsync(store);
        var now = first;
        await UntilAsync(async () => (now = await EpochAsync(store)).Number != first.Number
            || now.Heartbeat >= first.Heartbeat + times, $"epoch {first.Number} beats");
        return now;
    }

    /// <summary>Waits until a run has ended.</summary>
    public static async Task<Run> EndedAsync(IJobStore store, string job)
    {
        Run? run = null;
        await UntilAsync(async () =>
        {
            run = (await store.RunsAsync(new() { Limit = 1000 }, CancellationToken.None)).Runs.FirstOrDefault(one =>
                one.Job.Value == job && one.State == RunState.Ended);
            return run is not null;
        }, $"a run of {job} has ended");
        return run!;
    }

    public void Dispose()
    {
        http.Dispose();
        foreach (var node in started) node.Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}
