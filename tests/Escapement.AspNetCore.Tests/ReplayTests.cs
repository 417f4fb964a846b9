using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Escapement.ReplayHost;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Escapement.AspNetCore.Tests;

/// <summary>
/// Tests that replay recorded conversations with Flask-APScheduler. Intended differences are listed in
/// docs/coming-from-apscheduler.md.
/// </summary>
public class ReplayTests
{
    /// <summary>The intended differences beyond client errors, with the expected answers.</summary>
    static readonly Dictionary<string, Func<Answer, bool>> Different = new()
    {
        // After a shutdown, the memory store of APScheduler is
        // empty, but the memory store of Escapement keeps its jobs.
        ["rest_api-33"] = answer => answer.Status == 200 && answer.Json.EnumerateArray().Select(job => job.GetProperty("id").GetString())
            .SequenceEqual(["every", "daily", "old-form", "new"]),
    };

    [Theory]
    [InlineData("rest_api.jsonl", 33)]
    [InlineData("rest_auth.jsonl", 6)]
    public async Task A_transcript_is_answered_as_the_original_did(string file, int cases)
    {
        var path = Path.Combine(AppContext.BaseDirectory, "Vectors", file);
        await using var host = ReplayServer.Build(Setup.Read(path), "http://127.0.0.1:0");
        await host.App.StartAsync();
        var address = host.App.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        using var client = new HttpClient { BaseAddress = new(address) };
        Assert.Equal(cases, await ReplayAsync(path, client));
        await host.App.StopAsync();
    }

    [Theory]
    [InlineData("rest_api.jsonl", 33)]
    [InlineData("rest_auth.jsonl", 6)]
    public async Task Four_processes_on_one_store_answer_it_by_turns_as_one(string file, int cases)
    {
        var path = Path.Combine(AppContext.BaseDirectory, "Vectors", file);
        var folder = Directory.CreateTempSubdirectory("escapement-four-");
        var setup = JsonNode.Parse(File.ReadLines(path).First())!;
        setup["setup"]!["settings"]!["SCHEDULER_STORE"] = Path.Combine(folder.FullName, "jobs.db");
        var own = Path.Combine(folder.FullName, file);
        await File.WriteAllLinesAsync(own, [setup.ToJsonString(), .. File.ReadLines(path).Skip(1)]);

        List<ReplayServer> hosts = [];
        List<HttpClient> clients = [];
        for (var i = 0; i < 4; i++)
        {
            var host = ReplayServer.Build(Setup.Read(own), "http://127.0.0.1:0");
            await host.App.StartAsync();
            hosts.Add(host);
            clients.Add(new()
            {
                BaseAddress = new(
                host.App.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First())
            });
        }

        Assert.Equal(cases, await ReplayAsync(own, [.. clients]));
        foreach (var client in clients) client.Dispose();
        foreach (var host in hosts)
        {
            await host.App.StopAsync();
            await host.DisposeAsync();
        }

        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task The_host_is_a_program_that_serves_a_transcripts_setup()
    {
        var path = Path.Combine(AppContext.BaseDirectory, "Vectors", "rest_auth.jsonl");
        var url = $"http://127.0.0.1:{FreePort()}";
        using var program = Start("--setup", path, "--urls", url);
        try
        {
            while (await program.StandardOutput.ReadLineAsync() is { } line && !line.Contains("Now listening", StringComparison.Ordinal))
            {
            }

            using var client = new HttpClient { BaseAddress = new(url) };
            Assert.Equal(6, await ReplayAsync(path, client));
        }
        finally
        {
            using var end = Process.Start("kill", [program.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
            await program.WaitForExitAsync();
            Assert.Equal(0, program.ExitCode);
        }
    }

    [Theory]
    [InlineData("no such line", "is not JSON")]
    [InlineData("{\"id\": \"setup\"}", "has no object 'setup'")]
    [InlineData("{\"setup\": {\"handlers\": {\"x\": \"two arguments, a\"}}}", "The handler x is \"two arguments, a\"")]
    [InlineData("{\"setup\": {\"settings\": {\"SCHEDULER_TIMEZONE\": \"Europe/Nowhere\"}}}", "SCHEDULER_TIMEZONE")]
    [InlineData("{\"setup\": {\"jobs\": [{\"id\": \"x\", \"func\": \"missing\"}]}}", "missing")]
    public async Task A_setup_that_cannot_be_used_is_told_in_a_sentence(string line, string said)
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, line);
        using var program = Start("--setup", file, "--urls", "http://127.0.0.1:0");
        var error = await program.StandardError.ReadToEndAsync();
        await program.WaitForExitAsync();
        File.Delete(file);
        Assert.Equal(2, program.ExitCode);
        Assert.Contains(said, error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Handlers_take_their_time_and_throw_as_described()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, """
            {"setup": {"handlers": {"a": "no arguments", "b": "one argument, x, that takes 5 ms and throws it is broken", "c": "any arguments that throws"},
             "jobs": [{"id": "a", "func": "a", "trigger": null}, {"id": "b", "func": "b", "args": [1], "trigger": null}, {"id": "c", "func": "c", "kwargs": {"k": 1}, "trigger": null}]}}
            """.ReplaceLineEndings(" "));
        await using var host = ReplayServer.Build(Setup.Read(file), "http://127.0.0.1:0");
        File.Delete(file);
        await host.App.StartAsync();
        using var client = new HttpClient
        {
            BaseAddress = new(
            host.App.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First())
        };
        Assert.Equal(200, (int)(await client.PostAsync("/scheduler/jobs/a/run", null)).StatusCode);
        var broken = await client.PostAsync("/scheduler/jobs/b/run", null);
        Assert.Equal(500, (int)broken.StatusCode);
        Assert.Contains("it is broken", await broken.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(500, (int)(await client.PostAsync("/scheduler/jobs/c/run", null)).StatusCode);
        await host.App.StopAsync();
    }

    static async Task<int> ReplayAsync(string file, params HttpClient[] clients)
    {
        var cases = 0;
        foreach (var line in File.ReadLines(file).Skip(1))
        {
            var recorded = JsonNode.Parse(line)!;
            var id = (string)recorded["id"]!;
            var answer = await SendAsync(clients[cases % clients.Length], recorded["request"]!);
            Check(id, recorded, answer);
            cases++;
        }

        return cases;
    }

    static async Task<Answer> SendAsync(HttpClient client, JsonNode asked)
    {
        using var request = new HttpRequestMessage(new((string)asked["method"]!), (string)asked["path"]!);
        if (asked["json"] is { } json) request.Content = new StringContent(json.ToJsonString(), Encoding.UTF8, "application/json");
        if (asked["body"] is { } body) request.Content = new StringContent((string)body!);
        foreach (var (name, value) in asked["headers"]?.AsObject() ?? []) request.Headers.TryAddWithoutValidation(name, (string)value!);
        using var response = await client.SendAsync(request);
        return new((int)response.StatusCode, await response.Content.ReadAsStringAsync(), response.Headers.Concat(response.Content.Headers)
            .ToDictionary(h => h.Key, h => string.Join(", ", h.Value)));
    }

    static void Check(string id, JsonNode recorded, Answer answer)
    {
        if (Different.TryGetValue(id, out var isRight))
        {
            Assert.True(isRight(answer), $"{id}: {answer}");
            return;
        }

        var expected = recorded["response"]!;
        var isMistake = (bool?)recorded["mistake"] is true;
        Assert.True((isMistake ? 400 : (int)expected["status"]!) == answer.Status, $"{id}: {answer}");
        Assert.True(answer.Headers.ContainsKey("Escapement-Node"), id);
        if (isMistake)
        {
            Assert.NotEmpty(answer.Error);
        }
        else if (answer.Status == 401)
        {
            Assert.Equal(((string)expected["body"]!, (string)expected["headers"]!["WWW-Authenticate"]!),
                (answer.Body, answer.Headers["WWW-Authenticate"]));
        }
        else if (answer.Status >= 400 && expected["json"] is { } error)
        {
            Assert.Equal((string)error["error_message"]!, answer.Error);
        }
        else if (expected["json"] is { } json)
        {
            Assert.True(JsonNode.DeepEquals(Here(json), JsonNode.Parse(answer.Body)), $"{id}: {answer}");
        }
    }

    static JsonNode? Here(JsonNode json) => JsonNode.Parse(json.ToJsonString()
        .Replace("\\u003Chost\\u003E", Environment.MachineName.ToLowerInvariant(), StringComparison.Ordinal));

    static Process Start(params string[] arguments)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "Escapement.ReplayHost.dll");
        return Process.Start(
            new ProcessStartInfo("dotnet", [program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
    }

    static int FreePort()
    {
        using var listener = new TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }
}
