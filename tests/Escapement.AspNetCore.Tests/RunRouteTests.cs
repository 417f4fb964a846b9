using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Escapement.AspNetCore.Tests;

/// <summary>Tests of running a job now, and of reading runs.</summary>
public class RunRouteTests
{
    [Fact]
    public async Task A_run_that_has_finished_answers_with_the_job()
    {
        await using var api = await TestApi.StartAsync();
        await api.PostAsync("/scheduler/jobs", new { id = "a", func = "jobs:hello", trigger = "interval", hours = 1 });
        var answer = await api.PostAsync("/scheduler/jobs/a/run");
        Assert.Equal((200, "a"), (answer.Status, answer.Text("id")));
        var run = (await api.GetAsync(answer.Headers["Location"])).Json;
        Assert.Equal(("a", "succeeded", "ended"),
            (run.GetProperty("job_id").GetString(), run.GetProperty("outcome").GetString(), run.GetProperty("state").GetString()));
        Assert.Equal((1, 1L), (run.GetProperty("attempt").GetInt32(), run.GetProperty("epoch").GetInt64()));
        foreach (var field in new[] { "id", "fire_time", "started_at", "finished_at", "node" })
        {
            Assert.NotEmpty(run.GetProperty(field).GetString()!);
        }

        foreach (var field in new[] { "reason", "error" }) Assert.Equal(JsonValueKind.Null, run.GetProperty(field).ValueKind);
    }

    [Fact]
    public async Task Paused_jobs_and_a_paused_scheduler_run_what_is_asked_for()
    {
        await using var api = await TestApi.StartAsync();
        await api.PostAsync("/scheduler/jobs", new { id = "a", func = "jobs:hello", trigger = "interval", hours = 1 });
        await api.PostAsync("/scheduler/jobs/a/pause");
        await api.PostAsync("/scheduler/pause");
        Assert.Equal(200, (await api.PostAsync("/scheduler/jobs/a/run")).Status);
    }

    [Fact]
    public async Task What_a_handler_threw_is_answered_in_printable_characters_and_within_the_limit()
    {
        await using var api = await TestApi.StartAsync();
        await api.PostAsync("/scheduler/jobs", new { id = "a", func = "jobs:throws_oddly", trigger = (string?)null });
        var answer = await api.PostAsync("/scheduler/jobs/a/run");
        Assert.StartsWith(@"The handler failed: boom \u202E\u000Axxx", answer.Error, StringComparison.Ordinal);
        Assert.InRange(answer.Error!.Length, 1_900, 2_000);
    }

    [Fact]
    public async Task A_handler_that_throws_is_the_one_500()
    {
        await using var api = await TestApi.StartAsync();
        await api.PostAsync("/scheduler/jobs", new { id = "a", func = "jobs:throws", trigger = (string?)null });
        var answer = await api.PostAsync("/scheduler/jobs/a/run");
        Assert.Equal((500, "The handler failed: the disk is full"), (answer.Status, answer.Error));
        Assert.DoesNotContain("Exception", answer.Body, StringComparison.Ordinal);
        Assert.Equal(answer.Headers["Location"], answer.Text("run"));
        Assert.Equal("failed", (await api.GetAsync(answer.Text("run")!)).Text("outcome"));
    }

    [Fact]
    public async Task Who_does_not_want_to_wait_gets_the_runs_address()
    {
        await using var api = await TestApi.StartAsync();
        await api.PostAsync("/scheduler/jobs", new { id = "a", func = "jobs:hello", trigger = (string?)null });
        var answer = await api.PostAsync("/scheduler/jobs/a/run", null, ("Prefer", "wait=5, respond-async"));
        Assert.Equal((202, answer.Text("run")), (answer.Status, answer.Headers["Location"]));
        Assert.Equal(answer.Text("id"), (await api.GetAsync(answer.Headers["Location"])).Text("id"));
    }

    static async Task<TestApi> WithMailAsync(ConcurrentQueue<string> sent, string? keyLasts = null)
    {
        var api = await TestApi.StartAsync(new()
        {
            Jobs = scheduler => scheduler.Handler("mail", (int order, string to) => sent.Enqueue($"{order} {to}")),
        });
        var added = await api.PostAsync("/scheduler/jobs",
            $$"""{"id": "mail", "func": "mail", "trigger": null{{(keyLasts is null ? "" : $", \"key_lasts\": {keyLasts}")}}}""");
        Assert.Equal(200, added.Status);
        return api;
    }

    [Fact]
    public async Task A_run_takes_arguments_of_its_own()
    {
        ConcurrentQueue<string> sent = new();
        await using var api = await WithMailAsync(sent);
        Assert.Equal(200, (await api.PostAsync("/scheduler/jobs/mail/run", new { kwargs = new { order = 7, to = "ada" } })).Status);
        Assert.Equal(200, (await api.PostAsync("/scheduler/jobs/mail/run", new { args = new object[] { 8 }, kwargs = new { to = "li" } })).Status);
        Assert.Equal(["7 ada", "8 li"], sent);
        var without = await api.PostAsync("/scheduler/jobs/mail/run");
        Assert.Equal((400, "The following arguments have not been supplied: order, to"), (without.Status, without.Error));
    }

    [Fact]
    public async Task A_lasting_key_is_answered_by_the_first_run()
    {
        ConcurrentQueue<string> sent = new();
        await using var api = await WithMailAsync(sent, "\"history\"");
        var body = new { kwargs = new { order = 7, to = "ada" }, key = "order-7" };
        var first = await api.PostAsync("/scheduler/jobs/mail/run", body);
        Assert.Equal(200, first.Status);
        var again = await api.PostAsync("/scheduler/jobs/mail/run", body, ("Prefer", "respond-async"));
        Assert.Equal((202, first.Headers["Location"], true),
            (again.Status, again.Text("run"), again.Json.GetProperty("existing").GetBoolean()));
        Assert.Equal(200, (await api.PostAsync("/scheduler/jobs/mail/run", body)).Status);
        Assert.Single(sent);
        Assert.Equal("history", (await api.GetAsync("/scheduler/jobs/mail")).Text("key_lasts"));
    }

    [Fact]
    public async Task The_key_of_a_delayed_run_is_answered_at_once()
    {
        await using var api = await TestApi.StartAsync();
        await api.PostAsync("/scheduler/jobs", new { id = "a", func = "jobs:hello", trigger = (string?)null });
        var first = await api.PostAsync("/scheduler/jobs/a/run", new { key = "k", after = 3600 });
        var second = await api.PostAsync("/scheduler/jobs/a/run", new { key = "k" });
        Assert.Equal((202, first.Text("run"), true), (second.Status, second.Text("run"), second.Json.GetProperty("existing").GetBoolean()));
    }

    [Theory]
    [InlineData("""{"at": "2099-01-01T00:00:00Z"}""", "2099-01-01T00:00:00+00:00"), InlineData("""{"after": "1d"}""", null), InlineData("""{"after": 3600}""", null)]
    public async Task A_run_that_is_not_due_yet_is_answered_at_once(string body, string? due)
    {
        await using var api = await TestApi.StartAsync();
        await api.PostAsync("/scheduler/jobs", new { id = "a", func = "jobs:hello", trigger = (string?)null });
        var answer = await api.PostAsync("/scheduler/jobs/a/run", body);
        Assert.Equal(202, answer.Status);
        var run = await api.GetAsync(answer.Text("run")!);
        Assert.Equal("waiting", run.Text("state"));
        if (due is not null) Assert.Equal(due, run.Text("fire_time"));
    }

    [Theory]
    [InlineData("""{"args": {}}""", "args is {}; a list, such as [1, \"two\"], is allowed."), InlineData("""{"kwargs": 7}""", "kwargs is 7; an object"),
        InlineData("""{"at": "soon"}""", "at is \"soon\";"), InlineData("""{"after": -1}""", "after is -1; seconds from 0 are allowed"),
        InlineData("""{"after": true}""", "after is true;"), InlineData("""{"after": "1 fortnight"}""", "after is"),
        InlineData("""{"at": "2099-01-01", "after": 1}""", "only one of at and after is allowed"),
        InlineData("""{"key": 7}""", "key is 7; a text of 1 to 255"), InlineData("""{"key": ""}""", "The key is empty"),
        InlineData("""{"argz": []}""", "argz is []; there is no such field; the fields are args, kwargs, at, after, key, by, reason."),
        InlineData("[]", "The body is a JSON list")]
    public async Task A_wrong_body_of_a_run_is_named_and_requests_nothing(string body, string said)
    {
        await using var api = await TestApi.StartAsync();
        await api.PostAsync("/scheduler/jobs", new { id = "a", func = "jobs:hello", trigger = (string?)null });
        var answer = await api.PostAsync("/scheduler/jobs/a/run", body);
        Assert.Equal(400, answer.Status);
        Assert.Contains(said, answer.Error, StringComparison.Ordinal);
        Assert.Equal("[]", (await api.GetAsync("/scheduler/runs")).Body.Trim());
    }

    [Fact]
    public async Task While_no_process_is_active_a_run_stays_asked_for()
    {
        await using var api = await TestApi.StartAsync();
        await api.PostAsync("/scheduler/jobs", new { id = "a", func = "jobs:hello", trigger = (string?)null });
        await api.PostAsync("/scheduler/shutdown");
        var answer = await api.PostAsync("/scheduler/jobs/a/run");
        Assert.Equal((503, "ShutDown"), (answer.Status, answer.Text("reason")));
        Assert.Contains("shut down", answer.Error, StringComparison.Ordinal);
        Assert.Equal(answer.Headers["Location"], answer.Text("run"));
        Assert.Equal(("waiting", null),
            ((await api.GetAsync(answer.Text("run")!)).Text("state"), (await api.GetAsync(answer.Text("run")!)).Text("outcome")));
        Assert.Equal(204, (await api.PostAsync("/scheduler/start")).Status);
        Assert.Equal(200, (await api.PostAsync("/scheduler/jobs/a/run")).Status);
    }

    [Fact]
    public async Task After_thirty_seconds_a_run_that_has_begun_answers_with_the_job_and_one_that_has_not_says_so()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.Parse("2030-01-01T00:00:00Z", System.Globalization.CultureInfo.InvariantCulture));
        TaskCompletionSource begun = new(), end = new();
        await using var api = await TestApi.StartAsync(new()
        {
            Builder = builder => builder.Services.AddSingleton<TimeProvider>(clock),
            Jobs = scheduler => scheduler.Add("slow", async () =>
            {
                begun.TrySetResult();
                await end.Task;
            }).MaxInstances(1),
        });
        var first = api.PostAsync("/scheduler/jobs/slow/run");
        await begun.Task;
        var second = api.PostAsync("/scheduler/jobs/slow/run");
        var both = Task.WhenAll(first, second);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(2));
        while (!both.IsCompleted)
        {
            // The requests start new timers at each poll, so time advances in steps with pauses for the polls.
            clock.Advance(TimeSpan.FromMilliseconds(100));
            await Task.WhenAny(both, Task.Delay(1, limit.Token)).Unwrap();
        }

        Assert.Equal((200, "slow"), ((await first).Status, (await first).Text("id")));
        Assert.Equal("running", (await api.GetAsync((await first).Headers["Location"])).Text("state"));
        Assert.Equal(202, (await second).Status);
        Assert.Equal("The run was enqueued but has not started: no active process has taken the run within 30 seconds. A process takes the run if it knows the handler slow and has a free slot of the executor default, and if the number of runs of the job that are going on is below 1. The run stays enqueued.",
            (await second).Text("sentence"));
        Assert.Equal("waiting", (await api.GetAsync((await second).Headers["Location"])).Text("state"));
        end.SetResult();
    }

    [Fact]
    public async Task A_job_that_vanishes_while_it_runs_is_answered_as_it_stood_last()
    {
        TestApi? self = null;
        await using var api = self = await TestApi.StartAsync(new()
        {
            Jobs = scheduler =>
            scheduler.Handler("leaves", async (JobContext run) => await self!.DeleteAsync($"/scheduler/jobs/{run.Job}"))
        });
        await api.PostAsync("/scheduler/jobs", new { id = "gone", func = "leaves", trigger = "date", run_date = "2040-01-01" });
        var answer = await api.PostAsync("/scheduler/jobs/gone/run");
        Assert.Equal((200, "gone", null), (answer.Status, answer.Text("id"), answer.Text("next_run_time")));
        Assert.Equal(404, (await api.GetAsync("/scheduler/jobs/gone")).Status);
        Assert.Single((await api.GetAsync("/scheduler/runs?job_id=gone")).Json.EnumerateArray());
    }

    [Fact]
    public async Task Runs_are_read_in_pages()
    {
        await using var api = await TestApi.StartAsync();
        await api.PostAsync("/scheduler/jobs", new { id = "a b", func = "jobs:hello", trigger = (string?)null });
        await api.PostAsync("/scheduler/jobs", new { id = "other", func = "jobs:hello", trigger = (string?)null });
        for (var i = 0; i < 5; i++) await api.PostAsync("/scheduler/jobs/a%20b/run");
        await api.PostAsync("/scheduler/jobs/other/run");
        Assert.Equal(6, (await api.GetAsync("/scheduler/runs")).Json.GetArrayLength());

        List<string> seen = [];
        string? next = "/scheduler/runs?job_id=a%20b&limit=2";
        while (next is not null)
        {
            var page = await api.GetAsync(next);
            seen.AddRange(page.Json.EnumerateArray().Select(run => run.GetProperty("id").GetString()!));
            next = page.Headers.TryGetValue("Link", out var link) ? link[1..link.IndexOf('>', StringComparison.Ordinal)] : null;
        }

        Assert.Equal(5, seen.Distinct().Count());
        Assert.Equal(5, seen.Count);
        Assert.False((await api.GetAsync("/scheduler/runs?job_id=a%20b&limit=5")).Headers.ContainsKey("Link"));
    }

    static async Task<TestApi> WithRunsAsync()
    {
        var api = await TestApi.StartAsync();
        await api.PostAsync("/scheduler/jobs", new { id = "good", func = "jobs:hello", trigger = (string?)null, tags = new[] { "a b", "x" } });
        await api.PostAsync("/scheduler/jobs", new { id = "bad", func = "jobs:throws", trigger = (string?)null });
        foreach (var job in new[] { "good", "bad", "good", "bad", "good" }) await api.PostAsync($"/scheduler/jobs/{job}/run");
        return api;
    }

    [Theory]
    [InlineData("outcome=failed", 2)]
    [InlineData("outcome=FAILED,%20interrupted", 2)]
    [InlineData("outcome=succeeded,failed", 5)]
    [InlineData("reason=Interrupted,NoActiveNode", 0)]
    [InlineData("cause=enqueued", 5)]
    [InlineData("cause=backfill,fire_time", 0)]
    [InlineData("tag=a%20b", 3)]
    [InlineData("tag=a", 0)]
    [InlineData("tag=x&outcome=failed", 0)]
    [InlineData("job_id=bad&outcome=failed", 2)]
    [InlineData("node=nobody", 0)]
    [InlineData("since=1h", 5)]
    [InlineData("since=2001-01-01&until=2002-01-01T00:00:00%2B08:00", 0)]
    [InlineData("since=2001-01-01&until=1s", 0)]
    public async Task Runs_are_read_by_filter(string query, int count)
    {
        await using var api = await WithRunsAsync();
        var page = await api.GetAsync("/scheduler/runs?" + query);
        Assert.Equal((200, count), (page.Status, page.Json.GetArrayLength()));
        Assert.False(page.Headers.ContainsKey("Escapement-Looked-To"));
    }

    [Fact]
    public async Task Runs_are_read_by_the_process_that_claimed_them()
    {
        await using var api = await WithRunsAsync();
        var node = (await api.GetAsync("/scheduler/runs")).Json[0].GetProperty("node").GetString()!;
        Assert.Equal(5, (await api.GetAsync("/scheduler/runs?node=" + Uri.EscapeDataString(node))).Json.GetArrayLength());
    }

    [Fact]
    public async Task The_next_page_has_the_same_filter_and_each_page_says_how_far_it_looked()
    {
        await using var api = await WithRunsAsync();
        List<string> causes = [];
        string? next = "/scheduler/runs?tag=a%20b&cause=enqueued&since=1h&limit=1";
        while (next is not null)
        {
            var page = await api.GetAsync(next);
            causes.AddRange(page.Json.EnumerateArray().Select(run => run.GetProperty("cause").GetString()!));
            next = page.Headers.TryGetValue("Link", out var link) ? link[1..link.IndexOf('>', StringComparison.Ordinal)] : null;
            Assert.Equal(next is not null, page.Headers.TryGetValue("Escapement-Looked-To", out var looked));
            if (looked is not null) Assert.Equal(page.Json[0].GetProperty("fire_time").GetString(), looked);
        }

        Assert.Equal(["enqueued", "enqueued", "enqueued"], causes);
    }

    [Theory]
    [InlineData("outcome=ok", "outcome is 'ok'; one or more of these words are allowed, separated by commas: succeeded, failed, timed_out, cancelled, interrupted, missed.")]
    [InlineData("outcome=", "outcome is ''; one or more of these words are allowed, separated by commas: succeeded,")]
    [InlineData("outcome=1", "outcome is '1'; one or more")]
    [InlineData("reason=Interrupted,", "reason is 'Interrupted,'; one or more of these words are allowed, separated by commas: Paused, SchedulerPaused,")]
    [InlineData("cause=manual", "cause is 'manual'; one or more of these words are allowed, separated by commas: fire_time, enqueued, backfill.")]
    [InlineData("since=soon", "since is 'soon'; write it as a duration back from now")]
    [InlineData("until=2030-13-01", "until is '2030-13-01'; write it as")]
    [InlineData("since=1h&until=2h", "until is '2h'; an instant after since is allowed")]
    [InlineData("tag=a&tag=b", "tag is given 2 times; once is allowed")]
    [InlineData("outcomes=failed", "'outcomes' is not a query parameter of this address. Did you mean outcome?")]
    public async Task A_filter_that_cannot_be_is_a_mistake(string query, string error)
    {
        await using var api = await TestApi.StartAsync();
        var answer = await api.GetAsync("/scheduler/runs?" + query);
        Assert.Equal(400, answer.Status);
        Assert.StartsWith(error, answer.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("limit=0")]
    [InlineData("limit=1001")]
    [InlineData("limit=-1")]
    [InlineData("limit=many")]
    [InlineData("limit=")]
    [InlineData("limit=1&limit=2")]
    [InlineData("before=x")]
    [InlineData("before=01-1-0")]
    [InlineData("before=1-+1-0")]
    [InlineData("before=1-1-0%00")]
    [InlineData("before=1--0")]
    public async Task A_page_that_cannot_be_is_a_mistake(string query)
    {
        await using var api = await TestApi.StartAsync();
        var answer = await api.GetAsync("/scheduler/runs?" + query);
        Assert.Equal(400, answer.Status);
        Assert.Contains(query.Split('=')[0], answer.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1-2-3")]
    [InlineData("x")]
    [InlineData("99999999999999999999-1-1")]
    public async Task A_run_that_never_was_is_not_found(string id)
    {
        await using var api = await TestApi.StartAsync();
        var answer = await api.GetAsync($"/scheduler/runs/{id}");
        Assert.Equal((404, $"Run {id} not found"), (answer.Status, answer.Error));
    }
}
