using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Escapement.AspNetCore.Tests;

/// <summary>Tests of the ledger's routes.</summary>
public class LedgerRouteTests
{
    static readonly DateTimeOffset Start = new(2041, 5, 6, 8, 0, 0, TimeSpan.Zero);

    /// <summary>An hour of a job that fires each 10 minutes: the first half is paused, and the second half runs.</summary>
    static async Task<(TestApi Api, FakeTimeProvider Clock)> HourAsync()
    {
        FakeTimeProvider clock = new(Start);
        var api = await TestApi.StartAsync(new TestSetup
        {
            Builder = builder => builder.Services.AddSingleton<TimeProvider>(clock),
        });
        await api.PostAsync("/scheduler/jobs", new { id = "a", func = "jobs:hello", trigger = "interval", minutes = 10 });
        await api.PostAsync("/scheduler/jobs/a/pause", new { by = "li", reason = "db move" });
        clock.Advance(TimeSpan.FromMinutes(35));
        await api.PostAsync("/scheduler/jobs/a/resume");
        return (api, clock);
    }

    [Fact]
    public async Task Why_has_the_account_the_epochs_and_the_entries()
    {
        var (api, _) = await HourAsync();
        await using var running = api;
        var why = (await api.GetAsync("/scheduler/jobs/a/why")).Json;
        Assert.Equal(
            ["job_id", "from", "to", "at", "complete_since", "ended", "account", "epochs", "changes", "entries", "made_up", "unsuccessful", "imbalances", "cut"],
            why.EnumerateObject().Select(field => field.Name));
        var account = why.GetProperty("account");
        Assert.Equal(("3", "3", "0", "true"), (account.GetProperty("due").GetRawText(), account.GetProperty("skipped").GetRawText(),
            account.GetProperty("missed").GetRawText(), account.GetProperty("balanced").GetRawText()));
        Assert.Equal(
            ["due", "ran", "running", "skipped", "missed", "balanced", "sentence", "unsuccessful", "made_up"],
            account.EnumerateObject().Select(field => field.Name));
        var entry = Assert.Single(why.GetProperty("entries").EnumerateArray());
        Assert.Equal(["first", "last", "count", "reason", "kind", "decided", "sentence", "advice"],
            entry.EnumerateObject().Select(field => field.Name));
        Assert.Equal(("Paused", "skipped", "3", "true"), (entry.GetProperty("reason").GetString(), entry.GetProperty("kind").GetString(),
            entry.GetProperty("count").GetRawText(), entry.GetProperty("decided").GetRawText()));
        Assert.Contains("li", entry.GetProperty("sentence").GetString(), StringComparison.Ordinal);
        Assert.Contains("db move", entry.GetProperty("sentence").GetString(), StringComparison.Ordinal);
        var epoch = Assert.Single(why.GetProperty("epochs").EnumerateArray());
        Assert.Equal(["epoch", "node", "pid", "host", "begun", "ended", "how", "ended_by", "gap", "sentence"],
            epoch.EnumerateObject().Select(field => field.Name));
        Assert.Equal(Environment.ProcessId, epoch.GetProperty("pid").GetInt32());
    }

    [Theory]
    [InlineData("", "2041-05-05T08:35:00+00:00", "2041-05-06T08:35:00+00:00")]
    [InlineData("?from=10m", "2041-05-06T08:25:00+00:00", "2041-05-06T08:35:00+00:00")]
    [InlineData("?from=2h&to=1h", "2041-05-06T06:35:00+00:00", "2041-05-06T07:35:00+00:00")]
    [InlineData("?from=2041-05-06", "2041-05-05T16:00:00+00:00", "2041-05-06T08:35:00+00:00")]
    [InlineData("?from=2041-05-06T08:00:00Z&to=2041-05-06T10:00:00%2B01:00", "2041-05-06T08:00:00+00:00", "2041-05-06T09:00:00+00:00")]
    [InlineData("?from=2041-05-06T10:00:00+02:00", "2041-05-06T08:00:00+00:00", "2041-05-06T08:35:00+00:00")]
    [InlineData("?from=999999d", "0001-01-01T00:00:00+00:00", "2041-05-06T08:35:00+00:00")]
    public async Task A_span_is_read_in_several_forms(string query, string from, string to)
    {
        var (api, _) = await HourAsync();
        await using var running = api;
        foreach (var path in (string[])["/scheduler/jobs/a/why", "/scheduler/audit", "/scheduler/summary"])
        {
            var answer = await api.GetAsync(path + query);
            Assert.Equal(200, answer.Status);
            Assert.Equal((from, to), (Utc(answer, "from"), Utc(answer, "to")));
        }

        static string Utc(Answer answer, string field) =>
            answer.Json.GetProperty(field).GetDateTimeOffset().ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:sszzz",
                System.Globalization.CultureInfo.InvariantCulture);
    }

    [Theory]
    [InlineData("/jobs/a/why?from=yesterday", "from is 'yesterday'; write it as a duration back from now, such as 10m, 24h or 7d")]
    [InlineData("/audit?to=soon", "to is 'soon'")]
    [InlineData("/audit?from=1h&to=2h", "an instant before the end of the span")]
    [InlineData("/audit?from=1h&from=2h", "from is given 2 times; once is allowed")]
    [InlineData("/audit?lang=fr", "lang is 'fr'; en and zh are allowed")]
    [InlineData("/entries?reason=Bored", "reason is 'Bored'; one or more of these words are allowed, separated by commas: Paused, ")]
    [InlineData("/entries?kind=lost", "kind is 'lost'; one or more of these words are allowed, separated by commas: skipped, missed.")]
    [InlineData("/entries?limit=0", "limit is '0'; a whole number from 1 to 1000 is allowed")]
    [InlineData("/entries?before=a", "before is 'a'; the place of an entry is allowed")]
    [InlineData("/audit?since=1h", "'since' is not a query parameter of this address.")]
    [InlineData("/nodes/history?form=1h", "Did you mean from?")]
    public async Task A_wrong_value_is_400_and_names_what_is_allowed(string path, string part)
    {
        var (api, _) = await HourAsync();
        await using var running = api;
        var answer = await api.GetAsync("/scheduler" + path);
        Assert.Equal(400, answer.Status);
        Assert.Contains(part, answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_job_is_404()
    {
        await using var api = await TestApi.StartAsync();
        foreach (var path in (string[])["/scheduler/jobs/nope/why", "/scheduler/entries?job_id=nope"])
        {
            var answer = await api.GetAsync(path);
            Assert.Equal((404, "Job nope not found"), (answer.Status, answer.Error));
        }
    }

    [Theory]
    [InlineData("", "", false)]
    [InlineData("?lang=zh", "", true)]
    [InlineData("?lang=en", "zh-CN", false)]
    [InlineData("", "zh-CN,zh;q=0.9,en;q=0.8", true)]
    [InlineData("", "fr,en;q=0.5,zh;q=0.1", false)]
    [InlineData("", "de", false)]
    public async Task Sentences_have_the_language_of_the_caller(string query, string header, bool isChinese)
    {
        var (api, _) = await HourAsync();
        await using var running = api;
        var answer = await api.SendAsync(HttpMethod.Get, "/scheduler/audit" + query, null, ("Accept-Language", header));
        var sentence = answer.Json.GetProperty("account").GetProperty("sentence").GetString()!;
        Assert.Equal(isChinese, sentence.Any(c => c > 0x2E80));
    }

    [Fact]
    public async Task Audit_has_the_account_of_each_job_and_its_causes()
    {
        var (api, _) = await HourAsync();
        await using var running = api;
        await api.PostAsync("/scheduler/jobs", new { id = "b", func = "jobs:hello", trigger = "interval", minutes = 10 });
        var audit = (await api.GetAsync("/scheduler/audit?from=1h")).Json;
        Assert.Equal(["from", "to", "at", "complete_since", "account", "jobs", "epochs", "causes", "imbalances", "cut"],
            audit.EnumerateObject().Select(field => field.Name));
        Assert.Equal("a", Assert.Single(audit.GetProperty("jobs").EnumerateArray()).GetProperty("job_id").GetString());
        var cause = Assert.Single(audit.GetProperty("causes").EnumerateArray());
        Assert.Equal(["first", "last", "count", "reason", "kind", "job_count", "jobs", "sentence", "advice"],
            cause.EnumerateObject().Select(field => field.Name));
    }

    [Fact]
    public async Task Entries_are_filtered_over_all_jobs()
    {
        var (api, _) = await HourAsync();
        await using var running = api;
        Assert.Equal(1, await CountAsync(""));
        Assert.Equal(1, await CountAsync("?job_id=a&reason=paused&kind=skipped"));
        Assert.Equal(0, await CountAsync("?kind=missed"));
        Assert.Equal(0, await CountAsync("?reason=NoActiveNode"));
        Assert.Equal(0, await CountAsync("?from=1m"));

        async Task<int> CountAsync(string query)
        {
            var answer = await api.GetAsync("/scheduler/entries" + query);
            Assert.Equal(200, answer.Status);
            Assert.All(answer.Json.EnumerateArray(), entry => Assert.Equal("a", entry.GetProperty("job_id").GetString()));
            return answer.Json.GetArrayLength();
        }
    }

    [Fact]
    public async Task A_filter_finds_an_entry_below_more_entries_than_a_page_has()
    {
        FakeTimeProvider clock = new(Start);
        await using var api = await TestApi.StartAsync(new TestSetup
        {
            Builder = builder => builder.Services.AddSingleton<TimeProvider>(clock),
        });
        await api.PostAsync("/scheduler/jobs", new { id = "a", func = "jobs:hello", trigger = "interval", minutes = 10 });
        await api.PostAsync("/scheduler/jobs/a/skip", new { by = "li" });
        var scheduler = api.Services.GetRequiredService<IScheduler>();

        // Each pause has its fire time in the middle, so that no fire time is due between two pauses.
        clock.Advance(TimeSpan.FromMinutes(5));
        for (var i = 0; i < Ledger.AuditReport.MaxRows + 10; i++)
        {
            await scheduler.PauseAsync("a", cancellationToken: TestContext.Current.CancellationToken);
            clock.Advance(TimeSpan.FromMinutes(10));
            await scheduler.ResumeAsync("a", cancellationToken: TestContext.Current.CancellationToken);
        }

        foreach (var job in (string[])["", "&job_id=a"])
        {
            var found = await api.GetAsync("/scheduler/entries?from=30d&reason=SkippedByHand" + job);
            Assert.Equal((200, false), (found.Status, found.Headers.ContainsKey("Link")));
            Assert.Equal("SkippedByHand", Assert.Single(found.Json.EnumerateArray()).GetProperty("reason").GetString());
        }

        List<string> seen = [];
        for (var path = "/scheduler/entries?from=30d&kind=skipped&limit=400"; path is not null;)
        {
            var page = await api.GetAsync(path);
            Assert.Equal(200, page.Status);
            seen.AddRange(page.Json.EnumerateArray().Select(entry => entry.GetProperty("first").GetString()!));
            path = page.Headers.TryGetValue("Link", out var link) ? link.Split('>')[0].TrimStart('<') : null;
        }

        var account = (await api.GetAsync("/scheduler/audit?from=30d")).Json.GetProperty("account");
        Assert.Equal(account.GetProperty("skipped").GetInt32(), seen.Distinct().Count());
        Assert.True(seen.Count > Ledger.AuditReport.MaxRows);
        Assert.Equal(seen.OrderDescending(StringComparer.Ordinal), seen);
    }

    [Fact]
    public async Task The_history_has_the_activations_of_the_account()
    {
        var (api, _) = await HourAsync();
        await using var running = api;
        var history = (await api.GetAsync("/scheduler/nodes/history?lang=zh&from=1h")).Json;
        Assert.Equal((await api.GetAsync("/scheduler/audit?lang=zh&from=1h")).Json.GetProperty("epochs").GetRawText(), history.GetRawText());
        Assert.Single(history.EnumerateArray());
        Assert.Empty((await api.GetAsync("/scheduler/nodes/history?from=2d&to=1d")).Json.EnumerateArray());
    }

    [Fact]
    public async Task The_summary_says_who_is_active()
    {
        var (api, _) = await HourAsync();
        await using var running = api;
        var summary = (await api.GetAsync("/scheduler/summary")).Json;
        Assert.Equal(["from", "to", "at", "complete_since", "account", "causes", "imbalances", "active", "cut"],
            summary.EnumerateObject().Select(field => field.Name));
        var active = Assert.Single(summary.GetProperty("active").EnumerateArray());
        Assert.Equal(Environment.ProcessId, active.GetProperty("pid").GetInt32());
        Assert.Equal(JsonValueKind.Array, (await api.GetAsync("/scheduler/nodes/history")).Json.ValueKind);
    }
}
