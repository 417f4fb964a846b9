using System.Globalization;

namespace Escapement.Triggers;

/// <summary>Reads the text form of triggers into definitions. Part of <see cref="TriggerText"/>.</summary>
/// <remarks>The length of the text and the depth of parentheses are limited.</remarks>
sealed class TriggerTextReader(string text)
{
    readonly TriggerWords words = new(text);

    // The places of the values by field. The empty name stands for the words in front of the limits.
    readonly Dictionary<TriggerDefinition, Dictionary<string, (int Begin, int End)>> places = new(ReferenceEqualityComparer.Instance);

    public TriggerDefinition Read()
    {
        if (ForeignForms.MayBegin(words.Word[0])) ForeignForms.Refuse(text);
        var definition = ReadTrigger(0);
        if (words.IsAtEnd) return definition;
        throw words.Here("is not expected here", words.Is(")")
            ? "there is no parenthesis to close"
            : "behind a trigger can stand from, until, in, except, times, since, jitter, or last day");
    }

    TriggerDefinition ReadTrigger(int depth)
    {
        if (depth > TriggerDefinition.MaxNested)
        {
            throw words.Here("is nested too deep",
                $"at most {TriggerDefinition.MaxNested} levels of and, or and parentheses are allowed");
        }

        var begin = words.Position;
        var isGroup = words.Is("(");
        var definition = isGroup ? ReadGroup(depth) : ReadLead();
        // A trigger alone in parentheses has places of its own.
        if (!places.TryGetValue(definition, out var own))
        {
            places.Add(definition, own = new() { [""] = (begin, words.Position) });
            definition.Placed = failure => Placed(failure, own);
        }

        var isLimited = own.ContainsKey("exclude") || own.ContainsKey("times");
        while (!words.IsAtEnd && ReadLimit(definition, own, isGroup) is { } field)
        {
            if (isLimited && field is "exclude" or "times")
            {
                throw words.At(own[field], "limits a trigger that is limited inside its parentheses already",
                    "put except and times behind one another, without parentheses");
            }
        }

        return definition;
    }

    TriggerDefinition ReadLead() => words.IsAtEnd
        ? throw words.Here("ends where a trigger is expected", "give a cron expression, every …, at …, or a trigger in parentheses")
        : TriggerKinds.OfText(words.Word).ReadWords!(words);

    TriggerDefinition ReadGroup(int depth)
    {
        List<TriggerDefinition> parts = [];
        string? joiner = null;
        do
        {
            if (!words.Take("("))
            {
                throw words.Here((words.IsAtEnd ? "ends where there should be" : "is not") + " a trigger in parentheses",
                    "'and' and 'or' join those: (0 9 * * *) or (0 12 * * sat)");
            }

            parts.Add(ReadTrigger(depth + 1));
            if (!words.Take(")"))
            {
                throw words.Here(words.IsAtEnd ? "ends without a closing parenthesis" : "is not a closing parenthesis", "each ( needs its )");
            }

            if (!words.Is("and") && (!words.Is("or") || words.Is("last", 1))) break;
            var word = words.Word.ToLowerInvariant();
            if (joiner is not null && joiner != word)
            {
                throw words.Here("is mixed with " + joiner, "put parentheses around what belongs together");
            }

            joiner = word;
            words.Position++;
        }
        while (!words.Take("alone"));

        if (joiner is not null) return new(joiner) { { "triggers", parts } };
        return places[parts[0]].TryGetValue("jitter", out var jitter)
            ? throw words.At(jitter, "is inside parentheses", "give it to the whole trigger")
            : parts[0];
    }

    // Returns the field, or null if the next word is no limit.
    string? ReadLimit(TriggerDefinition definition, Dictionary<string, (int Begin, int End)> own, bool isGroup)
    {
        var begin = words.Position;
        var isLastDay = words.Is("or") && words.Is("last", 1) && words.Is("day", 2);
        var (word, field) = isLastDay ? ("or last day", "missing_day")
            : TriggerDefinition.Words.FirstOrDefault(limit => words.Is(limit.Word) && limit.Field != "run_date");
        if (field is null) return null;
        if (own.ContainsKey(field)) throw words.Here("stands there twice", "give it once");
        words.Position += isLastDay ? 3 : 1;
        if (words.IsAtEnd && !isLastDay) throw words.Here("ends where a value is expected", $"{word} needs what it says");
        var value = words.Position;
        definition.Fields[field] = ReadValue(field);
        own[field] = isLastDay ? (begin, words.Position) : (value, words.Position);
        if (!TriggerKinds.Of(definition.Kind).Fields.Contains(field) || (isGroup && field is "start_date" or "end_date" or "missing_day"))
        {
            throw words.At((begin, words.Position), $"is no limit of {(isGroup ? "triggers in parentheses" : $"a trigger of kind {definition.Kind}")}",
                "leave it out, or put it behind a trigger that has such a limit");
        }

        if (field is "start_date" or "end_date" && definition.Kind == CalendarIntervalTrigger.Kind.Name && words.Text(own[field]).Length > 10)
        {
            throw words.At(own[""], "starts and ends on days",
                "write them without a time: from 2041-01-31; the time of day stands behind at");
        }

        return field;
    }

    object ReadValue(string field)
    {
        switch (field)
        {
            case "missing_day":
                return "last";
            case "timezone":
                return words.Next();
            case "exclude":
                return (IReadOnlyList<object>)words.ReadValue("is nothing that can be excluded",
                    "give days, parts of a day and names, with commas between them").Split(',');
            case "times":
                return decimal.TryParse(words.Word, NumberStyles.None, CultureInfo.InvariantCulture, out var times) && words.Next() is not null
                    ? times
                    : throw words.Here("is not a number of times", $"from 1 to {LimitedTrigger.Most}");
            case "jitter":
                var start = words.Position;
                var parts = IntervalParts.Read(words, mayLackNumber: false);
                if (!parts.ContainsKey("months") && !parts.ContainsKey("years"))
                    return IntervalParts.Units.Sum(unit => unit.Length * parts.GetValueOrDefault(unit.Unit)) / 1_000_000m;
                words.Position = start;
                throw words.Here("has a unit without a fixed length", "give seconds, minutes or hours, at most a day");
            default:
                return words.ReadDate();
        }
    }

    // Adds the place in the text.
    FormatException Placed(FormatException failure, Dictionary<string, (int Begin, int End)> own)
    {
        if (failure is not TriggerFormatException fault) return failure;
        var (place, value) = (own.GetValueOrDefault(fault.Field, own[""]), fault.Value.Trim('\''));
        var isListed = fault.Field == "exclude" && (value is "" || !words.Text(place).Contains(value, StringComparison.Ordinal));
        return words.At(place, isListed ? $"cannot be read: {fault.Value} {fault.Problem}" : fault.Problem,
            fault.Field == "timezone" ? char.ToLowerInvariant(fault.Allowed[0]) + fault.Allowed[1..] : fault.Allowed, value);
    }
}
