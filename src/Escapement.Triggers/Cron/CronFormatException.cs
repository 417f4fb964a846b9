namespace Escapement.Triggers;

/// <summary>A trigger's text, or a field of a cron trigger, cannot be read. The message names the value, shows its place, and says what is allowed.</summary>
public sealed class CronFormatException : FormatException
{
    const int Widest = 160;

    /// <summary>Makes the message from its parts.</summary>
    /// <param name="expression">The whole text: an expression, or the value of one field.</param>
    /// <param name="field">The name of the field when <paramref name="expression"/> is only its value.</param>
    /// <param name="position">Where in the text the trouble begins, from 0.</param>
    /// <param name="value">The part of the text that is wrong; may be empty.</param>
    /// <param name="problem">What is wrong, without the value and without a full stop: <c>is not a minute</c>.</param>
    /// <param name="allowed">What is allowed, or what to do.</param>
    public CronFormatException(string expression, string? field, int position, string value, string problem, string allowed)
        : this(expression, field, position, value, "'" + Printable.Shown(value) + "'", problem, allowed)
    {
    }

    /// <summary>Makes the message where the wrong part is not to be quoted: a text that ends too early, or is empty.</summary>
    internal CronFormatException(string expression, string? field, int position, string value, string subject, string problem,
        string allowed)
        : base(Compose(expression, field, position, value, subject, problem, allowed))
    {
        Subject = subject;
        Problem = problem;
        Expression = expression;
        Field = field;
        Position = position;
        Value = value;
        Allowed = allowed;
    }

    /// <summary>The whole text that was read.</summary>
    public string Expression { get; }

    /// <summary>The field's name when the text is the value of one field; null for an expression.</summary>
    public string? Field { get; }

    /// <summary>Where in <see cref="Expression"/> the trouble begins, from 0.</summary>
    public int Position { get; }

    /// <summary>The part that is wrong.</summary>
    public string Value { get; }

    /// <summary>What is allowed there.</summary>
    public string Allowed { get; }

    internal string Problem { get; }

    string Subject { get; }

    /// <summary>The same, of a trigger that stands inside another: the place goes before the field's name.</summary>
    internal CronFormatException In(string place) =>
        new(Expression, Field is null ? place : place + "." + Field, Position, Value, Subject, Problem, Allowed);

    static string Compose(string expression, string? field, int position, string value, string subject, string problem, string allowed)
    {
        // A line break or a tab inside the text would move the caret away from the place that it shows.
        var shown = Printable.Blanked(expression);
        var lead = field is null ? "  " : $"  {field}: ";
        // Of a long text only what is around the place is of use.
        if (shown.Length > Widest)
        {
            var start = Math.Max(0, Math.Min(position - (Widest / 2), shown.Length - Widest));
            lead += start > 0 ? "…" : "";
            var isCut = start + Widest < shown.Length;
            shown = shown.Substring(start, Widest);
            if (isCut) shown += "…";
            position -= start;
        }

        var message = $"{subject} {problem}: {allowed}{(EndsSentence(allowed) ? "" : ".")}";
        if (string.IsNullOrWhiteSpace(expression)) return field is null ? message : $"{field}: {message}";
        var carets = new string('^', Math.Max(1, Math.Min(value.Length, shown.Length - position)));
        return $"{message}\n{lead}{shown}\n{new string(' ', lead.Length + position)}{carets}";
    }

    static bool EndsSentence(string text) => text.Length > 0 && (text[text.Length - 1] is '.' or '?' or '!');
}
