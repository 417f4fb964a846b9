using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Reflection;
using System.Text.Json;
using Escapement.Cli.Tests;

namespace Escapement.SchedulerTool.Tests;

/// <summary>The Quickstart with three workers: a killed process, a pause with a reason, a changed trigger, and a stop of all
/// processes. The account names each cause, the same over REST, over the tool and over the file.</summary>
/// <remarks>With the environment variable ESCAPEMENT_SOAK=1 all processes stay away for two minutes instead of six
/// seconds.</remarks>
public sealed class RealProcessTests : IDisposable
{
    static readonly TimeSpan Away = Environment.GetEnvironmentVariable("ESCAPEMENT_SOAK") == "1"
        ? TimeSpan.FromMinutes(2) : TimeSpan.FromSeconds(6);

    static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    static readonly string Quickstart = typeof(RealProcessTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(metadata => metadata.Key == "Quickstart").Value!;

    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("escapement-real-");
    readonly List<int> groups = [];
    readonly HttpClient http = new();

    string Store => Path.Combine(folder.FullName, "escapement.db");

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_fire_time_that_did_not_run_has_its_cause_everywhere()
    {
        var from = DateTimeOffset.UtcNow;
        var port = FreePort();
        http.BaseAddress = new($"http://127.0.0.1:{port}");
        string[] url = ["--url", $"http://127.0.0.1:{port}"];
        var group = Start(port);
        var killed = await ActiveAsync(not: null);
        await RanAsync(1);
        Kill(killed);
        var next = await ActiveAsync(not: killed);

        Assert.Equal(0, (await Tool.Run(["pause", "sample", "--by", "li", "--why", "db move", .. url])).ExitCode);
        await Task.Delay(TimeSpan.FromSeconds(5), Token);
        Assert.Equal(0, (await Tool.Run(["resume", "sample", .. url])).ExitCode);
        using var changed = await http.PatchAsJsonAsync("/scheduler/jobs/sample", new { trigger = "cron", second = "*" }, Token);
        Assert.True(changed.IsSuccessStatusCode, await changed.Content.ReadAsStringAsync(Token));
        await RanAsync(3);

        Kill(-group);
        await Task.Delay(Away, Token);
        var restarted = Start(port);
        var last = await ActiveAsync(not: next);
        await RanAsync(1);

        string[] span = ["--from", Iso(from), "--to", Iso(DateTimeOffset.UtcNow)];
        var overUrl = await Tool.Run(["why", "sample", .. span, .. url]);
        var json = await http.GetFromJsonAsync<JsonElement>(
            $"/scheduler/jobs/sample/why?from={Uri.EscapeDataString(span[1])}&to={Uri.EscapeDataString(span[3])}", Token);
        Kill(-restarted);
        await EndedAsync(restarted);
        var overFile = await Tool.Run(["why", "sample", .. span, "--store", Store]);

        Assert.Equal((0, 0), (overUrl.ExitCode, overFile.ExitCode));
        Assert.Equal(Finished(overUrl.Output), Finished(overFile.Output));
        CheckAccount(json, overUrl.Output);
        var epochs = json.GetProperty("epochs").EnumerateArray().ToList();
        Assert.Equal([killed, next, last], epochs.Select(epoch => epoch.GetProperty("pid").GetInt32()));
        Assert.Equal(("process_gone", "process_gone"), (epochs[0].GetProperty("how").GetString(), epochs[1].GetProperty("how").GetString()));
        Assert.InRange(epochs[1].GetProperty("gap").GetDouble(), 0, 2);
        Assert.True(epochs[2].GetProperty("gap").GetDouble() > Away.TotalSeconds - 1);

        var audit = await Tool.Run(["audit", .. span, "--store", Store]);
        Assert.True(audit.ExitCode == 0, audit.Output);
    }

    /// <summary>Checks that the account balances, and that each fire time that did not run has the pause or the stop of all
    /// processes as its cause.</summary>
    static void CheckAccount(JsonElement answer, string shown)
    {
        var account = answer.GetProperty("account");
        Assert.True(account.GetProperty("balanced").GetBoolean(), shown);
        var entries = answer.GetProperty("entries").EnumerateArray().ToList();
        Assert.Equal(account.GetProperty("skipped").GetInt64() + account.GetProperty("missed").GetInt64(),
            entries.Sum(entry => entry.GetProperty("count").GetInt64()));
        Assert.All(entries, entry => Assert.Contains(entry.GetProperty("sentence").GetString()!, shown, StringComparison.Ordinal));
        var paused = Assert.Single(entries, entry => entry.GetProperty("reason").GetString() == "Paused");
        Assert.Contains("paused by li", paused.GetProperty("sentence").GetString(), StringComparison.Ordinal);
        Assert.Contains("db move", paused.GetProperty("sentence").GetString(), StringComparison.Ordinal);
        Assert.Contains(entries, entry => entry.GetProperty("sentence").GetString() is { } sentence
            && sentence.Contains("no process was active", StringComparison.Ordinal) && sentence.Contains("was killed", StringComparison.Ordinal));
    }

    /// <summary>Returns the lines without the activation that was still under way when the first answer was given.</summary>
    static string[] Finished(string output)
    {
        var lines = output.Split('\n');
        var last = Array.FindLastIndex(lines, line => line.StartsWith("epoch\t", StringComparison.Ordinal));
        return [.. lines.Where((_, i) => i != last)];
    }

    int Start(int port)
    {
        // A session of its own, so that the launcher and all workers are killed together.
        ProcessStartInfo start = new("setsid", [Quickstart, "--workers", "3", "--data", folder.FullName, "--urls", $"http://127.0.0.1:{port}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DOTNET_ENVIRONMENT"] = "Production";
        var process = Process.Start(start)!;
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        groups.Add(process.Id);
        return process.Id;
    }

    async Task<int> ActiveAsync(int? not)
    {
        var active = 0;
        await UntilAsync(async () =>
        {
            var nodes = await http.GetFromJsonAsync<JsonElement>("/scheduler/nodes", Token);
            active = nodes.EnumerateArray().Where(node => node.GetProperty("role").GetString() == "active")
                .Select(node => node.GetProperty("pid").GetInt32()).FirstOrDefault();
            return active != 0 && active != not;
        }, "no other process is active");
        return active;
    }

    /// <summary>Waits until a number of further runs of the job have succeeded.</summary>
    async Task RanAsync(int count)
    {
        var since = Iso(DateTimeOffset.UtcNow);
        await UntilAsync(async () => (await http.GetFromJsonAsync<JsonElement>(
                $"/scheduler/runs?job_id=sample&outcome=succeeded&since={Uri.EscapeDataString(since)}", Token)).GetArrayLength() >= count,
            "the job does not run");
    }

    static async Task EndedAsync(int group) =>
        await UntilAsync(() => Task.FromResult(Signal(0, -group) != 0), "the processes do not end");

    static async Task UntilAsync(Func<Task<bool>> reached, string otherwise)
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

    static void Kill(int process) => Signal(9, process);

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

    static string Iso(DateTimeOffset instant) => Triggers.IsoTime.Format(instant);

    public void Dispose()
    {
        foreach (var group in groups) Kill(-group);
        http.Dispose();
        folder.Delete(recursive: true);
    }
}
