using System.Text.Json;
using System.Text.Json.Nodes;
using Escapement.Cli.Tests;

namespace Escapement.SchedulerTool.Tests;

/// <summary>The tool tells why fire times did not run: the same over the address and over the file.</summary>
public sealed class AccountTests(WrittenLedger written) : IClassFixture<WrittenLedger>
{
    static Dictionary<string, string> Utc => new() { ["TZ"] = "UTC" };

    string[] Url => ["--url", written.Url];

    string[] File => ["--store", written.Store];

    [Theory]
    [InlineData("why report")]
    [InlineData("why report --lang zh")]
    [InlineData("why tick")]
    [InlineData("audit")]
    [InlineData("audit --lang zh")]
    [InlineData("nodes")]
    [InlineData("pauses")]
    [InlineData("pauses --lang zh")]
    public async Task The_answer_is_the_same_over_the_address_and_over_the_file(string line)
    {
        string[] command = [.. line.Split(' '), .. WrittenLedger.Span];
        var (over, file) = (await Tool.RunWith("", Utc, [.. command, .. Url]), await Tool.RunWith("", Utc, [.. command, .. File]));
        Assert.Equal(over, file);
        Assert.Equal((0, ""), (over.ExitCode, over.Error));
        Assert.Equal(WithoutTime((await Tool.RunWith("", Utc, [.. command, .. Url, "--json"])).Output),
            WithoutTime((await Tool.RunWith("", Utc, [.. command, .. File, "--json"])).Output));
    }

    [Theory]
    [InlineData("why report", "why-report")]
    [InlineData("why report --lang zh", "why-report-zh")]
    [InlineData("audit", "audit")]
    [InlineData("pauses", "pauses")]
    public async Task The_answer_names_each_cause(string line, string approved)
    {
        var (exitCode, output, error) = await Tool.RunWith("", Utc, [.. line.Split(' '), .. WrittenLedger.Span, .. File]);
        Assert.Equal((0, ""), (exitCode, error));
        Approved.Check(approved, output);
    }

    [Theory]
    [InlineData("why report", "why-report-80")]
    [InlineData("audit", "audit-80")]
    [InlineData("pauses", "pauses-80")]
    public async Task The_answer_fits_on_a_terminal_of_80_columns(string line, string approved)
    {
        Approved.Check(approved, await OnTerminalAsync($"{line} {string.Join(' ', WrittenLedger.Span)}"));
    }

    [Fact]
    public async Task The_changes_name_their_authors_and_fields()
    {
        var (over, file) = (await Tool.RunWith("", Utc, ["actions", "report", .. Url]), await Tool.RunWith("", Utc, ["actions", "report", .. File]));
        Assert.Equal(over, file);
        Assert.Equal((0, ""), (file.ExitCode, file.Error));
        Approved.Check("actions-report", file.Output);
        Approved.Check("actions-report-80", await OnTerminalAsync("actions report"));
    }

    async Task<string> OnTerminalAsync(string line)
    {
        var (_, output) = await Tool.Shell(
            $"TZ=UTC TERM=xterm NO_COLOR=1 script -qec \"stty cols 80; $TOOL {line} --store {written.Store}\" /dev/null");
        output = output.Replace("\r", "", StringComparison.Ordinal).Replace("\u001b[?1h\u001b=", "", StringComparison.Ordinal);
        Assert.All(output.Split('\n'), shown => Assert.InRange(shown.Length, 0, 80));
        return output;
    }

    [Fact]
    public async Task A_dry_run_names_what_would_be_made_up()
    {
        string[] command = ["backfill", "report", .. WrittenLedger.Span, "--dry-run"];
        var (over, file) = (await Tool.Run([.. command, .. Url]), await Tool.Run([.. command, .. File]));
        Assert.Equal(over, file);
        Assert.Equal((0, "3 fire times would run. Nothing was changed.\n"), (file.ExitCode, file.Error));
        Assert.Equal(["2025-03-03T09:00:00+00:00", "2025-03-03T09:05:00+00:00", "2025-03-03T09:10:00+00:00"],
            file.Output.TrimEnd('\n').Split('\n').Select(line => line.Split('\t')[0]));
        var paused = await Tool.Run([.. command, .. File, "--reason", "Paused"]);
        Assert.Equal((0, "4 fire times would run. Nothing was changed.\n"), (paused.ExitCode, paused.Error));
        // The fire times of the pause are skipped, and none is missed.
        string[] pause = ["backfill", "report", "--from", "2025-03-03T10:00:00Z", "--to", "2025-03-03T10:24:00Z", "--dry-run"];
        var none = await Tool.Run([.. pause, .. File]);
        Assert.Equal((0, "", "0 fire times would run. Nothing was changed.\nSkipped fire times run only if --reason names their reason. escapement why report names the reasons.\n"),
            (none.ExitCode, none.Output, none.Error));
        Assert.Equal(2, (await Tool.Run([.. command, .. File, "--reason", "Bored"])).ExitCode);
        Assert.Equal(2, (await Tool.Run(["backfill", "report", .. File])).ExitCode);
        Assert.Equal(5, (await Tool.Run(["backfill", "nope", .. WrittenLedger.Span, .. Url])).ExitCode);
    }

    [Fact]
    public void The_page_shows_the_answer_of_the_tool() =>
        Assert.Contains("\n" + Approved.Read("why-report-80"), Approved.Page("docs/cli.md"), StringComparison.Ordinal);

    [Fact]
    public void The_page_shows_the_changes_of_the_tool() =>
        Assert.Contains("\n" + Approved.Read("actions-report-80"), Approved.Page("docs/cli.md"), StringComparison.Ordinal);

    static string WithoutTime(string json)
    {
        var answer = JsonNode.Parse(json)!;
        if (answer is JsonObject fields) fields.Remove("at");
        return answer.ToJsonString(new JsonSerializerOptions { WriteIndented = true });
    }
}
