using Escapement;

namespace Samples.Tests.Output;

/// <summary>The whole console output of starts, takeovers and mistakes, as approved in <c>Output/*.txt</c>.</summary>
/// <remarks>With <c>ESCAPEMENT_APPROVE=1</c>, the files are rewritten for review as a difference.</remarks>
public sealed class ConsoleTests : IDisposable
{
    const string Program = "Escapement.Console.Program";

    readonly string folder = Directory.CreateTempSubdirectory("escapement-console-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    BackgroundProgram Start(params string[] arguments) => Sample.StartTest(Program, folder,
    [
        "--urls", "http://127.0.0.1:0", "--Logging:LogLevel:Microsoft.AspNetCore", "Warning", "--SCHEDULER_TIMEZONE", "UTC", .. arguments,
    ]);

    /// <summary>Returns the entries of the scheduler, followed by all other entries. Their order among each other is a
    /// matter of chance.</summary>
    IEnumerable<string> Entries(BackgroundProgram program) => ConsoleText.Entries(program.Output, folder)
        .OrderBy(entry => !entry.Contains(": Escapement[", StringComparison.Ordinal));

    static void AssertApproved(string name, IEnumerable<string> entries)
    {
        var path = Path.Combine(Sample.Tests, "Output", $"{name}.txt");
        var said = string.Join('\n', entries) + '\n';
        if (Environment.GetEnvironmentVariable("ESCAPEMENT_APPROVE") == "1") File.WriteAllText(path, said);
        else Assert.Equal(File.ReadAllText(path), said, ignoreLineEndingDifferences: true);
    }

    [Fact]
    public async Task One_process()
    {
        await using var program = Start();
        await program.ShownAsync(new("Content root path"));
        await program.ShownAsync(new("Active with epoch"));
        var code = await program.StopAsync();
        AssertApproved("one-process", Entries(program).Append($"(exit code {code})"));
    }

    [Fact]
    public async Task Four_workers()
    {
        await using var program = Start("--workers", "4");
        await program.ShownAsync(new("Content root path"), times: 4);
        await program.ShownAsync(new(@"\bStandby\b"), times: 3);
        await program.ShownAsync(new("Active with epoch"));
        await program.ShownAsync(new("4 workers on"));
        AssertApproved("four-workers", ConsoleText.Workers(program.Output, folder));
        await program.StopAsync();
    }

    [Fact]
    public async Task A_takeover()
    {
        await using var first = Start();
        await first.ShownAsync(new("Active with epoch"));
        await using var second = Start();
        await second.ShownAsync(new("Content root path"));
        await second.ShownAsync(new(@"\bStandby\b"));
        await first.KillAsync();
        await second.ShownAsync(new("epoch 2"));

        // The output of the stop is part of One_process.
        var entries = Entries(second);
        AssertApproved("takeover", entries.TakeWhile(entry => !entry.Contains("epoch 2", StringComparison.Ordinal))
            .Append(entries.Single(entry => entry.Contains("epoch 2", StringComparison.Ordinal))));
    }

    [Fact]
    public async Task A_missed_stretch()
    {
        await using (var first = Start("--mistake", "often"))
        {
            await first.ShownAsync(new("Active with epoch"));
            await first.StopAsync();
        }

        await using var second = Start("--mistake", "often", "--hours-ahead", "1.5");
        await second.ShownAsync(new("Content root path"));
        await second.ShownAsync(new("Missed: "));
        await second.ShownAsync(new("Next: "));
        var code = await second.StopAsync();

        // The missed fire times are found while the report of the start is written.
        AssertApproved("missed-stretch", Entries(second).Order(StringComparer.Ordinal).Append($"(exit code {code})"));
    }

    [Fact]
    public async Task A_stop_with_a_long_run()
    {
        await using var program = Start("--mistake", "long", "--SCHEDULER_DRAIN", "1s");
        await program.ShownAsync(new("Content root path"));
        await program.ShownAsync(new("Active with epoch"));
        await program.ShownAsync(new("The long run began"));
        var code = await program.StopAsync();
        AssertApproved("stop-with-a-long-run", Entries(program).Where(entry => entry != "The long run began.").Append($"(exit code {code})"));
    }

    [Fact]
    public async Task A_declared_job_that_was_removed()
    {
        await using (var first = Start())
        {
            await first.ShownAsync(new("Active with epoch"));
            var address = (await first.ShownAsync(new(@"http://127\.0\.0\.1:\d+"))).Value;
            using var client = new HttpClient();
            using var answer = await client.DeleteAsync(new Uri($"{address}/scheduler/jobs/report"), TestContext.Current.CancellationToken);
            Assert.Equal(System.Net.HttpStatusCode.NoContent, answer.StatusCode);
            await first.StopAsync();
        }

        await using var second = Start();
        await second.ShownAsync(new("Content root path"));
        await second.ShownAsync(new("stay removed"));
        var code = await second.StopAsync();
        AssertApproved("removed-job", Entries(second).Append($"(exit code {code})"));
    }

    [Fact]
    public async Task An_enabled_API_without_its_routes()
    {
        await using var program = Start("--mistake", "unmapped", "--SCHEDULER_API_ENABLED", "true");
        await program.ShownAsync(new("Content root path"));
        await program.ShownAsync(new("Active with epoch"));
        var code = await program.StopAsync();
        AssertApproved("unmapped-api", Entries(program).Append($"(exit code {code})"));
    }

    public static TheoryData<string, string[]> Mistakes => new()
    {
        { "service-of-a-parameter", ["--mistake", "parameter"] },
        { "service-of-a-constructor", ["--mistake", "constructor"] },
        { "never-fires", ["--mistake", "never"] },
        { "never-fires-in-settings", ["--SCHEDULER_JOBS", """[{"id": "leap", "func": "report", "cron": "0 0 30 2 *"}]"""] },
        { "invalid-cron", ["--mistake", "cron"] },
        { "declared-twice", ["--mistake", "twice"] },
        { "missing-arguments", ["--mistake", "arguments"] },
        { "unknown-handler-in-settings", ["--SCHEDULER_JOBS", """[{"id": "hello", "func": "jobs:helo", "cron": "0 9 * * *"}]"""] },
        { "misspelt-setting", ["--SCHEDULER_LEESE", "15s"] },
        { "misspelt-kind-of-trigger", ["--SCHEDULER_JOBS", """[{"id": "hello", "func": "jobs:hello", "trigger": "inteval", "hours": 1}]"""] },
        { "scheduler-before-start", ["--mistake", "before-start"] },
    };

    [Theory, MemberData(nameof(Mistakes))]
    public async Task A_mistake(string name, string[] arguments)
    {
        await using var program = Start(arguments);
        var code = await program.EndAsync();
        AssertApproved(name, Entries(program).Append($"(exit code {code})"));
    }
}
