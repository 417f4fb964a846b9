using System.Diagnostics;
using System.Reflection;
using System.Text.Json;
using Xunit;

namespace Escapement.Core.Tests.Triggers;

/// <summary><c>escapement next</c> as a process.</summary>
public sealed class TheToolNext
{
    [Fact]
    public async Task Answers_a_line_for_a_line_and_also_for_lines_that_are_nonsense()
    {
        string[] nonsense = ["", "{not json", "[]", """{"id": "\ud800", "kind": "\ud800"}""", """{"id": 7}""", """{"id": 8, "kind": "crontab", "spec": {"expression": "* * * * *"}, "zone": "UTC", "from": "2030-01-01 00:00:00", "count": -1}"""];
        var cases = File.ReadLines(Vector.PathOf("date_and_or")).Concat(File.ReadLines(Vector.PathOf("invalid"))).ToList();
        var (exitCode, output, error) = await Run(["next", "--json"], string.Join('\n', cases.Concat(nonsense)) + "\n");

        Assert.Equal((0, ""), (exitCode, error));
        var answers = output.TrimEnd('\n').Split('\n').Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(cases.Count + nonsense.Length, answers.Count);
        foreach (var (answer, line) in answers.Zip(cases))
        {
            var recorded = JsonDocument.Parse(line).RootElement;
            Assert.Equal(recorded.GetProperty("id").GetString(), answer.GetProperty("id").GetString());
            if (recorded.TryGetProperty("next", out var next)) Assert.Equal(next.GetRawText().Replace(" ", "", StringComparison.Ordinal), answer.GetProperty("next").GetRawText());
            else Assert.NotEmpty(answer.GetProperty("error").GetString()!);
        }

        Assert.All(answers[cases.Count..], answer => Assert.NotEmpty(answer.GetProperty("error").GetString()!));
        Assert.Equal([7, 8], answers[^2..].Select(answer => answer.GetProperty("id").GetInt32()));
    }

    [Fact]
    public async Task Prints_the_fire_times_of_an_expression()
    {
        var (exitCode, output, _) = await Run(["next", "0 9 * * mon-fri", "--zone", "Europe/Berlin", "--from", "2030-03-29 00:00:00", "--count", "2"], "");
        Assert.Equal((0, "2030-03-29T09:00:00+01:00\n2030-04-01T09:00:00+02:00\n"), (exitCode, output));
    }

    [Theory]
    [InlineData("next", "61 * * * *")]
    [InlineData("next", "* * * * *", "--count", "0")]
    [InlineData("next", "* * * * *", "--zone", "Mars/Olympus")]
    [InlineData("next", "* * * * *", "--bogus")]
    [InlineData("next")]
    public async Task A_wrong_command_line_is_2(params string[] arguments)
    {
        var (exitCode, output, error) = await Run(arguments, "");
        Assert.Equal((2, ""), (exitCode, output));
        Assert.NotEmpty(error);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    static async Task<(int ExitCode, string Output, string Error)> Run(string[] arguments, string input)
    {
        var tool = typeof(TheToolNext).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(metadata => metadata.Key == "Tool").Value!;
        var start = new ProcessStartInfo(Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet", [tool, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }
}
