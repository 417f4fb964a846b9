using System.Text.Json;

namespace Escapement.AspNetCore.Tests;

/// <summary>Tests of pauses by scope, of skips, and of the recorded changes.</summary>
public class PauseRouteTests
{
    static async Task<TestApi> WithJobsAsync(TestSetup? setup = null)
    {
        var api = await TestApi.StartAsync(setup);
        await api.PostAsync("/scheduler/jobs", new { id = "a", func = "jobs:hello", trigger = "interval", hours = 1, tags = (string[])["x/y"] });
        await api.PostAsync("/scheduler/jobs", new { id = "b", func = "jobs:hello", trigger = "interval", hours = 1 });
        return api;
    }

    [Fact]
    public async Task A_tag_is_paused_with_its_jobs_and_resumed()
    {
        await using var api = await WithJobsAsync();
        var paused = await api.PostAsync("/scheduler/tags/x%2Fy/pause", new { by = "li", reason = "db move", until = "2100-01-01" });
        Assert.Equal((200, """{"jobs":1,"changed":1,"held":1}"""), (paused.Status, paused.Json.GetRawText()));
        Assert.Equal(JsonValueKind.Null, (await api.GetAsync("/scheduler/jobs/a")).Json.GetProperty("next_run_time").ValueKind);
        Assert.Equal(JsonValueKind.String, (await api.GetAsync("/scheduler/jobs/b")).Json.GetProperty("next_run_time").ValueKind);
        var pause = Assert.Single((await api.GetAsync("/scheduler/pauses")).Json.EnumerateArray());
        Assert.Equal(["scope", "name", "at", "until", "ended", "by", "reason", "jobs", "sentence"], pause.EnumerateObject().Select(field => field.Name));
        Assert.Equal(("tag", "x/y", "li", "db move", 1), (pause.GetProperty("scope").GetString(), pause.GetProperty("name").GetString(),
            pause.GetProperty("by").GetString(), pause.GetProperty("reason").GetString(), pause.GetProperty("jobs").GetInt32()));
        var refused = await api.PostAsync("/scheduler/jobs/a/resume");
        Assert.Equal(409, refused.Status);
        Assert.Contains("x/y", refused.Error, StringComparison.Ordinal);
        Assert.Equal("1", (await api.PostAsync("/scheduler/tags/x%2Fy/resume")).Text("jobs"));
        Assert.Empty((await api.GetAsync("/scheduler/pauses")).Json.EnumerateArray());
    }

    [Fact]
    public async Task A_scope_counts_the_jobs_that_it_has_and_the_jobs_that_are_held()
    {
        await using var api = await WithJobsAsync();
        await api.PostAsync("/scheduler/jobs/b/pause", new { by = "wu" });
        Assert.Equal("""{"jobs":2,"changed":1,"held":2}""", (await api.PostAsync("/scheduler/executors/default/pause")).Json.GetRawText());
        Assert.Equal("""{"jobs":2,"changed":0,"held":2}""", (await api.PostAsync("/scheduler/executors/default/pause")).Json.GetRawText());
        Assert.Equal("""{"jobs":2,"changed":1,"held":1}""", (await api.PostAsync("/scheduler/executors/default/resume")).Json.GetRawText());
        await api.PostAsync("/scheduler/pause");
        Assert.Equal("""{"jobs":2,"changed":0,"held":2}""", (await api.PostAsync("/scheduler/executors/default/resume")).Json.GetRawText());
        Assert.Equal("""{"jobs":0,"changed":0,"held":0}""", (await api.PostAsync("/scheduler/tags/nobody/pause")).Json.GetRawText());
    }

    [Fact]
    public async Task A_resumed_job_names_every_pause_that_still_holds_it()
    {
        await using var api = await WithJobsAsync();
        await api.PostAsync("/scheduler/jobs/a/pause");
        await api.PostAsync("/scheduler/pause", new { by = "li", reason = "db move" });
        await api.PostAsync("/scheduler/tags/x%2Fy/pause", new { by = "wu" });
        await api.PostAsync("/scheduler/tags/other/pause");
        await api.PostAsync("/scheduler/executors/default/pause");
        var resumed = await api.PostAsync("/scheduler/jobs/a/resume");
        Assert.Equal(["all", "tag", "executor"],
            resumed.Json.GetProperty("held_by").EnumerateArray().Select(pause => pause.GetProperty("scope").GetString()));
        Assert.StartsWith("the whole scheduler was paused by li since ",
            resumed.Json.GetProperty("held_by")[0].GetProperty("sentence").GetString(), StringComparison.Ordinal);
        await api.PostAsync("/scheduler/executors/default/resume");
        await api.PostAsync("/scheduler/resume");
        Assert.False((await api.PostAsync("/scheduler/jobs/b/resume")).Json.TryGetProperty("held_by", out _));
    }

    [Fact]
    public async Task A_job_whose_only_fire_time_is_skipped_says_in_the_answer_and_in_why_that_it_has_ended()
    {
        await using var api = await TestApi.StartAsync();
        await api.PostAsync("/scheduler/jobs", new { id = "a", func = "jobs:hello", trigger = "date", run_date = "2100-01-01 09:00:00" });
        Assert.Equal(JsonValueKind.Null, (await api.GetAsync("/scheduler/jobs/a/why")).Json.GetProperty("ended").ValueKind);
        var skipped = await api.PostAsync("/scheduler/jobs/a/skip", new { by = "li", reason = "holiday" });
        Assert.Equal(("exhausted", JsonValueKind.Null), (skipped.Text("ended"), skipped.Json.GetProperty("next_run_time").ValueKind));
        var why = (await api.GetAsync("/scheduler/jobs/a/why")).Text("ended")!;
        Assert.StartsWith("The job has ended: the last fire time of the job was skipped by request at ", why, StringComparison.Ordinal);
        Assert.EndsWith(" by li: holiday.", why, StringComparison.Ordinal);
        Assert.StartsWith("作业已结束：", (await api.GetAsync("/scheduler/jobs/a/why?lang=zh")).Text("ended"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_removed_job_says_in_why_that_it_was_removed()
    {
        await using var api = await WithJobsAsync();
        await api.DeleteAsync("/scheduler/jobs/a");
        Assert.StartsWith("The job has ended: the job was removed at ", (await api.GetAsync("/scheduler/jobs/a/why")).Text("ended"),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_job_names_the_tag_that_pauses_it_without_details()
    {
        await using var api = await WithJobsAsync();
        await api.PostAsync("/scheduler/tags/x%2Fy/pause");
        var paused = (await api.GetAsync("/scheduler/jobs/a")).Json.GetProperty("paused");
        Assert.Equal(("tag", "x/y"), (paused.GetProperty("scope").GetString(), paused.GetProperty("name").GetString()));
        await api.PostAsync("/scheduler/tags/x%2Fy/resume");
        await api.PostAsync("/scheduler/jobs/a/pause", new { by = "li" });
        paused = (await api.GetAsync("/scheduler/jobs/a")).Json.GetProperty("paused");
        Assert.Equal(["at", "until", "by", "reason"], paused.EnumerateObject().Select(field => field.Name));
    }

    [Fact]
    public async Task A_span_also_has_the_pauses_that_ended()
    {
        await using var api = await WithJobsAsync();
        await api.PostAsync("/scheduler/tags/x%2Fy/pause", new { by = "li" });
        await api.PostAsync("/scheduler/tags/x%2Fy/resume");
        await api.PostAsync("/scheduler/pause");
        var lasting = Assert.Single((await api.GetAsync("/scheduler/pauses?lang=zh")).Json.EnumerateArray());
        Assert.Equal(("all", JsonValueKind.Null), (lasting.GetProperty("scope").GetString(), lasting.GetProperty("ended").ValueKind));
        Assert.Contains("暂停", lasting.GetProperty("sentence").GetString(), StringComparison.Ordinal);
        var all = (await api.GetAsync("/scheduler/pauses?from=1h")).Json.EnumerateArray().ToList();
        Assert.Equal(["all", "tag"], all.Select(pause => pause.GetProperty("scope").GetString()));
        Assert.Equal(JsonValueKind.String, all[1].GetProperty("ended").ValueKind);
        Assert.StartsWith("paused with the tag x/y by li since ", all[1].GetProperty("sentence").GetString(), StringComparison.Ordinal);
        Assert.Equal(400, (await api.GetAsync("/scheduler/pauses?from=soon")).Status);
    }

    [Theory]
    [InlineData("jobs/hullo", "Job hullo not found. Did you mean hello?")]
    [InlineData("jobs/hullo/why", "Job hullo not found. Did you mean hello?")]
    [InlineData("actions?job_id=hullo", "Job hullo not found. Did you mean hello?")]
    [InlineData("runs?job_id=hullo", "Job hullo not found. Did you mean hello?")]
    [InlineData("jobs/report", "Job report not found")]
    public async Task An_unknown_job_names_the_nearest_job(string path, string sentence)
    {
        await using var api = await WithJobsAsync();
        await api.PostAsync("/scheduler/jobs", new { id = "hello", func = "jobs:hello", trigger = "interval", hours = 1 });
        var answer = await api.GetAsync("/scheduler/" + path);
        Assert.Equal((404, sentence), (answer.Status, answer.Error));
    }

    [Fact]
    public async Task An_executor_is_paused_and_an_unknown_executor_is_refused()
    {
        await using var api = await WithJobsAsync();
        Assert.Equal("2", (await api.PostAsync("/scheduler/executors/default/pause")).Text("jobs"));
        Assert.Equal("2", (await api.PostAsync("/scheduler/executors/default/resume", new { by = "li" })).Text("jobs"));
        var unknown = await api.PostAsync("/scheduler/executors/nope/pause");
        Assert.Equal(400, unknown.Status);
        Assert.Contains("'default'", unknown.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_next_fire_time_is_skipped()
    {
        await using var api = await WithJobsAsync();
        var before = (await api.GetAsync("/scheduler/jobs/a")).Text("next_run_time")!;
        var skipped = await api.PostAsync("/scheduler/jobs/a/skip", new { by = "li", reason = "holiday" });
        Assert.Equal(200, skipped.Status);
        Assert.Equal(DateTimeOffset.Parse(before, null).AddHours(1), DateTimeOffset.Parse(skipped.Text("next_run_time")!, null));
        var action = (await api.GetAsync("/scheduler/actions?job_id=a&limit=1")).Json[0];
        Assert.Equal(("skipped_next", "li", "holiday", "REST 127.0.0.1"), (action.GetProperty("kind").GetString(),
            action.GetProperty("by").GetString(), action.GetProperty("reason").GetString(), action.GetProperty("origin").GetString()));
        await api.PostAsync("/scheduler/jobs/a/pause");
        Assert.Equal(409, (await api.PostAsync("/scheduler/jobs/a/skip")).Status);
        Assert.Equal(404, (await api.PostAsync("/scheduler/jobs/nope/skip")).Status);
        Assert.Equal(412, (await api.PostAsync("/scheduler/jobs/b/skip", null, ("If-Match", "\"99\""))).Status);
    }

    [Fact]
    public async Task Changes_are_recorded_with_author_origin_and_the_fields_before_and_after()
    {
        await using var api = await WithJobsAsync();
        await api.PatchAsync("/scheduler/jobs/a", new { name = "Hello" });
        await api.PostAsync("/scheduler/pause", new { by = "li", reason = "move" });
        await api.PostAsync("/scheduler/resume", new { by = "wu" });
        var actions = (await api.GetAsync("/scheduler/actions")).Json.EnumerateArray().ToList();
        Assert.Equal(["scheduler_resumed", "scheduler_paused", "changed", "added", "added"],
            actions.Select(action => action.GetProperty("kind").GetString()));
        Assert.Equal(
            ["number", "at", "kind", "job_id", "scope", "name", "by", "reason", "origin", "until", "next_before", "next_after", "before",
                "after"],
            actions[0].EnumerateObject().Select(field => field.Name));
        Assert.Equal(("wu", "li"), (actions[0].GetProperty("by").GetString(), actions[1].GetProperty("by").GetString()));
        Assert.Equal(("a", "Hello"), (actions[2].GetProperty("before").GetProperty("name").GetString(),
            actions[2].GetProperty("after").GetProperty("name").GetString()));
        Assert.All(actions, action => Assert.Equal("REST 127.0.0.1", action.GetProperty("origin").GetString()));
    }

    [Fact]
    public async Task Each_request_that_changes_a_job_or_the_scheduler_takes_an_author_and_a_reason()
    {
        await using var api = await TestApi.StartAsync();
        var author = new { by = "li", reason = "db move" };
        await api.PostAsync("/scheduler/jobs",
            new { id = "a", func = "jobs:hello", trigger = "interval", hours = 1, by = "li", reason = "db move" });
        Assert.Equal(200, (await api.PatchAsync("/scheduler/jobs/a", new { name = "b", by = "li", reason = "db move" })).Status);
        await api.PostAsync("/scheduler/jobs/a/run", author);
        Assert.Equal(204, (await api.SendAsync(HttpMethod.Delete, "/scheduler/jobs/a", author)).Status);
        Assert.Equal(204, (await api.PostAsync("/scheduler/shutdown", author)).Status);
        Assert.Equal(204, (await api.PostAsync("/scheduler/start", author)).Status);
        var actions = (await api.GetAsync("/scheduler/actions")).Json.EnumerateArray().ToList();
        Assert.Equal(["scheduler_started", "scheduler_shut_down", "removed", "run_requested", "changed", "added"],
            actions.Select(action => action.GetProperty("kind").GetString()));
        Assert.All(actions, action => Assert.Equal(("li", "db move"),
            (action.GetProperty("by").GetString(), action.GetProperty("reason").GetString())));
        Assert.All((await api.GetAsync("/scheduler/jobs/a/why")).Json.GetProperty("changes").EnumerateArray(),
            change => Assert.EndsWith(": db move.", change.GetProperty("sentence").GetString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_field_that_a_removal_and_a_start_do_not_have_is_refused()
    {
        await using var api = await WithJobsAsync();
        foreach (var answer in new[] { await api.SendAsync(HttpMethod.Delete, "/scheduler/jobs/a", new { wait = true }), await api.PostAsync("/scheduler/start", new { wait = true }) })
        {
            Assert.Equal((400, "wait is true; there is no such field; the fields are by, reason."), (answer.Status, answer.Error));
        }

        Assert.Equal(200, (await api.GetAsync("/scheduler/jobs/a")).Status);
    }

    [Theory]
    [InlineData("POST", "/scheduler/jobs")]
    [InlineData("PATCH", "/scheduler/jobs/a")]
    [InlineData("DELETE", "/scheduler/jobs/a")]
    [InlineData("POST", "/scheduler/start")]
    public async Task An_author_that_is_no_text_is_refused(string method, string path)
    {
        await using var api = await WithJobsAsync();
        var answer = await api.SendAsync(new(method), path, new { by = 7 });
        Assert.Equal(400, answer.Status);
        Assert.Contains("by is 7; a text of at most 255 characters is allowed", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Changes_are_paged_with_their_filters()
    {
        await using var api = await WithJobsAsync();
        foreach (var name in (string[])["1", "2", "3"]) await api.PatchAsync("/scheduler/jobs/a", new { name });
        List<string> seen = [];
        for (var path = "/scheduler/actions?job_id=a&limit=2&since=1h"; path is not null;)
        {
            var page = await api.GetAsync(path);
            Assert.Equal(200, page.Status);
            seen.AddRange(page.Json.EnumerateArray().Select(action => action.GetProperty("number").GetRawText()));
            path = page.Headers.TryGetValue("Link", out var link) ? link.Split('>')[0].TrimStart('<') : null;
        }

        Assert.Equal(4, seen.Distinct().Count());
        Assert.Equal(4, seen.Count);
    }

    [Theory]
    [InlineData("?limit=0", 400, "a whole number from 1 to 1000 is allowed")]
    [InlineData("?before=x", 400, "the number of a change is allowed")]
    [InlineData("?since=soon", 400, "since is 'soon'")]
    [InlineData("?since=2030-02-01&until=2030-01-01", 400, "until is '2030-01-01'; an instant after since is allowed")]
    [InlineData("?job_id=nope", 404, "Job nope not found")]
    [InlineData("?jobid=a", 400, "Did you mean job_id?")]
    public async Task A_wrong_value_is_a_problem(string query, int status, string part)
    {
        await using var api = await WithJobsAsync();
        var answer = await api.GetAsync("/scheduler/actions" + query);
        Assert.Equal(status, answer.Status);
        Assert.Contains(part, answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_is_recorded_only_with_an_author()
    {
        await using var api = await WithJobsAsync();
        await api.PostAsync("/scheduler/jobs/a/run");
        Assert.Single((await api.GetAsync("/scheduler/actions?job_id=a")).Json.EnumerateArray());
        await api.PostAsync("/scheduler/jobs/a/run", new { by = "li" });
        Assert.Equal("li", (await api.GetAsync("/scheduler/actions?job_id=a")).Json[0].GetProperty("by").GetString());
    }
}
