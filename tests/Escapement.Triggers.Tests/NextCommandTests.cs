using System.Diagnostics;
using System.Reflection;
using System.Text.Json;
using Xunit;

namespace Escapement.Triggers.Tests;

/// <summary>Tests of <c>escapement next</c> as a process.</summary>
public sealed class NextCommandTests
{
    [Fact]
    public async Task Answers_a_line_for_a_line_and_also_for_lines_that_are_nonsense()
    {
        string[] nonsense = ["", "{not json", "[]", """{"id": "\ud800", "kind": "\ud800"}""", """{"id": 7}""",
            """{"id": 8, "kind": "crontab", "spec": {"expression": "* * * * *"}, "zone": "UTC", "from": "2030-01-01 00:00:00", "count": -1}"""];
        var cases = File.ReadLines(Vector.PathOf("date_and_or")).Concat(File.ReadLines(Vector.PathOf("invalid"))).ToList();
        var (exitCode, output, error) = await Run(["next", "--json"], string.Join('\n', cases.Concat(nonsense)) + "\n");

        Assert.Equal((0, ""), (exitCode, error));
        var answers = output.TrimEnd('\n').Split('\n').Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(cases.Count + nonsense.Length, answers.Count);
        foreach (var (answer, line) in answers.Zip(cases))
        {
            var recorded = JsonDocument.Parse(line).RootElement;
            Assert.Equal(recorded.GetProperty("id").GetString(), answer.GetProperty("id").GetString());
            if (recorded.TryGetProperty("next", out var next))
            {
                Assert.Equal(next.GetRawText().Replace(" ", "", StringComparison.Ordinal), answer.GetProperty("next").GetRawText());
            }
            else
            {
                Assert.NotEmpty(answer.GetProperty("error").GetString()!);
            }
        }

        Assert.All(answers[cases.Count..], answer => Assert.NotEmpty(answer.GetProperty("error").GetString()!));
        Assert.Equal([7, 8], answers[^2..].Select(answer => answer.GetProperty("id").GetInt32()));
    }

    [Fact]
    public async Task Prints_the_fire_times_of_an_expression()
    {
        var (exitCode, output, _) = await Run(
            ["next", "0 9 * * mon-fri", "--zone", "Europe/Berlin", "--from", "2030-03-29 00:00:00", "--count", "2"], "");
        Assert.Equal((0, "2030-03-29T09:00:00+01:00\n2030-04-01T09:00:00+02:00\n"), (exitCode, output));
    }

    [Theory]
    [InlineData("""{"kind": "crontab", "kind": "crontab", "spec": {"expression": "* * * * *"}}""",
        "kind: \"crontab\" stands there a second time")]
    [InlineData("""{"form": "2030-01-01", "kind": "crontab", "spec": {"expression": "* * * * *"}}""",
        "form: there is no such field. Did you mean from?")]
    [InlineData("""{"kind": "crontab", "spec": {"expression": "* * * * *"}, "zone": "America/"}""",
        "zone: 'America/' is a folder of time zones")]
    [InlineData("""{"kind": "crontab", "spec": {"expression": "* * * * *"}, "from": "2030-02-30"}""", "from: '2030-02-30' is not a date")]
    [InlineData("""{"kind": "cron_fields", "spec": {"trigger": "interval", "hour": "9"}}""",
        "trigger: \"interval\" is not what the kind says, cron_fields. Leave it out, or write \"cron\".")]
    [InlineData("""{"kind": "interval", "spec": {"weeks": 1e10}}""",
        "weeks: an interval of 70000000000 days is longer than a hundred years")]
    [InlineData("""{"kind": "interval", "spec": {"hours": 1}, "from": "9999-12-31T23:59:59Z"}""",
        "hours: an interval of 1 hour ends after the year 9999")]
    [InlineData("""{"kind": "date", "spec": {"run_date": "2030-01-01 07:08"}}""",
        "run_date: '2030-01-01 07:08' is not a date: write it as 2041-05-06 or 2041-05-06 07:08:09")]
    [InlineData("""{"kind": 5, "spec": {}}""", "kind: 5 is not a text")]
    [InlineData("""{"kind": "crontab", "spec": []}""", "spec: [] is not an object")]
    [InlineData("""{"kind": "crontab", "spec": {"expression": "* * * * *", "timezone": "Mars"}}""", "timezone: 'Mars' is not a time zone")]
    [InlineData("""{"kind": "crontab", "spec": {"expression": ""}}""", "An empty text is no cron expression")]
    [InlineData("""{"kind": "crontab" """, "The line is not JSON: it ends too early")]
    [InlineData("""{"kind": "crontab", x}""",
        "The line is not JSON: 'x' cannot stand here; the name of a field in double quotes is expected, at byte 21. A request is")]
    [InlineData("", "The line is empty")]
    public async Task An_answer_names_the_place_of_a_mistake(string line, string part)
    {
        var (_, output, _) = await Run(["next", "--json"], line + "\n");
        Assert.StartsWith(part, JsonDocument.Parse(output).RootElement.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_trigger_nested_a_thousand_deep_is_refused_at_its_place()
    {
        var deep = string.Concat(Enumerable.Repeat("""{"trigger": "and", "triggers": [""", 1_000)) + """{"trigger": "cron", "hour": 1}"""
            + string.Concat(Enumerable.Repeat("]}", 1_000));
        var (_, output, _) = await Run(["next", "--json"], $$"""{"kind": "and", "spec": {{deep}}}""" + "\n");
        Assert.Contains("nested too deep: at most 16 levels are allowed", JsonDocument.Parse(output).RootElement.GetProperty("error")
            .GetString(), StringComparison.Ordinal);
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
        var tool = typeof(NextCommandTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(metadata => metadata.Key == "Tool").Value!;
        var start = new ProcessStartInfo(Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet"
            ? host
            : "dotnet", [tool, .. arguments])
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
