using System.Text.RegularExpressions;
using Escapement.Triggers;

namespace Escapement.Cli.Lint;

/// <summary>Finds where the parts and the cron fields of a trigger stand. It could be read, so all of them do stand there.</summary>
static class TriggerPlaces
{
    /// <summary>A trigger that was read from a text.</summary>
    /// <param name="trigger">The whole.</param>
    /// <param name="others">The same, read for other jobs; none where no job's id matters.</param>
    /// <param name="text">From which it was read.</param>
    /// <param name="place">Where the text stands.</param>
    public static LintedTrigger OfText(Trigger trigger, IReadOnlyList<Trigger> others, string text, Place place)
    {
        var parts = PartsOf(trigger);
        var groups = Groups(text);
        // Parentheses around one trigger alone say nothing.
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
        return new(trigger, place, fields, IsCrontab: false) { Parts = made, ForOtherJobs = isHashed ? others : [] };
    }

    /// <summary>A trigger that was read from fields.</summary>
    public static LintedTrigger OfFields(Trigger trigger, IReadOnlyDictionary<string, PlacedJson> fields, Place place)
    {
        var parts = PartsOf(trigger);
        if (fields.TryGetValue("triggers", out var list) && list.Items.Count == parts.Count)
        {
            return new(trigger, place, [],
                IsCrontab: false)
            { Parts = [.. parts.Zip(list.Items, (part, item) => OfFields(part, Inside(item), item.Place))] };
        }

        if (TriggerText.Parts(trigger).Core is not CronTrigger) return new(trigger, place, [], IsCrontab: false);
        return fields.TryGetValue("expression", out var expression)
            ? new(trigger, expression.Inner, LintedTrigger.FieldsOf(expression.Text, expression.Inner), IsCrontab: false)
            : new(trigger, place, [.. CronField.All.Where(field => fields.ContainsKey(field.Name))
                .Select(field => new FieldText(field, fields[field.Name].Text, fields[field.Name].Inner))], IsCrontab: false);
    }

    static IReadOnlyList<Trigger> PartsOf(Trigger trigger) => TriggerText.Parts(trigger).Core.Parts;

    // What stands in the outermost parentheses, without the blanks around it; nothing where the text does not begin with one.
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
        // What limits it stands behind it.
        if (cron.Expression is { } expression)
        {
            return text.IndexOf(expression, StringComparison.Ordinal) is >= 0 and var at
                ? LintedTrigger.FieldsOf(expression, place.Part(at, expression.Length))
                : [];
        }

        return [.. cron.Given!.Select(given => new FieldText(CronField.All.First(field => field.Name == given.Key), given.Value,
            PlaceOf(given.Key, given.Value, text, place)))];
    }

    // A list with blanks before its commas is read without them.
    static Place PlaceOf(string name, string value, string text, Place place) =>
        Regex.Match(text, $@"(?<![A-Za-z_]){name}\s*=\s*", RegexOptions.CultureInvariant) is { Success: true } match
            && string.CompareOrdinal(text, match.Index + match.Length, value, 0, value.Length) == 0
            ? place.Part(match.Index + match.Length, value.Length) : place;

    // A trigger may stand as an object in the field trigger of another.
    static Dictionary<string, PlacedJson> Inside(PlacedJson item)
    {
        var fields = item.Properties.ToDictionary(property => property.Name, property => property.Value, StringComparer.Ordinal);
        return (fields.TryGetValue("trigger", out var inner) || fields.TryGetValue("type", out inner)) && inner.Properties.Count > 0
            ? Inside(inner)
            : fields;
    }
}
