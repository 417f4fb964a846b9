namespace Escapement.AspNetCore.Tests;

/// <summary>
/// Tests of requests with <c>If-Match</c>, which change a job only at a version listed in the header.
/// </summary>
public sealed class IfMatchTests
{
    static readonly object Hello = new
    {
        id = "a",
        func = "jobs:hello",
        trigger = "interval",
        hours = 1,
        start_date = "2040-01-01",
        replace_existing = true
    };

    [Theory]
    [InlineData("POST", "/scheduler/jobs/a/pause")]
    [InlineData("POST", "/scheduler/jobs/a/resume")]
    [InlineData("POST", "/scheduler/jobs/a/run")]
    [InlineData("POST", "/scheduler/jobs")]
    [InlineData("PATCH", "/scheduler/jobs/a")]
    [InlineData("DELETE", "/scheduler/jobs/a")]
    public async Task Every_change_of_a_job_reads_it(string method, string path)
    {
        await using var api = await TestApi.StartAsync();
        var old = (await api.PostAsync("/scheduler/jobs", Hello)).Headers["ETag"];
        var current = await api.PostAsync("/scheduler/jobs/a/pause");
        var body = path.EndsWith("/jobs", StringComparison.Ordinal) ? Hello : method is "PATCH" ? new { name = "b" } : null;

        var late = await api.SendAsync(new(method), path, body, ("If-Match", old));
        Assert.Equal(412, late.Status);
        Assert.Equal(current.Body, (await api.GetAsync("/scheduler/jobs/a")).Body);
        Assert.Empty((await api.GetAsync("/scheduler/runs")).Json.EnumerateArray());
        Assert.Equal(400, (await api.SendAsync(new(method), path, body, ("If-Match", "seven"))).Status);
        Assert.Equal(412, (await api.SendAsync(new(method), path, body, ("If-Match", "W/" + current.Headers["ETag"]))).Status);

        var inTime = await api.SendAsync(new(method), path, body, ("If-Match", $"{old}, {current.Headers["ETag"]}"));
        Assert.True(inTime.Status is 200 or 204, inTime.ToString());
    }

    [Theory]
    [InlineData("*")]
    [InlineData("\"1\"")]
    public async Task A_job_that_does_not_exist_is_at_no_version(string tag)
    {
        await using var api = await TestApi.StartAsync();
        var answer = await api.PostAsync("/scheduler/jobs", Hello, ("If-Match", tag));
        Assert.Equal(412, answer.Status);
        Assert.Contains("no job a", answer.Error, StringComparison.Ordinal);
        Assert.Empty((await api.GetAsync("/scheduler/jobs")).Json.EnumerateArray());
        foreach (var path in (string[])["pause", "resume", "run"])
        {
            Assert.Equal(404, (await api.PostAsync($"/scheduler/jobs/a/{path}", null, ("If-Match", tag))).Status);
        }
    }

    [Fact]
    public async Task Of_two_that_ask_at_once_one_is_refused()
    {
        await using var api = await TestApi.StartAsync();
        var tag = (await api.PostAsync("/scheduler/jobs", Hello)).Headers["ETag"];
        var answers = await Task.WhenAll(Enumerable.Range(0, 8)
            .Select(i => api.PostAsync("/scheduler/jobs/a/pause", new { by = $"{i}" }, ("If-Match", tag))));
        Assert.Equal(1, answers.Count(answer => answer.Status == 200));
        Assert.Equal(7, answers.Count(answer => answer.Status == 412));
    }
}
