using System.Runtime.CompilerServices;

namespace Escapement.Triggers;

/// <summary>
/// Reads cron triggers: fields by name as in APScheduler, and expressions of five or six fields as in cron.
/// </summary>
/// <remarks>
/// The two forms differ as their origins do. In an expression, 0 and 7 are Sunday, a range may wrap (<c>22-2</c>,
/// <c>fri-mon</c>), and <c>L W LW # ? H</c> are known. In a field, 0 is Monday, no range wraps, and <c>last</c>,
/// <c>2nd fri</c> and <c>last fri</c> are known. Both forms reject a text if only its beginning can be read.
/// </remarks>
public static class CronParser
{
    static readonly KeyValuePair<string, string>[] Macros =
    {
        new("@yearly", "0 0 1 1 *"), new("@annually", "0 0 1 1 *"), new("@monthly", "0 0 1 * *"), new("@weekly", "0 0 * * 0"),
        new("@daily", "0 0 * * *"),
        new("@midnight", "0 0 * * *"), new("@hourly", "0 * * * *"), new("@every_minute", "* * * * *"), new("@every_second", "* * * * * *"),
    };

    /// <summary>Reads fields by name.</summary>
    /// <param name="fields">
    /// At least one field. An omitted field is <c>*</c> if a less significant field is given, and its minimum
    /// otherwise. Week and day of the week are <c>*</c> when omitted.
    /// </param>
    /// <exception cref="CronFormatException">A name or a value cannot be read.</exception>
    public static CronFields ParseFields(IReadOnlyDictionary<string, string> fields)
    {
        CheckNames(fields.Keys);
        var found = fields.Count;
        if (found == 0)
        {
            throw new TriggerFormatException("trigger", "a cron trigger", "has no field",
                "give at least one of the fields " + FieldNames());
        }

        // The most significant first: an omitted field takes every value only if a less significant field follows.
        var reader = new CronFieldReader(jobId: null, isExpression: false);
        Read(ref reader, CronField.Year);
        var draft = new CronDraft { Months = (uint)Read(ref reader, CronField.Month), Days = (uint)Read(ref reader, CronField.Day) };
        var weeks = Read(ref reader, CronField.Week);
        if (weeks != CronFields.AllWeeks) (reader.SpecialOrNull ??= new()).Weeks = weeks;
        draft.DaysOfWeek = (byte)Read(ref reader, CronField.DayOfWeek);
        draft.Hours = (uint)Read(ref reader, CronField.Hour);
        draft.Minutes = Read(ref reader, CronField.Minute);
        draft.Seconds = Read(ref reader, CronField.Second);
        (draft.Special, draft.FiresInBothPasses) = (reader.SpecialOrNull, reader.FiresInBothPasses);
        return draft.ToFields();

        ulong Read(ref CronFieldReader reader, CronField field)
        {
            if (fields.TryGetValue(field.Name, out var text))
            {
                found--;
            }
            else
            {
                var isEvery = found > 0 || field == CronField.Week || field == CronField.DayOfWeek;
                text = isEvery ? "*" : field.First.ToString(System.Globalization.CultureInfo.InvariantCulture);
            }

            // Any white space is allowed around the word, as in APScheduler, but only spaces inside.
            var start = text.Length - text.AsSpan().TrimStart().Length;
            return reader.Read(field, text, (start, Math.Max(start, text.AsSpan().TrimEnd().Length)));
        }
    }

    /// <summary>
    /// Reads an expression of five fields (minute, hour, day, month, day of the week), of six fields with the second in
    /// front, or a word such as <c>@daily</c>.
    /// </summary>
    /// <param name="expression">The text. Spaces around the text are allowed.</param>
    /// <param name="jobId">
    /// The text from which <c>H</c> takes its value. Without a job the value is null, and <c>H</c> is rejected.
    /// </param>
    /// <exception cref="CronFormatException">The expression cannot be read.</exception>
    [SkipLocalsInit]
    public static CronFields ParseExpression(string expression, string? jobId)
    {
        Span<(int Start, int End)> places = stackalloc (int, int)[CronExpressionReader.MaxFields];
        var count = CronExpressionReader.Split(expression, places);
        if (count == 0) throw new CronFormatException(expression, null, 0, "", "An empty text", "is no cron expression", Shape);
        if (count == 1 && expression[places[0].Start] == '@')
        {
            return ParseExpression(Expand(expression, places[0].Start, places[0].End), jobId);
        }

        if (expression[places[0].Start] is < '*' or > '9' || count != 5) RefuseForeign(expression, count, places);
        return CronExpressionReader.Read(expression, places.Slice(0, count), jobId);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static void RefuseForeign(string expression, int count, Span<(int Start, int End)> places)
    {
        if (ForeignForms.MayBegin(expression[places[0].Start])) ForeignForms.Refuse(expression);
        if (count == 7) throw ForeignForms.SevenFields(expression);
        if (count == CronExpressionReader.MaxFields && (IsQuestionMark(expression, places[2]) || IsQuestionMark(expression, places[4])))
        {
            throw ForeignForms.Aws(expression);
        }

        if (count is not (5 or CronExpressionReader.MaxFields))
        {
            throw new CronFormatException(expression, null, 0, expression, count == 1 ? "has 1 field" : $"has {count} fields", Shape);
        }
    }

    static bool IsQuestionMark(string expression, (int Start, int End) place) =>
        expression[place.Start] == '?' && place.End - place.Start == 1;

    const string Shape = "an expression has five (minute, hour, day, month, day of the week), or six with the second in front";

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
            expression, null, start, word, "is not a word that is known",
                (nearest is null ? "the" : $"did you mean {nearest}? The") + " words are " + string.Join(", ", words));
    }

    /// <summary>Splits fields in a single text: <c>day=1st mon, last fri, hour=9</c>.</summary>
    /// <exception cref="CronFormatException">A name is unknown or stands there twice.</exception>
    internal static Dictionary<string, string> SplitFields(string given)
    {
        Dictionary<string, string> fields = new(StringComparer.Ordinal);
        string? name = null;
        foreach (var piece in given.Split(','))
        {
            var equals = piece.IndexOf('=');
            if (equals < 0)
            {
                // A comma separates fields only if a name and = follow.
                fields[name!] += "," + piece;
                continue;
            }

            name = piece.Substring(0, equals).Trim();
            if (fields.ContainsKey(name))
            {
                throw new CronFormatException(given, null, given.LastIndexOf(name + "=", StringComparison.Ordinal), name,
                    "stands there twice", "give each field once");
            }

            fields.Add(name, piece.Substring(equals + 1).Trim());
        }

        CheckNames(fields.Keys);
        return fields;
    }

    static void CheckNames(IEnumerable<string> names)
    {
        foreach (var name in names)
        {
            if (CronField.All.Any(field => field.Name == name)) continue;
            var nearest = Suggestion.Nearest(name, CronField.All.Select(field => field.Name), 2);
            throw new CronFormatException(name, null, 0, name, "is not a cron field",
                (nearest is null ? "the" : $"did you mean {nearest}? The") + " fields are " + FieldNames());
        }
    }

    static string FieldNames() => string.Join(", ", CronField.All.Select(field => field.Name));
}
