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

    IReadOnlyList<string> Entries(BackgroundProgram program) => ConsoleText.Entries(program.Output, folder);

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

    public static TheoryData<string, string[]> Mistakes => new()
    {
        { "service-of-a-parameter", ["--mistake", "parameter"] },
        { "service-of-a-constructor", ["--mistake", "constructor"] },
        { "never-fires", ["--mistake", "never"] },
        { "never-fires-in-settings", ["--SCHEDULER_JOBS", """[{"id": "leap", "func": "report", "cron": "0 0 30 2 *"}]"""] },
        { "missing-arguments", ["--mistake", "arguments"] },
        { "unknown-handler-in-settings", ["--SCHEDULER_JOBS", """[{"id": "hello", "func": "jobs:helo", "cron": "0 9 * * *"}]"""] },
        { "misspelt-setting", ["--SCHEDULER_LEESE", "15s"] },
    };

    [Theory, MemberData(nameof(Mistakes))]
    public async Task A_mistake(string name, string[] arguments)
    {
        await using var program = Start(arguments);
        var code = await program.EndAsync();
        AssertApproved(name, Entries(program).Append($"(exit code {code})"));
    }
}
