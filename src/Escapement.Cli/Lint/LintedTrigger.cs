using Escapement.Triggers;

namespace Escapement.Cli.Lint;

/// <summary>A cron field as it is written, and where.</summary>
readonly record struct FieldText(CronField Field, string Text, Place Place);

/// <summary>A trigger that could be read, with what the rules look at.</summary>
/// <param name="Trigger">The trigger in its zone.</param>
/// <param name="Place">Its text as a whole.</param>
/// <param name="Fields">Its cron fields as they are written; none for a word such as <c>@daily</c> and for other kinds.</param>
/// <param name="IsCrontab">Whether the line was written for another program, whose rules differ.</param>
sealed record LintedTrigger(Trigger Trigger, Place Place, IReadOnlyList<FieldText> Fields, bool IsCrontab)
{
    /// <summary>What an <c>and</c> or an <c>or</c> is made of.</summary>
    public IReadOnlyList<LintedTrigger> Parts { get; init; } = [];

    /// <summary>The same trigger for some other jobs, where it holds an <c>H</c> and no job is given; else none.</summary>
    public IReadOnlyList<Trigger> ForOtherJobs { get; init; } = [];

    /// <summary>Behind a message that shows times.</summary>
    public string Remark => ForOtherJobs.Count > 0 ? " What H stands for is an example here: the job's id decides it (--job-id)." : "";

    /// <summary>The same with other triggers.</summary>
    public LintedTrigger With(Func<Trigger, Trigger> change) =>
        this with { Trigger = change(Trigger), ForOtherJobs = [.. ForOtherJobs.Select(change)] };

    /// <summary>Whether something is so whichever job has the trigger.</summary>
    public bool Always(Func<Trigger, bool> isSo) => isSo(Trigger) && ForOtherJobs.All(isSo);

    static readonly CronField[] InExpression = [CronField.Second, CronField.Minute, CronField.Hour, CronField.Day, CronField.Month,
        CronField.DayOfWeekInExpression];

    /// <summary>The fields of an expression that could be read.</summary>
    public static IReadOnlyList<FieldText> FieldsOf(string expression, Place place)
    {
        var tokens = Tokens(expression);
        return tokens.Count < 5 ? [] : [.. tokens.Select((token, i) => new FieldText(
            InExpression[i + 6 - tokens.Count], expression[token.Start..token.End], place.Length == expression.Length
                ? place.Part(token.Start, token.End - token.Start)
                : place))];
    }

    /// <summary>What stands between blanks.</summary>
    public static List<(int Start, int End)> Tokens(string text)
    {
        List<(int, int)> tokens = [];
        for (var at = 0; at < text.Length;)
        {
            var start = at;
            while (at < text.Length && !char.IsWhiteSpace(text[at])) at++;
            if (at > start) tokens.Add((start, at));
            else at++;
        }

        return tokens;
    }
}
