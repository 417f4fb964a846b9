using System.Text.Json;
using Xunit;

namespace Escapement.Cli.Tests;

/// <summary>Tests of the warnings of <c>escapement lint</c> and their places.</summary>
public sealed class LintRulesTests
{
    static readonly Dictionary<string,
        string> Zones = new() { ["TZDIR"] = Path.Combine(Path.GetDirectoryName(Tool.Path)!, "../../../../../tests/Vectors/zones") };

    [Theory]
    [InlineData("day_of_week=1, hour=9-17, minute=*/7", "1:13 numeric-weekday", "1:34 uneven-step")]
    [InlineData("hour=9, second=0", "1:1 every-minute")]
    [InlineData("hour=9 ,10, minute=* except holidays", "1:20 every-minute")]
    [InlineData("  month=1,  day=1 , 2,day_of_week=fri,hour=9-17/3", "1:35 day-and-weekday", "1:44 uneven-step")]
    public Task Fields_by_name_are_looked_at_as_an_expression_is(string lines, params string[] expected) => Warns(lines, expected);

    [Theory]
    [InlineData("(0 2 * * *) or (0 9 13 * 1)", "1:2 clock-skips", "1:26 numeric-weekday", "1:26 day-and-weekday")]
    [InlineData("(*/7 * * * *) or (0 9 30 2 *)", "1:2 uneven-step", "1:19 never-fires")]
    [InlineData("0 9 * * *|((0 9 * * *) or ((* 9 * * *) and (0 3 30 2 *))) except 12-25 times 9", "2:35 never-fires")]
    [InlineData("( 30 2 * * * except 12-25 ) or (day=last, hour=9)", "1:3 clock-skips")]
    [InlineData("(H(0-29) 9 * * 1) or (every 5 minutes)", "1:16 numeric-weekday")]
    [InlineData("((30 2 * * *)) except 12-25", "1:1 clock-skips")]
    // If all parts of an or never fire, each part has its own reason.
    [InlineData("(0 0 30 2 *) or (0 0 31 4 *)", "1:2 never-fires", "1:18 never-fires")]
    [InlineData("((0 9 * * *) or (0 12 * * *)) except 00:00-24:00", "1:1 never-fires")]
    // An exclusion from the whole trigger applies to its parts.
    [InlineData("((0 9 * * *) or (0 12 * * *)) except 11:00-13:00", "1:18 never-fires")]
    [InlineData("((0 2 * * *) or (0 9 * * * except 12-25)) except 03:00-04:00, 12-26", "1:3 clock-skips")]
    [InlineData("((0 2 * * *) or (0 9 * * *)) times 5")]
    [InlineData("((0 9 * * *) or (0 12 * * * in Asia/Shanghai)) except 11:00-13:00")]
    // The clock may skip a part of an and without any change to the whole trigger.
    [InlineData("(30 2 * * *) and (* * * * mon-sat)")]
    [InlineData("(30 2 * * *) and (* * * * sun)", "1:1 clock-skips")]
    [InlineData("(every 5 minutes) and (* 9-17 * * mon-fri)")]
    [InlineData("(30 2 * * *) and (every 30 minutes)")]
    [InlineData("(0 9 * * *) and (0 10 * * *)", "1:1 never-fires")]
    public Task What_a_trigger_is_made_of_is_looked_at_too(string lines, params string[] expected) =>
        Warns(lines, expected, "Europe/Berlin");

    [Fact]
    public async Task The_parts_of_a_trigger_in_settings_are_looked_at_where_they_stand()
    {
        const string settings = """
            {"Scheduler": {"Jobs": [
              {"id": "a", "trigger": "or", "triggers": [
                {"trigger": "cron", "hour": 2},
                {"trigger": "cron", "expression": "*/7 * * * *"},
                {"trigger": {"type": "cron", "day_of_week": "1", "hour": "9"}},
                {"trigger": "and", "triggers": [{"trigger": "cron", "day": 30, "month": 2}, {"trigger": "interval", "minutes": 5}]}
              ], "exclude": ["12-25"]}
            ]}}
            """;
        await Warns(settings, ["3:5 clock-skips", "4:40 uneven-step", "5:50 numeric-weekday", "6:37 never-fires"], "Europe/Berlin");
    }

    [Theory]
    [InlineData("every 24 hours from 2026-01-01|(0 0 * * *) or (0 0 1 * *)|0 0 * * *", "1:1 everyone-at-midnight")]
    [InlineData("hour=0|0 0 * * sat times 3|((0 0 * * *) and (* * * * mon)) except 12-25", "1:1 everyone-at-midnight")]
    [InlineData("0 */6 * * *|0,30 0,12 * * *|0 0 * * mon-fri", "1:1 everyone-at-midnight")]
    // An ended trigger has no time of day, and a trigger that fires once meets no other trigger again.
    [InlineData("0 0 30 2 *|0 0 31 2 *|0 0 31 4 *|year=2026, month=1", "1:1 never-fires", "2:1 never-fires", "3:1 never-fires",
        "4:1 never-fires")]
    [InlineData("at 2027-01-01|at 2027-02-01|at 2027-03-01")]
    // The unlimited triggers have further times.
    [InlineData("*/5 * * * * times 3|*/5 * * * * times 2|@hourly times 1")]
    [InlineData("0 * * * *|(0 0 1 * *) or (0 9 * * *)|every 12 hours from 2026-01-01T01:00:00|0 0 * * * in Asia/Shanghai except 00:00-01:00", "4:1 never-fires")]
    public Task A_crowd_at_midnight_is_told_by_its_fire_times(string lines, params string[] expected) => Warns(lines, expected);

    [Theory]
    [InlineData("*/7 9,10 * * *", "1:1 uneven-step: */7 begins anew with each hour: 56 is followed by 0, a step of 4.")]
    [InlineData("*/7 0,23 * * *", "1:1 uneven-step: */7 begins anew with each hour: 56 is followed by 0, a step of 4.")]
    [InlineData("0 */5 * * sat,sun", "1:3 uneven-step: */5 begins anew with each day: 20 is followed by 0, a step of 4.")]
    [InlineData("*/7 59,0 3,4 * * *", "1:1 uneven-step: */7 begins anew with each minute: 56 is followed by 0, a step of 4.")]
    [InlineData("0 0 */2 12,1 *", "1:5 uneven-step: */2 begins anew with each month, and months differ in length.")]
    [InlineData("0 0 1 */5 *", "1:7 uneven-step: */5 begins anew with each year: 11 is followed by 1, a step of 2.")]
    [InlineData("week=*/10, hour=9", "1:6 uneven-step: */10 begins anew with each year, which has 52 or 53 weeks.")]
    [InlineData("0 0 * * */2", "1:9 uneven-step: */2 begins anew with each week: sat is followed by sun, a step of 1.")]
    [InlineData("0 9 * * fri-mon/2", "1:9 uneven-step: fri-mon/2 ends with sun; mon is not reached.")]
    [InlineData("0 9 1 jan-jun/2 *", "1:7 uneven-step: jan-jun/2 ends with may; jun is not reached.")]
    [InlineData("0 9 * * mon-sun/2", "1:9 uneven-step: mon-sun/2 begins anew with each week: sun is followed by mon, a step of 1.")]
    [InlineData("H/7 * * * *", "1:1 uneven-step: H/7 begins anew with each hour, which 7 does not divide.")]
    [InlineData("0 22-4/4 * * *", "1:3 uneven-step: 22-4/4 ends with 2; 4 is not reached.")]
    // The next hour does not follow.
    [InlineData("*/7 2 * * *")]
    [InlineData("*/7 2,14 * * *")]
    [InlineData("*/7 0,23 1 * *")]
    [InlineData("0 */5 * * mon,wed")]
    [InlineData("*/7 30 * * * *")]
    [InlineData("0 0 */2 2 *")]
    [InlineData("year=2030, month=*/5")]
    [InlineData("year=2030, month=7, day=*, hour=*/5",
        "1:33 uneven-step: */5 begins anew with each day: 20 is followed by 0, a step of 4.")]
    [InlineData("day_of_week=tue, hour=*/5, minute=*/7")]
    [InlineData("0 20/2 * * *")]
    [InlineData("0 9-23/3 * * *")]
    [InlineData("0 9 * * mon-sat/3", "1:9 uneven-step: mon-sat/3 ends with thu; sat is not reached.")]
    // Another part of the list contains the missing value.
    [InlineData("0 9-17/3,17 * * *")]
    [InlineData("*/7,58 * * * *")]
    public async Task A_step_is_uneven_where_its_next_value_comes_too_early_or_never(string trigger, params string[] expected)
    {
        var findings = await Findings(trigger, "UTC", "2026-11-25");
        Assert.Equal(expected,
            findings.Select(finding =>
            $"{finding.GetProperty("line")}:{finding.GetProperty("column")} {finding.GetProperty("name")}: {finding.GetProperty("message")}"));
    }

    [Theory]
    [InlineData("0 9 * * 0-6")]
    [InlineData("0 9 * * 0-7")]
    [InlineData("0 9 * * 1-7")]
    [InlineData("0 9 * * 1,2,3,4,5-7")]
    [InlineData("day_of_week=0-6, hour=9")]
    [InlineData("0 9 * * 1-6", "1:9 numeric-weekday")]
    [InlineData("0 9 * * 1-7/2", "1:9 uneven-step", "1:9 numeric-weekday")]
    public Task A_number_for_a_day_of_the_week_misleads_unless_it_is_every_day(string lines, params string[] expected) =>
        Warns(lines, expected);

    [Fact]
    public async Task Fields_without_a_blank_are_a_trigger_on_the_command_line()
    {
        var (exitCode, output, _) = await Tool.Run("lint", "hour=9,minute=*", "--zone", "UTC", "--from", "2026-11-25");
        Assert.Equal(0, exitCode);
        Assert.StartsWith("arguments:1:15: warning[every-minute]", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0 * * * * except 03:00-04:00", "1:1 clock-skips")]
    [InlineData("*/15 * * * * except 12-25, 03:00-03:10", "1:1 clock-skips")]
    [InlineData("(0 * * * *) or (0 9 * * mon) except 03:00-04:00", "1:2 clock-skips")]
    // The skipped time would not have fired either.
    [InlineData("0 * * * * except 22:00-06:00")]
    [InlineData("0 2,9 * * * except 02:00-04:00")]
    [InlineData("0 * * * * except 02:00-03:00")]
    [InlineData("0 * * * *")]
    public Task A_time_that_is_lost_at_a_change_is_told_of_what_runs_around_the_clock_as_well(string lines, params string[] expected) =>
        Warns(lines, expected, "Europe/Berlin", "2027-01-01");

    [Theory]
    [InlineData("H 2 * * *", "1:1 clock-skips")]
    [InlineData("(H H(2-2) * * *) or (0 9 * * *)", "1:2 clock-skips")]
    [InlineData("(H 2 * * *) and (* * * * sun)", "1:1 clock-skips")]
    [InlineData("H 9 13 * fri", "1:10 day-and-weekday")]
    [InlineData("(H 9 * * *) or (0 10 * * *) except holidays")]
    [InlineData("H(10-20) 9 * * * except 09:00-10:00", "1:1 never-fires")]
    // The result differs for another job.
    [InlineData("30 H * * *")]
    [InlineData("H 9 * * * except 09:20-09:30")]
    [InlineData("H H * * *|H 0 * * *|0 H(0-3) * * *|0 H(0-1) * * *")]
    public async Task What_H_is_for_one_job_is_said_of_all_only_where_it_is_so(string lines, params string[] expected)
    {
        await Warns(lines, expected, "Europe/Berlin");
        Assert.All(await Findings(lines, "Europe/Berlin", "2026-11-25"), finding =>
            Assert.EndsWith(" What H stands for is an example here: the job's id decides it (--job-id).", finding.GetProperty("message")
            .GetString(), StringComparison.Ordinal));
        Assert.All(await Findings(lines, "Europe/Berlin", "2026-11-25", "--job-id", "report"), finding =>
            Assert.DoesNotContain("example", finding.GetProperty("message").GetString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Beside_a_part_with_H_another_is_as_it_is()
    {
        var finding = Assert.Single(await Findings("(H 9 * * *) or (30 2 * * *)", "Europe/Berlin", "2026-11-25"));
        Assert.EndsWith("(Europe/Berlin)", finding.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    static async Task Warns(string lines, string[] expected, string zone = "UTC", string from = "2026-11-25")
    {
        var findings = await Findings(lines, zone, from);
        Assert.Equal(expected,
            findings.Select(finding => $"{finding.GetProperty("line")}:{finding.GetProperty("column")} {finding.GetProperty("name")}"));
    }

    static async Task<List<JsonElement>> Findings(string lines, string zone, string from, params string[] more)
    {
        var (_, output, _) = await Tool.RunWith(lines.Replace('|', '\n') + "\n", Zones,
            ["lint", "-", "--json", "--zone", zone, "--from", from, .. more]);
        return [.. JsonDocument.Parse(output).RootElement.GetProperty("findings").EnumerateArray()];
    }
}
