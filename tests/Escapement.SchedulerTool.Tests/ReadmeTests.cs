using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Escapement.Cli.Tests;

namespace Escapement.SchedulerTool.Tests;

/// <summary>The questions of the READMEs are asked as written. The port, and the way to start the tool in a clone, are
/// replaced.</summary>
public sealed partial class ReadmeTests(RunningScheduler running) : IClassFixture<RunningScheduler>
{
    [GeneratedRegex(@"^(?:escapement|dotnet run --project src/Escapement\.Cli --) why .*|^curl ""http://127\.0\.0\.1:\d+/scheduler/jobs/report/why.*",
        RegexOptions.Multiline)]
    private static partial Regex Question { get; }

    [GeneratedRegex(@"http://127\.0\.0\.1:50[08]0/scheduler")]
    private static partial Regex Address { get; }

    public static TheoryData<string> Pages => ["README.md", "README.zh.md"];

    [Theory, MemberData(nameof(Pages))]
    public async Task The_questions_of_the_page_are_answered(string page)
    {
        var questions = Question.Matches(Approved.Page(page)).Select(match => match.Value).ToList();
        Assert.Contains("escapement why report --since 24h", string.Join('\n', questions), StringComparison.Ordinal);
        Assert.Equal(4, questions.Count);
        foreach (var question in questions)
        {
            var line = Address.Replace(question, running.Url)
                .Replace("dotnet run --project src/Escapement.Cli --", "escapement", StringComparison.Ordinal);
            var (exitCode, output) = await ShellAsync(line);
            Assert.True(exitCode == 0, $"{line}: exit code {exitCode}, {output}");
            if (line.StartsWith("curl", StringComparison.Ordinal))
            {
                using var answer = JsonDocument.Parse(output);
                Assert.Equal("report", answer.RootElement.GetProperty("job_id").GetString());
            }
            else
            {
                Assert.StartsWith("account\t", output, StringComparison.Ordinal);
            }
        }
    }

    async Task<(int ExitCode, string Output)> ShellAsync(string line)
    {
        Dictionary<string, string> environment = new() { ["ESCAPEMENT_URL"] = running.Url };
        using var process = Process.Start(Tool.Start("bash", environment,
            ["-c", $"escapement() {{ dotnet '{Tool.Path}' \"$@\"; }}; curl() {{ command curl -sS \"$@\"; }}\n{line}"]))!;
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output + await error);
    }
}
