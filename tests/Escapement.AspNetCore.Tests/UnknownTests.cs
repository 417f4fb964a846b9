using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Escapement.AspNetCore.Tests;

/// <summary>Tests of unknown names. The API rejects an unknown name with a list of the known names.</summary>
public class UnknownTests
{
    [Theory]
    [InlineData("GET", "/runs?limt=5",
        "'limt' is not a query parameter of this address. Did you mean limit? It takes job_id, outcome, reason, cause, node, tag, since, until, limit, before.")]
    [InlineData("GET", "/runs?limit=5&job=a", "'job' is not a query parameter of this address. It takes job_id, outcome, reason, cause, node, tag, since, until, limit, before.")]
    [InlineData("GET", "/runs?=5", "'' is not a query parameter of this address. It takes job_id, outcome, reason, cause, node, tag, since, until, limit, before.")]
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
    [InlineData("GET", "/jobs/a", "null", "null")]
    [InlineData("GET", "/nodes", "paused=1", "paused=1")]
    [InlineData("GET", "/jobs/a/why", "{", "{")]
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
        foreach (var path in new[] { "/jobs/a/pause", "/jobs/a/resume", "/jobs/a/run" })
        {
            Assert.Equal(200, (await api.PostAsync("/scheduler" + path, body)).Status);
        }

        foreach (var path in new[] { "/pause", "/resume", "/shutdown", "/start" })
        {
            Assert.Equal(204, (await api.PostAsync("/scheduler" + path, body)).Status);
        }

        Assert.Equal(204, (await api.SendAsync(HttpMethod.Delete, "/scheduler/jobs/a", body)).Status);
    }

    [Theory]
    [InlineData("/scheduler/jobs/../pause")]
    [InlineData("/scheduler/jobs/%2e%2E/pause")]
    [InlineData("/scheduler/./pause")]
    [InlineData("/scheduler/jobs/x/../a/pause")]
    public async Task An_address_that_the_server_shortens_is_refused(string path)
    {
        await using var api = await StartAsync();
        // HttpClient itself shortens such an address.
        using TcpClient client = new();
        await client.ConnectAsync(IPAddress.Loopback, api.Client.BaseAddress!.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
        using StreamReader reader = new(stream);
        var answer = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.Contains("which shortens an address. Give the whole address.", answer, StringComparison.Ordinal);
        Assert.Null((await api.Services.GetRequiredService<IScheduler>().StateAsync(TestContext.Current.CancellationToken)).Paused);
    }

    [Fact]
    public async Task An_address_is_not_suggested_to_itself()
    {
        await using var api = await StartAsync();
        Assert.DoesNotContain("/jobs//pause?", (await api.PostAsync("/scheduler/jobs//pause")).Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PUT", "/jobs", "GET, HEAD, POST")]
    [InlineData("POST", "", "GET, HEAD")]
    [InlineData("GET", "/jobs/a/run", "POST")]
    [InlineData("PUT", "/jobs/a", "DELETE, GET, HEAD, PATCH")]
    [InlineData("OPTIONS", "/nodes/", "GET, HEAD")]
    public async Task A_method_that_an_address_does_not_have_is_a_problem(string method, string path, string allowed)
    {
        await using var api = await StartAsync();
        var answer = await api.SendAsync(new(method), "/scheduler" + path);
        Assert.Equal((405, "application/problem+json", allowed), (answer.Status, answer.Headers["Content-Type"], answer.Headers["Allow"]));
        Assert.Equal($"{method} is not a method of /scheduler{path}; it has {allowed}.", answer.Error);
        Assert.Contains("@", answer.Headers["Escapement-Node"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "/jbos", "There is no address /scheduler/jbos. Did you mean /scheduler/jobs? Below /scheduler there are /pause, ")]
    [InlineData("POST", "/jobs/a/pase", "There is no address /scheduler/jobs/a/pase. Did you mean /scheduler/jobs/a/pause? Below")]
    [InlineData("GET", "/jobs/a/b/c", "There is no address /scheduler/jobs/a/b/c. Below /scheduler there are")]
    [InlineData("DELETE", "/auditors", "There is no address /scheduler/auditors. Below")]
    public async Task An_address_that_is_not_there_is_a_problem(string method, string path, string said)
    {
        await using var api = await StartAsync();
        var answer = await api.SendAsync(new(method), "/scheduler" + path);
        Assert.Equal((404, "application/problem+json"), (answer.Status, answer.Headers["Content-Type"]));
        Assert.StartsWith(said, answer.Error, StringComparison.Ordinal);
        Assert.Equal("", (await api.SendAsync(HttpMethod.Head, "/scheduler" + path)).Body);
    }

    [Fact]
    public async Task An_address_that_is_not_there_is_told_only_to_whom_the_api_answers()
    {
        await using var api = await TestApi.StartAsync(new TestSetup()
            .With("SCHEDULER_AUTH", """{"scheme": "basic", "username": "admin", "password": "pa:ss"}"""));
        Assert.Equal(401, (await api.GetAsync("/scheduler/elsewhere")).Status);
        Assert.Equal(401, (await api.SendAsync(HttpMethod.Put, "/scheduler/jobs")).Status);
    }

    [Fact]
    public async Task What_the_application_serves_goes_before_wherever_it_is()
    {
        await using var api = await TestApi.StartAsync(new()
        {
            App = app =>
            {
                app.MapEscapement();
                app.MapGet("/scheduler/own", () => "own");
                app.MapPut("/scheduler/jobs", () => "put");
                app.MapGet("/{first}/{second}/page", () => "page");
                app.MapPost("/{**rest}", () => "rest");
                app.MapFallback(() => "fallback");
            },
        });
        Assert.Equal("own", (await api.GetAsync("/scheduler/own")).Body);
        var other = await api.SendAsync(HttpMethod.Put, "/scheduler/own");
        Assert.Equal((405, "PUT is not a method of /scheduler/own; it has GET.", "GET"),
            (other.Status, other.Error, other.Headers["Allow"]));
        Assert.Equal("put", (await api.SendAsync(HttpMethod.Put, "/scheduler/jobs")).Body);
        Assert.Equal("page", (await api.GetAsync("/scheduler/any/page")).Body);
        Assert.Equal("rest", (await api.PostAsync("/scheduler/elsewhere")).Body);
        Assert.Equal("rest", (await api.PostAsync("/scheduler/nodes")).Body);
        Assert.Equal("fallback", (await api.GetAsync("/elsewhere")).Body);
        Assert.Equal("fallback", (await api.GetAsync("/schedulers")).Body);
        Assert.Equal(404, (await api.GetAsync("/scheduler/elsewhere")).Status);
        Assert.Equal(204, (await api.PostAsync("/scheduler/pause")).Status);
    }

    [Fact]
    public async Task Elsewhere_in_the_application_nothing_is_answered()
    {
        await using var api = await TestApi.StartAsync();
        foreach (var path in new[] { "/elsewhere", "/schedulers", "/scheduler/page.html" })
        {
            var answer = await api.GetAsync(path);
            Assert.Equal((404, "", false), (answer.Status, answer.Body, answer.Headers.ContainsKey("Escapement-Node")));
        }

        await using var root = await TestApi.StartAsync(new TestSetup().With("SCHEDULER_API_PREFIX", "/"));
        Assert.Equal((404, ""), ((await root.GetAsync("/elsewhere")).Status, (await root.GetAsync("/elsewhere")).Body));
        Assert.Equal(405, (await root.SendAsync(HttpMethod.Put, "/jobs")).Status);
    }

    [Fact]
    public async Task Below_a_group_of_the_application_the_whole_address_is_named()
    {
        await using var api = await TestApi.StartAsync(new() { App = app => app.MapGroup("/ops").MapEscapement() });
        Assert.StartsWith("There is no address /ops/scheduler/jbos. Did you mean /ops/scheduler/jobs? Below /ops/scheduler there",
            (await api.GetAsync("/ops/scheduler/jbos")).Error, StringComparison.Ordinal);
    }

    static async Task<TestApi> StartAsync()
    {
        var api = await TestApi.StartAsync();
        await api.PostAsync("/scheduler/jobs", new { id = "a", func = "jobs:hello", trigger = "interval", hours = 1 });
        return api;
    }
}
