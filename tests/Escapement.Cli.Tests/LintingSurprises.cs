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
