using System.Text.RegularExpressions;

namespace Escapement.Triggers;

/// <summary>Compares the meaning of cron fields in other programs.</summary>
public static class CronComparison
{
    static readonly Regex ShortName = new("sun|mon|tue|wed|thu|fri|sat", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);

    static readonly Regex QuartzNumber = new(@"(?<![/#\d])[1-7](?!\d)", RegexOptions.CultureInvariant);

    /// <summary>
    /// Returns a sentence if another program fires on more days, because a match of either day field is enough there. Returns
    /// null otherwise.
    /// </summary>
    /// <param name="fields">The fields of the trigger.</param>
    /// <param name="day">The text of the day of the month, or null if the field is missing.</param>
    /// <param name="weekday">The text of the day of the week, or null if the field is missing.</param>
    /// <param name="language">The language of the sentence.</param>
    /// <param name="program">The name of the program, or null for the cron of Unix.</param>
    public static string? Days(CronFields fields, string? day, string? weekday, Language language, string? program = null)
    {
        if (IsStar(day) || IsStar(weekday)) return null;
        var (allDays, allWeekdays) = (fields.Days == CronFields.AllDays, fields.DaysOfWeek == CronFields.AllDaysOfWeek);
        // If both fields match every day, either field does too.
        if (allDays && allWeekdays) return null;
        var isEvery = allDays || allWeekdays;
        return language == Language.Chinese
            ? $"日和星期必须同时满足；{program ?? "Unix 的 cron"} 则满足其一即可{(isEvery ? "，因此每天触发" : "")}。"
            : $"The day of the month and the day of the week must both match; {program ?? "the cron of Unix"} takes either{(isEvery ? " and fires every day" : "")}.";
    }

    /// <summary>
    /// Returns the days of the week by name, here and in Quartz, or null if the text is not in Quartz's form or has no
    /// number.
    /// </summary>
    /// <param name="texts">
    /// The fields of an expression. An expression without six fields is not in Quartz's form.
    /// </param>
    public static (string Here, string InQuartz)? Quartz(IReadOnlyList<string> texts)
    {
        if (texts.Count != 6 || !ForeignForms.QuartzDialect.IsMeant(texts[3], texts[5])) return null;
        var weekday = texts[5];
        // Quartz has no day 0, so a text with a 0 was not written for Quartz.
        if (!QuartzNumber.IsMatch(weekday) || Regex.IsMatch(weekday, @"(?<![/#\d])0", RegexOptions.CultureInvariant)) return null;
        var here = QuartzNumber.Replace(weekday, match => CronField.DayOfWeekInExpression.Names[(match.Value[0] - '0') % 7]);
        return (here, ForeignForms.QuartzDialect.WithNames(weekday));
    }

    /// <summary>
    /// Returns sentences on how other programs read a trigger, or null if other programs read the same.
    /// </summary>
    /// <param name="definition">The trigger as written.</param>
    /// <param name="language">The language of the sentences.</param>
    public static string? Remark(CronDefinition definition, Language language)
    {
        List<string> remarks = [];
        var texts = definition.Expression?.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) ?? [];
        var (day, weekday) = texts.Length >= 5 ? (texts[^3], texts[^1])
            : (definition.Given?.GetValueOrDefault("day"), definition.Given?.GetValueOrDefault("day_of_week"));
        if (Days(definition.Fields, day, weekday, language) is { } both) remarks.Add(both);
        if (Quartz(texts) is { } quartz)
        {
            remarks.Add(language == Language.Chinese
                ? $"在 Quartz 中 1 表示周日：{texts[^1]} 在那里是 {quartz.InQuartz}，在这里是 {quartz.Here}。"
                : $"In Quartz 1 is Sunday: {texts[^1]} is {Spoken(quartz.InQuartz)} there, and {Spoken(quartz.Here)} here.");
        }

        return remarks.Count == 0 ? null : string.Join(language == Language.Chinese ? "" : " ", remarks);
    }

    /// <summary>Returns days of the week in English words: <c>mon-fri</c> is Monday to Friday.</summary>
    /// <param name="weekdays">Names of days with ranges, lists, steps, <c>L</c> and <c>#</c>.</param>
    public static string Spoken(string weekdays)
    {
        var parts = weekdays.Split(',').Select(part =>
        {
            var days = ShortName.Replace(part, match => Enum.GetNames<DayOfWeek>()
                .First(name => name.StartsWith(match.Value, StringComparison.OrdinalIgnoreCase)));
            if (days.EndsWith('L')) return "the last " + days[..^1] + " of the month";
            if (days.Split('#') is [var day, var nth]) return $"{day} number {nth} of the month";
            return days.Replace("-", " to ", StringComparison.Ordinal).Replace("/", " in steps of ", StringComparison.Ordinal);
        }).ToList();
        return parts.Count == 1 ? parts[0] : string.Join(", ", parts[..^1]) + " and " + parts[^1];
    }

    static bool IsStar(string? text) => text is null || text.Contains('*', StringComparison.Ordinal) || text == "?";
}
