using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Escapement.AspNetCore.Tests;

/// <summary>The changes of a test to its application.</summary>
sealed class TestSetup
{
    public Dictionary<string,
        string?> Settings
    { get; } = new() { ["SCHEDULER_TIMEZONE"] = "Asia/Shanghai", ["SCHEDULER_STORE"] = "memory" };

    public Action<EscapementBuilder> Jobs { get; set; } = _ => { };

    public Action<WebApplicationBuilder> Builder { get; set; } = _ => { };

    public Action<WebApplication> App { get; set; } = app => app.MapEscapement();

    public TestSetup With(string key, string value)
    {
        Settings[key] = value;
        return this;
    }
}

/// <summary>An application with the scheduler that listens on a free local port.</summary>
sealed class TestApi : IAsyncDisposable
{
    readonly DirectoryInfo files = Directory.CreateTempSubdirectory("escapement-rest-");
    readonly WebApplication app;

    TestApi(TestSetup setup)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = files.FullName });
        builder.Configuration.AddInMemoryCollection(setup.Settings);
        builder.Logging.ClearProviders().AddProvider(Logged);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        setup.Builder(builder);
        builder.AddEscapement(scheduler =>
        {
            scheduler.Handler("jobs:hello", (JobArguments _) => Task.CompletedTask);
            scheduler.Handler("jobs:report", (JsonElement a, JsonElement b) => { });
            scheduler.Handler("jobs:throws_oddly", void (JobArguments _) =>
                throw new InvalidOperationException("boom \u202e\n" + new string('x', 5_000)));
            scheduler.Handler("jobs:throws", void (JobArguments _) => throw new InvalidOperationException("the disk is full"));
            setup.Jobs(scheduler);
        });
        app = builder.Build();
        setup.App(app);
    }

    public HttpClient Client { get; } = new();

    public LogList Logged { get; } = new();

    public IServiceProvider Services => app.Services;

    public static async Task<TestApi> StartAsync(TestSetup? setup = null)
    {
        var api = new TestApi(setup ?? new());
        await api.app.StartAsync();
        api.Client.BaseAddress = new(
            api.app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        return api;
    }

    public Task<Answer> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    public Task<Answer> PostAsync(string path, object? json = null, params (string, string)[] headers) =>
        SendAsync(HttpMethod.Post, path, json, headers);

    public Task<Answer> PatchAsync(string path, object json, params (string, string)[] headers) =>
        SendAsync(HttpMethod.Patch, path, json, headers);

    public Task<Answer> DeleteAsync(string path, params (string, string)[] headers) => SendAsync(HttpMethod.Delete, path, null, headers);

    public async Task<Answer> SendAsync(HttpMethod method, string path, object? json = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Content = json switch
        {
            null => null,
            HttpContent content => content,
            string text => new StringContent(text),
            _ =>
            JsonContent.Create(json)
        };
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        using var response = await Client.SendAsync(request);
        return new((int)response.StatusCode, await response.Content.ReadAsStringAsync(), response.Headers.Concat(response.Content.Headers)
            .ToDictionary(h => h.Key, h => string.Join(", ", h.Value)));
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
        Client.Dispose();
        files.Delete(recursive: true);
    }
}

/// <summary>An answer as seen by a client.</summary>
sealed record Answer(int Status, string Body, IReadOnlyDictionary<string, string> Headers)
{
    public JsonElement Json => JsonDocument.Parse(Body).RootElement;

    public string Error => Json.GetProperty("error_message").GetString()!;

    public override string ToString() => $"{Status} {Body}";

    public string? Text(string field) =>
        Json.GetProperty(field) is { ValueKind: JsonValueKind.Null } ? null : Json.GetProperty(field).ToString();
}

/// <summary>The log messages of the application.</summary>
sealed class LogList : ILoggerProvider, ILogger
{
    readonly List<string> lines = [];

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (lines) return [.. lines];
        }
    }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?,
        string> formatter)
    {
        lock (lines) lines.Add($"{logLevel}: {formatter(state, exception)} {exception}");
    }

    public void Dispose()
    {
    }
}
