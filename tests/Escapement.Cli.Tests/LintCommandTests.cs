using System.Text.Json;
using Xunit;

namespace Escapement.Cli.Tests;

/// <summary>Tests of <c>escapement lint</c>.</summary>
public sealed class LintCommandTests : IDisposable
{
    static readonly string[] When = ["--zone", "UTC", "--from", "2026-11-25"];

    readonly string folder = Directory.CreateTempSubdirectory("escapement-lint-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("{\"Scheduler\": {\"Jobs\": [\n {\"id\": \"a\", \"trigger\": \"cron\", \"hour\": \"\\ud800\"}]}}",
        "appsettings.json:2:41: error: ")]
    [InlineData("{\"\\udc00\": 1}", "appsettings.json:1:2: error: ")]
    public async Task Half_a_character_is_told_at_its_place(string text, string place)
    {
        var (exitCode, output, _) = await Lint("appsettings.json", text);
        Assert.Equal(1, exitCode);
        Assert.Contains(place, output, StringComparison.Ordinal);
        Assert.Contains("half a character", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "1:1", "it is empty.")]
    [InlineData("{\"a\": [}", "1:8",
        "'}' cannot stand here; a value is expected: an object, a list, a text in double quotes, a number, true, false or null.")]
    [InlineData("{\n  \"a\": 1\n  \"b\": 2}", "3:3", "'\"' cannot stand here; behind a value a comma or a closing bracket is expected.")]
    [InlineData("{\"周\" 1}", "1:6", "'1' cannot stand here; a colon is expected.")]
    [InlineData("{'a': 1}", "1:2", "''' cannot stand here; the name of a field in double quotes is expected.")]
    [InlineData("{\"a\": 1", "1:8", "it ends too early.")]
    [InlineData("{\"a\": \"x\ny\"}", "1:9", "a text has no end on its line; a line break in it is written \\n.")]
    [InlineData("{\"a\": \"x\ty\"}", "1:9", "the control character U+0009 cannot stand in a text; it is written \\u0009.")]
    [InlineData("{\"a\": \"C:\\dir\"}", "1:11", "\\d is no escape; a backslash is written \\\\.")]
    [InlineData("{\"a\": 01}", "1:8", "'1' cannot stand here; a number has no zero in front.")]
    [InlineData("{\"a\": 1}}", "1:9", "'}' cannot stand here; the JSON has ended before it.")]
    [InlineData("{\"a\": tru}", "1:10", "'}' cannot stand here; a value is expected")]
    [InlineData("{\"SCHEDULER_JOBS\": \"[{\\\"id\\\": 1,]\"}", "1:20",
        "']' cannot stand here; the name of a field in double quotes is expected. At character 11 of it.")]
    public async Task What_is_no_JSON_is_told_at_its_place_in_our_own_words(string text, string place, string said)
    {
        var (exitCode, output, _) = await Lint("appsettings.json", text);
        Assert.Equal(1, exitCode);
        Assert.Contains($"appsettings.json:{place}: error: This is not JSON: {said}", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"Scheduler": {"Jobs": 5}}""", "1:24: error: 5 is not a list of jobs")]
    [InlineData("""{"SCHEDULER_JOBS": "hello"}""", "1:20: error: \"hello\" is not a list of jobs")]
    [InlineData("""{"Scheduler": {"Jobs": [5]}}""", "1:25: error: 5 is not a job: a job in a list is an object")]
    [InlineData("""{"Scheduler": {"Jobs": [[1]]}}""", "1:25: error: A list is not a job")]
    [InlineData("""{"Scheduler": {"Jobs": [{"id": "", "cron": "0 9 * * *"}]}}""", "1:33: error: A job id is empty.")]
    [InlineData("""{"Scheduler": {"Jobs": [{"id": "a", "cron": "0 9 * * *", "Cron": "0 8 * * *"}]}}""",
        "1:58: error: 'Cron' stands there a second time. Give each key once; case does not count.")]
    [InlineData("""[{"id": "a", "cron": "0 9 * * *", "cron": "0 8 * * *"}]""",
        "1:35: error: 'cron' stands there a second time. Give each key once.")]
    public async Task Settings_that_the_program_could_not_read_are_errors(string text, string said)
    {
        var (exitCode, output, _) = await Lint("appsettings.json", text);
        Assert.Equal(1, exitCode);
        Assert.Contains($"appsettings.json:{said}", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_crontab_is_read_with_its_variables_commands_and_words()
    {
        var (exitCode, output, error) = await Lint("crontab",
            "# minute hour\nCRON_TZ=Europe/Berlin\n61 9 * * mon-fri\techo\n30 2 * * * backup\n@daily date +%d\n@reboot start\n0 9 * * *\nTZ=Mars/Base\n");
        Assert.Equal(1, exitCode);
        Assert.Equal("4 triggers in 1 input: 4 errors, 3 warnings.\n", error);
        Assert.Equal(
            """
            crontab:3:1: error: '61' is not a minute: minutes go from 0 to 59.
              61 9 * * mon-fri        echo
              ^^
            crontab:4:1: warning[clock-skips]: On 2027-03-28 clocks go forward from 02:00 to 03:00: 02:30 does not exist; it fires at 03:00 instead. (Europe/Berlin)
              30 2 * * * backup
              ^^^^^^^^^^
              help: Choose a time that the clock does not skip, or a zone without changes such as UTC.
            crontab:5:14: warning[percent-in-command]: In a crontab an unescaped % ends the command; what follows it is given to the command as its input.
              @daily date +%d
                           ^
              help: Write \% for the character itself.
            crontab:6:1: error: @reboot runs a command when the machine starts, which is no time that a trigger could name. Do it where the program starts.
              @reboot start
              ^^^^^^^
            crontab:7:10: error: There is no command after the expression.
              0 9 * * *
                       ^
            crontab:8:1: warning[tz-in-crontab]: TZ is given to the commands and does not move the schedule: the cron of Unix reads the lines below in its own zone.
              TZ=Mars/Base
              ^^^^^^^^^^^^
              help: cronie takes CRON_TZ=ZONE for the schedule; other crons run in the machine's zone.
            crontab:8:4: error: 'Mars/Base' is not a time zone that this machine knows. Give a name as in the IANA time zone data, for example Europe/Berlin.
              TZ=Mars/Base
                 ^^^^^^^^^

            """, output.Replace(folder + "/", "", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("at 2027-03-28T02:30", "clock-skips", "2027-03-28 02:30 does not exist in Europe/Berlin")]
    [InlineData("at 2027-10-31T02:30", "clock-repeats", "2027-10-31 02:30 comes twice in Europe/Berlin")]
    [InlineData("at 2026-03-29T02:30", "never-fires", "It never fires again")]
    [InlineData("at 2027-03-28T02:30+01:00", null, null)]
    public async Task A_date_at_a_change_of_the_clock_is_told(string trigger, string? name, string? message)
    {
        var (_, output, _) = await Tool.Run("lint", trigger, "--zone", "Europe/Berlin", "--from", "2026-11-25", "--json");
        var findings = JsonDocument.Parse(output).RootElement.GetProperty("findings").EnumerateArray().ToList();
        Assert.Equal(name is null ? [] : [name], findings.Select(finding => finding.GetProperty("name").GetString()));
        if (message is not null) Assert.StartsWith(message, findings[0].GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0 0 13 * fri", "day-and-weekday")]
    [InlineData("*/7 * * * *", "uneven-step")]
    [InlineData("0 0 */2 * *", "uneven-step")]
    [InlineData("0 0 * * */2", "uneven-step")]
    [InlineData("5/25 * * * *", "uneven-step")]
    [InlineData("0 9-17/3 * * *", "uneven-step")]
    [InlineData("0 22-4/4 * * *", "uneven-step")]
    [InlineData("0 0 * * 1", "numeric-weekday")]
    [InlineData("0 0 30 2 *", "never-fires")]
    [InlineData("* 9 * * *", "every-minute")]
    [InlineData("CRON_TZ=Europe/Berlin|*/15 1-2 * * * x", "clock-skips,clock-repeats")]
    [InlineData("0 0 * * *|0 0 1 * *|0 0,12 * * *", "everyone-at-midnight")]
    // Unsurprising triggers cause no warning.
    [InlineData("*/15 * * * *", "")]
    [InlineData("0 */6 * * *", "")]
    [InlineData("0 9-17/2 * * mon-fri", "")]
    [InlineData("0 5/6 * * *", "")]
    [InlineData("0 20/2 * * *", "")]
    [InlineData("0 0 * * fri#2", "")]
    [InlineData("0 0 29 2 *", "")]
    [InlineData("0 0 * * *|0 0 1 * *", "")]
    [InlineData("CRON_TZ=Europe/Berlin|*/15 * * * * x|30 1 * * * y", "")]
    [InlineData("H H * * *", "")]
    [InlineData("H(0-29) H(9-17)/2 * * *", "")]
    [InlineData("H(0-29)/7 9 * * H(mon-fri)", "")]
    [InlineData("0 9 * * * except holidays, 12-25, 22:00-06:00 times 5 jitter 30 seconds", "")]
    [InlineData("every 20 minutes|every 2 weeks at 09:30 except 22:00-06:00|at 2041-05-06T07:08:09|day=last fri, hour=17|(0 9 * * *) or (0 12 * * sat)", "")]
    [InlineData("0 9 * * 1 except holidays", "numeric-weekday")]
    [InlineData("0 9 * * * except 08:00-10:00", "never-fires")]
    [InlineData("every month|every day at 00:00|0 0 * * * times 9", "everyone-at-midnight")]
    [InlineData("30 2 * * * in Europe/Berlin times 1000 since 2026-01-01", "clock-skips")]
    [InlineData("30 2 * * * except 03:00-04:00 in Europe/Berlin", "clock-skips")]
    [InlineData("every day at 02:30 in Europe/Berlin", "clock-skips")]
    public async Task Surprises_have_names(string lines, string names)
    {
        var (exitCode, output, _) = await Tool.RunWith(lines.Replace('|', '\n') + "\n", null, ["lint", "-", "--json", .. When]);
        var findings = JsonDocument.Parse(output).RootElement.GetProperty("findings").EnumerateArray().ToList();
        Assert.Equal((0, names), (exitCode, string.Join(',', findings.Select(finding => finding.GetProperty("name").GetString()))));
    }

    [Fact]
    public async Task With_strict_a_warning_is_an_error()
    {
        var (exitCode, output, error) = await Tool.Run(["lint", "*/7 * * * *", "--strict", .. When]);
        Assert.Equal((1, "1 trigger in 1 input: 1 error, 0 warnings.\n"), (exitCode, error));
        Assert.StartsWith("arguments:1:1: error[uneven-step]: */7 begins anew with each hour: 56 is followed by 0, a step of 4.\n", output,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Expressions_on_the_command_line_are_one_input()
    {
        var (exitCode, output, error) = await Tool.Run(["lint", "0 0 * * *", "@daily", "0 0 1 * *", "0 99 * * *", .. When]);
        Assert.Equal((1, "4 triggers in 1 input: 1 error, 1 warning.\n"), (exitCode, error));
        Assert.StartsWith("arguments:1:1: warning[everyone-at-midnight]: 3 triggers fire at 00:00: lines 1, 2 and 3.\n", output,
            StringComparison.Ordinal);
        Assert.Contains("arguments:4:3: error: '99' is not an hour", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_are_found_wherever_jobs_may_stand()
    {
        var (exitCode, output, _) = await Lint("appsettings.Production.json", """
            {
              // Comments and trailing commas are allowed, as in .NET settings files.
              "Logging": { "LogLevel": { "Default": "Information" } },
              "Scheduler": {
                "Timezone": "Europe/Berlin",
                "Jobs": [
                  { "id": "a", "func": "x", "trigger": "cron", "hour": 25 },
                  { "id": "b", "func": "x", "cron": "0 9 * * mond" },
                  { "id": "c", "func": "x", "trigger": "interval", "minuts": 5 },
                  { "id": "d", "func": "x", "trigger": "corn" },
                  { "id": "e", "func": "x", "trigger": "interval", "minutes": "5" },
                  { "id": "f", "func": "x", "trigger": "cron", "hour": 2, "minute": 30 },
                ]
              },
              "Escapement": { "Jobs": { "report": { "Cron": "61 * * * *" }, "off": { "Cron": "-" } } },
              "Escapement:Jobs:night:Cron": "*/50 * * * *",
              "SCHEDULER_JOBS": "[{\"id\": \"z\", \"func\": \"y\", \"cron\": \"* * *\"}]"
            }
            """);
        Assert.Equal(1, exitCode);
        var places = output.Split('\n').Where(line => line.Contains(": error", StringComparison.Ordinal)
            || line.Contains(": warning", StringComparison.Ordinal)).Select(line => line[(folder.Length + 1)..]).ToList();
        Assert.Collection(
            places,
            line => Assert.StartsWith("appsettings.Production.json:7:60: error: '25' is not an hour", line, StringComparison.Ordinal),
            line => Assert.StartsWith("appsettings.Production.json:8:50: error: 'mond' is not a day of the week: did you mean mon?", line,
                StringComparison.Ordinal),
            line => Assert.Equal("appsettings.Production.json:9:56: error: 'minuts' is not an option of a job. The nearest is 'minutes'.",
                line),
            line => Assert.StartsWith("appsettings.Production.json:10:45: error: 'corn' is not a kind of trigger", line,
                StringComparison.Ordinal),
            line => Assert.StartsWith("appsettings.Production.json:12:7: warning[clock-skips]: On 2027-03-28", line,
                StringComparison.Ordinal),
            line => Assert.StartsWith("appsettings.Production.json:15:50: error: '61' is not a minute", line, StringComparison.Ordinal),
            line => Assert.StartsWith("appsettings.Production.json:16:34: warning[uneven-step]", line, StringComparison.Ordinal),
            line => Assert.StartsWith("appsettings.Production.json:17:21: error: '* * *' has 3 fields", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Values_of_options_are_checked_as_the_program_reads_them()
    {
        var (exitCode, output, _) = await Lint("appsettings.json", """
            {
              "Scheduler": { "Jobs": [
                { "id": "a", "func": "x", "cron": "0 9 * * *", "max_instances": 0 },
                { "id": "b", "func": "x", "cron": "0 9 * * *", "MaxInstances": "2", "Coalesce": "true", "MisfireGraceTime": null, "Tags": ["mail", 7], "Description": 7, "Priority": "-5" },
                { "id": "c", "func": "x", "cron": "0 9 * * *", "tags": ["mail", "mail"] }
              ] },
              "Escapement": { "Jobs": { "report": { "Priority": "high", "Tags:0": "mail", "Tags:1": "mail" } } },
              "Escapement:Jobs:night:Coalesce": "maybe",
              "Escapement:Jobs:night:Tags:0": "mail"
            }
            """);
        Assert.Equal(1, exitCode);
        Assert.Collection(
            output.Split('\n').Where(line => line.Contains(": error", StringComparison.Ordinal))
                .Select(line => line[(folder.Length + 1)..]),
            line => Assert.Equal(
                "appsettings.json:3:69: error: max_instances is 0; it must be a positive integer. To stop all runs of a job, pause it.",
                line),
            line => Assert.StartsWith(
                "appsettings.json:5:60: error: tags is [\"mail\", \"mail\"]; a list of at most 20 different texts is allowed", line,
                StringComparison.Ordinal),
            line => Assert.Equal("appsettings.json:7:54: error: priority is \"high\"; a whole number from -1000 to 1000 is allowed.", line),
            line => Assert.StartsWith("appsettings.json:7:71: error: tags is [\"mail\",\"mail\"]; a list of at most 20", line,
                StringComparison.Ordinal),
            line => Assert.Equal("appsettings.json:8:38: error: coalesce is \"maybe\"; true and false are allowed.", line));
    }

    [Fact]
    public async Task A_job_may_name_the_excluded_dates_of_its_file_and_no_others()
    {
        var (exitCode, output, _) = await Lint("appsettings.json", """
            {
              "Escapement": {
                "Jobs": {
                  "a": { "Trigger": "cron", "Hour": 9, "Exclude": ["holidays", "works", "more"] },
                  "b": { "Trigger": "interval", "Minutes": 5, "Exclude": ["12-25", "holidais"] },
                  "c": { "Trigger": "interval", "Minutes": 5, "Exclude": "works, 25:00-06:00" },
                  "d": { "Trigger": "cron", "Hour": 9, "Exclude:0": "works", "Exclude:1": "work" }
                },
                "ExcludedDates": { "holidays": ["2041-04-19", "2041-02-29"], "works": "works.ics", "except": [], "odd": 5 }
              },
              "Escapement:Jobs:e:Trigger": "interval",
              "Escapement:Jobs:e:Hours": 1,
              "Escapement:Jobs:e:Exclude:0": "nowhere",
              "Scheduler:Excluded_Dates:more:0": "12-24",
              "SCHEDULER_EXCLUDED_DATES": "{\"yet\": [\"12-26\"]}"
            }
            """);
        Assert.Equal(1, exitCode);
        Assert.Collection(
            output.Split('\n').Where(line => line.Contains(": error", StringComparison.Ordinal)
                || line.Contains(": warning", StringComparison.Ordinal)).Select(line => line[(folder.Length + 1)..]),
            line => Assert.Equal(
                "appsettings.json:5:73: error: exclude: 'holidais' is not a set of excluded dates: did you mean holidays?", line),
            line => Assert.StartsWith("appsettings.json:6:70: error: exclude: '25:00-06:00' is not a part of a day", line,
                StringComparison.Ordinal),
            line => Assert.StartsWith("appsettings.json:7:80: error: exclude: 'work' is not a set of excluded dates: did you mean works?",
                line, StringComparison.Ordinal),
            line => Assert.StartsWith("appsettings.json:9:52: error: \"2041-02-29\" is not a day: ", line, StringComparison.Ordinal),
            line => Assert.StartsWith("appsettings.json:9:88: error: 'except' is not a name of excluded dates", line,
                StringComparison.Ordinal),
            line => Assert.StartsWith("appsettings.json:9:109: error: 5 is neither a list of days nor the path of an iCalendar file", line,
                StringComparison.Ordinal),
            line => Assert.Equal(
                "appsettings.json:13:35: error: exclude: 'nowhere' is not a set of excluded dates: there are holidays, more, odd, works, yet.", line));
    }

    [Fact]
    public async Task A_text_form_that_is_wrong_is_shown_at_its_place_and_not_taken_for_a_crontab()
    {
        var (_, output, error) = await Lint("list",
            "0 9 * * * except 25:00-06:00\nevery 20 minuts\n(0 9 * * *) or (0 25 * * *)\n0 9 * * * in Europe/Berlim\n@daily except 02-30\n");
        Assert.Equal("5 triggers in 1 input: 5 errors, 0 warnings.\n", error);
        Assert.Equal(
            ["1:18", "2:10", "3:19", "4:14", "5:15"],
            output.Split('\n').Where(line => line.Contains(": error: ", StringComparison.Ordinal))
                .Select(line => string.Join(':', line[(folder.Length + 6)..].Split(':')[..2])));
    }

    [Fact]
    public async Task JSON_that_is_broken_is_an_error_at_its_place()
    {
        var (exitCode, output, _) = await Lint("appsettings.json", "{\n  \"Scheduler\": { \"Jobs\": [ }\n}");
        Assert.Equal(1, exitCode);
        Assert.StartsWith($"{folder}/appsettings.json:2:28: error: This is not JSON: ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_caret_stands_under_its_place_whatever_stands_before()
    {
        var (_, output, _) = await Lint("jobs.json", """{"Escapement": {"Jobs": {"报告": {"Cron": "0 25 * * *"}}}}""");
        var lines = output.Split('\n');
        Assert.StartsWith($"{folder}/jobs.json:1:44: error:", lines[0], StringComparison.Ordinal);
        // Two characters of two columns each precede the place.
        Assert.Equal(lines[1].IndexOf("25", StringComparison.Ordinal) + 2, lines[2].IndexOf('^', StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_no_text_is_refused_and_the_other_inputs_are_read()
    {
        await File.WriteAllBytesAsync(Path.Combine(folder, "binary"), [0x7F, 0x45, 0x4C, 0x46, 0], TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(Path.Combine(folder, "latin1"), [0x30, 0x0A, 0x23, 0xE9, 0x0A],
            TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(folder, "large"), new string('#', 2 << 20), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(folder, "empty"), "", TestContext.Current.CancellationToken);
        string[] names = ["missing", "binary", "latin1", "large", "empty"];
        var (exitCode, output, error) = await Tool.Run(["lint", .. names.Select(name => Path.Combine(folder, name)), folder, "61 * * * *"]);
        Assert.Equal(2, exitCode);
        Assert.StartsWith("arguments:1:1: error: '61'", output, StringComparison.Ordinal);
        Assert.Collection(
            error.TrimEnd().Split('\n'),
            line => Assert.Contains("there is no such file", line, StringComparison.Ordinal),
            line => Assert.Contains("this is not a text", line, StringComparison.Ordinal),
            line => Assert.Contains("this is not UTF-8: line 2", line, StringComparison.Ordinal),
            line => Assert.Contains("more than 1024 KB", line, StringComparison.Ordinal),
            line => Assert.Contains("there is no trigger in it", line, StringComparison.Ordinal),
            line => Assert.Contains("this is a folder", line, StringComparison.Ordinal),
            line => Assert.Equal("1 trigger in 2 inputs: 1 error, 0 warnings; 5 inputs could not be read.", line));
    }

    [Fact]
    public async Task A_byte_order_mark_and_Windows_line_ends_do_not_move_a_place()
    {
        await File.WriteAllTextAsync(Path.Combine(folder, "list"), "0 9 * * *\r\n0 99 * * *\r\n",
            new System.Text.UTF8Encoding(encoderShouldEmitUTF8Identifier: true), TestContext.Current.CancellationToken);
        var (_, output, _) = await Tool.Run("lint", Path.Combine(folder, "list"));
        Assert.StartsWith($"{folder}/list:2:3: error: '99' is not an hour", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_column_is_seen_or_told()
    {
        const string text = "0 9 * * * root backup\n0 10 * * * root\n";
        var seen = await Lint("system.cron", text);
        Assert.Contains("system.cron:2:16: error: There is no command after the user.", seen.Output, StringComparison.Ordinal);
        var told = await Tool.RunWith("0 10 * * * operator\n", null, "lint", "-", "--format", "crontab", "--user-column");
        Assert.Contains("stdin:1:20: error: There is no command after the user.", told.Output, StringComparison.Ordinal);
    }

    async Task<(int ExitCode, string Output, string Error)> Lint(string name, string text)
    {
        var path = Path.Combine(folder, name);
        await File.WriteAllTextAsync(path, text);
        return await Tool.Run(["lint", path, .. When]);
    }
}
