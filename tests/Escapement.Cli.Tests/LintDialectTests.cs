using System.Text.Json;
using Xunit;

namespace Escapement.Cli.Tests;

/// <summary>Tests of <c>escapement lint</c> with expressions that the program of their file reads differently.</summary>
public sealed class LintDialectTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("escapement-dialects-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_crontab_may_have_no_form_that_cron_rejects()
    {
        (string Expression, int Column, string Message)[] cases =
        [
            ("0 9 ? * mon", 5, "the ? of Quartz is written *."),
            ("0 9 L * *", 5, "write 28-31, and let the command test whether tomorrow is the 1st."),
            ("0 9 15W * *", 5, "Name the days, and let the command test the day of the week."),
            ("0 9 * * fri#2", 9, "write 8-14 for the day of the month and * for the day of the week"),
            ("0 9 * * 5L", 9, "write 22-31 for the day of the month and * for the day of the week"),
            ("H 9 * * *", 1, "Write a number, or in cronie a random value such as 0~59."),
            ("0,H(1-5) 9 * * *", 3, "H is known to Jenkins and Escapement."),
            ("0 22-2 * * *", 3, "the range ends before it begins. Write 22-23,0-2."),
            ("0 23-0 * * *", 3, "Write 23,0."),
            ("0 20-4/3 * * *", 3, "Write 20,23,2."),
            ("0 9 * * fri-mon", 9, "Write fri,sat,sun,mon."),
            ("0 9 1 11-2 *", 7, "Write 11-12,1-2."),
            ("5/10 * * * *", 1, "a step needs a range or *: write 5-59/10."),
            ("0 9 * * 1/2", 9, "write 1-6/2."),
            ("30~10 9 * * *", 1, "the first number may not be the larger one."),
            ("0~59/10 9 * * *", 1, "a random value has no step. Write 0~59."),
            ("- 9 * * *", 1, "'-' is not a form that is known for a minute"),
            ("@Daily", 1, "cron knows the word only in small letters: write @daily."),
            ("@every_minute", 1, "cron does not know @every_minute."),
        ];
        var findings = await Lint("crontab", string.Concat(cases.Select(line => line.Expression + " /srv/run --fast\n")));
        Assert.Equal(cases.Select((line, i) => ("error", i + 1, line.Column)),
            findings.Select(finding => (finding.Severity, finding.Line, finding.Column)));
        Assert.All(cases.Zip(findings), pair => Assert.Contains(pair.First.Message, pair.Second.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("-*/5 * * * *", "1:1 cronie-only")]
    [InlineData("-@daily", "1:1 cronie-only")]
    [InlineData("0~30 9 * * *", "1:1 cronie-only")]
    [InlineData("~ 9~11 * * *", "1:1 cronie-only", "1:3 cronie-only")]
    [InlineData("0 9 * * fri-sun", "1:9 cronie-only")]
    [InlineData("0 9 * * 5-7")]
    [InlineData("0-59/5 9-17 * jan-jun MON,wed")]
    [InlineData("*/60 * * * *", "1:1 uneven-step")]
    [InlineData("0 9 * * thu")]
    // The command begins with a sixth field, which cronie rejects.
    [InlineData("0 0 9 * * *", "1:11 field-count")]
    public async Task What_cron_accepts_is_no_error_in_a_crontab(string expression, params string[] expected)
    {
        var findings = await Lint("crontab", expression + " /srv/run --fast\n");
        Assert.Equal(expected, findings.Select(finding => $"{finding.Line}:{finding.Column} {finding.Name}"));
        Assert.All(findings, finding => Assert.Equal("warning", finding.Severity));
    }

    [Fact]
    public async Task A_random_value_is_judged_for_all_its_values()
    {
        var findings = await Lint("crontab", "CRON_TZ=Europe/Berlin\n0~30 2 * * * a\n0 1~4 * * * b\n");
        Assert.Equal(["2 cronie-only", "2 clock-skips", "3 cronie-only"], findings.Select(finding => $"{finding.Line} {finding.Name}"));
        Assert.EndsWith("(Europe/Berlin) What ~ stands for is an example here.", findings[1].Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0 9 * * *\u00a0/srv/run now\n", "1:10", "U+00A0")]
    [InlineData("0\u00a09 * * * /srv/run\n", "1:2", "U+00A0")]
    [InlineData("\u200b0 9 * * * /srv/run\n", "1:1", "U+200B")]
    [InlineData("\u00a0\n0 9 * * * /srv/run\n", "1:1", "U+00A0")]
    [InlineData("\ufeff0 9 * * * /srv/run\n", "1:1", "byte order mark")]
    [InlineData("# nightly\n0 9 * * * /srv/run\r\n\r\n", "2:19", "2 lines do")]
    public async Task Invisible_characters_of_a_crontab_are_errors(string text, string place, string message)
    {
        var finding = Assert.Single(await Lint("crontab", text));
        Assert.Equal(("error", place), (finding.Severity, $"{finding.Line}:{finding.Column}"));
        Assert.Contains(message, finding.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0 9 * * * echo 10\u00a0000\n")]
    [InlineData("MSG='costs $5'\nPRICE=$\nMAILTO=$USER@example.org\n0 9 * * * x\n")]
    [InlineData("@daily docker ps --format '{{.Names}}' | xargs -n 1 x\n")]
    [InlineData("{{ minute }} 3 * * * x\n{% if nightly %}\n0 9 * * * x\n{% endif %}\n")]
    public async Task Harmless_texts_of_a_crontab_cause_no_finding(string text) => Assert.Empty(await Lint("crontab", text));

    [Theory]
    [InlineData("@daily {{ x }}\n0 99 * * * /srv/run\n", "2:3")]
    [InlineData("{{ ansible_managed }}\n0 99 * * * /srv/run --fast\n", "2:3")]
    [InlineData("{# kept by hand #}\nPATH=/bin\n0 99 * * * /srv/run\n", "3:3")]
    [InlineData("61~62 9 * * * /srv/run\n", "1:1")]
    [InlineData("61 9 * * mon-fri backup\n", "1:1")]
    public async Task A_crontab_without_a_name_is_seen_by_its_lines(string text, string place)
    {
        var finding = (await Lint("jobs.txt", text))[^1];
        Assert.Equal(("error", place), (finding.Severity, $"{finding.Line}:{finding.Column}"));
        Assert.Contains("is not a", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_CronJob_is_judged_as_Kubernetes_reads_its_schedule()
    {
        (string Schedule, string? Message)[] cases =
        [
            ("@every 1h30m", null),
            ("@daily", null),
            ("0 9 ? * ?", null),
            ("5/10 * * * *", null),
            ("*/61 * * * *", "The step of */61 is longer than its range, so only 0 matches."),
            ("@every 5", "'@every 5' has no interval of Go, for example @every 1h30m."),
            ("@reboot", "Kubernetes does not know @reboot."),
            ("CRON_TZ=Europe/Berlin 0 9 * * *", "write timeZone: Europe/Berlin beside the schedule."),
            ("0 0 9 * * *", "Kubernetes reads five fields"),
            ("daily", "Kubernetes reads five fields"),
            ("0 9 * * 7", "Kubernetes rejects 7: the days of the week go from 0, which is Sunday, to 6."),
            ("0 22-2 * * *", "Kubernetes rejects 22-2: the range ends before it begins. Write 22-23,0-2."),
            ("H 9 * * *", "Kubernetes rejects H"),
            ("0~9 9 * * *", "Kubernetes rejects 0~9"),
            // robfig/cron takes a star with a step for a list of days.
            ("0 9 */10 2 mon", "Kubernetes takes either."),
            ("0 9 * 2 mon", null),
        ];
        var findings = await Lint("job.yaml", string.Concat(cases.Select(job =>
            $"---\napiVersion: batch/v1\nkind: CronJob\nspec:\n  schedule: \"{job.Schedule}\"\n  timeZone: UTC\n")));
        var lines = findings.ToLookup(finding => finding.Line);
        foreach (var (i, (schedule, message)) in cases.Index())
        {
            // Each document has six lines.
            var found = string.Join(' ', lines[(i * 6) + 5].Select(finding => finding.Message));
            Assert.Equal((schedule, message is null), (schedule, found.Length == 0));
            if (message is not null) Assert.Contains(message, found, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("kind: CronJob\nspec: {schedule: \"0 9 * * 7\", timeZone: UTC}\n", "2:27")]
    [InlineData("kind: cronjob\nspec:\n  schedule: 0 9 * * 7\n", "3:21")]
    [InlineData("kind: CronJob\nspec:\n  schedule: >-\n    0 9\n    * * 7\n", "4:5")]
    [InlineData("kind: CronJob\nspec:\n  schedule: |\n\n    0 9 * * 7\n", "5:13")]
    [InlineData("kind: List\nitems:\n- kind: CronJob\n  spec:\n    'schedule': '0 9 * * 7' # Sunday\n", "5:26")]
    [InlineData("x: &weekly 0 9 * * 7\n---\nspec: {}\n---\nnight: &n '0 9 * * 7'\nkind: CronJob\nspec:\n  schedule: *n\n", "8:13")]
    [InlineData("{{- if .Values.cron }}\nkind: CronJob\nspec:\n  schedule: \"0 9 * * 7\"\n  x: {{ .Values.x | quote }}\n  y: {{ include \"y\" . | indent 4 }}\n{{- end }}\n---\nkind: CronJob\nspec:\n  schedule: {{ .Values.schedule }}\n", "4:22")]
    public async Task A_schedule_is_found_in_every_form_of_YAML(string text, string place)
    {
        var finding = Assert.Single(await Lint("job.yaml", text));
        Assert.Equal(place, $"{finding.Line}:{finding.Column}");
        Assert.Contains("Kubernetes rejects 7", finding.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a: [\nb: c", "cannot be read as YAML")]
    [InlineData("a: {b: c", "cannot be read as YAML")]
    [InlineData("a: 'b\n", "cannot be read as YAML")]
    public async Task What_is_no_YAML_is_an_error(string text, string message) =>
        Assert.Contains(message, Assert.Single(await Lint("job.yaml", text)).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Deep_YAML_is_an_error() => Assert.Contains("more than 100 levels deep",
        Assert.Single(await Lint("job.yaml", new string('[', 50_000))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("cron: '@daily'", "GitHub knows no words such as @daily: write 0 0 * * *.")]
    [InlineData("cron: 0 0 9 * * *", "GitHub reads five fields")]
    [InlineData("cron: '*/2 * * * *'", "Its times are less than 5 minutes apart")]
    [InlineData("cron: 0,3 9 * * *", "Its times are less than 5 minutes apart")]
    [InlineData("cron: '*/5 * * * *'", null)]
    [InlineData("cron: 5/15 * * * *", null)]
    [InlineData("cron: TZ=UTC 0 9 * * *", "write timezone: UTC beside cron.")]
    [InlineData("cron: 0 9 ? * 1", "GitHub documents no form such as ?: the ? of Quartz is written *.")]
    [InlineData("{cron: 30 2 * * *, timezone: Europe/Berlin}", "02:30 does not exist")]
    [InlineData("{cron: 30 2 * * *, timezone: Mars}", "'Mars' is not a time zone")]
    [InlineData("cron: 30 2 * * *", null)]
    [InlineData("cron: ${{ inputs.cron }}", null)]
    [InlineData("cron: 0 9 13 * fri", "GitHub takes either.")]
    public async Task A_workflow_is_judged_as_GitHub_reads_its_schedule(string item, string? message)
    {
        var findings = await Lint("workflow.yml", $"on:\n  schedule:\n    - {item}\njobs: {{}}\n");
        if (message is null) Assert.Empty(findings);
        else Assert.Contains(message, Assert.Single(findings).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_zone_of_a_file_without_a_zone_is_told()
    {
        var path = Path.Combine(folder, "workflow.yml");
        await File.WriteAllTextAsync(path, "on: {schedule: [{cron: 30 2 * * *}, {cron: 30 3 * * *}]}\n",
            TestContext.Current.CancellationToken);
        var (exitCode, output, error) = await Tool.Run("lint", path);
        Assert.Equal((0, ""), (exitCode, output));
        Assert.Equal($"{path}: GitHub takes times without a timezone for UTC.\n2 triggers in 1 input: 0 errors, 0 warnings.\n", error);
    }

    [Theory]
    [InlineData("""{"a": {"cron": "61 * * * *", "Cron": "0 99 * * *"}, "b": [{"schedule": "0 0 32 * *"}]}""", "1:17", "1:41", "1:77")]
    [InlineData("""{"a": {"cron": "61 * * * *", "cron": "0 99 * * *"}}""", "1:17", "1:30", "1:41")]
    [InlineData("""{"kind": "CronJob", "spec": {"schedule": "0 9 * * 7", "timeZone": "Mars"}}""", "1:51", "1:68")]
    [InlineData("""{"schedule": ["before 3am on the first day of the month", "at 5 and at 6 and at 7"], "timezone": "UTC"}""")]
    [InlineData("""{"expression": "sum by (job) (rate(up[5m])) * 100", "cronSchedule": "daily at 5 or 6"}""", "1:70")]
    public async Task Every_expression_of_other_JSON_is_judged(string text, params string[] places) =>
        Assert.Equal(places, (await Lint("other.json", text)).Select(finding => $"{finding.Line}:{finding.Column}"));

    [Fact]
    public async Task JSON_without_a_name_may_begin_with_a_comment()
    {
        var finding = Assert.Single(await Lint("settings", "// kept by hand\n/* x */ {\"cron\": \"61 * * * *\"}\n"));
        Assert.Equal("2:19", $"{finding.Line}:{finding.Column}");
    }

    [Theory]
    [InlineData("backup.timer", "[Unit]\nDescription=x\n\n[Timer]\nOnCalendar=Mon..Fri 09:00\n", 5, "a unit of systemd")]
    [InlineData("units", "OnCalendar=daily\n", 1, "a unit of systemd")]
    [InlineData("Jobs.java", "package x;\nclass Jobs {\n  @Scheduled(cron = \"0 0 9 * * *\")\n}\n", 3, "Spring's @Scheduled")]
    [InlineData("Jenkinsfile", "pipeline {\n  triggers { cron('H 4 * * *') }\n}\n", 1, "a pipeline of Jenkins")]
    [InlineData("schedule", "# nightly\nTZ=Europe/London\nH 4 * * *\nH/15 * * * 1-5\n", 2, "--zone Europe/London")]
    [InlineData("quartz.xml", "<?xml version=\"1.0\"?>\n<cron-expression>0 0 9 * * ?</cron-expression>\n", 1, "XML")]
    public async Task A_form_that_is_not_read_is_named(string name, string text, int line, string message)
    {
        var finding = Assert.Single(await Lint(name, text));
        Assert.Equal(("error", line), (finding.Severity, finding.Line));
        Assert.Contains(message, finding.Message, StringComparison.Ordinal);
        Assert.Contains("such files are not read", finding.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0 0 1 * 0-6", "1:9 day-and-weekday")]
    [InlineData("0 0 1-31 * mon", "1:12 day-and-weekday")]
    [InlineData("0 0 13 * */5", "1:10 uneven-step")]
    [InlineData("0 0 13 * fri", "1:10 day-and-weekday")]
    public async Task A_list_and_explain_agree(string expression, string expected)
    {
        var finding = Assert.Single(await Lint("list", expression + "\n"));
        Assert.Equal(expected, $"{finding.Line}:{finding.Column} {finding.Name}");
        var (_, output, _) = await Tool.Run("explain", expression, "--zone", "UTC", "--json");
        var remark = JsonDocument.Parse(output).RootElement.GetProperty("remark").GetString();
        if (finding.Name == "day-and-weekday") Assert.StartsWith(remark!, finding.Message, StringComparison.Ordinal);
        else Assert.Null(remark);
    }

    async Task<List<Finding>> Lint(string name, string text)
    {
        var path = Path.Combine(folder, name);
        await File.WriteAllTextAsync(path, text);
        var (_, output, _) = await Tool.Run("lint", path, "--zone", "UTC", "--from", "2026-11-25", "--json");
        return [.. JsonDocument.Parse(output).RootElement.GetProperty("findings").EnumerateArray().Select(finding => new Finding(
            finding.GetProperty("line").GetInt32(), finding.GetProperty("column").GetInt32(), finding.GetProperty("severity").GetString()!,
            finding.GetProperty("name").GetString(), finding.GetProperty("message").GetString()!))];
    }

    sealed record Finding(int Line, int Column, string Severity, string? Name, string Message);
}
