using System.Text;
using Escapement.Cli.Lint;
using Escapement.Triggers;
using Xunit;

namespace Escapement.Cli.Tests;

/// <summary>Tests of random input. Every answer consists of findings with existing places.</summary>
public sealed class LintNonsenseTests
{
    static readonly string[] Words =
    [
        "0", "9", "61", "*", "*/7", "*/0", "1-5", "mon", "mond", "L", "LW", "15W", "fri#2", "5L", "?", "H", "H/3", "@daily", "@reboot",
        "@", "#", "%", "CRON_TZ=", "TZ=UTC", "=", "\t", " ", "  ",
        "周报", "\u0301", "\ud83d\ude00", "\u001b[31m", "root", "\r", "-", ",", "/", "9-17/2", "22-2", "*,*", "1,", "~", "\"", "\\%",
        "every", "minutes", "except", "holidays", "22:00-06:00", "times", "(", ")", "or", "in", "since", "2030-01-01", "H(0-29)/2",
        "0~30", "fri-mon", "-", "5/10", "\u00a0", "\u200b", "{{ x }}", "@every 5m", "*/60",
    ];

    static readonly string[] Json =
    [
        "{", "}", "[", "]", ":", ",", "\"Escapement\"", "\"Scheduler\"", "\"Jobs\"", "\"SCHEDULER_JOBS\"", "\"Escapement:Jobs:a:Cron\"",
        "\"cron\"", "\"trigger\"", "\"interval\"", "\"minutes\"", "5", "null", "true",
        "\"0 9 * * 1\"", "\"61 * * * *\"", "\"[{\\\"id\\\": 1}]\"", "\"\\u0030 9 * * *\"", "\"\\ud800\"", "{\"\\udc00\": 1}", "// x\n",
        "\n", "\"triggers\"", "\"and\"", "\"timezone\"", "\"Mars\"", "\"周\"", "-", "1e400", "\"ExcludedDates\"", "\"Exclude\"",
        "\"Exclude:0\"", "\"holidays\"", "\"12-25\"",
    ];

    [Fact]
    public void Lines_of_nonsense_are_told_at_their_places()
    {
        var random = new Random(20300101);
        for (var i = 0; i < 3_000; i++)
        {
            var text = Text(random, Words, random.Next(60), random.Next(2) == 0 ? " " : "");
            if (random.Next(2) == 0) text = text.Replace(" 9", "\n9", StringComparison.Ordinal);
            Check(text, source => CrontabForm.IsCrontab(source) ? 1 : 0, (source, run) =>
                random.Next(2) == 0 ? ListReader.Read(source, run) : CrontabReader.Read(source, run, hasUsers: false));
        }
    }

    [Fact]
    public void Settings_of_nonsense_are_told_at_their_places()
    {
        var random = new Random(20300102);
        const string valid =
            """{"Scheduler": {"Jobs": [{"id": "a", "trigger": "cron", "hour": 9, "exclude": ["holidays", "12-25"]}, {"id": "b", "trigger": "and", "triggers": [{"trigger": "cron", "hour": 9}]}], "Timezone": "UTC", "ExcludedDates": {"holidays": ["2041-04-19"], "works": "works.ics"}}, "Escapement:Jobs:x:Cron": "*/7 * * * *"}""";
        for (var i = 0; i < 5_000; i++)
        {
            var text = new StringBuilder(random.Next(3) == 0 ? Text(random, Json, random.Next(30), "") : valid);
            for (var n = random.Next(4); n > 0 && text.Length > 0; n--)
            {
                var at = random.Next(text.Length);
                if (random.Next(2) == 0) text.Remove(at, Math.Min(random.Next(1, 12), text.Length - at));
                else text.Insert(at, Json[random.Next(Json.Length)]);
            }

            Check(text.ToString(), _ => 0, SettingsReader.Read);
        }
    }

    [Fact]
    public void YAML_of_nonsense_is_told_at_its_places()
    {
        var random = new Random(20300103);
        const string valid =
            "on:\r\n  schedule:\r\n    - cron: '*/7 * * * *'\r\n---\nkind: CronJob\nspec: {schedule: &a \"0 9 * * 7\" , timeZone: UTC}\nx: >-\n  0 9\n\n  * * 1\ny: *a\n";
        string[] words =
        [
            "{", "}", "[", "]", ": ", ", ", "- ", "\n", "\r", "  ", "&a ", "*a", "!!str ", "'", "\"", "|", ">-", "---", "...", "? ", "# x",
            "\t", "kind: CronJob", "spec:", "schedule: ", "cron: ", "timezone: Mars", "0 99 * * *", "{{ x }}", "{{\n}}", "\u2028", "\u0085", "周",
            "\ud83d\ude00", "%YAML 1.1", "\\x",
        ];
        for (var i = 0; i < 5_000; i++)
        {
            var text = new StringBuilder(random.Next(3) == 0 ? Text(random, words, random.Next(30), "") : valid);
            for (var n = random.Next(4); n > 0 && text.Length > 0; n--)
            {
                var at = random.Next(text.Length);
                if (random.Next(2) == 0) text.Remove(at, Math.Min(random.Next(1, 12), text.Length - at));
                else text.Insert(at, words[random.Next(words.Length)]);
            }

            Check(text.ToString(), _ => 0, (source, run) => KeysReader.Read(YamlReader.Read(source, run), run));
        }
    }

    static void Check(string text, Func<Source, int> first, Func<Source, LintRun, IReadOnlyList<LintedTrigger>> read)
    {
        var source = new Source("input", text);
        var run = new LintRun(ZoneClock.Get("Europe/Berlin"), new(2026, 11, 25, 0, 0, 0, TimeSpan.Zero), null);
        first(source);
        LintRules.Check(read(source, run), run);
        foreach (var finding in run.Findings)
        {
            Assert.InRange(finding.Place.Line, 0, source.Lines.Count - 1);
            Assert.InRange(finding.Place.Start, 0, source.Lines[finding.Place.Line].Length);
            Assert.True(finding.Place.Column >= 1 && finding.Message.Length > 0 && !finding.Message.Contains('\n'), text);
            Assert.DoesNotContain("is invalid", finding.Message, StringComparison.Ordinal);
        }
    }

    static string Text(Random random, string[] words, int count, string between) =>
        string.Join(between, Enumerable.Range(0, count).Select(_ => words[random.Next(words.Length)]));
}
