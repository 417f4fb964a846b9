using System.Globalization;
using Escapement.Stores;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Escapement.AspNetCore.Tests;

/// <summary>Tests of the whole scheduler and its processes over REST.</summary>
public class SchedulerRouteTests
{
    [Fact]
    public async Task Start_and_shutdown_are_seen_by_the_next_request()
    {
        await using var api = await TestApi.StartAsync();
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(204, (await api.PostAsync("/scheduler/shutdown", new { wait = i == 1 })).Status);
            Assert.Equal("False", (await api.GetAsync("/scheduler")).Text("running"));
            Assert.Equal("Scheduler is not running", (await api.PostAsync("/scheduler/shutdown")).Error);
            Assert.Equal(204, (await api.PostAsync("/scheduler/start")).Status);
            Assert.Equal("True", (await api.GetAsync("/scheduler")).Text("running"));
            Assert.Equal("Scheduler is already running", (await api.PostAsync("/scheduler/start")).Error);
        }
    }

    [Fact]
    public async Task A_shutdown_answers_when_the_runs_have_ended()
    {
        TaskCompletionSource begun = new(), end = new();
        await using var api = await TestApi.StartAsync(new()
        {
            Jobs = scheduler => scheduler.Add("slow", async () =>
            {
                begun.TrySetResult();
                await end.Task;
            }),
        });
        var run = await api.PostAsync("/scheduler/jobs/slow/run", null, ("Prefer", "respond-async"));
        await begun.Task;
        var shutdown = api.PostAsync("/scheduler/shutdown");
        using var changed = new SemaphoreSlim(0);
        using (api.Services.GetRequiredService<IJobStore>().Notifier.Subscribe(_ => changed.Release()))
        {
            while ((await api.GetAsync("/scheduler")).Text("running") == "True")
            {
                Assert.True(await changed.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken),
                    "The shutdown did not end the epoch.");
            }
        }

        Assert.False(shutdown.IsCompleted);
        end.SetResult();
        Assert.Equal(204, (await shutdown).Status);
        Assert.Equal("succeeded", (await api.GetAsync(run.Headers["Location"])).Text("outcome"));
    }

    [Fact]
    public async Task A_pause_says_who_asked_for_it()
    {
        await using var api = await TestApi.StartAsync();
        Assert.Equal(204, (await api.PostAsync("/scheduler/pause", new { by = "ops", reason = "migration" })).Status);
        Assert.Equal("ops", (await api.GetAsync("/scheduler")).Json.GetProperty("paused").GetProperty("by").GetString());
        Assert.Equal(204, (await api.PostAsync("/scheduler/resume")).Status);
        Assert.False((await api.GetAsync("/scheduler")).Json.TryGetProperty("paused", out _));
    }

    [Fact]
    public async Task A_node_says_who_and_where_it_is()
    {
        await using var api = await TestApi.StartAsync();
        var node = Assert.Single((await api.GetAsync("/scheduler/nodes")).Json.EnumerateArray());
        Assert.Equal((Environment.ProcessId, Environment.MachineName, "active"),
            (node.GetProperty("pid").GetInt32(), node.GetProperty("host").GetString(), node.GetProperty("role").GetString()));
        Assert.Equal(api.Client.BaseAddress!.ToString().TrimEnd('/'), node.GetProperty("url").GetString());
        Assert.Equal("this process", node.GetProperty("scope").GetString());
        foreach (var field in new[] { "id", "reason", "sentence", "epoch", "started_at", "last_seen", "version" })
        {
            Assert.True(node.TryGetProperty(field, out _), field);
        }
    }

    [Fact]
    public async Task Beside_a_process_with_the_jobs_in_its_memory_another_says_where_they_are()
    {
        var file = Path.Combine(Path.GetTempPath(), $"escapement-{Guid.NewGuid():N}", "one.lock");
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        await using (var holder = await TestApi.StartAsync(new TestSetup().With("SCHEDULER_LOCK_FILE", file)))
        await using (var standby = await TestApi.StartAsync(new TestSetup().With("SCHEDULER_LOCK_FILE", file)))
        {
            await holder.PostAsync("/scheduler/jobs", new { id = "a", func = "jobs:hello", trigger = (string?)null });
            foreach (var answer in new[]
            {
                await standby.GetAsync("/scheduler/jobs"), await standby.GetAsync("/scheduler/jobs/a"),
                await standby.GetAsync("/scheduler/runs"), await standby.PostAsync("/scheduler/jobs/a/run"),
                await standby.PostAsync("/scheduler/jobs", new { id = "b", func = "jobs:hello" }),
                await standby.PostAsync("/scheduler/pause"), await standby.PostAsync("/scheduler/shutdown"),
            })
            {
                Assert.Equal(409, answer.Status);
                Assert.Contains("keeps the jobs in its memory", answer.Error, StringComparison.Ordinal);
            }

            Assert.Equal("True", (await standby.GetAsync("/scheduler")).Text("running"));
            Assert.Equal(2, (await standby.GetAsync("/scheduler/nodes")).Json.GetArrayLength());
        }

        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
    }

    [Fact]
    public async Task On_a_host_that_is_not_allowed_the_api_says_so()
    {
        await using var api = await TestApi.StartAsync(new TestSetup().With("SCHEDULER_ALLOWED_HOSTS", """["elsewhere"]"""));
        var info = await api.GetAsync("/scheduler");
        Assert.Equal(("False", """["elsewhere"]"""), (info.Text("running"), info.Text("allowed_hosts")));
        var jobs = await api.GetAsync("/scheduler/jobs");
        Assert.Equal((503, "HostNotAllowed"), (jobs.Status, jobs.Text("reason")));
        Assert.Equal("refused", (await api.GetAsync("/scheduler/nodes")).Json[0].GetProperty("role").GetString());
    }

    [Fact]
    public async Task An_api_that_is_switched_off_serves_nothing_and_says_so_once()
    {
        await using var api = await TestApi.StartAsync(new TestSetup().With("SCHEDULER_API_ENABLED", "false"));
        Assert.Equal(404, (await api.GetAsync("/scheduler")).Status);
        Assert.Single(api.Logged.Lines, line => line.Contains("SCHEDULER_API_ENABLED", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/ops/jobs")]
    public async Task The_prefix_is_a_setting(string prefix)
    {
        await using var api = await TestApi.StartAsync(new TestSetup().With("SCHEDULER_API_PREFIX", prefix));
        var root = prefix.TrimEnd('/');
        Assert.Equal(200, (await api.GetAsync(root is "" ? "/" : root)).Status);
        await api.PostAsync(root + "/jobs", new { id = "a", func = "jobs:hello", trigger = (string?)null });
        Assert.StartsWith(root + "/runs/", (await api.PostAsync(root + "/jobs/a/run")).Headers["Location"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Routes_have_the_originals_names()
    {
        await using var api = await TestApi.StartAsync(new TestSetup().With("SCHEDULER_ENDPOINT_PREFIX", "jobs."));
        var names = api.Services.GetRequiredService<EndpointDataSource>().Endpoints.Select(endpoint =>
            endpoint.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName).OfType<string>();
        Assert.Equal(
            ["add_job", "audit", "backfill_job", "delete_job", "get_actions", "get_entries", "get_job", "get_jobs", "get_node_history", "get_nodes", "get_pauses",
                "get_run", "get_runs", "get_scheduler_info", "get_summary", "pause_executor", "pause_job", "pause_scheduler", "pause_tag",
                "resume_executor", "resume_job", "resume_scheduler", "resume_tag", "run_job", "shutdown_scheduler", "skip_job",
                "start_scheduler", "update_job",
                "why_job"],
            names.Select(name => name.Replace("jobs.", "", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Every_answer_says_who_gave_it_and_a_head_has_no_body()
    {
        await using var api = await TestApi.StartAsync();
        var head = await api.SendAsync(HttpMethod.Head, "/scheduler/jobs");
        Assert.Equal((200, ""), (head.Status, head.Body));
        Assert.Equal(string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}@{Environment.MachineName}"),
            head.Headers["Escapement-Node"]);
    }

    [Theory]
    [InlineData(null, new[] { "http://127.0.0.1:5000" }, "http://127.0.0.1:5000")]
    [InlineData(null, new[] { "https://localhost:5001", "http://localhost:5000" }, "http://localhost:5000")]
    [InlineData(null, new[] { "http://[::]:8080" }, "http://127.0.0.1:8080")]
    [InlineData(null, new[] { "http://*:8080" }, "http://127.0.0.1:8080")]
    [InlineData(null, new[] { "http://+:8080" }, "http://127.0.0.1:8080")]
    [InlineData(null, new[] { "http://10.0.0.5:8080", "https://localhost:5001" }, "https://localhost:5001")]
    [InlineData(null, new[] { "http://10.0.0.5:8080" }, "http://10.0.0.5:8080")]
    [InlineData(null, new[] { "http://unix:/run/app.sock" }, null)]
    [InlineData(null, new string[0], null)]
    [InlineData("http://127.0.0.1:41000/", new[] { "http://127.0.0.1:5000" }, "http://127.0.0.1:41000")]
    public void The_address_of_a_process_is_one_that_reaches_it(string? own, string[] addresses, string? url) =>
        Assert.Equal(url, NodeUrl.Choose(own, addresses));

    [Fact]
    public async Task Without_the_scheduler_there_is_nothing_to_map()
    {
        var builder = WebApplication.CreateSlimBuilder();
        await using var app = builder.Build();
        Assert.Contains("AddEscapement", Assert.Throws<InvalidOperationException>(() => app.MapEscapement()).Message,
            StringComparison.Ordinal);
    }
}
