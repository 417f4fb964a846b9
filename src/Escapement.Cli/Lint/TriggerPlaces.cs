using System.Text.RegularExpressions;
using Escapement.Triggers;

namespace Escapement.Cli.Lint;

/// <summary>Finds where in a text, which could be read as a trigger, its cron fields stand.</summary>
static class TriggerPlaces
{
    /// <summary>A trigger that was read from a text.</summary>
    public static LintedTrigger OfText(Trigger trigger, string text, Place place, bool isCrontab) => new(trigger, place, FieldsOf(trigger, text, place), isCrontab);

    static IReadOnlyList<FieldText> FieldsOf(Trigger trigger, string text, Place place)
    {
        if (TriggerText.Parts(trigger).Core is not CronTrigger { Definition: var cron }) return [];
        // What limits it stands behind it.
        if (cron.Expression is { } expression) return text.IndexOf(expression, StringComparison.Ordinal) is >= 0 and var at ? LintedTrigger.FieldsOf(expression, place.Part(at, expression.Length)) : [];
        return [.. cron.Given!.Select(given => new FieldText(CronField.All.First(field => field.Name == given.Key), given.Value, PlaceOf(given.Key, given.Value, text, place)))];
    }

    // A list with blanks before its commas is read without them.
    static Place PlaceOf(string name, string value, string text, Place place) =>
        Regex.Match(text, $@"(?<![A-Za-z_]){name}\s*=\s*", RegexOptions.CultureInvariant) is { Success: true } match && string.CompareOrdinal(text, match.Index + match.Length, value, 0, value.Length) == 0
            ? place.Part(match.Index + match.Length, value.Length) : place;
}
