namespace Escapement.Triggers;

/// <summary>
/// Keeps a cron trigger as the user wrote it, an expression or fields by name, together with the parsed fields.
/// </summary>
public sealed class CronDefinition
{
    // A string or the given fields.
    readonly object written;

    CronDefinition(CronFields fields, object written) => (Fields, this.written) = (fields, written);

    /// <summary>The bit sets.</summary>
    public CronFields Fields { get; }

    /// <summary>The expression, or null when fields were given.</summary>
    public string? Expression => written as string;

    /// <summary>The given fields by name, the most significant first, or null when an expression was given.</summary>
    public IReadOnlyDictionary<string, string>? Given => written as IReadOnlyDictionary<string, string>;

    /// <summary>Reads an expression.</summary>
    /// <param name="expression">Five or six fields, or a word such as <c>@daily</c>.</param>
    /// <param name="jobId">The text from which <c>H</c> takes its value.</param>
    /// <exception cref="CronFormatException">The expression cannot be read.</exception>
    public static CronDefinition FromExpression(string expression, string? jobId = null) =>
        new(CronParser.ParseExpression(expression, jobId), expression.Trim());

    /// <summary>Reads fields by name.</summary>
    /// <exception cref="CronFormatException">A name or a value cannot be read.</exception>
    public static CronDefinition FromFields(IReadOnlyDictionary<string, string> fields)
    {
        var read = CronParser.ParseFields(fields);
        var ordered = new OrderedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var field in CronField.All)
        {
            if (fields.TryGetValue(field.Name, out var text)) ordered.Add(field.Name, text.Trim());
        }

        return new(read, ordered);
    }

    /// <inheritdoc/>
    public override string ToString() => Expression ?? string.Join(", ", Given!.Select(field => $"{field.Key}={field.Value}"));
}
