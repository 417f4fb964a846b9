using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace Escapement.AspNetCore.Tests;

/// <summary>Tests of two processes on a shared store. They act as one scheduler, whichever process is asked.</summary>
public sealed class SharedStoreTests : IAsyncLifetime
{
    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("escapement-shared-");
    TestApi active = null!, standby = null!;

    public async ValueTask InitializeAsync()
    {
        active = await TestApi.StartAsync(Setup());
        standby = await TestApi.StartAsync(Setup());

        TestSetup Setup() => new TestSetup().With("SCHEDULER_STORE", Store).With("SCHEDULER_LEASE", "1s");
    }

    string Store => Path.Combine(folder.FullName, "jobs.db");

    public async ValueTask DisposeAsync()
    {
        await standby.DisposeAsync();
        await active.DisposeAsync();
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task What_is_changed_through_one_is_seen_through_the_other()
    {
        var added = await standby.PostAsync("/scheduler/jobs",
            new { id = "a", func = "jobs:hello", trigger = "interval", hours = 1, start_date = "2040-01-01" });
        Assert.Equal(200, added.Status);
        Assert.Equal(added.Body, (await active.GetAsync("/scheduler/jobs/a")).Body);
        await active.PatchAsync("/scheduler/jobs/a", new { name = "b" });
        Assert.Equal("b", (await standby.GetAsync("/scheduler/jobs/a")).Text("name"));
        Assert.Equal(412, (await standby.DeleteAsync("/scheduler/jobs/a", ("If-Match", added.Headers["ETag"]))).Status);
        await standby.PostAsync("/scheduler/jobs/a/pause", new { by = "ops" });
        Assert.Null((await active.GetAsync("/scheduler/jobs/a")).Text("next_run_time"));
        Assert.Equal(204, (await standby.DeleteAsync("/scheduler/jobs/a")).Status);
        Assert.Equal(404, (await active.GetAsync("/scheduler/jobs/a")).Status);
    }

    [Fact]
    public async Task A_run_that_is_asked_for_at_the_standby_runs_in_the_active_process()
    {
        await standby.PostAsync("/scheduler/jobs", new { id = "a", func = "jobs:hello", trigger = (string?)null });
        await standby.PostAsync("/scheduler/jobs", new { id = "t", func = "jobs:throws", trigger = (string?)null });
        var answer = await standby.PostAsync("/scheduler/jobs/a/run");
        Assert.Equal((200, "a"), (answer.Status, answer.Text("id")));
        var run = (await active.GetAsync(answer.Headers["Location"])).Json;
        var node = (await active.GetAsync("/scheduler/nodes")).Json.EnumerateArray()
            .Single(node => node.GetProperty("role").GetString() == "active");
        Assert.Equal(node.GetProperty("id").GetString(), run.GetProperty("node").GetString());
        Assert.Equal(500, (await standby.PostAsync("/scheduler/jobs/t/run")).Status);
        Assert.Equal(2, (await standby.GetAsync("/scheduler/runs")).Json.GetArrayLength());
    }

    [Fact]
    public async Task A_run_with_a_number_that_nobody_knows_is_shown_with_a_sentence()
    {
        await active.PostAsync("/scheduler/jobs", new { id = "a", func = "jobs:hello", trigger = (string?)null });
        foreach (var _ in (int[])[1, 2]) await active.PostAsync("/scheduler/jobs/a/run");
        await using (var store = new SqliteConnection($"Data Source={Store}"))
        {
            await store.OpenAsync(TestContext.Current.CancellationToken);
            await using var spoil = store.CreateCommand();
            spoil.CommandText = "update run set outcome = 99, reason = 1234 where fire_time = (select min(fire_time) from run)";
            Assert.Equal(1, await spoil.ExecuteNonQueryAsync(TestContext.Current.CancellationToken));
        }

        var runs = (await standby.GetAsync("/scheduler/runs")).Json.EnumerateArray().ToList();
        Assert.Equal(["succeeded", "unknown_99"], runs.Select(run => run.GetProperty("outcome").GetString()).Order());
        var spoiled = runs.Single(run => run.GetProperty("outcome").GetString() is "unknown_99");
        Assert.Equal("unknown_1234", spoiled.GetProperty("reason").GetString());
        Assert.Contains("outcome 99 and reason 1234", spoiled.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Equal(200, (await active.GetAsync($"/scheduler/runs/{spoiled.GetProperty("id").GetString()}")).Status);
    }

    [Fact]
    public async Task Both_say_who_is_active()
    {
        foreach (var api in new[] { active, standby })
        {
            var nodes = (await api.GetAsync("/scheduler/nodes")).Json.EnumerateArray().ToList();
            Assert.Equal(["active", "standby"], nodes.Select(node => node.GetProperty("role").GetString()));
            Assert.Equal(2, nodes.Select(node => node.GetProperty("url").GetString()).Distinct().Count());
            Assert.Equal("Standby", nodes[1].GetProperty("reason").GetString());
            Assert.Equal(JsonValueKind.Null, nodes[1].GetProperty("epoch").ValueKind);
        }
    }

    [Fact]
    public async Task A_shutdown_at_one_is_a_shutdown_of_both()
    {
        Assert.Equal(204, (await standby.PostAsync("/scheduler/shutdown")).Status);
        Assert.Equal(("False", "False"),
            ((await active.GetAsync("/scheduler")).Text("running"), (await standby.GetAsync("/scheduler")).Text("running")));
        Assert.Equal(400, (await active.PostAsync("/scheduler/shutdown")).Status);
        Assert.All((await active.GetAsync("/scheduler/nodes")).Json.EnumerateArray(), node =>
            Assert.Equal("ShutDown", node.GetProperty("reason").GetString()));
        Assert.Equal(204, (await active.PostAsync("/scheduler/start")).Status);
        Assert.Equal(("True", "True"),
            ((await active.GetAsync("/scheduler")).Text("running"), (await standby.GetAsync("/scheduler")).Text("running")));
    }

    [Fact]
    public async Task Of_many_that_add_the_same_job_one_does()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i =>
            (i % 2 == 0 ? active : standby)
                .PostAsync("/scheduler/jobs", new { id = "a", func = "jobs:hello", trigger = "interval", hours = 1 })));
        Assert.Single(answers, answer => answer.Status == 200);
        Assert.Equal(19, answers.Count(answer => answer.Status == 409));
    }

    [Fact]
    public async Task Changes_through_both_at_the_same_time_are_all_made()
    {
        await active.PostAsync("/scheduler/jobs", new { id = "r", func = "jobs:hello", trigger = (string?)null });
        var answers = await Task.WhenAll(Enumerable.Range(1, 20).Select(i => i % 2 == 0
            ? active.PatchAsync("/scheduler/jobs/r", new { args = new[] { i } })
            : standby.PatchAsync("/scheduler/jobs/r", new { kwargs = new { i } })));
        Assert.All(answers, answer => Assert.Equal(200, answer.Status));
        var job = (await standby.GetAsync("/scheduler/jobs/r")).Json;
        Assert.Equal((1, true), (job.GetProperty("args").GetArrayLength(), job.GetProperty("kwargs").TryGetProperty("i", out _)));
    }

    [Fact]
    public async Task While_another_process_holds_the_store_a_change_is_refused_and_reads_go_on()
    {
        await active.PostAsync("/scheduler/jobs", new { id = "a", func = "jobs:hello", trigger = (string?)null });
        await using (var other = new SqliteConnection($"Data Source={Store};Pooling=False"))
        {
            await other.OpenAsync();
            await using var transaction = other.BeginTransaction(deferred: false);
            foreach (var api in new[] { active, standby })
            {
                var answer = await api.PatchAsync("/scheduler/jobs/a", new { name = "b" });
                Assert.Equal((503, "StoreUnavailable", "1"), (answer.Status, answer.Text("reason"), answer.Headers["Retry-After"]));
                Assert.DoesNotContain("Exception", answer.Body, StringComparison.Ordinal);
                Assert.Equal("a", (await api.GetAsync("/scheduler/jobs/a")).Text("name"));
            }
        }

        Assert.Equal("b", (await standby.PatchAsync("/scheduler/jobs/a", new { name = "b" })).Text("name"));
    }
}
