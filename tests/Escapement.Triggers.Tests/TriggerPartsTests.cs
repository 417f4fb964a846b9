using Xunit;

namespace Escapement.Triggers.Tests;

/// <summary>Tests of the parts of a trigger, and of the same trigger with other parts.</summary>
public sealed class TriggerPartsTests
{
    static readonly ZoneClock Zone = ZoneClock.Utc;

    static readonly Dictionary<string, NamedDates> Known = new() { ["holidays"] = new("holidays", ["2041-01-01"]) };

    static Trigger Of(string text) =>
        TriggerText.Parse(text, new(Zone, new(2041, 5, 6, 0, 0, 0, TimeSpan.Zero)) { Dates = Known });

    [Theory]
    [InlineData("0 9 * * *", 0)]
    [InlineData("every 20 minutes", 0)]
    [InlineData("every 1 month at 09:30", 0)]
    [InlineData("at 2041-05-06", 0)]
    [InlineData("(0 9 * * *) and (0 9 1 * *)", 2)]
    [InlineData("(0 9 * * *) or (0 12 * * *) or (0 15 * * *)", 3)]
    [InlineData("0 9 * * * except holidays", 1)]
    [InlineData("0 9 * * * times 3", 1)]
    public void A_trigger_has_the_parts_of_which_it_is_made(string text, int parts) => Assert.Equal(parts, Of(text).Parts.Count);

    [Theory]
    [InlineData("((0 9 * * *) and (0 9 1 * *)) jitter 5 seconds", "((0 10 * * *) and (0 10 * * *)) jitter 5 seconds")]
    [InlineData("((0 9 * * *) or (0 9 1 * *)) jitter 5 seconds", "((0 10 * * *) or (0 10 * * *)) jitter 5 seconds")]
    [InlineData("0 9 * * * except holidays jitter 5 seconds", "0 10 * * * except holidays jitter 5 seconds")]
    [InlineData("0 9 * * * times 3 jitter 5 seconds", "0 10 * * * times 3 jitter 5 seconds")]
    public void With_other_parts_all_else_stays(string text, string expected)
    {
        var trigger = Of(text);
        Assert.Equal(Of(expected).ToString(), trigger.WithParts([.. trigger.Parts.Select(_ => Of("0 10 * * *"))]).ToString());
    }

    [Fact]
    public void With_its_own_parts_a_trigger_is_the_same_object()
    {
        var trigger = Of("(0 9 * * *) or (0 12 * * *)");
        Assert.Same(trigger, trigger.WithParts([.. trigger.Parts]));
        Assert.Throws<ArgumentException>(() => trigger.WithParts([trigger]));
    }

    [Fact]
    public void Excluded_dates_are_found_in_all_parts() =>
        Assert.Equal(["holidays", "holidays"],
            Of("((0 9 * * * except holidays) or (0 12 * * *)) except holidays times 4").ExcludedDates.Select(dates => dates.Name));
}
