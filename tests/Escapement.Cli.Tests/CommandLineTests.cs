using System.Diagnostics;
using System.Text.RegularExpressions;
using Xunit;

namespace Escapement.Cli.Tests;

/// <summary>Tests of behavior common to all commands: help, mistakes, exit codes, pipes and signals.</summary>
public sealed partial class CommandLineTests
{
    // The control sequences for a terminal.
    [GeneratedRegex("\u001b(\\[[^a-zA-Z]*[a-zA-Z]|[=>])")]
    private static partial Regex Colour { get; }

    [Theory]
    [InlineData("nxt", "'nxt' is not a command. Did you mean next?")]
    [InlineData("jump report --store jobs.db", "'jump' is not a command.")]
    [InlineData("next --zon Europe/Berlin", "--zon is not an option of next. Did you mean --zone?")]
    [InlineData("pause report --reason x", "--reason is not an option of pause. Did you mean --why?")]
    [InlineData("resume report --reason=x", "--reason is not an option of resume. Did you mean --why?")]
    [InlineData("skip report --reason x", "--reason is not an option of skip. Did you mean --why?")]
    [InlineData("run report --reason x", "--reason is not an option of run. Did you mean --why?")]
    [InlineData("--bogus", "--bogus is not an option of escapement.")]
    [InlineData("next 0 9 * * 1", "put it in quotes")]
    [InlineData("", "Give a command.")]
    [InlineData("next", "Give a trigger")]
    [InlineData("explain", "Give a trigger")]
    [InlineData("lint", "Give an input")]
    [InlineData("help why", "why is a command and not a reason. escapement why --help explains the command.")]
    [InlineData("next @daily --count many", "--count: 'many' is not a count: give a whole number from 1 to 100000.")]
    [InlineData("next @daily --count 0", "--count: '0' is not a count")]
    [InlineData("next @daily --count 99999999999", "--count: '99999999999' is not a count")]
    [InlineData("next @daily --count", "--count needs a value. escapement next --help says which.")]
    [InlineData("next @daily --zone UTC --zone UTC", "--zone stands there with 2 values; give it once, with one.")]
    [InlineData("next @daily --lang zh", "--lang is not an option of next. escapement next --help lists them.")]
    [InlineData("next @reboot", "'@reboot' is not a word that is known: the words are @yearly,")]
    [InlineData("next @dayly", "'@dayly' is not a word that is known: did you mean @daily? The words are @yearly,")]
    [InlineData("next {}", "trigger: no kind is given: the kinds are and,")]
    [InlineData("next @daily --zone Europe/Berlim", "Did you mean Europe/Berlin?")]
    [InlineData("next @daily --zone Mars/Base", "--zone: 'Mars/Base' is not a time zone")]
    [InlineData("lint @daily --zone Mars/Base", "--zone: 'Mars/Base' is not a time zone")]
    [InlineData("lint @daily --from yesterday", "--from: 'yesterday' is not a date")]
    [InlineData("next @daily --from yesterday", "--from: 'yesterday' is not a date")]
    [InlineData("next @daily --hour 9", "not both")]
    [InlineData("next --hour 25", "'25' is not an hour")]
    [InlineData("next {", "is not JSON: it ends too early, at byte 2.")]
    [InlineData("next {]", "is not JSON: ']' cannot stand here; the name of a field in double quotes is expected, at byte 2.")]
    [InlineData("next {\"trigger\":\"cron\",\"hour\":\"\\ud800\"}", "half a character")]
    [InlineData("next @daily --zone Europe", "'Europe' is a folder of time zones")]
    [InlineData("explain @daily --lang fr", "en and zh are")]
    [InlineData("lint @daily --format toml", "crontab, settings, yaml and list are")]
    public async Task A_mistake_is_2_and_a_sentence_on_standard_error(string arguments, string part)
    {
        var (exitCode, output, error) = await Tool.Run(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal((2, ""), (exitCode, output));
        Assert.Contains(part, error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_empty_input_is_not_called_a_missing_file()
    {
        var (exitCode, _, error) = await Tool.Run("lint", "");
        Assert.Equal(2, exitCode);
        Assert.StartsWith("'' names no input", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "A job id is empty.")]
    [InlineData(" ", "A job id is empty.")]
    [InlineData("a\tb", "The job id 'a\\u0009b' holds the character U+0009.")]
    public async Task An_id_that_no_job_can_have_is_refused(string id, string said)
    {
        foreach (var command in (string[])["next", "explain", "lint"])
        {
            var (exitCode, output, error) = await Tool.Run(command, "H 9 * * *", "--job-id", id);
            Assert.Equal((2, ""), (exitCode, output));
            Assert.StartsWith("--job-id: " + said, error, StringComparison.Ordinal);
        }

        var (_, answer, _) = await Tool.RunWith(
            $$"""{"kind": "crontab", "spec": {"expression": "H 9 * * *"}, "job_id": {{System.Text.Json.JsonSerializer.Serialize(id)}}}"""
            + "\n", null, "next", "--json");
        Assert.Contains("job_id: " + said.Replace("\\", "\\\\", StringComparison.Ordinal), answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_trigger_nested_a_thousand_deep_is_told_so()
    {
        const int depth = 1_000;
        var text = string.Concat(Enumerable.Repeat("{\"trigger\":\"and\",\"triggers\":[", depth)) + "{\"trigger\":\"cron\",\"hour\":9}"
            + string.Concat(Enumerable.Repeat("]}", depth));
        var (exitCode, _, error) = await Tool.Run("next", text);
        Assert.Equal(2, exitCode);
        Assert.Contains("nested too deep: at most 16", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Nope/Zone", "TZ: 'Nope/Zone' is not a time zone")]
    [InlineData("CET-1CEST", "TZ: 'CET-1CEST' is not a time zone")]
    [InlineData(":Europe/Berlin", "")]
    [InlineData("UTC", "")]
    [InlineData("", "")]
    public async Task A_TZ_that_names_no_zone_is_told(string tz, string part)
    {
        var (exitCode, output, error) = await Tool.RunWith("", new Dictionary<string, string> { ["TZ"] = tz }, "next", "@daily", "--count",
            "1");
        Assert.Equal(0, exitCode);
        Assert.NotEmpty(output);
        if (part.Length == 0) Assert.Empty(error);
        else Assert.StartsWith(part, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("next --help")]
    [InlineData("explain --help")]
    [InlineData("lint --help")]
    [InlineData("why --help")]
    [InlineData("backfill -h")]
    [InlineData("run --help")]
    [InlineData("skip --help")]
    [InlineData("actions --help")]
    [InlineData("pauses --help")]
    [InlineData("migrate --help")]
    public async Task Help_names_the_exit_codes(string arguments)
    {
        var (exitCode, output, error) = await Tool.Run(arguments.Split(' '));
        Assert.Equal((0, ""), (exitCode, error));
        Assert.Contains("Exit codes:", output, StringComparison.Ordinal);
        Assert.Contains("141", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("escapement pau", "pause pauses")]
    [InlineData("act", "actions")]
    [InlineData("escapement skip --w", "--why")]
    [InlineData("actions --l", "--limit")]
    [InlineData("pauses --s", "--schema --since --store")]
    [InlineData("runs --c", "--cause")]
    public async Task A_shell_completes_commands_and_options(string line, string words)
    {
        var (exitCode, output, error) = await Tool.Run($"[suggest:{line.Length}]", line);
        Assert.Equal((0, ""), (exitCode, error));
        Assert.Equal(words.Split(' '), output.TrimEnd('\n').Split('\n'));
    }

    [Fact]
    public async Task The_version_is_told()
    {
        var (exitCode, output, _) = await Tool.Run("--version");
        Assert.Equal(0, exitCode);
        Assert.Matches(@"^\d+\.\d+\.\d+", output);
    }

    [Theory]
    [InlineData("$TOOL next '* * * * *' --count 100000")]
    [InlineData("for i in $(seq 30000); do echo '61 * * * *'; done | $TOOL lint -")]
    public async Task A_reader_that_has_gone_is_141(string command)
    {
        var (_, output) = await Tool.Shell($"{command} | head -n 1; echo ${{PIPESTATUS[*]}}");
        Assert.EndsWith("141 0", output.TrimEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ctrl_C_is_130()
    {
        // The tool waits for a second request. The answer to the first request shows that the tool is running.
        // A shell starts background processes with SIGINT ignored.
        using var tool = Process.Start(Tool.Start("env", null, ["--default-signal=INT", "dotnet", Tool.Path, "next", "--json"]))!;
        await tool.StandardInput.WriteLineAsync("{}");
        await tool.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
        Assert.NotNull(await tool.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        using (var kill = Process.Start("kill", ["-INT", tool.Id.ToString(
            System.Globalization.CultureInfo.InvariantCulture)]))
        {
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        await tool.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(130, tool.ExitCode);
    }

    [Fact]
    public async Task What_a_message_quotes_cannot_steer_the_terminal()
    {
        var (exitCode, _, error) = await Tool.Run("explain", "0 9 * * * except \u001b[31mred");
        Assert.Equal(2, exitCode);
        Assert.DoesNotContain('\u001b', error);
    }

    [Fact]
    public async Task A_word_is_a_trigger_and_not_a_file_of_arguments()
    {
        var (exitCode, output, _) = await Tool.Run("next", "@daily", "--zone", "UTC", "--from", "2030-01-01 00:00:01", "--count", "1");
        Assert.Equal((0, "2030-01-02T00:00:00+00:00\n"), (exitCode, output));
    }

    [Fact]
    public async Task Fields_are_taken_by_name_and_a_trigger_as_JSON()
    {
        var byFields = await Tool.Run("next", "--hour", "9", "--day-of-week", "mon-fri", "--end-date", "2030-01-03", "--zone", "UTC",
            "--from", "2030-01-01");
        Assert.Equal((0, "2030-01-01T09:00:00+00:00\n2030-01-02T09:00:00+00:00\n", ""), byFields);
        var byJson = await Tool.Run("next", """{"trigger": "interval", "days": 1, "start_date": "2030-01-01"}""", "--zone", "UTC",
            "--from", "2030-01-01", "--count", "1", "--json");
        Assert.Equal((0, "{\"next\":[\"2030-01-01T00:00:00+00:00\"]}\n", ""), byJson);
    }

    [Fact]
    public async Task A_trigger_without_a_next_time_says_why() =>
        Assert.Equal((0, "", "It never fires: 30 February does not exist.\n"), await Tool.Run("next", "0 0 30 2 *", "--zone", "UTC"));

    [Fact]
    public async Task Closed_output_is_said_and_no_stack_trace()
    {
        var (code, output) = await Tool.Shell("$TOOL next @daily 2>&1 >&-; echo \"exit code $?\"");

        Assert.Equal(0, code);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
        Assert.Matches("exit code (2|141)", output);
    }

    [Fact]
    public async Task Standard_error_that_takes_nothing_ends_in_no_abort()
    {
        var (_, output) = await Tool.Shell("$TOOL next x 2>/dev/full; echo \"exit code $?\"");
        Assert.Equal("exit code 2\n", output);
    }

    [Fact]
    public async Task On_a_narrow_terminal_nothing_breaks_inside_a_word()
    {
        var (_, output) = await Tool.Shell(
            "TERM=xterm script -qec \"stty cols 40; $TOOL explain '0 2 13 * fri' --zone UTC --from 2026-11-25 --count 1; $TOOL next '0 9 * *'\" /dev/null");
        var lines = Colour.Replace(output, "").ReplaceLineEndings("\n").Split('\n');
        Assert.All(lines, line => Assert.True(line.Length <= 40, line));
        Assert.Contains("  2027-08-13 02:00:00 +00:00", lines);
        Assert.Contains("    in 261 d 2 h", lines);
        Assert.Contains("'0 9 * *' has 4 fields: an expression", lines);
    }

    [Theory]
    [InlineData("lint -")]
    [InlineData("next --json")]
    public async Task Closed_input_is_said_at_once(string command)
    {
        var (code, output) = await Tool.Shell($"$TOOL {command} 2>&1 <&-; echo \"exit code $?\"");

        Assert.Equal(0, code);
        Assert.Contains("stdin: it is closed.", output, StringComparison.Ordinal);
        Assert.Contains("exit code 2", output, StringComparison.Ordinal);
    }
}
