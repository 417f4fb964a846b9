using Escapement.Triggers;
using Xunit;

namespace Escapement.Core.Tests.Triggers;

/// <summary>The cases that were recorded from APScheduler, and from a brute-force reading of the rule where it slips.</summary>
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

    [Fact]
    public void Every_invalid_definition_is_refused_with_its_value_and_what_is_allowed() => Assert.All(Vector.Of("invalid"), recorded =>
    {
        var refused = Assert.ThrowsAny<FormatException>(recorded.Trigger);
        Assert.True(refused is CronFormatException or TriggerFormatException or ZoneNameException, refused.ToString());
    });
}
