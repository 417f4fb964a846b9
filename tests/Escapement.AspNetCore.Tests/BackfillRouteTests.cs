using System.Globalization;
using Microsoft.Extensions.DependencyInjection;

namespace Escapement.AspNetCore.Tests;

/// <summary>Tests of making up for fire times that did not run.</summary>
public class BackfillRouteTests
{
    /// <summary>Starts an application with a job each hour that missed its last three fire times.</summary>
    static async Task<TestApi> StartAsync()
    {
        var api = await TestApi.StartAsync();
        var first = DateTimeOffset.UtcNow.AddMinutes(-150).ToString("yyyy-MM-ddTHH:mm:ss+00:00", CultureInfo.InvariantCulture);
        var added = await api.PostAsync("/scheduler/jobs", new
        {
            id = "late",
            func = "jobs:hello",
            trigger = "interval",
            hours = 1,
            start_date = first,
            next_run_time = first,
            misfire_grace_time = 1,
        });
        Assert.Equal(200, added.Status);
        var scheduler = api.Services.GetRequiredService<IScheduler>();
        while ((await scheduler.JobAsync("late")).NextFireTime < DateTimeOffset.UtcNow) await Task.Yield();
        return api;
    }

    [Fact]
    public async Task Missed_fire_times_become_runs()
    {
        await using var api = await StartAsync();
        var planned = await api.PostAsync("/scheduler/jobs/late/backfill", new { from = "24h", dry_run = true });
        Assert.Equal((200, 3, true), (planned.Status, planned.Json.GetProperty("count").GetInt32(),
            planned.Json.GetProperty("dry_run").GetBoolean()));
        Assert.Equal(0, (await api.GetAsync("/scheduler/runs?cause=backfill")).Json.GetArrayLength());

        var done = await api.PostAsync("/scheduler/jobs/late/backfill", new { from = "24h", to = "1m", reason = (string?)null, by = "li", why = "db move" });
        Assert.Equal(200, done.Status);
        Assert.Equal(("late", 3, 0, false), (done.Text("job_id"), done.Json.GetProperty("count").GetInt32(),
            done.Json.GetProperty("already_run").GetInt32(), done.Json.GetProperty("dry_run").GetBoolean()));
        Assert.Equal(planned.Json.GetProperty("runs").ToString(), done.Json.GetProperty("runs").ToString());
        var action = (await api.GetAsync("/scheduler/actions?job_id=late&limit=1")).Json[0];
        Assert.Equal(("backfilled", "late", "li"), (action.GetProperty("kind").GetString(), action.GetProperty("job_id").GetString(),
            action.GetProperty("by").GetString()));
        Assert.Equal("db move", action.GetProperty("reason").GetString());
        var made = (await api.GetAsync("/scheduler/jobs/late/why?lang=en")).Json.GetProperty("made_up")[0].GetProperty("sentence").GetString();
        Assert.Matches("^.* were made up by li at [0-9: ]+: db move[.] At their time they did not run: ", made);
        var chinese = (await api.GetAsync("/scheduler/jobs/late/why?lang=zh")).Json.GetProperty("made_up")[0].GetProperty("sentence").GetString();
        Assert.Contains("补跑：db move。当时未运行：", chinese, StringComparison.Ordinal);
        Assert.StartsWith("REST ", action.GetProperty("origin").GetString(), StringComparison.Ordinal);
        foreach (var run in done.Json.GetProperty("runs").EnumerateArray())
        {
            var found = await api.GetAsync("/scheduler/runs/" + run.GetProperty("id").GetString());
            Assert.Equal(("backfill", run.GetProperty("fire_time").GetString()), (found.Text("cause"), found.Text("fire_time")));
        }

        Assert.Equal(0, (await api.PostAsync("/scheduler/jobs/late/backfill", new { from = "24h" })).Json.GetProperty("count").GetInt32());
    }

    [Fact]
    public async Task Only_the_given_reasons_are_made_up()
    {
        await using var api = await StartAsync();
        var reasons = new[] { "Paused", "coalesced" };
        Assert.Equal(0, (await api.PostAsync("/scheduler/jobs/late/backfill", new { from = "24h", reason = reasons })).Json.GetProperty("count").GetInt32());
        Assert.Equal(3, (await api.PostAsync("/scheduler/jobs/late/backfill",
            new { from = "24h", reason = "NoActiveNode,MisfireGraceExceeded" })).Json.GetProperty("count").GetInt32());
    }

    [Theory]
    [InlineData("{}", "from is missing; it is the beginning of the fire times to make up for; write it as")]
    [InlineData("""{"from": "soon"}""", "from is 'soon'; write it as a duration back from now")]
    [InlineData("""{"from": 5}""", "from is 5; write it as")]
    [InlineData("""{"from": "1h", "to": "2h"}""", "from is \"1h\"; an instant before the end of the span, 2")]
    [InlineData("""{"from": "2100-01-01", "to": "2101-01-01"}""", "The span begins at 2099-12-31 16:00:00Z, which is in the future")]
    [InlineData("""{"from": "24h", "reason": ["Bored"]}""", "reason is 'Bored'; one or more of these words are allowed")]
    [InlineData("""{"from": "24h", "reason": 7}""", "reason is 7; a list of at least one name of a reason,")]
    [InlineData("""{"from": "24h", "reason": []}""", "reason is []; a list of at least one name of a reason,")]
    [InlineData("""{"from": "24h", "dry_run": "yes"}""", "dry_run is \"yes\"; true or false is allowed")]
    [InlineData("""{"from": "24h", "dry": true}""", "dry is true; there is no such field; the fields are from, to, reason, dry_run")]
    [InlineData("""{"from": "24h", "why": 7}""", "why is 7; a text of at most 1000 characters is allowed")]
    [InlineData("", "The body is not JSON: it is empty.")]
    public async Task A_backfill_that_cannot_be_is_a_mistake(string body, string error)
    {
        await using var api = await TestApi.StartAsync();
        await api.PostAsync("/scheduler/jobs", new { id = "a", func = "jobs:hello", trigger = "interval", hours = 1 });
        var answer = await api.PostAsync("/scheduler/jobs/a/backfill", body);
        Assert.Equal(400, answer.Status);
        Assert.StartsWith(error, answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_job_that_is_not_there_and_a_job_without_a_trigger_are_refused()
    {
        await using var api = await TestApi.StartAsync();
        await api.PostAsync("/scheduler/jobs", new { id = "asked", func = "jobs:hello", trigger = (string?)null });
        Assert.Equal(404, (await api.PostAsync("/scheduler/jobs/never/backfill", new { from = "1h" })).Status);
        var answer = await api.PostAsync("/scheduler/jobs/asked/backfill", new { from = "1h" });
        Assert.Equal((400, "Job asked has no trigger, so the job has no fire times to make up. Request a run instead."),
            (answer.Status, answer.Error));
    }
}
