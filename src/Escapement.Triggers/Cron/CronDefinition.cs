namespace Escapement.Triggers;

/// <summary>A cron trigger as the user wrote it, with what it was read into: an expression, or fields by name.</summary>
public sealed class CronDefinition
{
    // A string or the given fields.
    readonly object written;

    CronDefinition(CronFields fields, object written) => (Fields, this.written) = (fields, written);

    /// <summary>The bit sets.</summary>
    public CronFields Fields { get; }

    /// <summary>The expression; null when fields were given.</summary>
    public string? Expression => written as string;

    /// <summary>The given fields by name, the most significant first; null when an expression was given.</summary>
    public IReadOnlyDictionary<string, string>? Given => written as IReadOnlyDictionary<string, string>;

    /// <summary>Reads an expression.</summary>
    /// <param name="expression">Five or six fields, or a word such as <c>@daily</c>.</param>
    /// <param name="jobId">From which <c>H</c> takes its value.</param>
    /// <exception cref="CronFormatException">It cannot be read.</exception>
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
