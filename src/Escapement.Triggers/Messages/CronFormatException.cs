namespace Escapement.Triggers;

/// <summary>
/// The exception for a trigger's text, or a field of a cron trigger, that cannot be read. The message names the value,
/// shows its place, and gives the allowed values.
/// </summary>
public sealed class CronFormatException : FormatException
{
    const int Widest = 160;

    /// <summary>Makes the message from its parts.</summary>
    /// <param name="expression">The whole text: an expression, or the value of a field.</param>
    /// <param name="field">
    /// The name of the field if <paramref name="expression"/> is the value of a field, otherwise null.
    /// </param>
    /// <param name="position">The index of the invalid part in the text, from 0.</param>
    /// <param name="value">The invalid part of the text, possibly empty.</param>
    /// <param name="problem">The problem, without the value and without a full stop: <c>is not a minute</c>.</param>
    /// <param name="allowed">The allowed values, or advice.</param>
    public CronFormatException(string expression, string? field, int position, string value, string problem, string allowed)
        : this(expression, field, position, value, "'" + Printable.Shown(value) + "'", problem, allowed)
    {
    }

    /// <summary>
    /// Makes the message without a quotation of the invalid part, for a text that is empty or ends too early.
    /// </summary>
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

    /// <summary>The field's name if the text is the value of a field, or null for an expression.</summary>
    public string? Field { get; }

    /// <summary>The index of the invalid part in <see cref="Expression"/>, from 0.</summary>
    public int Position { get; }

    /// <summary>The invalid part.</summary>
    public string Value { get; }

    /// <summary>The allowed values.</summary>
    public string Allowed { get; }

    internal string Problem { get; }

    string Subject { get; }

    /// <summary>
    /// Returns the same exception for a trigger inside another trigger, with the place in front of the field's name.
    /// </summary>
    internal CronFormatException In(string place) =>
        new(Expression, Field is null ? place : place + "." + Field, Position, Value, Subject, Problem, Allowed);

    static string Compose(string expression, string? field, int position, string value, string subject, string problem, string allowed)
    {
        // A line break or a tab inside the text would shift the caret.
        var shown = Printable.Blanked(expression);
        var lead = field is null ? "  " : $"  {field}: ";
        // A long text is cut to the surroundings of the place.
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
