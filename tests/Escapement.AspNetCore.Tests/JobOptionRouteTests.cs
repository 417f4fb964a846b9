using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;

namespace Escapement.AspNetCore.Tests;

/// <summary>
/// Tests of every option of the table over REST: added, changed, and shown unless equal to the default.
/// </summary>
public class JobOptionRouteTests
{
    /// <summary>
    /// The examples: a value for each option that differs from the default. A new option needs a line here.
    /// </summary>
    static readonly Dictionary<string, string> Examples = new()
    {
        ["misfire_grace_time"] = "90",
        ["max_instances"] = "3",
        ["coalesce"] = "false",
        ["executor"] = "\"mail\"",
        ["rerun_if_interrupted"] = "true",
        ["description"] = "\"Sends the report\"",
        ["tags"] = "[\"mail\",\"7\"]",
        ["priority"] = "-5",
        ["key_lasts"] = "60",
        ["cancel_at_stop"] = "true",
        ["pause_after_failures"] = "3",
        ["history_days"] = "7",
        ["history_runs"] = "500",
        ["history_failed_days"] = "14",
    };

    public static TheoryData<string> Names => [.. JobOptionTable.All.Select(option => option.Name)];

    [Theory, MemberData(nameof(Names))]
    public async Task It_is_added_changed_and_shown(string name)
    {
        var option = JobOptionTable.All.Single(option => option.Name == name);
        await using var api = await TestApi.StartAsync(new TestSetup().With("SCHEDULER_EXECUTORS", """{"mail": {"type": "threadpool"}}"""));
        var added = await api.PostAsync("/scheduler/jobs", Job("a", name));
        Assert.Equal(200, added.Status);
        var plain = await api.PostAsync("/scheduler/jobs", Job("b", null));
        var isAlwaysShown = name is "misfire_grace_time" or "max_instances";
        Assert.Equal(isAlwaysShown, plain.Json.TryGetProperty(name, out _));
        var changed = await api.PatchAsync("/scheduler/jobs/b", new JsonObject { [name] = JsonNode.Parse(Examples[name]) });
        foreach (var shown in (JsonElement[])[added.Json, changed.Json, .. (await api.GetAsync("/scheduler/jobs")).Json.EnumerateArray()])
        {
            // As in APScheduler, coalesce is shown only for jobs of the program.
            if (name == "coalesce") Assert.False(shown.TryGetProperty(name, out _));
            else Assert.Equal(Examples[name], shown.GetProperty(name).GetRawText());
        }

        var value = option.Form.Read(JsonDocument.Parse(Examples[name]).RootElement);
        Assert.All(await api.Services.GetRequiredService<IScheduler>().JobsAsync(TestContext.Current.CancellationToken), job =>
            Assert.Equal(value, job.Options[option]));
    }

    [Fact]
    public async Task Null_takes_description_and_tags_away()
    {
        await using var api = await TestApi.StartAsync();
        await api.PostAsync("/scheduler/jobs",
            new { id = "a", func = "jobs:hello", trigger = (string?)null, description = "Mails", tags = new[] { "mail" }, priority = 7 });
        var changed = (await api.PatchAsync("/scheduler/jobs/a",
            new { description = (string?)null, tags = (string[]?)null, priority = 0 })).Json;
        Assert.All(["description", "tags", "priority"], name => Assert.False(changed.TryGetProperty(name, out _)));
        Assert.Equal(400, (await api.PatchAsync("/scheduler/jobs/a", new { tags = new[] { "a", "a" } })).Status);
    }

    static JsonObject Job(string id, string? option)
    {
        var job = new JsonObject { ["id"] = id, ["func"] = "jobs:hello", ["trigger"] = null };
        if (option is not null) job[option] = JsonNode.Parse(Examples[option]);
        return job;
    }
}
