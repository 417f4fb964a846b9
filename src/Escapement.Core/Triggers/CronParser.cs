namespace Escapement.Triggers;

/// <summary>Reads cron triggers: fields by name as in APScheduler, and expressions of five or six fields as in cron.</summary>
/// <remarks>
/// The two differ where their origins do: in an expression 0 and 7 are Sunday, a range may wrap (<c>22-2</c>, <c>fri-mon</c>), and <c>L W LW # ? H</c> are known; in a field
/// 0 is Monday, no range wraps, and <c>last</c>, <c>2nd fri</c> and <c>last fri</c> are known. Nothing is accepted because its beginning can be read.
/// </remarks>
public static class CronParser
{
    static readonly CronField[] InExpression =
    {
        CronField.Second, CronField.Minute, CronField.Hour, CronField.Day, CronField.Month, CronField.DayOfWeekInExpression,
    };

    static readonly KeyValuePair<string, string>[] Macros =
    {
        new("@yearly", "0 0 1 1 *"), new("@annually", "0 0 1 1 *"), new("@monthly", "0 0 1 * *"), new("@weekly", "0 0 * * 0"), new("@daily", "0 0 * * *"),
        new("@midnight", "0 0 * * *"), new("@hourly", "0 * * * *"), new("@every_minute", "* * * * *"), new("@every_second", "* * * * * *"),
    };

    /// <summary>Reads fields by name.</summary>
    /// <param name="fields">At least one. A field that is left out is <c>*</c> if it is more significant than the least significant one given, else its minimum; week and day of the week are always <c>*</c>.</param>
    /// <exception cref="CronFormatException">A name or a value cannot be read.</exception>
    public static CronFields ParseFields(IReadOnlyDictionary<string, string> fields)
    {
        var result = new CronFields();
        var leastGiven = -1;
        var found = 0;
        for (var i = 0; i < CronField.All.Count; i++)
        {
            if (!fields.ContainsKey(CronField.All[i].Name)) continue;
            leastGiven = i;
            found++;
        }

        if (found < fields.Count) throw UnknownField(fields);
        if (found == 0) throw new TriggerFormatException("trigger", "a cron trigger", "has no field", "give at least one of the fields " + FieldNames());
        for (var i = 0; i < CronField.All.Count; i++)
        {
            var field = CronField.All[i];
            if (fields.TryGetValue(field.Name, out var text))
            {
                new CronFieldReader(result, field, text, null, isExpression: false).Read(0, text.Length);
            }
            else
            {
                var isEvery = i < leastGiven || field == CronField.Week || field == CronField.DayOfWeek;
                var standsFor = isEvery ? "*" : field.First.ToString(System.Globalization.CultureInfo.InvariantCulture);
                new CronFieldReader(result, field, standsFor, null, isExpression: false).Read(0, standsFor.Length);
            }
        }

        return result;
    }

    /// <summary>Reads an expression of five fields (minute, hour, day, month, day of the week), of six with the second in front, or a word such as <c>@daily</c>.</summary>
    /// <param name="expression">The text; spaces around it are allowed.</param>
    /// <param name="jobId">From which <c>H</c> takes its value; null where there is no job, and <c>H</c> is refused.</param>
    /// <exception cref="CronFormatException">The expression cannot be read.</exception>
    public static CronFields ParseExpression(string expression, string? jobId)
    {
        var fields = Split(expression);
        if (fields.Count == 0) throw new CronFormatException(expression, null, 0, "", "An empty text", "is no cron expression", Shape);
        if (fields.Count == 1 && expression[fields[0].Start] == '@')
        {
            fields = Split(expression = Expand(expression, fields[0].Start, fields[0].End));
        }

        if (fields.Count != 5 && fields.Count != 6)
        {
            var count = fields.Count == 1 ? "1 field" : fields.Count + " fields";
            throw new CronFormatException(
                expression, null, 0, expression, $"has {count}", Shape);
        }

        var result = new CronFields { Seconds = 1 };
        for (var i = 0; i < fields.Count; i++)
        {
            new CronFieldReader(result, InExpression[i + 6 - fields.Count], expression, jobId, isExpression: true).Read(fields[i].Start, fields[i].End);
        }

        return result;
    }

    const string Shape = "an expression has five (minute, hour, day, month, day of the week), or six with the second in front";

    static List<(int Start, int End)> Split(string expression)
    {
        var fields = new List<(int, int)>();
        for (var at = 0; at < expression.Length;)
        {
            if (char.IsWhiteSpace(expression[at]))
            {
                at++;
                continue;
            }

            var start = at;
            while (at < expression.Length && !char.IsWhiteSpace(expression[at])) at++;
            fields.Add((start, at));
        }

        return fields;
    }

    static string Expand(string expression, int start, int end)
    {
        var word = expression.Substring(start, end - start);
        foreach (var macro in Macros)
        {
            if (string.Equals(macro.Key, word, StringComparison.OrdinalIgnoreCase)) return macro.Value;
        }

        var words = Array.ConvertAll(Macros, macro => macro.Key);
        var nearest = Suggestion.Nearest(word, words, 3);
        throw new CronFormatException(
            expression, null, start, word, "is not known", (nearest is null ? "" : $"did you mean {nearest}? ") + "The words are " + string.Join(", ", words));
    }

    static CronFormatException UnknownField(IReadOnlyDictionary<string, string> fields)
    {
        foreach (var name in fields.Keys)
        {
            if (CronField.All.Any(field => field.Name == name)) continue;
            var nearest = Suggestion.Nearest(name, CronField.All.Select(field => field.Name), 2);
            return new(name, null, 0, name, "is not a cron field", (nearest is null ? "" : $"did you mean {nearest}? ") + "The fields are " + FieldNames());
        }

        throw new InvalidOperationException("Every field is known.");
    }

    static string FieldNames() => string.Join(", ", CronField.All.Select(field => field.Name));
}
