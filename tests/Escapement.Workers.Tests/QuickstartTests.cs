using System.Net.Http.Json;
using System.Text.Json;

namespace Escapement.Workers.Tests;

public sealed class QuickstartTests : IDisposable
{
    static readonly CancellationToken Stop = TestContext.Current.CancellationToken;

    // HTTP has no event for a client to wait for.
    static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(50);

    readonly string data = Directory.CreateTempSubdirectory("escapement-quickstart-").FullName;
    readonly HttpClient client = new();

    public void Dispose()
    {
        client.Dispose();
        Directory.Delete(data, recursive: true);
    }

    [Fact]
    public async Task Workers_are_one_scheduler_and_each_answers_at_its_own_address()
    {
        await using var launched = await LaunchedServer.ServeAsync("Quickstart", workers: 2, "--data", data);
        var nodes = await NodesAsync(launched.Url, count: 2);
        Assert.Equal(launched.Workers.Order(), nodes.Select(node => node.GetProperty("pid").GetInt32()).Order());
        Assert.Equal(["active", "standby"], nodes.Select(node => node.GetProperty("role").GetString()));
        foreach (var node in nodes)
        {
            using var answer = await client.GetAsync(new Uri(node.GetProperty("url").GetString() + "/scheduler/nodes"), Stop);
            Assert.StartsWith(node.GetProperty("pid").GetInt32() + "@", answer.Headers.GetValues("Escapement-Node")
                .Single(), StringComparison.Ordinal);
        }
    }

    [Theory, InlineData("false", 1), InlineData("true", 0)]
    public async Task A_warning_for_all_workers_comes_once_and_each_line_of_a_worker_names_its_process(string allowed, int warnings)
    {
        await using var launched = await LaunchedServer.ServeAsync("Quickstart", workers: 2, "DOTNET_RUNNING_IN_CONTAINER=true",
            $"SCHEDULER_ALLOW_LOCAL_STORE={allowed}", "--data", data);
        launched.Signal(15);
        Assert.Equal(0, await launched.EndAsync());
        var lines = launched.Output.Split('\n');
        Assert.Equal(warnings, lines.Count(line => line.Contains("is on this machine's own disk", StringComparison.Ordinal)));
        var ofWorkers = lines.Where(line => line.Contains("Escapement[", StringComparison.Ordinal)).ToList();
        Assert.All(launched.Workers, pid =>
            Assert.Contains(ofWorkers, line => line.StartsWith($"[{pid}] info: Escapement[", StringComparison.Ordinal)));
        Assert.All(ofWorkers, line => Assert.Contains(launched.Workers, pid => line.StartsWith($"[{pid}] ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Two_of_them_with_the_same_data_are_one_scheduler()
    {
        await using var first = await LaunchedServer.ServeAsync("Quickstart", workers: 1, "--data", data);
        await using var second = await LaunchedServer.ServeAsync("Quickstart", workers: 1, "--data", data);
        Assert.Equal(["active", "standby"], (await NodesAsync(second.Url, count: 2)).Select(node => node.GetProperty("role").GetString()));
    }

    [Fact]
    public async Task The_three_jobs_write_what_they_promise()
    {
        await using var launched = await LaunchedServer.ServeAsync("Quickstart", workers: 1, "--data", data);
        await RunAsync(launched.Url, "sample");
        await RunAsync(launched.Url, "report");
        await RunAsync(launched.Url, "backup");
        var report = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(data, "report.json"), Stop)).RootElement;
        Assert.True(report.GetProperty("hour").GetProperty("samples").GetInt64() > 0);
        Assert.True(report.GetProperty("day").GetProperty("memory_used").GetProperty("max").GetDouble() > 0);
        Assert.StartsWith("# This machine until ", await File.ReadAllTextAsync(Path.Combine(data, "report.md"), Stop),
            StringComparison.Ordinal);
        Assert.Matches(@"samples-\d{8}T\d{6}Z\.db$", Assert.Single(Directory.GetFiles(Path.Combine(data, "backups"))));
        Assert.True(File.Exists(Path.Combine(data, "escapement.db")));
    }

    [Theory]
    [InlineData("escapement.db")]
    [InlineData("escapement.db.turn")]
    [InlineData("escapement.db.lock")]
    public async Task A_pipe_in_the_place_of_a_file_is_refused_in_one_sentence_before_a_worker_starts(string name)
    {
        using (var mkfifo = System.Diagnostics.Process.Start("mkfifo", Path.Combine(data, name))) await mkfifo.WaitForExitAsync(Stop);
        await using var launched = LaunchedServer.Start("Quickstart", "--workers", "2", "--urls", "http://127.0.0.1:0", "--data", data);
        Assert.Equal(1, await launched.EndAsync());
        Assert.Contains("not a regular file but a pipe", launched.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', launched.Output);
    }

    [Fact]
    public async Task A_data_folder_that_is_a_file_is_refused_in_one_sentence()
    {
        var file = Path.Combine(data, "file");
        await File.WriteAllTextAsync(file, "", Stop);
        await using var launched = LaunchedServer.Start("Quickstart", "--workers", "2", "--data", file);
        Assert.Equal(1, await launched.EndAsync());
        Assert.Equal($"--data '{file}' is a file. Set a folder.", launched.Output);
    }

    [Fact]
    public async Task A_setting_that_cannot_be_read_is_told_in_one_sentence()
    {
        await using var launched = LaunchedServer.Start("Quickstart", "SCHEDULER_TIMEZONE=Mars", "--data", data);
        Assert.Equal(1, await launched.EndAsync());
        Assert.Contains("Mars", launched.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", launched.Output, StringComparison.Ordinal);
    }

    async Task<JsonElement[]> NodesAsync(Uri url, int count)
    {
        using var limit = new CancellationTokenSource(LaunchedServer.Patience);
        while (true)
        {
            var nodes = await client.GetFromJsonAsync<JsonElement[]>(new Uri(url, "/scheduler/nodes"), limit.Token);
            if (nodes!.Length == count && nodes[0].GetProperty("role").GetString() == "active") return nodes;
            await Task.Delay(BetweenLooks, limit.Token);
        }
    }

    /// <summary>Requests a run, and waits for its end.</summary>
    async Task RunAsync(Uri url, string job)
    {
        using var limit = new CancellationTokenSource(LaunchedServer.Patience);
        using var asked = await client.PostAsync(new Uri(url, $"/scheduler/jobs/{job}/run"), null, limit.Token);
        asked.EnsureSuccessStatusCode();
        while (true)
        {
            var runs = await client.GetFromJsonAsync<JsonElement[]>(new Uri(url, $"/scheduler/runs?job_id={job}"), limit.Token);
            if (runs!.Any(run => run.GetProperty("outcome").GetString() == "succeeded")) return;
            await Task.Delay(BetweenLooks, limit.Token);
        }
    }
}
