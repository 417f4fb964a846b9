using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Escapement.Documentation.Tests;

/// <summary>The requests of docs/rest.md are accepted, and the answers have the fields that the page shows.</summary>
public sealed class RestExampleTests
{
    const string Prompt = "$ curl ";

    // Values of these fields depend on the time of the request or on the process.
    static readonly string[] Varying = ["next_run_time", "id", "fire_time", "started_at", "finished_at", "node", "epoch"];

    static IEnumerable<CodeBlock> Blocks =>
        CodeBlock.All.Where(block => block.Page is "docs/rest.md" && block.Text.StartsWith(Prompt, StringComparison.Ordinal));

    [Fact]
    public async Task The_requests_of_the_page_are_answered_as_the_page_shows()
    {
        Assert.True(Blocks.Count() >= 3);
        await using var app = await StartAsync();
        using HttpClient client = new()
        {
            BaseAddress = new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()),
        };
        foreach (var block in Blocks)
        {
            // A block may show several requests, each with its answer below or without an answer.
            foreach (var request in ("\n" + block.Text).Split("\n" + Prompt, StringSplitOptions.RemoveEmptyEntries))
            {
                var lines = request.TrimEnd('\n').Split('\n');
                using var answer = await client.SendAsync(await RequestAsync(lines[0]), Token);
                var text = await answer.Content.ReadAsStringAsync(Token);
                Assert.True(answer.IsSuccessStatusCode, $"{block}: {(int)answer.StatusCode} {text}");
                if (lines.Length > 1) AssertAlike(string.Concat(lines[1..]), text, $"{block}");
            }
        }
    }

    [Fact]
    public async Task A_run_and_an_error_have_the_fields_that_the_page_shows()
    {
        await using var app = await StartAsync();
        using HttpClient client = new()
        {
            BaseAddress = new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()),
        };
        await client.PostAsync("/scheduler/jobs",
            new StringContent("""{"id": "hello", "func": "jobs:hello", "args": ["Ada"], "trigger": null}"""), Token);
        var ran = await client.PostAsync("/scheduler/jobs/hello/run", null, Token);
        AssertAlike(Json("\"state\""), await client.GetStringAsync(ran.Headers.Location, Token), "a run");
        var missing = await client.GetAsync("/scheduler/jobs/nope", Token);
        AssertAlike(Json("\"error_message\""), await missing.Content.ReadAsStringAsync(Token), "an error");
    }

    [Fact]
    public async Task The_answer_of_why_has_the_fields_that_the_page_shows()
    {
        await using var app = await StartAsync();
        using HttpClient client = new()
        {
            BaseAddress = new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()),
        };
        await client.PostAsync("/scheduler/jobs",
            new StringContent("""{"id": "hello", "func": "jobs:hello", "args": ["Ada"], "trigger": "interval", "seconds": 1}"""), Token);
        using var page = JsonDocument.Parse(Json("\"account\""));
        using var answer = JsonDocument.Parse(await client.GetStringAsync("/scheduler/jobs/hello/why", Token));
        Assert.Equal(Names(page.RootElement), Names(answer.RootElement));
        Assert.Equal(Names(page.RootElement.GetProperty("account")), Names(answer.RootElement.GetProperty("account")));
        Assert.Equal(Names(page.RootElement.GetProperty("epochs")[0]), Names(answer.RootElement.GetProperty("epochs")[0]));

        static string Names(JsonElement element) => string.Join(", ", element.EnumerateObject().Select(field => field.Name));
    }

    static CancellationToken Token => TestContext.Current.CancellationToken;

    static string Json(string with) => CodeBlock.All.Single(block =>
        block.Page is "docs/rest.md" && block.Language is "json" && block.Text.Contains(with, StringComparison.Ordinal)).Text;

    static async Task<WebApplication> StartAsync()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["SCHEDULER_TIMEZONE"] = "Europe/Berlin",
            ["SCHEDULER_STORE"] = "memory",
        });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.AddEscapement(scheduler => scheduler.Handler("jobs:hello", (string name) => { }));
        var app = builder.Build();
        app.MapEscapement();
        await app.StartAsync(Token);
        return app;
    }

    /// <summary>Returns the request that curl would send. The shell splits the line into arguments.</summary>
    static async Task<HttpRequestMessage> RequestAsync(string line)
    {
        ProcessStartInfo start = new("bash", ["-c", $"printf '%s\\0' {line}"]) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var words = (await process.StandardOutput.ReadToEndAsync(Token)).Split('\0', StringSplitOptions.RemoveEmptyEntries);
        HttpRequestMessage request = new(HttpMethod.Get, "");
        for (var i = 0; i < words.Length; i++)
        {
            switch (words[i])
            {
                case "-X":
                    request.Method = new(words[++i]);
                    break;

                case "-H":
                    var header = words[++i].Split(": ", 2);
                    request.Headers.Add(header[0], header[1]);
                    break;

                case "-d":
                    request.Content = new StringContent(words[++i], Encoding.UTF8, "application/x-www-form-urlencoded");
                    if (request.Method == HttpMethod.Get) request.Method = HttpMethod.Post;

                    break;

                case var address when address.StartsWith("localhost:5000/", StringComparison.Ordinal):
                    request.RequestUri = new(address["localhost:5000".Length..], UriKind.Relative);
                    break;

                case var other:
                    throw new FormatException($"The test does not know curl's argument '{other}'.");
            }
        }

        return request;
    }

    static void AssertAlike(string shown, string answered, string where)
    {
        using var page = JsonDocument.Parse(shown);
        using var answer = JsonDocument.Parse(answered);
        Assert.Equal(Fields(page), Fields(answer));
        foreach (var field in page.RootElement.EnumerateObject().Where(field => !Varying.Contains(field.Name)))
        {
            var actual = answer.RootElement.GetProperty(field.Name);
            Assert.True(JsonElement.DeepEquals(field.Value, actual),
                $"{where}: {field.Name} is {actual}, and the page shows {field.Value}.");
        }

        static string Fields(JsonDocument json) => string.Join(", ", json.RootElement.EnumerateObject().Select(field => field.Name));
    }
}
