using System.Text.Json;
using Xunit;

namespace Escapement.Cli.Tests;

/// <summary>Which warnings <c>escapement lint</c> gives, and where.</summary>
public sealed class LintingSurprises
{
    [Theory]
    [InlineData("day_of_week=1, hour=*/5, minute=*/7", "1:13 numeric-weekday", "1:21 uneven-step", "1:33 uneven-step")]
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
    // Of an or all of whose parts never fire each says why.
    [InlineData("(0 0 30 2 *) or (0 0 31 4 *)", "1:2 never-fires", "1:18 never-fires")]
    [InlineData("((0 9 * * *) or (0 12 * * *)) except 00:00-24:00", "1:1 never-fires")]
    // What is left out of the whole is left out of its parts.
    [InlineData("((0 9 * * *) or (0 12 * * *)) except 11:00-13:00", "1:18 never-fires")]
    [InlineData("((0 2 * * *) or (0 9 * * * except 12-25)) except 03:00-04:00, 12-26", "1:3 clock-skips")]
    [InlineData("((0 9 * * *) or (0 12 * * * in Asia/Tokyo)) except 11:00-13:00")]
    // The clock may skip a part of an and without any change to the whole.
    [InlineData("(30 2 * * *) and (* * * * mon-sat)")]
    [InlineData("(30 2 * * *) and (* * * * sun)", "1:1 clock-skips")]
    [InlineData("(every 5 minutes) and (* 9-17 * * mon-fri)")]
    [InlineData("(30 2 * * *) and (every 30 minutes)")]
    [InlineData("(0 9 * * *) and (0 10 * * *)", "1:1 never-fires")]
    public Task What_a_trigger_is_made_of_is_looked_at_too(string lines, params string[] expected) => Warns(lines, expected, "Europe/Berlin");

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
    // What is over is at no time, and what fires once meets nobody again.
    [InlineData("0 0 30 2 *|0 0 31 2 *|0 0 31 4 *|year=2026, month=1", "1:1 never-fires", "2:1 never-fires", "3:1 never-fires", "4:1 never-fires")]
    [InlineData("at 2027-01-01|at 2027-02-01|at 2027-03-01")]
    // They have other times.
    [InlineData("0 * * * *|(0 0 1 * *) or (0 9 * * *)|every 12 hours from 2026-01-01T01:00:00|0 0 * * * in Asia/Tokyo except 00:00-01:00", "4:1 never-fires")]
    public Task A_crowd_at_midnight_is_told_by_its_fire_times(string lines, params string[] expected) => Warns(lines, expected);

    static async Task Warns(string lines, string[] expected, string zone = "UTC", string from = "2026-11-25")
    {
        var findings = await Findings(lines, zone, from);
        Assert.Equal(expected, findings.Select(finding => $"{finding.GetProperty("line")}:{finding.GetProperty("column")} {finding.GetProperty("name")}"));
    }

    static async Task<List<JsonElement>> Findings(string lines, string zone, string from)
    {
        var (_, output, _) = await Tool.RunWith(lines.Replace('|', '\n') + "\n", null, "lint", "-", "--json", "--zone", zone, "--from", from);
        return [.. JsonDocument.Parse(output).RootElement.GetProperty("findings").EnumerateArray()];
    }
}
