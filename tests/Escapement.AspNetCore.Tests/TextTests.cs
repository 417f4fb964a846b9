using Microsoft.Extensions.Logging;

namespace Escapement.AspNetCore.Tests;

/// <summary>
/// Tests of external texts: the characters allowed in names, and the display of texts in messages and the log.
/// </summary>
public sealed class TextTests
{
    public static TheoryData<string> Hidden =>
        ["\0", "\u001b[31m", "\n", "\u007f", "\u0085", "\u00ad", "\u200b", "\u2028", "\u2029", "\u202e", "\u2066", "\ufeff", "\U000E0041"];

    [Theory]
    [MemberData(nameof(Hidden))]
    public async Task A_character_that_is_not_printable_is_refused_and_never_logged(string hidden)
    {
        // The framework logs addresses by its own rules.
        await using var api = await TestApi.StartAsync(
            new() { Builder = builder => builder.Logging.AddFilter("Microsoft", LogLevel.None) });
        await api.PostAsync("/scheduler/jobs", new { id = "there", func = "jobs:hello", trigger = (string?)null });
        var text = $"UTC{hidden}x";
        Answer[] answers =
        [
            await api.PostAsync("/scheduler/jobs", new { id = text, func = "jobs:hello", trigger = (string?)null }),
            await api.PostAsync("/scheduler/jobs", new { id = "a", name = text, func = "jobs:hello", trigger = (string?)null }),
            await api.PostAsync("/scheduler/jobs", new { id = "a", func = text, trigger = (string?)null }),
            await api.PostAsync("/scheduler/jobs", new { id = "a", func = "jobs:hello", executor = text, trigger = (string?)null }),
            await api.PostAsync("/scheduler/jobs", new { id = "a", func = "jobs:hello", trigger = "cron", hour = 9, timezone = text }),
            await api.PostAsync("/scheduler/jobs",
                new { id = "a", func = "jobs:hello", trigger = "cron", hour = 9, timezone = $"UTC{hidden}" }),
            await api.PostAsync("/scheduler/jobs", new { id = "a", func = "jobs:hello", trigger = "cron", expression = text }),
            await api.PostAsync("/scheduler/jobs", new { id = "a", func = "jobs:hello", trigger = text }),
            await api.PatchAsync("/scheduler/jobs/there", new { name = text }),
            await api.PostAsync("/scheduler/jobs/there/pause", new { by = text }),
            await api.PostAsync("/scheduler/pause", new { reason = text }),
        ];
        Assert.All(answers, answer =>
        {
            Assert.Equal(400, answer.Status);
            // The lines after the sentence show the place in an expression.
            Assert.DoesNotContain(hidden, answer.Error.Split("\n  ")[0], StringComparison.Ordinal);
        });
        foreach (var path in (string[])["jobs/", "runs/", "runs?job_id=", "none/"])
        {
            var answer = await api.GetAsync($"/scheduler/{path}{Uri.EscapeDataString(text)}");
            if (hidden is "\0") continue;
            Assert.Equal(404, answer.Status);
            Assert.DoesNotContain(hidden, answer.Error, StringComparison.Ordinal);
        }

        if (hidden is not "\n") Assert.DoesNotContain(api.Logged.Lines, line => line.Contains(hidden, StringComparison.Ordinal));
        Assert.Single((await api.GetAsync("/scheduler/jobs")).Json.EnumerateArray());
    }

    [Fact]
    public async Task Half_of_a_pair_is_refused()
    {
        Assert.Throws<FormatException>(() => Jobs.JobId.Parse("a\ud800"));
        await using var api = await TestApi.StartAsync();
        Assert.Equal(400, (await api.PostAsync("/scheduler/jobs", """{"id": "a\ud800", "func": "jobs:hello", "trigger": null}""")).Status);
    }

    [Theory]
    [InlineData("trigger")]
    [InlineData("timezone")]
    [InlineData("func")]
    [InlineData("executor")]
    [InlineData("id")]
    [InlineData("expression")]
    [InlineData("next_run_time")]
    [InlineData("args")]
    [InlineData("exclude")]
    public async Task A_long_text_is_shortened_in_the_answer(string field)
    {
        await using var api = await TestApi.StartAsync();
        Dictionary<string, object?> body = new() { ["id"] = "a", ["func"] = "jobs:hello", ["trigger"] = "cron", ["hour"] = 9 };
        if (field is "expression") body.Remove("hour");
        body[field] = new string('x', 20_000);
        AssertShort(await api.PostAsync("/scheduler/jobs", body));
    }

    [Fact]
    public async Task A_long_trigger_is_shortened_in_the_answer()
    {
        await using var api = await TestApi.StartAsync();
        var parts = Enumerable.Range(0, 300).Select(i => new { type = "date", run_date = $"2001-01-01 {i / 60 % 24:00}:{i % 60:00}:00" });
        AssertShort(await api.PostAsync("/scheduler/jobs", new { id = "a", func = "jobs:hello", trigger = "or", triggers = parts }));
    }

    [Fact]
    public async Task Many_faults_are_shortened_in_the_answer()
    {
        await using var api = await TestApi.StartAsync();
        AssertShort(await api.PostAsync("/scheduler/jobs", Enumerable.Range(0, 5_000).ToDictionary(i => $"field{i}", i => i)));
        AssertShort(await api.PostAsync("/scheduler/jobs", new Dictionary<string, int> { [new('f', 20_000)] = 1 }));
        await api.PostAsync("/scheduler/jobs", new { id = "a", func = "jobs:report", args = (int[])[1, 2], trigger = (string?)null });
        AssertShort(await api.PatchAsync("/scheduler/jobs/a",
            new { kwargs = Enumerable.Range(0, 5_000).ToDictionary(i => $"field{i}", i => i) }));
        AssertShort(await api.PostAsync("/scheduler/jobs/a/pause", new Dictionary<string, int> { [new('f', 20_000)] = 1 }));
    }

    static void AssertShort(Answer answer)
    {
        Assert.Equal(400, answer.Status);
        Assert.InRange(answer.Body.Length, 10, 5_000);
    }
}
