using System.Text.Json;
using System.Text.Json.Serialization;
using Escapement.Triggers;

namespace Escapement.Jobs;

/// <summary>The id of a job: a text of 1 to 255 printable characters.</summary>
[JsonConverter(typeof(JobIdJson))]
public readonly record struct JobId : IComparable<JobId>
{
    /// <summary>The maximum length in characters.</summary>
    public const int MaxLength = 255;

    JobId(string value) => Value = value;

    /// <summary>The text.</summary>
    /// <exception cref="InvalidOperationException">The value is the default of the struct.</exception>
    public string Value { get => field ?? throw new InvalidOperationException("This JobId was never given a value."); }

    /// <summary>Parses an id.</summary>
    /// <exception cref="FormatException">The text is empty, too long, or contains an unprintable character. The message
    /// names the character.</exception>
    public static JobId Parse(string? text)
    {
        if (string.IsNullOrWhiteSpace(text)) throw new FormatException("A job id is empty. Use 1 to 255 printable characters.");
        if (text.Length > MaxLength)
        {
            throw new FormatException(
                $"The job id '{Printable.Shown(text, 32)}' has {text.Length} characters; at most {MaxLength} are allowed.");
        }

        if (Printable.FirstHidden(text) is { } hidden)
        {
            throw new FormatException($"The job id '{Printable.Shown(text)}' holds the character {hidden}. Use printable characters.");
        }

        return new(text);
    }

    /// <inheritdoc/>
    public int CompareTo(JobId other) => string.CompareOrdinal(Value, other.Value);

    /// <inheritdoc/>
    public override string ToString() => Value;

    /// <summary>Ordinal order of the texts.</summary>
    public static bool operator <(JobId left, JobId right) => left.CompareTo(right) < 0;

    /// <summary>Ordinal order of the texts.</summary>
    public static bool operator <=(JobId left, JobId right) => left.CompareTo(right) <= 0;

    /// <summary>Ordinal order of the texts.</summary>
    public static bool operator >(JobId left, JobId right) => left.CompareTo(right) > 0;

    /// <summary>Ordinal order of the texts.</summary>
    public static bool operator >=(JobId left, JobId right) => left.CompareTo(right) >= 0;
}

/// <summary>Writes and reads the id of a job as JSON text.</summary>
sealed class JobIdJson : JsonConverter<JobId>
{
    /// <inheritdoc/>
    public override JobId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        try
        {
            return JobId.Parse(reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName ? reader.GetString() : null);
        }
        catch (FormatException e)
        {
            throw new JsonException(e.Message);
        }
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, JobId value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);

    /// <inheritdoc/>
    public override JobId ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Read(ref reader, typeToConvert, options);

    /// <inheritdoc/>
    public override void WriteAsPropertyName(Utf8JsonWriter writer, JobId value, JsonSerializerOptions options) =>
        writer.WritePropertyName(value.Value);
}
