using System.Text.Json;
using Xunit;

namespace Escapement.Cli.Tests;

/// <summary>Tests of <c>escapement explain</c>.</summary>
public sealed class ExplainCommandTests
{
    static readonly string[] Berlin = ["--zone", "Europe/Berlin", "--from", "2026-11-25 03:34:00"];

    [Fact]
    public async Task A_trigger_is_told_in_words_with_its_next_times_and_both_changes_of_the_clock()
    {
        var (exitCode, output, error) = await Tool.Run(["explain", "30 2 * * *", "--count", "2", .. Berlin]);
        Assert.Equal((0, ""), (exitCode, error));
        Assert.Equal(
            """
            At 02:30 every day.

            Trigger  30 2 * * *
            Zone     Europe/Berlin

            Next
              2026-11-26 02:30:00 +01:00  in 22 h 56 min
              2026-11-27 02:30:00 +01:00  in 1 d 22 h

            When the clock changes
              On 2027-03-28 clocks go forward from 02:00 to 03:00: 02:30 does not exist; it fires at 03:00 instead.
              On 2027-10-31 clocks go back from 03:00 to 02:00: 02:30 comes twice; it fires once, in the first pass.

            """, output);
    }

    [Fact]
    public async Task An_instant_that_is_printed_can_be_pasted_back()
    {
        const string Printed = "2026-11-26 02:30:00 +01:00";
        Assert.Contains(Printed, (await Tool.Run(["explain", "30 2 * * *", .. Berlin])).Output, StringComparison.Ordinal);
        foreach (var arguments in (string[][])
        [
            ["30 2 * * *", "--from", Printed], [$"at {Printed}", "--from", "2026-01-01"],
            ["--hour", "2", "--minute", "30", "--start-date", Printed, "--from", "2026-01-01"],
            [$"30 2 * * * from {Printed} times 1 since {Printed}", "--from", "2026-01-01"],
        ])
        {
            Assert.Equal((0, "2026-11-26T02:30:00+01:00\n", ""),
                await Tool.Run(["next", .. arguments, "--zone", "Europe/Berlin", "--count", "1"]));
        }
    }

    [Theory]
    [InlineData("at 2026-03-29T02:30", "en",
        "2026-03-29 02:30 does not exist in Europe/Berlin, where clocks go forward over it; it fires at 2026-03-29 03:00 +02:00 instead.")]
    [InlineData("at 2026-10-25 02:30:15", "en",
        "2026-10-25 02:30:15 comes twice in Europe/Berlin, where clocks go back over it; it fires in the first pass, at 2026-10-25 02:30:15 +02:00. The second one is written 2026-10-25T02:30:15+01:00.")]
    [InlineData("at 2026-03-29T02:30", "zh", "2026-03-29 02:30 在 Europe/Berlin 不存在（时钟拨快时被跳过）；改在 2026-03-29 03:00 +02:00 触发。")]
    [InlineData("""{"trigger": "date", "run_date": "2026-10-25 02:30:00"}""", "zh",
        "2026-10-25 02:30 在 Europe/Berlin 出现两次（时钟拨慢）；在第一次触发，即 2026-10-25 02:30 +02:00；第二次写作 2026-10-25T02:30:00+01:00。")]
    [InlineData("at 2026-10-25 02:30 in America/New_York", "en", null)]
    [InlineData("at 2026-10-25 02:30 +01:00", "en", null)]
    [InlineData("at 2026-03-29 03:00", "en", null)]
    public async Task A_date_at_a_change_of_the_clock_is_told_with_what_it_becomes(string trigger, string language, string? remark)
    {
        var (exitCode, output, _) = await Tool.Run("explain", trigger, "--zone", "Europe/Berlin", "--from", "2026-01-01", "--lang",
            language, "--json");
        Assert.Equal((0, remark), (exitCode, JsonDocument.Parse(output).RootElement.GetProperty("remark").GetString()));
        if (remark is not null)
        {
            Assert.Equal(remark, (await Tool.Run("explain", trigger, "--zone", "Europe/Berlin", "--from", "2026-01-01", "--lang",
                language)).Output.Split('\n')[1]);
        }
    }

    [Fact]
    public async Task Every_text_form_is_taken_with_what_limits_it()
    {
        var (exitCode, output, error) = await Tool.Run(
            ["explain", "every 1 month at 02:30 from 2026-12-28 except 22:00-02:00 times 4", "--count", "9", .. Berlin]);
        Assert.Equal((0, ""), (exitCode, error));
        Assert.Equal(
            """
            On the 28th of every month at 02:30, counted from 2026-12-28, except from 22:00 to 02:00, at most 4 times from 2026-12-28.

            Trigger  every 1 month at 02:30 from 2026-12-28 except 22:00-02:00 times 4 since 2026-12-28T00:00:00+01:00
            Zone     Europe/Berlin

            Next
              2026-12-28 02:30:00 +01:00  in 32 d 22 h
              2027-01-28 02:30:00 +01:00  in 63 d 22 h
              2027-02-28 02:30:00 +01:00  in 94 d 22 h
              2027-03-28 03:00:00 +02:00  in 122 d 22 h

            When the clock changes
              On 2027-03-28 clocks go forward from 02:00 to 03:00: 02:30 does not exist; it fires at 03:00 instead.
              On 2027-10-31 clocks go back from 03:00 to 02:00: none of its times comes twice.

            """, output);
    }

    [Fact]
    public async Task An_interval_that_begins_now_begins_with_a_whole_second()
    {
        var (_, output, _) = await Tool.Run("explain", "every 20 minutes", "--zone", "UTC");
        Assert.Matches(@"^Every 20 minutes, counted from \d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?\.\n", output);
    }

    [Fact]
    public async Task Chinese_comes_from_the_option_or_from_the_environment()
    {
        string[] arguments = ["explain", "0 9 * * mon-fri", .. Berlin];
        var asked = await Tool.RunWith("", new Dictionary<string, string> { ["LANG"] = "en_US.UTF-8" }, [.. arguments, "--lang", "zh"]);
        Assert.StartsWith("周一至周五 09:00。\n", asked.Output, StringComparison.Ordinal);
        Assert.Equal(asked, await Tool.RunWith("", new Dictionary<string, string> { ["LANG"] = "zh_CN.UTF-8" }, arguments));
        Assert.Equal(asked, await Tool.RunWith("", new Dictionary<string,
            string>
        { ["LC_ALL"] = "zh_TW.UTF-8", ["LANG"] = "en_US.UTF-8", ["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = "1" }, arguments));
        var english = await Tool.RunWith("", new Dictionary<string, string> { ["LC_ALL"] = "C.UTF-8", ["LANG"] = "zh_CN.UTF-8" },
            arguments);
        Assert.StartsWith("At 09:00, Monday to Friday.\n", english.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task As_JSON_it_is_one_document()
    {
        var (exitCode, output, _) = await Tool.Run(["explain", "*/20 2 * * *", "--json", "--count", "1", .. Berlin]);
        var answer = JsonDocument.Parse(output).RootElement;
        Assert.Equal(0, exitCode);
        Assert.Equal("At 02:00, 02:20 and 02:40 every day.", answer.GetProperty("sentence").GetString());
        Assert.Equal(("2026-11-26T02:00:00+01:00", 80_760), (answer.GetProperty("next")[0].GetProperty("at")
            .GetString(), answer.GetProperty("next")[0].GetProperty("in_seconds").GetInt32()));
        Assert.Equal(["moved", "both_passes"], answer.GetProperty("clock_changes").EnumerateArray()
            .Select(change => change.GetProperty("effect").GetString()));
        Assert.Equal("cron", answer.GetProperty("trigger").GetProperty("trigger").GetString());
    }

    [Fact]
    public async Task What_never_fires_is_explained_all_the_same()
    {
        var (exitCode, output, _) = await Tool.Run("explain", "0 0 30 2 *", "--zone", "UTC");
        Assert.Equal(0, exitCode);
        Assert.Contains("It never fires: 30 February does not exist.", output, StringComparison.Ordinal);
        Assert.Contains("Clocks in UTC do not change any more.", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Which_of_the_two_readings_of_day_and_weekday_holds_is_said()
    {
        var (_, output, _) = await Tool.Run(["explain", "0 0 13 * fri", .. Berlin]);
        Assert.StartsWith("On the 13th of the month, but only if it is a Friday, at 00:00.\nThe day of the month and the day of the week must both match; the cron of Unix takes either.\n", output, StringComparison.Ordinal);
    }
}
