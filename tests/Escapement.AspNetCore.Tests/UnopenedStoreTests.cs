using System.Diagnostics;

namespace Escapement.AspNetCore.Tests;

/// <summary>
/// Tests of a store that this process has never opened. Every reader gets an error instead of an empty list.
/// </summary>
public sealed class UnopenedStoreTests : IDisposable
{
    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("escapement-unopened-");

    public void Dispose() => folder.Delete(recursive: true);

    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public async Task All_readers_say_why(string enabled)
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("Not on Windows.");
        var store = Path.Combine(folder.FullName, "jobs.db");
        using (var made = Process.Start("mkfifo", [store])) await made.WaitForExitAsync(TestContext.Current.CancellationToken);
        await using var api = await TestApi.StartAsync(new TestSetup().With("SCHEDULER_STORE", store).With("SCHEDULER_ENABLED", enabled));
        foreach (var path in (string[])["/jobs", "/jobs/a", "/runs", "/runs/1-0-0", ""])
        {
            var answer = await api.GetAsync("/scheduler" + path);
            Assert.Equal((503, "StoreUnavailable"), (answer.Status, answer.Text("reason")));
            Assert.Contains(store, answer.Error, StringComparison.Ordinal);
        }

        foreach (var path in (string[])["/jobs/a/pause", "/jobs/a/run", "/pause", "/resume"])
        {
            Assert.Equal(503, (await api.PostAsync("/scheduler" + path)).Status);
        }

        Assert.Equal(503, (await api.PostAsync("/scheduler/jobs", new { id = "a", func = "jobs:hello", trigger = (string?)null })).Status);
        Assert.Single((await api.GetAsync("/scheduler/nodes")).Json.EnumerateArray());
    }

    [Fact]
    public async Task An_enabled_API_without_its_routes_is_told_at_startup()
    {
        await using var without = await TestApi.StartAsync(new TestSetup { App = _ => { } }.With("SCHEDULER_API_ENABLED", "true"));
        Assert.Contains(without.Logged.Lines, line => line.Contains("does not map the API: /scheduler answers 404", StringComparison.Ordinal));
        await using var with = await TestApi.StartAsync(new TestSetup().With("SCHEDULER_API_ENABLED", "true"));
        Assert.DoesNotContain(with.Logged.Lines, line => line.Contains("does not map the API", StringComparison.Ordinal));
    }
}
