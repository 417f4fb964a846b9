using Escapement.Jobs;
using Escapement.Rules;
using Escapement.Stores;
using Microsoft.Extensions.DependencyInjection;

namespace Escapement.AspNetCore.Tests;

/// <summary>Tests of jobs over REST: their representation and their changes.</summary>
public class JobRouteTests
{
    static readonly object Hello = new { id = "a", func = "jobs:hello", trigger = "interval", hours = 1, start_date = "2040-01-01" };

    [Fact]
    public async Task A_calendar_interval_with_limits_comes_back_as_it_was_sent()
    {
        await using var api = await TestApi.StartAsync(new TestSetup()
            .With("SCHEDULER_EXCLUDED_DATES", """{"holidays": ["2040-02-29"]}"""));
        var sent = await api.PostAsync("/scheduler/jobs", new
        {
            id = "a",
            func = "jobs:hello",
            trigger = "calendarinterval",
            months = 1,
            hour = 9,
            start_date = "2040-01-31",
            missing_day = "last",
            exclude = new[] { "holidays", "2040-01-31", "22:00-06:00" },
            times = 2,
            jitter = 30,
        });
        Assert.True(sent.Status == 200, sent.ToString());
        foreach (var answer in new[] { sent, await api.GetAsync("/scheduler/jobs/a") })
        {
            Assert.Equal(("calendarinterval", "last", "2", "30"),
                (answer.Text("trigger"), answer.Text("missing_day"), answer.Text("times"), answer.Text("jitter")));
            Assert.Equal("""["holidays","2040-01-31","22:00-06:00"]""", answer.Json.GetProperty("exclude").GetRawText());
            Assert.Equal("2040-03-31T09:00:00+08:00", answer.Text("next_run_time"));
        }

        var refused = await api.PatchAsync("/scheduler/jobs/a", new { trigger = "cron", hour = 9, exclude = "holydays" });
        Assert.Equal(400, refused.Status);
        Assert.Contains("did you mean holidays", refused.Error, StringComparison.Ordinal);
        var hashed = await api.PatchAsync("/scheduler/jobs/a", new { trigger = "cron", expression = "H(0-29) H * * *" });
        Assert.Equal((200, "H(0-29) H * * *"), (hashed.Status, hashed.Text("expression")));
    }

    [Theory]
    [InlineData("with space")]
    [InlineData("a/b")]
    [InlineData("a%2Fb")]
    [InlineData("a%b")]
    [InlineData("a?b#c")]
    [InlineData("größe 日本 ☂")]
    [InlineData("/pause")]
    [InlineData("a+b&c=d")]
    [InlineData("\"quoted\" \\ back")]
    public async Task An_id_may_hold_any_character(string id)
    {
        await using var api = await TestApi.StartAsync();
        var path = "/scheduler/jobs/" + Uri.EscapeDataString(id);
        Assert.Equal(id, (await api.PostAsync("/scheduler/jobs", new { id, func = "jobs:hello", trigger = (string?)null })).Text("id"));
        Assert.Equal(id, (await api.GetAsync(path)).Text("id"));
        Assert.Equal(200, (await api.PostAsync(path + "/pause")).Status);
        Assert.Equal("b", (await api.PatchAsync(path, new { name = "b" })).Text("name"));
        var run = await api.PostAsync(path + "/run");
        Assert.Equal(200, run.Status);
        Assert.Equal(id, (await api.GetAsync(run.Headers["Location"])).Text("job_id"));
        Assert.Single((await api.GetAsync($"/scheduler/runs?job_id={Uri.EscapeDataString(id)}")).Json.EnumerateArray());
        Assert.Equal(204, (await api.DeleteAsync(path)).Status);
        var gone = await api.GetAsync(path);
        Assert.Equal((404, $"Job {id} not found"), (gone.Status, gone.Error));
    }

    [Fact]
    public async Task Two_ids_that_differ_only_in_their_writing_are_two_jobs()
    {
        await using var api = await TestApi.StartAsync();
        await api.PostAsync("/scheduler/jobs", new { id = "a/b", func = "jobs:hello", trigger = (string?)null });
        await api.PostAsync("/scheduler/jobs", new { id = "a%2Fb", func = "jobs:hello", trigger = (string?)null });
        Assert.Equal("a/b", (await api.GetAsync("/scheduler/jobs/a%2Fb")).Text("id"));
        Assert.Equal("a%2Fb", (await api.GetAsync("/scheduler/jobs/a%252Fb")).Text("id"));
    }

    [Theory]
    [InlineData("%20")]
    [InlineData("%01")]
    [InlineData("nope")]
    public async Task An_id_that_no_job_has_is_not_found(string id)
    {
        await using var api = await TestApi.StartAsync();
        var path = $"/scheduler/jobs/{id}";
        foreach (var answer in new[]
        {
            await api.GetAsync(path), await api.PatchAsync(path, new { name = "x" }), await api.DeleteAsync(path),
            await api.PostAsync(path + "/pause"),
            await api.PostAsync(path + "/resume"), await api.PostAsync(path + "/run"), await api.GetAsync($"/scheduler/runs?job_id={id}"),
        })
        {
            Assert.Equal((404, $"Job {Uri.UnescapeDataString(id).Replace("\u0001", "\\u0001", StringComparison.Ordinal)} not found"),
                (answer.Status, answer.Error));
        }
    }

    [Fact]
    public async Task A_job_of_the_program_shows_what_it_has_beyond_the_original()
    {
        await using var api = await TestApi.StartAsync(new()
        {
            Jobs = scheduler =>
            {
                scheduler.Add("code", "0 9 * * mon-fri", () => { });
                scheduler.Add("elsewhere", scheduler.Cron("0 9 * * *", zone: "Europe/Berlin"), () => { })
                    .MisfireGrace(TimeSpan.FromSeconds(90)).Coalesce(false).MaxInstances(2);
                scheduler.Add("asked", (string name) => { }).Args("x").MisfireGrace(MisfireGrace.Unlimited);
            },
        });
        var code = (await api.GetAsync("/scheduler/jobs/code")).Json;
        Assert.Equal("cron", code.GetProperty("trigger").GetString());
        Assert.Equal("0 9 * * mon-fri", code.GetProperty("expression").GetString());
        Assert.Equal("null", code.GetProperty("misfire_grace_time").GetRawText());
        Assert.True(code.GetProperty("coalesce").GetBoolean());
        Assert.False(code.TryGetProperty("timezone", out _));
        Assert.EndsWith("+08:00", code.GetProperty("next_run_time").GetString(), StringComparison.Ordinal);

        var elsewhere = (await api.GetAsync("/scheduler/jobs/elsewhere")).Json;
        Assert.Equal("Europe/Berlin", elsewhere.GetProperty("timezone").GetString());
        Assert.Equal(90, elsewhere.GetProperty("misfire_grace_time").GetInt32());
        Assert.False(elsewhere.GetProperty("coalesce").GetBoolean());

        var asked = (await api.GetAsync("/scheduler/jobs/asked")).Json;
        Assert.Equal("null", asked.GetProperty("trigger").GetRawText());
        Assert.Equal("null", asked.GetProperty("max_instances").GetRawText());
        Assert.Equal("null", asked.GetProperty("next_run_time").GetRawText());
        Assert.Equal("[\"x\"]", asked.GetProperty("args").GetRawText());
    }

    [Fact]
    public async Task Triggers_are_shown_as_they_are_sent()
    {
        await using var api = await TestApi.StartAsync();
        var job = new
        {
            id = "both",
            func = "jobs:hello",
            trigger = "or",
            triggers = new object[] { new { trigger = "cron", hour = "9", year = "2040" },
                new { trigger = "interval", days = 30, start_date = "2040-01-01T00:00:00+08:00" } },
        };
        var added = (await api.PostAsync("/scheduler/jobs", job)).Json;
        Assert.Equal("or", added.GetProperty("trigger").GetString());
        Assert.Equal((4, 2), (added.GetProperty("triggers")[1].GetProperty("weeks").GetInt32(), added.GetProperty("triggers")[1]
            .GetProperty("days").GetInt32()));
        Assert.Equal("2040-01-01T00:00:00+08:00", added.GetProperty("next_run_time").GetString());
    }

    [Fact]
    public async Task A_job_without_a_trigger_is_a_date_now()
    {
        var ran = new TaskCompletionSource();
        await using var api = await TestApi.StartAsync(
            new() { Jobs = scheduler => scheduler.Handler("tell", () => { ran.TrySetResult(); }) });
        var added = await api.PostAsync("/scheduler/jobs", new { id = "now", func = "tell" });
        Assert.Equal((200, "date"), (added.Status, added.Text("trigger")));
        Assert.Equal(added.Text("run_date"), added.Text("next_run_time"));
        await ran.Task;
    }

    [Fact]
    public async Task A_change_is_all_or_nothing()
    {
        await using var api = await TestApi.StartAsync();
        var before = await api.PostAsync("/scheduler/jobs", Hello);
        foreach (var change in new object[]
        {
            new { trigger = "cron", hour = 25 }, new { name = "b", max_instances = 0 }, new { name = "b", hours = 2 }, new { id = "b" },
            new { func = "jobs:missing" },
            new { name = "b", func = "jobs:report" }, new { trigger = (string?)null, name = "b" },
            new { name = "b", executor = "nowhere" }, new { name = "" },
        })
        {
            var answer = await api.PatchAsync("/scheduler/jobs/a", change);
            Assert.True(answer.Status == 400 && answer.Error.Length > 0, $"{change}: {answer}");
        }

        Assert.Equal(before.Body, (await api.GetAsync("/scheduler/jobs/a")).Body);
        Assert.Equal(200, (await api.PatchAsync("/scheduler/jobs/a", new { })).Status);
    }

    [Fact]
    public async Task Arguments_are_changed_by_parts_and_checked_together()
    {
        await using var api = await TestApi.StartAsync();
        await api.PostAsync("/scheduler/jobs",
            new { id = "r", func = "jobs:report", args = new[] { 1 }, kwargs = new { b = 2 }, trigger = (string?)null });
        var changed = await api.PatchAsync("/scheduler/jobs/r", new { kwargs = new { b = 3 } });
        Assert.Equal(("[1]", """{"b":3}"""), (changed.Text("args"), changed.Text("kwargs")));
        Assert.Contains("b", (await api.PatchAsync("/scheduler/jobs/r", new { kwargs = new { } })).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_next_run_time_of_null_pauses_and_another_moves()
    {
        await using var api = await TestApi.StartAsync();
        await api.PostAsync("/scheduler/jobs", Hello);
        Assert.Null((await api.PatchAsync("/scheduler/jobs/a", new { next_run_time = (string?)null })).Text("next_run_time"));
        Assert.Null((await api.GetAsync("/scheduler/jobs/a")).Text("next_run_time"));
        Assert.Equal("2040-01-01T00:30:00+08:00", (await api.PatchAsync("/scheduler/jobs/a", new { next_run_time = "2040-01-01 00:30:00" }))
            .Text("next_run_time"));
    }

    [Fact]
    public async Task A_job_as_it_was_read_can_be_sent_back()
    {
        await using var api = await TestApi.StartAsync();
        var job = (await api.PostAsync("/scheduler/jobs", Hello)).Body;
        Assert.Equal(job, (await api.PatchAsync("/scheduler/jobs/a", job)).Body);
    }

    [Fact]
    public async Task Replacing_is_asked_for()
    {
        await using var api = await TestApi.StartAsync();
        await api.PostAsync("/scheduler/jobs", Hello);
        var again = await api.PostAsync("/scheduler/jobs", Hello);
        Assert.Equal((409, "Job a already exists."), (again.Status, again.Error));
        Assert.Equal(200, (await api.PostAsync("/scheduler/jobs",
            new { id = "a", func = "jobs:hello", trigger = "interval", hours = 2, replace_existing = true })).Status);
    }

    [Fact]
    public async Task Paused_jobs_come_last_and_say_what_was_said_about_the_pause()
    {
        await using var api = await TestApi.StartAsync();
        await api.PostAsync("/scheduler/jobs", Hello);
        await api.PostAsync("/scheduler/jobs",
            new { id = "b", func = "jobs:hello", trigger = "interval", hours = 1, start_date = "2041-01-01" });
        var paused = await api.PostAsync("/scheduler/jobs/a/pause", new { by = "ops", reason = "disk", until = "2039-01-01 00:00:00" });
        Assert.Equal(("ops", "disk", "2039-01-01T00:00:00+08:00"),
            (paused.Json.GetProperty("paused").GetProperty("by").GetString(), paused.Json.GetProperty("paused").GetProperty("reason")
            .GetString(), paused.Json.GetProperty("paused").GetProperty("until").GetString()));
        Assert.Equal(["b", "a"], (await api.GetAsync("/scheduler/jobs")).Json.EnumerateArray()
            .Select(job => job.GetProperty("id").GetString()));
        Assert.False((await api.PostAsync("/scheduler/jobs/a/resume")).Json.TryGetProperty("paused", out _));
    }

    [Fact]
    public async Task If_match_guards_a_change()
    {
        await using var api = await TestApi.StartAsync();
        var tag = (await api.PostAsync("/scheduler/jobs", Hello)).Headers["ETag"];
        var renamed = await api.PatchAsync("/scheduler/jobs/a", new { name = "b" }, ("If-Match", tag));
        Assert.Equal(200, renamed.Status);
        Assert.NotEqual(tag, renamed.Headers["ETag"]);
        var late = await api.PatchAsync("/scheduler/jobs/a", new { name = "c" }, ("If-Match", tag));
        Assert.Equal((412, "b"), (late.Status, (await api.GetAsync("/scheduler/jobs/a")).Text("name")));
        Assert.Contains("changed meanwhile", late.Error, StringComparison.Ordinal);
        Assert.Equal(412, (await api.DeleteAsync("/scheduler/jobs/a", ("If-Match", tag))).Status);
        Assert.Equal(412, (await api.DeleteAsync("/scheduler/jobs/a", ("If-Match", "W/" + renamed.Headers["ETag"]))).Status);
        Assert.Equal(400, (await api.DeleteAsync("/scheduler/jobs/a", ("If-Match", "seven"))).Status);
        Assert.Equal(200, (await api.PatchAsync("/scheduler/jobs/a", new { name = "d" }, ("If-Match", "*"))).Status);
        Assert.Equal(204, (await api.DeleteAsync("/scheduler/jobs/a",
            ("If-Match", $"{tag}, {(await api.GetAsync("/scheduler/jobs/a")).Headers["ETag"]}"))).Status);
    }

    [Fact]
    public async Task Changes_at_the_same_time_are_all_made()
    {
        await using var api = await TestApi.StartAsync();
        await api.PostAsync("/scheduler/jobs", new { id = "r", func = "jobs:hello", trigger = (string?)null });
        var changes = await Task.WhenAll(Enumerable.Range(1, 20).Select(i => i % 2 == 0
            ? api.PatchAsync("/scheduler/jobs/r", new { args = new[] { i } })
            : api.PatchAsync("/scheduler/jobs/r", new { kwargs = new { i } })));
        Assert.All(changes, answer => Assert.Equal(200, answer.Status));
        var job = (await api.GetAsync("/scheduler/jobs/r")).Json;
        Assert.Equal(1, job.GetProperty("args").GetArrayLength());
        Assert.True(job.GetProperty("kwargs").TryGetProperty("i", out _));
    }

    [Fact]
    public async Task A_job_whose_stored_definition_cannot_be_read_is_shown_with_its_error_and_can_be_replaced_or_removed()
    {
        await using var api = await TestApi.StartAsync();
        await api.Services.GetRequiredService<IJobStore>().ChangeAsync(
            new()
            {
                Jobs = [JobEdits.Add(Job.Unreadable(JobId.Parse("old"), "{}",
                "The stored definition of job old cannot be read: name is missing."))]
            }, TestContext.Current.CancellationToken);

        var shown = Assert.Single((await api.GetAsync("/scheduler/jobs")).Json.EnumerateArray().ToList());
        Assert.Equal("The stored definition of job old cannot be read: name is missing.", shown.GetProperty("error").GetString());
        Assert.Equal(("old", "", "null"),
            (shown.GetProperty("id").GetString(), shown.GetProperty("func").GetString(), shown.GetProperty("trigger").GetRawText()));
        var renamed = await api.PatchAsync("/scheduler/jobs/old", new { name = "New" });
        Assert.Equal((400, shown.GetProperty("error").GetString()), (renamed.Status, renamed.Error));
        var asked = await api.PostAsync("/scheduler/jobs/old/run");
        Assert.Equal((400, shown.GetProperty("error").GetString()), (asked.Status, asked.Error));

        var replaced = await api.PostAsync("/scheduler/jobs",
            new { id = "old", func = "jobs:hello", trigger = (string?)null, replace_existing = true });
        Assert.Equal(200, replaced.Status);
        Assert.False(replaced.Json.TryGetProperty("error", out _));
        Assert.Equal(204, (await api.DeleteAsync("/scheduler/jobs/old")).Status);
    }
}
