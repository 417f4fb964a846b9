using Xunit;

namespace Escapement.Triggers.Tests;

/// <summary>
/// Tests of cases recorded from APScheduler.
/// Where APScheduler is wrong, the cases come from a brute-force evaluation of the rule.
/// </summary>
public sealed class RecordedCaseTests
{
    [Theory]
    [InlineData("cron_fields", 400)]
    [InlineData("crontab", 150)]
    [InlineData("interval", 100)]
    [InlineData("date_and_or", 40)]
    public void Every_trigger_yields_what_was_recorded(string file, int count)
    {
        var cases = Vector.Of(file).ToList();
        Assert.Equal(count, cases.Count);
        Assert.All(cases, recorded => Assert.Equal([recorded.Id, .. recorded.Next], [recorded.Id, .. recorded.Yielded()]));
    }

    /// <summary>
    /// The advice of a message for a field of a cron trigger, as a pattern:
    /// the allowed values, or the correction of a step or a range.
    /// </summary>
    static readonly Dictionary<string, string> AllowedInField = new()
    {
        ["second"] = "seconds go from 0 to 59",
        ["minute"] = "minutes go from 0 to 59",
        ["hour"] = "hours go from 0 to 23",
        ["day"] = "days of the month go from 1 to 31|days of the week go from 0 to 6, 0 is Monday, or by name: mon, ",
        ["week"] = "weeks go from 1 to 53",
        ["month"] = "onths go from 1 to 12, or by name: jan, ",
        ["day_of_week"] = "days of the week go from 0 to 6, 0 is Monday, or by name: mon, ",
        ["expression"] =
            "minutes go from 0 to 59|onths go from 1 to 12, or by name: jan, |days of the week go from 0 to 7, 0 and 7 are Sunday",
    };

    [Fact]
    public void Every_invalid_definition_is_refused_with_its_value_and_what_is_allowed() => Assert.All(Vector.Of("invalid"), recorded =>
    {
        var refused = Assert.ThrowsAny<FormatException>(recorded.Trigger);
        Assert.True(refused is CronFormatException or TriggerFormatException or ZoneNameException, refused.ToString());

        // The last field of each definition is wrong, unless the zone is wrong.
        var (field, value) = refused is ZoneNameException or TriggerFormatException { Field: "timezone" }
            ? ("zone", recorded.Zone)
            : (recorded.Fields[^1].Name, recorded.Fields[^1].Value);
        Assert.Contains(value, refused.Message, StringComparison.Ordinal);
        Assert.Matches(Allowed(field, value), refused.Message);
    });

    static string Allowed(string field, string value) => field switch
    {
        "zone" => @"Did you mean \w+(/\w+)*\?",
        "run_date" or "start_date" or "end_date" => "write it as 2041-05-06 or 2041-05-06 07:08:09",
        "days" or "hours" or "minutes" or "seconds" => "an amount is a JSON number, for example 1.5",
        _ when value.StartsWith("*/0", StringComparison.Ordinal) => "steps begin with 1",
        _ when value.StartsWith("*/", StringComparison.Ordinal) => @"at most \d+ here",
        _ => $"{AllowedInField[field]}{(value.Count(c => c == '-') == 1 ? @"|write it as two parts instead, [\w-]+,[\w-]+\." : "")}",
    };
}
