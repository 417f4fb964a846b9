using System.Text.Json;
using Xunit;

namespace Escapement.Triggers.Tests;

/// <summary>Tests that each kind of trigger has all its forms. A new kind without an example or without words fails by name.</summary>
public sealed class TriggerKindsTests
{
    static readonly TriggerContext Context = new(ZoneClock.Get("Europe/Berlin"), FireTimes.At("2030-01-01"), "job");

    static readonly Dictionary<string, string> Examples = new()
    {
        ["cron"] = "0 9 * * mon-fri except 22:00-06:00 times 5 since 2030-01-01T00:00:00+01:00",
        ["interval"] = "every 20 minutes from 2030-01-01T08:00:00",
        ["calendarinterval"] = "every 3 months at 09:30 from 2030-01-31 or last day",
        ["date"] = "at 2030-05-06T07:08:09",
        ["and"] = "(0 9 * * *) and (0 * * * mon)",
        ["or"] = "(0 9 * * *) or (every 5 minutes from 2030-01-01T00:00:00)",
    };

    [Fact]
    public void Each_kind_has_an_example() =>
        Assert.Equal(TriggerJson.Kinds.Order(StringComparer.Ordinal), Examples.Keys.Order(StringComparer.Ordinal));

    [Fact]
    public void Each_kind_has_a_text_a_JSON_form_and_a_sentence_in_each_language() => Assert.All(Examples, example =>
    {
        var trigger = TriggerText.Parse(example.Value, Context);
        Assert.Equal(example.Value, trigger.ToString());
        var json = FireTimes.Write(trigger, TriggerStyle.Stored);
        Assert.Equal(example.Key, JsonDocument.Parse(json).RootElement.GetProperty("trigger").GetString());
        Assert.Equal(example.Value, FireTimes.Read(json).ToString());
        Assert.All(Enum.GetValues<Language>(), language => Assert.NotEqual("", TriggerSentence.Of(trigger, language)));
    });

    [Fact]
    public void Each_class_of_triggers_occurs_in_an_example()
    {
        static IEnumerable<Trigger> Parts(Trigger trigger) => trigger.Parts.SelectMany(Parts).Prepend(trigger);
        Assert.Equal(typeof(Trigger).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Trigger))).Select(type => type.Name).Order(),
            Examples.Values.SelectMany(text => Parts(TriggerText.Parse(text, Context))).Select(part => part.GetType().Name).Distinct().Order());
    }
}
