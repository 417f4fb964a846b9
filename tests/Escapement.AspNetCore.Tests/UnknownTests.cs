using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Escapement.AspNetCore.Tests;

/// <summary>What the API does not know is refused with what it knows, and never passed over.</summary>
public class UnknownTests
{
    [Theory]
    [InlineData("GET", "/runs?limt=5", "'limt' is not a query parameter of this address. Did you mean limit? It takes job_id, limit, before.")]
    [InlineData("GET", "/runs?limit=5&job=a", "'job' is not a query parameter of this address. It takes job_id, limit, before.")]
    [InlineData("GET", "/runs?=5", "'' is not a query parameter of this address. It takes job_id, limit, before.")]
    [InlineData("GET", "/jobs?limit=5", "'limit' is not a query parameter of this address. It takes none.")]
    [InlineData("GET", "?x", "'x' is not")]
    [InlineData("GET", "/nodes?role=active", "'role' is not")]
    [InlineData("GET", "/runs/1-1-1?limit=5", "'limit' is not")]
    [InlineData("POST", "/jobs?id=b", "'id' is not")]
    [InlineData("POST", "/jobs/a/pause?until=tomorrow", "'until' is not")]
    [InlineData("POST", "/shutdown?wait=false", "'wait' is not")]
    [InlineData("DELETE", "/jobs/a?force=1", "'force' is not")]
    [InlineData("GET", "/jobs?access_token=secret", "'access_token' is not")]
    public async Task A_query_parameter_that_nobody_reads_is_refused(string method, string path, string said)
    {
        await using var api = await StartAsync();
        var answer = await api.SendAsync(new(method), "/scheduler" + path);
        Assert.Equal((400, "application/problem+json"), (answer.Status, answer.Headers["Content-Type"]));
        Assert.StartsWith(said, answer.Error, StringComparison.Ordinal);
        Assert.Equal("True", (await api.GetAsync("/scheduler")).Text("running"));
        Assert.Equal(200, (await api.GetAsync("/scheduler/jobs/a")).Status);
    }

    [Fact]
    public async Task An_empty_query_and_known_parameters_in_any_case_are_read()
    {
        await using var api = await StartAsync();
        Assert.Equal(200, (await api.GetAsync("/scheduler/jobs?")).Status);
        Assert.Equal(200, (await api.GetAsync("/scheduler/runs?LIMIT=5&job_id=a")).Status);
    }

    [Fact]
    public async Task A_token_in_the_query_is_for_the_policy_that_the_application_requires()
    {
        await using var api = await TestApi.StartAsync(new()
        {
            Builder = builder => builder.Services.AddAuthorizationBuilder().AddPolicy("Ops", policy => policy.RequireAssertion(_ => true)),
            App = app =>
            {
                app.UseAuthorization();
                app.MapEscapement().RequireAuthorization("Ops");
            },
        });
        Assert.Equal(200, (await api.GetAsync("/scheduler/jobs?access_token=secret")).Status);
        Assert.Equal(400, (await api.GetAsync("/scheduler/jobs?api_key=secret")).Status);
    }

    [Theory]
    [InlineData("POST", "/jobs/a/run", "{\"args\": [1]}", "{\"args\": [1]}")]
    [InlineData("POST", "/jobs/a/resume", "{\"by\": \"ops\"}", "{\"by\": \"ops\"}")]
    [InlineData("POST", "/resume", "null", "null")]
    [InlineData("POST", "/start", "paused=1", "paused=1")]
    [InlineData("DELETE", "/jobs/a", "{\"wait\": true}", "{\"wait\": true}")]
    [InlineData("DELETE", "/jobs/a", "{", "{")]
    [InlineData("GET", "/runs", "{\"limit\": 5}", "{\"limit\": 5}")]
    public async Task A_body_that_nobody_reads_is_refused(string method, string path, string body, string shown)
    {
        await using var api = await StartAsync();
        var answer = await api.SendAsync(new(method), "/scheduler" + path, body);
        Assert.Equal((400, $"The body is {shown}; this address reads none. Leave it out, or send {{}}."), (answer.Status, answer.Error));
        Assert.Equal("[]", (await api.GetAsync("/scheduler/runs")).Body);
        Assert.Equal(200, (await api.GetAsync("/scheduler/jobs/a")).Status);
        Assert.Equal(413, (await api.SendAsync(new(method), "/scheduler" + path, new string('x', RequestBody.Limit + 1))).Status);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData(" { \r\n } \n")]
    public async Task An_empty_body_says_nothing_and_is_fine_everywhere(string body)
    {
        await using var api = await StartAsync();
        foreach (var path in new[] { "/jobs/a/pause", "/jobs/a/resume", "/jobs/a/run" }) Assert.Equal(200, (await api.PostAsync("/scheduler" + path, body)).Status);
        foreach (var path in new[] { "/pause", "/resume", "/shutdown", "/start" }) Assert.Equal(204, (await api.PostAsync("/scheduler" + path, body)).Status);
        Assert.Equal(204, (await api.SendAsync(HttpMethod.Delete, "/scheduler/jobs/a", body)).Status);
    }

    static async Task<TestApi> StartAsync()
    {
        var api = await TestApi.StartAsync();
        await api.PostAsync("/scheduler/jobs", new { id = "a", func = "jobs:hello", trigger = "interval", hours = 1 });
        return api;
    }
}
