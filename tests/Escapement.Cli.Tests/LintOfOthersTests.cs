using System.Text.Json;
using Xunit;

namespace Escapement.Cli.Tests;

/// <summary>
/// Tests of <c>escapement lint</c> and <c>explain</c> with files and expressions written for other products.
/// </summary>
public sealed class LintOfOthersTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("escapement-others-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    // Unix fires on either day, unless a field contains a star.
    [InlineData("0 0 13 * fri x|", "1:10 day-and-weekday")]
    [InlineData("0 0 1-31 * 4 x|", "1:12 day-and-weekday")]
    [InlineData("0 9 1-15 * 0-6 x|", "1:12 day-and-weekday")]
    [InlineData("0 9 1-31 * 0-6 x|")]
    [InlineData("0 9 */2 3 MON x|")]
    [InlineData("0 9 13 * */2 x|", "1:10 uneven-step")]
    // The weekday numbering of APScheduler does not concern a crontab.
    [InlineData("30 3 * * 6 x|0 4 * * 1-5 y|")]
    [InlineData("0 9 * * * x", "1:12 no-final-newline")]
    [InlineData("0 9 * * * x \\|0 10 * * * y|", "1:13 no-continuation")]
    [InlineData("PATH=$PATH:/x|0 9 * * * x|", "1:6 no-expansion")]
    [InlineData("HOME=${X}/y|0 9 * * * x|", "1:6 no-expansion")]
    [InlineData("* * * * * * * echo hi|", "1:11 field-count")]
    [InlineData("0 12 1 1 * MON-FRI echo|", "1:12 field-count")]
    [InlineData("0 9 * * * 7z a x|")]
    [InlineData("TZ=America/New_York|30 2 * * * x|", "1:1 tz-in-crontab")]
    [InlineData("CRON_TZ=America/New_York|30 2 * * * x|", "2:1 clock-skips")]
    // After an error, the lines are checked without a zone.
    [InlineData("CRON_TZ=America/New_York|CRON_TZ=Mars/X|30 2 * * * x|", "2:9 error")]
    [InlineData("0 0 29-31 2 * x|", "1:5 missing-day")]
    [InlineData("@every 5m x|", "1:1 error")]
    [InlineData("CRON_TZ=UTC 0 9 * * * x|", "1:1 error")]
    public Task A_crontab_is_judged_as_its_cron_reads_it(string lines, params string[] expected) => Warns("crontab", lines, expected);

    [Fact]
    public async Task Advice_fits_the_file()
    {
        var crontab = await Lint("crontab", "0 0 * * * a\n0 0 1 * * b\n@daily c\n*/7 * * * * d\n");
        Assert.DoesNotContain("write H", crontab, StringComparison.Ordinal);
        Assert.DoesNotContain("interval", crontab, StringComparison.Ordinal);
        Assert.Contains("write H for the minute", await Lint("list", "0 0 * * *\n0 0 1 * *\n@daily\n"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0 0 12 ? * 2-6",
        "Quartz, in whose form this is written, counts from Sunday as 1: 2-6 is Monday to Friday there, and Tuesday to Saturday here.")]
    [InlineData("0 0 18 ? * 6L", "6L is the last Friday of the month there, and the last Saturday of the month here.")]
    [InlineData("0 0 9 ? * 2#1", "2#1 is Monday number 1 of the month there, and Tuesday number 1 of the month here.")]
    [InlineData("0 0 9 L * 2,4", "2,4 is Monday and Wednesday there, and Tuesday and Thursday here.")]
    // Spring and Cronos count Sunday as 0.
    [InlineData("0 0 9 ? * 0", "0 is Sunday here, but Monday in the field day_of_week.")]
    [InlineData("0 0 9 * * 1", "1 is Monday here, but Tuesday in the field day_of_week.")]
    public async Task A_weekday_by_number_is_compared_with_the_product_in_whose_form_it_is_written(string expression, string message) =>
        Assert.Contains(message, await Lint("list", expression + "\n"), StringComparison.Ordinal);

    [Theory]
    [InlineData("0 0 12 ? * 2-6 2030|0 8 1 * ? *|rate(5 minutes)|TZ=UTC 0 3 * * *|@every 5m|", "1:16 error", "2:1 error", "3:1 error",
        "4:1 error",
        "5:1 error")]
    public Task A_list_in_forms_of_others_is_no_crontab(string lines, params string[] expected) => Warns("list", lines, expected);

    [Theory]
    [InlineData("workflow.yml", "on:|  schedule:|    - cron: '61 9 * * 1'|    - cron: 30 2 * * * # nightly|", "3:14 error")]
    [InlineData("job.yaml", "apiVersion: batch/v1|spec:|  schedule: \"30 2 * * *\"|  timeZone: Europe/Berlin|", "3:14 clock-skips")]
    [InlineData("zones.yaml", "spec:|  timeZone: Europe/Berlin|  schedule: '30 2 * * *'|---|spec:|  schedule: '30 2 * * *'|",
        "3:14 clock-skips")]
    [InlineData("script.yaml", "jobs:|  a:|    - run: >|        cron: 99 99 * * *|      env: x|    - run: &b >- # c|        schedule: 99 99 * * *|")]
    [InlineData("anchor.yaml", "spec:|  schedule: &nightly '0 77 * * *'|", "2:25 error")]
    [InlineData("tag.yaml", "spec:|  schedule: !!str \"0 78 * * *\"|", "2:22 error")]
    [InlineData("chart.yaml", "spec:|  schedule: '{{ .Values.schedule }}'|updates:|  - schedule: daily|")]
    [InlineData("unknown.yaml", "spec:|  schedule: '30 2 * * *'|  timeZone: PST|", "3:13 error")]
    [InlineData("vercel.json", "{\"crons\": [{\"path\": \"/a\", \"schedule\": \"61 * * * *\"}]}|", "1:40 error")]
    [InlineData("aws.json", "{\"ScheduleExpression\": \"rate(5 minutes)\"}|", "1:25 error")]
    public Task The_expressions_of_other_files_are_found_by_their_keys(string name, string lines, params string[] expected) =>
        Warns(name, lines, expected);

    [Theory]
    [InlineData("0 9 */2 * MON", null)]
    [InlineData("0 9 13 * */2", null)]
    [InlineData("0 0 1-31 * 4", "the cron of Unix takes either and fires every day.")]
    [InlineData("0 0 13 * fri", "the cron of Unix takes either.")]
    [InlineData("0 0 12 ? * 2-6", "In Quartz 1 is Sunday: 2-6 is Monday to Friday there, and Tuesday to Saturday here.")]
    [InlineData("0 0 12 * * 2-6", null)]
    public async Task Explain_compares_with_other_products_only_where_they_differ(string expression, string? remark)
    {
        var (_, output, _) = await Tool.Run("explain", expression, "--zone", "UTC", "--json");
        var said = JsonDocument.Parse(output).RootElement.GetProperty("remark").GetString();
        if (remark is null) Assert.Null(said);
        else Assert.EndsWith(remark, said, StringComparison.Ordinal);
    }

    async Task Warns(string name, string lines, string[] expected)
    {
        var findings = JsonDocument.Parse(await Lint(name, lines.Replace('|', '\n'), "--json")).RootElement.GetProperty("findings");
        Assert.Equal(expected, findings.EnumerateArray().Select(finding =>
            $"{finding.GetProperty("line")}:{finding.GetProperty("column")} {finding.GetProperty("name").GetString() ?? "error"}"));
    }

    async Task<string> Lint(string name, string text, params string[] more)
    {
        var path = Path.Combine(folder, name);
        await File.WriteAllTextAsync(path, text);
        return (await Tool.Run(["lint", path, "--zone", "UTC", "--from", "2026-11-25", .. more])).Output;
    }
}
