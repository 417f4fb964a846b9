using System.Text.RegularExpressions;

namespace Escapement.Triggers;

/// <summary>
/// Recognizes the forms in which other products write a schedule, so that the error can suggest the right form.
/// </summary>
static class ForeignForms
{
    static readonly Regex Wrapper = new(@"^\s*@?(cron|rate|at|scheduled)\s*\((.*)\)\s*;?\s*$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.Singleline);

    static readonly Regex Key = new(
        @"^\s*(?:-\s+)?[""']?(cron|schedule|expression|cronExpression)[""']?\s*(?::|\s=\s|=(?=[""']))\s*(.+?)\s*,?\s*$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);

    static readonly Regex ZoneInFront = new(@"^\s*((?:CRON_)?TZ=[""']?([^\s""']*)[""']?)\s+(.+?)\s*$", RegexOptions.CultureInvariant);

    static readonly Regex Every = new(@"^\s*@every\s+(\S+)\s*$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);

    static readonly Regex Duration = new(@"^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$", RegexOptions.CultureInvariant);

    static readonly Regex Rate = new(@"^[1-9]\d* (?:minute|hour|day)s?$", RegexOptions.CultureInvariant);

    static readonly Regex Weekday = new(@"(?<![/#\d])[1-7](?!\d)", RegexOptions.CultureInvariant);

    static readonly Regex OneYear = new(@"^(\d{4})(?:-(\d{4}))?$", RegexOptions.CultureInvariant);

    /// <summary>
    /// Returns whether a text with this first character may be in such a form. No cron expression begins with a letter
    /// other than H.
    /// </summary>
    public static bool MayBegin(char first) => char.IsLetter(first) ? first is not ('H' or 'h') : first is '"' or '\'' or '-' or '@';

    /// <summary>Throws for a text in another product's form.</summary>
    /// <exception cref="CronFormatException">The message names the product and suggests the right form.</exception>
    public static void Refuse(string text)
    {
        if (Wrapper.Match(text) is { Success: true } wrapper) throw Wrapped(text, wrapper.Groups[1].Value, wrapper.Groups[2].Value.Trim());
        if (ZoneInFront.Match(text) is { Success: true } zoned)
        {
            var (zone, rest) = (zoned.Groups[2].Value, zoned.Groups[3].Value);
            throw new CronFormatException(text, null, zoned.Groups[1].Index, zoned.Groups[1].Value,
                "gives a zone in front of the expression",
                $"write {Translated(rest) ?? rest} in {zone}, or give the zone apart from the expression: --zone {zone}, in JSON the field timezone");
        }

        if (Every.Match(text) is { Success: true } every)
        {
            throw new CronFormatException(text, null, 0, text.Trim(), "is the form of Go's cron packages for an interval",
                Interval(every.Groups[1].Value) is { } interval
                    ? $"write {interval}"
                    : "write the interval in words, for example every 5 minutes");
        }

        if (Key.Match(text) is { Success: true } key && Unquoted(key.Groups[2].Value) is var inner && LooksLikeFields(inner))
        {
            throw new CronFormatException(text, null, 0, text.Trim(), "is an expression with its key",
                $"write the expression alone: {Translated(inner) ?? inner}");
        }
    }

    /// <summary>
    /// Makes the error for six fields with <c>?</c> as a day in AWS: the minute is first and the year last.
    /// </summary>
    public static CronFormatException Aws(string expression) => new(expression, null, 0, expression.Trim(),
        "has its fields in the order of AWS, with the minute first and the year last", Advice(expression));

    /// <summary>
    /// Makes the error for seven fields, as in Quartz with the year, or in programs with both the second and the year.
    /// </summary>
    public static CronFormatException SevenFields(string expression)
    {
        var year = Fields(expression)[6];
        return new(expression, null, expression.LastIndexOf(year, StringComparison.Ordinal), year,
            "is a seventh field, which is the year in Quartz and is not known here", Advice(expression));
    }

    static CronFormatException Wrapped(string text, string name, string inner)
    {
        name = name.ToLowerInvariant();
        if (name == "scheduled")
        {
            inner = Key.Match(inner) is { Success: true } key ? Unquoted(key.Groups[2].Value) : Unquoted(inner);
            return new(text, null, 0, text.Trim(), "is the annotation of Spring", Advice(inner));
        }

        inner = Unquoted(inner);
        var advice = name switch
        {
            "rate" when Rate.IsMatch(inner) => $"write every {inner}",
            "rate" => "write an interval of at least one minute, for example every 5 minutes",
            "at" => $"write at {inner}",
            _ => Advice(inner, isAws: Fields(inner).Length == 6),
        };
        return new(text, null, 0, text.Trim(), $"is the form {name}(...) of AWS, which is not known here", advice);
    }

    static string Advice(string expression, bool isAws = false) => Translated(expression, isAws) is { } translated ? $"write {translated}"
        : "write the expression alone, in the order minute, hour, day, month, day of the week, with the second in front if there is one; "
            + "the years stand behind it, for example from 2030-01-01 until 2030-12-31";

    // Returns the expression in this product's order and with names for days of the week, or null if the result
    // cannot be read.
    static string? Translated(string expression, bool isAws = false)
    {
        var fields = Fields(expression);
        isAws |= fields.Length == 6 && (fields[2] == "?" || fields[4] == "?");
        var year = isAws || fields.Length == 7 ? fields[fields.Length - 1] : "*";
        if (isAws || fields.Length == 7) fields = fields.Take(fields.Length - 1).ToArray();
        if (fields.Length is not (5 or 6)) return null;
        // Among the dialects with a seventh field, only Quartz has these characters.
        if (isAws || QuartzDialect.IsMeant(fields[fields.Length - 3], fields[fields.Length - 1]))
        {
            fields[fields.Length - 1] = QuartzDialect.WithNames(fields[fields.Length - 1]);
        }

        var translated = string.Join(" ", fields.Select(field => field == "?" ? "*" : field));
        if (year is not ("*" or "?"))
        {
            var years = OneYear.Match(year);
            if (!years.Success) return null;
            var last = years.Groups[2].Success ? years.Groups[2].Value : years.Groups[1].Value;
            translated += $" from {years.Groups[1].Value}-01-01 until {last}-12-31T23:59:59";
        }

        return CronExpressionReader.CanRead(string.Join(" ", fields.Select(field => field == "?" ? "*" : field))) ? translated : null;
    }

    static string? Interval(string duration)
    {
        var match = Duration.Match(duration);
        if (!match.Success || duration.IndexOfAny(['1', '2', '3', '4', '5', '6', '7', '8', '9']) < 0) return null;
        string[] units = { "hour", "minute", "second" };
        var parts = units.Select((unit, i) => (Unit: unit, match.Groups[i + 1].Value)).Where(part => part.Value.Length > 0)
            .Where(part => part.Value.Trim('0').Length > 0).Select(part => $"{part.Value} {part.Unit}{(part.Value == "1" ? "" : "s")}");
        return "every " + string.Join(" ", parts);
    }

    static bool LooksLikeFields(string text) => text.StartsWith('@') || Fields(text).Length is >= 5 and <= 7;

    static string[] Fields(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    static string Unquoted(string text) =>
        text.Length >= 2 && text[0] is '"' or '\'' && text[text.Length - 1] == text[0] ? text.Substring(1, text.Length - 2).Trim() : text;

    /// <summary>The numbers of the days of the week in Quartz and AWS: 1 is Sunday.</summary>
    internal static class QuartzDialect
    {
        /// <summary>
        /// Returns whether days of the month and of the week are written as only Quartz and its followers do.
        /// </summary>
        public static bool IsMeant(string day, string weekday) =>
            day.IndexOfAny(['?', 'L', 'l', 'W', 'w']) >= 0 || weekday.IndexOfAny(['?', '#', 'L', 'l']) >= 0;

        static readonly Regex Step = new(@"^([1-7])/(\d+)$", RegexOptions.CultureInvariant);

        /// <summary>Returns the days by name, as Quartz numbers the days.</summary>
        public static string WithNames(string weekday) =>
            weekday is "L" or "l" ? "sat" : string.Join(",", weekday.Split(',').Select(WithName));

        // A step from a number ends with Saturday, which is 7. Here the same step ends with Sunday.
        static string WithName(string part)
        {
            if (Step.Match(part) is not { Success: true } step || !int.TryParse(step.Groups[2].Value, out var days) || days == 0)
            {
                return Weekday.Replace(part, match => CronField.DayOfWeekInExpression.Names[match.Value[0] - '1']);
            }

            var first = part[0] - '1';
            return string.Join(",", Enumerable.Range(first, 7 - first).Where(day => (day - first) % days == 0)
                .Select(day => CronField.DayOfWeekInExpression.Names[day]));
        }
    }
}
