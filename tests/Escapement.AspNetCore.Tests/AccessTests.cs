using System.Net;
using System.Text;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Escapement.AspNetCore.Tests;

/// <summary>Tests of the access to the API.</summary>
public class AccessTests
{
    [Theory]
    [InlineData("127.0.0.1", "localhost:5000", null)]
    [InlineData("127.0.0.1", "LOCALHOST", null)]
    [InlineData("127.8.9.10", "127.0.0.1:80", null)]
    [InlineData("::1", "[::1]:5000", null)]
    [InlineData("::ffff:127.0.0.1", "127.9.9.9", null)]
    [InlineData(null, "localhost", null)]
    [InlineData("10.0.0.5", "localhost", "comes from 10.0.0.5")]
    [InlineData("::ffff:10.0.0.5", "localhost", "comes from")]
    [InlineData("127.0.0.1", "example.com", "asks for the host 'example.com'")]
    [InlineData("127.0.0.1", "localhost.example.com", "asks for the host")]
    [InlineData("127.0.0.1", "10.0.0.1", "asks for the host")]
    [InlineData(null, "example.com", "asks for the host")]
    [InlineData("127.0.0.1", "", "asks for the host ''")]
    public void Without_authentication_only_this_machine_is_answered(string? remote, string host, string? refusal)
    {
        var problem = new Access(null).Refuses(Request("GET", remote, host)) as Problem;
        if (refusal is null)
        {
            Assert.Null(problem);
        }
        else
        {
            Assert.Equal(403, problem!.Status);
            Assert.Contains(refusal, problem.Sentence, StringComparison.Ordinal);
            Assert.Contains("SCHEDULER_AUTH", problem.Sentence, StringComparison.Ordinal);
            Assert.Contains("RequireAuthorization", problem.Sentence, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("Forwarded", "for=192.0.2.60")]
    [InlineData("X-Forwarded-For", "192.0.2.60")]
    [InlineData("X-Forwarded-Host", "example.com")]
    [InlineData("X-Forwarded-Proto", "https")]
    [InlineData("X-Original-For", "127.0.0.1:1")]
    [InlineData("Via", "1.1 proxy")]
    [InlineData("X-Real-IP", "192.0.2.60")]
    [InlineData("X-Forwarded", "for=192.0.2.60")]
    [InlineData("X-Forwarded-Ssl", "on")]
    [InlineData("X-Forwarded-User", "ada")]
    [InlineData("X-Forwarded-Path", "/jobs")]
    [InlineData("x-forwarded-anything", "")]
    [InlineData("X-Original-URL", "/jobs")]
    [InlineData("CF-Connecting-IP", "192.0.2.60")]
    [InlineData("CF-Ray", "8a1b")]
    [InlineData("CDN-Loop", "cloudflare")]
    [InlineData("True-Client-IP", "192.0.2.60")]
    [InlineData("X-Client-IP", "192.0.2.60")]
    [InlineData("X-Cluster-Client-IP", "192.0.2.60")]
    [InlineData("X-Envoy-External-Address", "192.0.2.60")]
    [InlineData("X-Azure-ClientIP", "192.0.2.60")]
    [InlineData("X-ARR-LOG-ID", "1")]
    [InlineData("X-Amzn-Trace-Id", "1")]
    [InlineData("CloudFront-Viewer-Address", "192.0.2.60:1")]
    [InlineData("Fastly-Client-IP", "192.0.2.60")]
    [InlineData("Fly-Client-IP", "192.0.2.60")]
    [InlineData("X-AppEngine-User-IP", "192.0.2.60")]
    [InlineData("Proxy-Connection", "keep-alive")]
    public void What_came_through_a_proxy_is_not_from_this_machine(string header, string value)
    {
        var request = Request("GET", "127.0.0.1", "localhost");
        request.Request.Headers[header] = value;
        Assert.Contains(header, ((Problem)new Access(null).Refuses(request)!).Sentence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("User-Agent")]
    [InlineData("X-Request-Id")]
    [InlineData("traceparent")]
    [InlineData("X-Requested-With")]
    [InlineData("Viable")]
    [InlineData("CFG")]
    public void A_header_that_a_client_sends_is_no_sign_of_a_proxy(string header)
    {
        var request = Request("GET", "127.0.0.1", "localhost");
        request.Request.Headers[header] = "1";
        Assert.Null(new Access(null).Refuses(request));
    }

    [Fact]
    public void The_page_lists_every_header_of_a_proxy()
    {
        var page = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "docs", "rest.md"));
        Assert.All(ProxyHeaders.Names.Concat(ProxyHeaders.Beginnings.Select(beginning => beginning + "*")), name =>
            Assert.Contains($"`{name}`", page, StringComparison.Ordinal));
    }

    [Fact]
    public void A_proxy_that_says_nothing_is_known_by_its_protocol()
    {
        var request = Request("GET", "127.0.0.1", "127.0.0.1:5000");
        request.Request.Protocol = "HTTP/1.0";
        Assert.Null(new Access(null).Refuses(request));
        request.Request.Headers.Connection = "close";
        Assert.Equal(403, ((Problem)new Access(null).Refuses(request)!).Status);
    }

    [Theory]
    [InlineData("POST", "http://localhost:5000", null, true)]
    [InlineData("POST", "http://localhost:3000", null, false)]
    [InlineData("POST", "http://localhost", null, false)]
    [InlineData("POST", "http://evil.example", null, false)]
    [InlineData("DELETE", "null", null, false)]
    [InlineData("PATCH", "http://localhost:5000.evil.example", null, false)]
    [InlineData("POST", null, "cross-site", false)]
    [InlineData("POST", null, "same-site", false)]
    [InlineData("POST", null, "same-origin", true)]
    [InlineData("POST", null, "none", true)]
    [InlineData("POST", null, null, true)]
    [InlineData("POST", "http://localhost:5000", "cross-site", false)]
    [InlineData("GET", "http://evil.example", "cross-site", true)]
    public void A_change_is_refused_when_a_page_of_another_site_asks_for_it(string method, string? origin, string? site, bool passes)
    {
        foreach (var auth in new[] { null, new BasicAuth("admin", "pass") })
        {
            var request = Request(method, "127.0.0.1", "localhost:5000");
            if (origin is not null) request.Request.Headers.Origin = origin;
            if (site is not null) request.Request.Headers["Sec-Fetch-Site"] = site;
            if (auth is not null) request.Request.Headers.Authorization = Basic("admin:pass");
            var refusal = new Access(auth).Refuses(request);
            var with = auth is null ? "without a password" : "with a password";
            Assert.True(passes == refusal is null, $"{with}: {(refusal is null ? "it passes" : "it is refused")}.");
            if (!passes) Assert.Equal(403, ((Problem)refusal!).Status);
        }
    }

    [Theory]
    [InlineData("https://jobs.example", "jobs.example", true)]
    [InlineData("https://jobs.example:8443", "jobs.example:8443", true)]
    [InlineData("https://jobs.example", "jobs.example:8443", false)]
    [InlineData("https://[::1]:5001", "[::1]:5001", true)]
    [InlineData("https://jobs.example", "other.example", false)]
    public void An_origin_is_compared_by_host_and_port(string origin, string host, bool passes)
    {
        var request = Request("POST", "10.0.0.5", host);
        request.Request.Headers.Origin = origin;
        request.Request.Headers.Authorization = Basic("admin:pass");
        Assert.Equal(passes, new Access(new("admin", "pass")).Refuses(request) is null);
    }

    [Theory]
    [InlineData("Basic YWRtaW46cGE6c3M=", true)]
    [InlineData("basic YWRtaW46cGE6c3M=", true)]
    [InlineData("Basic  YWRtaW46cGE6c3M= ", true)]
    [InlineData("Basic YWRtaW46d3Jvbmc=", false)]
    [InlineData("Basic YWRtaW4=", false)]
    [InlineData("Basic Og==", false)]
    [InlineData("Basic", false)]
    [InlineData("Basic ", false)]
    [InlineData("Basic !!!", false)]
    [InlineData("Bearer YWRtaW46cGE6c3M=", false)]
    [InlineData("YWRtaW46cGE6c3M=", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void With_authentication_name_and_password_count_from_everywhere(string? header, bool passes)
    {
        var request = Request("GET", "10.0.0.5", "jobs.example");
        if (header is not null) request.Request.Headers.Authorization = header;
        Assert.Equal(passes, new Access(new("admin", "pa:ss")).Refuses(request) is null);
    }

    [Fact]
    public void Passwords_beyond_ascii_are_read_as_utf8()
    {
        var request = Request("GET", "10.0.0.5", "jobs.example");
        request.Request.Headers.Authorization = Basic("chef:schlüssel☂");
        Assert.Null(new Access(new("chef", "schlüssel☂")).Refuses(request));
    }

    [Fact]
    public async Task Local_requests_pass_and_others_are_told_which_setting_opens_the_api()
    {
        await using var api = await TestApi.StartAsync(new() { App = app => { app.Use(RemoteFromHeader); app.MapEscapement(); } });
        Assert.Equal(200, (await api.GetAsync("/scheduler")).Status);
        var refused = await api.SendAsync(HttpMethod.Get, "/scheduler", null, ("Test-Remote", "192.0.2.7"));
        Assert.Equal(403, refused.Status);
        Assert.Equal("application/problem+json", refused.Headers["Content-Type"]);
        Assert.Contains("SCHEDULER_AUTH", refused.Error, StringComparison.Ordinal);
        Assert.Equal(403, (await api.SendAsync(HttpMethod.Get, "/scheduler/jobs", null, ("Host", "evil.example"))).Status);
        Assert.Equal(403, (await api.PostAsync("/scheduler/pause", null, ("Origin", "http://evil.example"))).Status);
        Assert.Equal(403, (await api.SendAsync(HttpMethod.Get, "/scheduler/nodes", null, ("X-Forwarded-For", "127.0.0.1"))).Status);
    }

    [Fact]
    public async Task A_policy_that_is_required_opens_the_api_and_decides()
    {
        var allowed = true;
        await using var api = await TestApi.StartAsync(new()
        {
            Builder = builder =>
                builder.Services.AddAuthorizationBuilder().AddPolicy("Ops", policy => policy.RequireAssertion(_ => allowed)),
            App = app =>
            {
                app.Use(RemoteFromHeader);
                app.UseAuthorization();
                app.MapEscapement().RequireAuthorization("Ops");
            },
        });
        Assert.Equal(200, (await api.SendAsync(HttpMethod.Get, "/scheduler", null, ("Test-Remote", "192.0.2.7"))).Status);
        allowed = false;
        Assert.NotEqual(200, (await api.GetAsync("/scheduler")).Status);
    }

    [Fact]
    public async Task Allowing_anonymous_callers_is_no_policy()
    {
        await using var api = await TestApi.StartAsync(
            new() { App = app => { app.Use(RemoteFromHeader); app.MapEscapement().WithMetadata(new AllowAnonymousAttribute()); } });
        Assert.Equal(403, (await api.SendAsync(HttpMethod.Get, "/scheduler", null, ("Test-Remote", "192.0.2.7"))).Status);
    }

    [Fact]
    public async Task With_authentication_every_route_asks_for_it()
    {
        await using var api = await TestApi.StartAsync(new TestSetup()
            .With("SCHEDULER_AUTH", """{"scheme": "basic", "username": "admin", "password": "pa:ss"}"""));
        foreach (var path in new[] { "", "/jobs", "/jobs/x", "/nodes", "/runs", "/runs/1-1-1" })
        {
            var answer = await api.GetAsync("/scheduler" + path);
            Assert.Equal((401, "Access Denied", "text/html; charset=utf-8"), (answer.Status, answer.Body, answer.Headers["Content-Type"]));
            Assert.Equal("Basic realm=\"Authentication Required\"", answer.Headers["WWW-Authenticate"]);
            Assert.Contains("@", answer.Headers["Escapement-Node"], StringComparison.Ordinal);
        }

        Assert.Equal(401, (await api.PostAsync("/scheduler/shutdown")).Status);
        Assert.Equal(200, (await api.SendAsync(HttpMethod.Get, "/scheduler/jobs", null, ("Authorization", Basic("admin:pa:ss")))).Status);
    }

    static Task RemoteFromHeader(HttpContext context, RequestDelegate next)
    {
        if (context.Request.Headers["Test-Remote"] is [{ } remote]) context.Connection.RemoteIpAddress = IPAddress.Parse(remote);
        return next(context);
    }

    static DefaultHttpContext Request(string method, string? remote, string host)
    {
        var context = new DefaultHttpContext();
        context.Request.Method = method;
        context.Request.Protocol = "HTTP/1.1";
        context.Request.Host = new(host);
        context.Connection.RemoteIpAddress = remote is null ? null : IPAddress.Parse(remote);
        return context;
    }

    static string Basic(string text) => "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
