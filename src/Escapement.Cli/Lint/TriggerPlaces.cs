using System.Text.RegularExpressions;
using Escapement.Triggers;

namespace Escapement.Cli.Lint;

/// <summary>
/// Finds the places of the parts and the cron fields of a trigger. The trigger is valid, so all parts exist.
/// </summary>
static class TriggerPlaces
{
    /// <summary>Returns a trigger that was read from a text.</summary>
    /// <param name="trigger">The whole trigger.</param>
    /// <param name="others">The same trigger, read for further job ids. Empty if the job's id does not matter.</param>
    /// <param name="text">The source text of the trigger.</param>
    /// <param name="place">The place of the text.</param>
    public static LintedTrigger OfText(Trigger trigger, IReadOnlyList<Trigger> others, string text, Place place)
    {
        var parts = PartsOf(trigger);
        var groups = Groups(text);
        // Parentheses around a single trigger have no meaning.
        if (groups is [var only]
            && parts.Count != 1)
        {
            return OfText(trigger, others, text[only], place.Part(only, text)) with { Place = place };
        }

        var fields = FieldsOf(trigger, text, place);
        List<LintedTrigger> made = parts.Count == groups.Count ? [.. parts.Select((part, i) =>
            OfText(part, [.. others.Select(other => PartsOf(other)[i])], text[groups[i]], place.Part(groups[i], text)))] : [];
        var isHashed = fields.Any(field => field.Text.Split(',').Any(item => item.TrimStart() is ['H' or 'h', ..]))
            || made.Exists(part => part.ForOtherJobs.Count > 0);
        return new(trigger, place, fields) { Parts = made, ForOtherJobs = isHashed ? others : [] };
    }

    /// <summary>Returns a trigger that was read from fields.</summary>
    public static LintedTrigger OfFields(Trigger trigger, IReadOnlyDictionary<string, PlacedJson> fields, Place place)
    {
        var parts = PartsOf(trigger);
        if (fields.TryGetValue("triggers", out var list) && list.Items.Count == parts.Count)
        {
            return new(trigger, place, [])
            { Parts = [.. parts.Zip(list.Items, (part, item) => OfFields(part, Inside(item), item.Place))] };
        }

        if (TriggerText.Parts(trigger).Core is not CronTrigger) return new(trigger, place, []);
        return fields.TryGetValue("expression", out var expression)
            ? new(trigger, expression.Inner, LintedTrigger.FieldsOf(expression.Text, expression.Inner))
            : new(trigger, place, [.. CronField.All.Where(field => fields.ContainsKey(field.Name))
                .Select(field => new FieldText(field, fields[field.Name].Text, fields[field.Name].Inner))]);
    }

    static IReadOnlyList<Trigger> PartsOf(Trigger trigger) => TriggerText.Parts(trigger).Core.Parts;

    // The contents of the outermost parentheses without surrounding blanks.
    // Empty if the text begins without a parenthesis.
    static List<Range> Groups(string text)
    {
        List<Range> groups = [];
        if (text.AsSpan().TrimStart() is not ['(', ..]) return groups;
        var (depth, start) = (0, 0);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '(' && depth++ == 0) start = i + 1;
            else if (text[i] == ')' && --depth == 0) groups.Add(Trimmed(text, start, i));
        }

        return groups;
    }

    static Range Trimmed(string text, int start, int end)
    {
        while (start < end && char.IsWhiteSpace(text[start])) start++;
        while (end > start && char.IsWhiteSpace(text[end - 1])) end--;
        return start..end;
    }

    static Place Part(this Place place, Range range, string text) =>
        range.GetOffsetAndLength(text.Length) is var (start, length) ? place.Part(start, length) : place;

    static IReadOnlyList<FieldText> FieldsOf(Trigger trigger, string text, Place place)
    {
        if (TriggerText.Parts(trigger).Core is not CronTrigger { Definition: var cron }) return [];
        // The limits follow the expression.
        if (cron.Expression is { } expression)
        {
            return text.IndexOf(expression, StringComparison.Ordinal) is >= 0 and var at
                ? LintedTrigger.FieldsOf(expression, place.Part(at, expression.Length))
                : [];
        }

        return [.. cron.Given!.Select(given => new FieldText(CronField.All.First(field => field.Name == given.Key), given.Value,
            PlaceOf(given.Key, given.Value, text, place)))];
    }

    // The parser removes the blanks before the commas of a list.
    static Place PlaceOf(string name, string value, string text, Place place) =>
        Regex.Match(text, $@"(?<![A-Za-z_]){name}\s*=\s*", RegexOptions.CultureInvariant) is { Success: true } match
            && string.CompareOrdinal(text, match.Index + match.Length, value, 0, value.Length) == 0
            ? place.Part(match.Index + match.Length, value.Length) : place;

    // A trigger may be given as an object in the field trigger of another trigger.
    static Dictionary<string, PlacedJson> Inside(PlacedJson item)
    {
        var fields = item.Properties.ToDictionary(property => property.Name, property => property.Value, StringComparer.Ordinal);
        return (fields.TryGetValue("trigger", out var inner) || fields.TryGetValue("type", out inner)) && inner.Properties.Count > 0
            ? Inside(inner)
            : fields;
    }
}
