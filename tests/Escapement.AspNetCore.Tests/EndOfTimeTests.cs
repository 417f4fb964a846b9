namespace Escapement.AspNetCore.Tests;

/// <summary>Tests of instants at both ends of the calendar, in each field with an instant.</summary>
public sealed class EndOfTimeTests
{
    static readonly string[] Ends =
    [
        "0001-01-01T00:00:00Z", "0001-01-01", "0001-01-01T14:00:00+14:00", "0001-01-01T00:00:00-14:00",
        "9999-12-31T23:59:59.999999Z", "9999-12-31 23:59:59.999999", "9999-12-31T23:59:59.999999+14:00", "9999-12-31T09:59:59.999999-14:00",
    ];

    static readonly string[] Triggers =
    [
        """ "trigger": "interval", "days": 7, "exclude": ["mon", "2040-01-01"] """,
        """ "trigger": "interval", "days": 30.5, "times": 3 """,
        """ "trigger": "cron", "month": 12, "day": "1-25", "exclude": ["12-25"], "jitter": 3600 """,
        """ "trigger": "cron", "day": 1, "second": 59 """,
        """ "trigger": "calendarinterval", "months": 1, "hour": 23, "exclude": ["22:00-06:00"] """,
        """ "trigger": "or", "triggers": [{"type": "cron", "day": 1, "exclude": "12-25"}, {"type": "interval", "days": 7}] """,
        """ "trigger": "and", "triggers": [{"type": "cron", "day": 1}, {"type": "interval", "days": 7}] """,
        """ "trigger": "date", "run_date": "2040-01-01" """,
    ];

    [Theory]
    [InlineData("Asia/Shanghai", "memory")]
    [InlineData("America/New_York", "sqlite")]
    public async Task No_field_of_an_instant_fails_there(string zone, string store)
    {
        var setup = new TestSetup().With("SCHEDULER_TIMEZONE", zone);
        if (store is "sqlite") setup.Settings.Remove("SCHEDULER_STORE");
        await using var api = await TestApi.StartAsync(setup);
        List<string> failed = [];
        var number = 0;
        foreach (var end in Ends)
        {
            foreach (var trigger in Triggers)
            {
                var id = $"job {++number}";
                await Try("POST", "/scheduler/jobs",
                    $$"""{"id": "{{id}}", "func": "jobs:hello", {{trigger}}, "misfire_grace_time": null}""");
                foreach (var field in (string[])["start_date", "end_date", "run_date", "times_from"])
                {
                    // Some triggers lack some of these fields, so a rejection is accepted as well.
                    await Try("PATCH", $"/scheduler/jobs/job%20{number}", $$"""{{{trigger}}, "{{field}}": "{{end}}"}""");
                }

                await Try("PATCH", $"/scheduler/jobs/job%20{number}", $$"""{ "next_run_time": "{{end}}"}""");
                await Try("GET", $"/scheduler/jobs/job%20{number}");
                await Try("POST", $"/scheduler/jobs/job%20{number}/pause", $$"""{"until": "{{end}}"}""");
                await Try("POST", $"/scheduler/jobs/job%20{number}/resume");
                await Try("PATCH", $"/scheduler/jobs/job%20{number}", $$"""{{{trigger}}, "next_run_time": "{{end}}"}""");
                await Try("PATCH", $"/scheduler/jobs/job%20{number}", $$"""{{{trigger}}}""");
                await Try("POST", "/scheduler/jobs",
                    $$"""{"id": "{{id}}", "func": "jobs:hello", {{trigger}}, "next_run_time": "{{end}}", "replace_existing": true}""");
                await Try("GET", "/scheduler/jobs");
                await Try("DELETE", $"/scheduler/jobs/{Uri.EscapeDataString(id)}");
            }

            await Try("POST", "/scheduler/pause", $$"""{"until": "{{end}}"}""");
            await Try("GET", "/scheduler");
            await Try("POST", "/scheduler/resume");
        }

        Assert.True(failed is [], string.Join('\n', failed.Take(20)) + '\n'
            + string.Join('\n', api.Logged.Lines.Where(line => line.StartsWith("Error", StringComparison.Ordinal)).Take(3)));

        async Task Try(string method, string path, string? body = null)
        {
            var answer = await api.SendAsync(new(method), path, body);
            if (answer.Status >= 500) failed.Add($"{method} {path} {body}: {answer}");
        }
    }

    [Fact]
    public async Task A_run_of_any_number_is_not_found()
    {
        await using var api = await TestApi.StartAsync();
        foreach (var run in (string[])["1-0-0", $"1-{long.MaxValue}-0", $"1-{long.MinValue}-0", "1--315619200000000-0",
            $"{long.MaxValue}-{long.MaxValue}-{long.MaxValue}"])
        {
            Assert.Equal(404, (await api.GetAsync($"/scheduler/runs/{run}")).Status);
            Assert.Equal(200, (await api.GetAsync($"/scheduler/runs?before={run}")).Status);
        }
    }
}
