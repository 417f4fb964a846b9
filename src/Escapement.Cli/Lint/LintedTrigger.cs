using Escapement.Triggers;

namespace Escapement.Cli.Lint;

/// <summary>A cron field as written, with its place.</summary>
readonly record struct FieldText(CronField Field, string Text, Place Place);

/// <summary>A parsed trigger with the details for the rules.</summary>
/// <param name="Trigger">The trigger in its zone.</param>
/// <param name="Place">The place of the whole text.</param>
/// <param name="Fields">
/// The cron fields as written. Empty for a word such as <c>@daily</c> and for other kinds of triggers.
/// </param>
/// <param name="Dialect">The program that reads the file, whose rules may differ.</param>
sealed record LintedTrigger(Trigger Trigger, Place Place, IReadOnlyList<FieldText> Fields, CronDialect Dialect = CronDialect.Escapement)
{
    /// <summary>Gets a value indicating whether Escapement reads the file, so that all its forms may be recommended.</summary>
    public bool IsOurs => Dialect == CronDialect.Escapement;

    /// <summary>Gets the parts of an <c>and</c> or an <c>or</c>.</summary>
    public IReadOnlyList<LintedTrigger> Parts { get; init; } = [];

    /// <summary>
    /// Gets the same trigger for several more job ids if the trigger
    /// contains an <c>H</c> and no job is given. Empty otherwise.
    /// </summary>
    public IReadOnlyList<Trigger> ForOtherJobs { get; init; } = [];

    /// <summary>Gets the text that follows a message with example times.</summary>
    public string Remark => ForOtherJobs.Count == 0 ? ""
        : IsOurs ? " What H stands for is an example here: the job's id decides it (--job-id)."
        : " What ~ stands for is an example here.";

    /// <summary>Returns a copy with changed triggers.</summary>
    public LintedTrigger With(Func<Trigger, Trigger> change) =>
        this with { Trigger = change(Trigger), ForOtherJobs = [.. ForOtherJobs.Select(change)] };

    /// <summary>Returns true if a condition holds for every possible job of the trigger.</summary>
    public bool Always(Func<Trigger, bool> isSo) => isSo(Trigger) && ForOtherJobs.All(isSo);

    static readonly CronField[] InExpression = [CronField.Second, CronField.Minute, CronField.Hour, CronField.Day, CronField.Month,
        CronField.DayOfWeekInExpression];

    /// <summary>Returns the fields of a valid expression.</summary>
    public static IReadOnlyList<FieldText> FieldsOf(string expression, Place place)
    {
        var tokens = Tokens(expression);
        return tokens.Count < 5 ? [] : [.. tokens.Select((token, i) => new FieldText(
            InExpression[i + 6 - tokens.Count], expression[token.Start..token.End], place.Length == expression.Length
                ? place.Part(token.Start, token.End - token.Start)
                : place))];
    }

    /// <summary>Returns the words between blanks.</summary>
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
