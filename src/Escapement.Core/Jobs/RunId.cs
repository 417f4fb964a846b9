using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Escapement.Triggers;

namespace Escapement.Jobs;

/// <summary>The key of a run in a store: the fire time, the job's number, and a number that distinguishes enqueued
/// runs.</summary>
/// <remarks>The order of the parts is the order of the key, so that runs written together are stored together. In JSON,
/// routes and logs, the key is the text of <see cref="ToString"/>.</remarks>
[JsonConverter(typeof(RunIdJson))]
public readonly record struct RunId : IParsable<RunId>
{
    /// <summary>Creates the key of a run.</summary>
    public RunId(long fireTime, long job, long number) => (FireTime, Job, Number) = (fireTime, job, number);

    /// <summary>The fire time in microseconds since 1970-01-01 UTC.</summary>
    public long FireTime { get; }

    /// <summary>The job's number in its store, above zero.</summary>
    public long Job { get; }

    /// <summary>0 for a fire time of the trigger, above zero for an enqueued run.</summary>
    public long Number { get; }

    /// <summary>Returns the form for addresses: <c>job-firetime-number</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Job}-{FireTime}-{Number}");

    /// <summary>Parses the form of <see cref="ToString"/>.</summary>
    /// <exception cref="FormatException">The text is not the id of a run.</exception>
    public static RunId Parse(string? text) => TryParse(text, out var id) ? id : throw new FormatException(
        $"The run id is '{Printable.Shown(text ?? "", 60)}'; the text that RunAsync, RunsAsync and REST return is allowed, such as 7-1800000000000000-1.");

    static RunId IParsable<RunId>.Parse(string s, IFormatProvider? provider) => Parse(s);

    static bool IParsable<RunId>.TryParse(string? s, IFormatProvider? provider, out RunId result) => TryParse(s, out result);

    /// <summary>Parses the form of <see cref="ToString"/>.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out RunId id)
    {
        id = default;

        // A fire time before 1970 begins with a minus sign.
        if (text is null || text.IndexOf('-', StringComparison.Ordinal) is not (> 0 and var first) || text.LastIndexOf('-') is var last
            && last <= first + 1)
        {
            return false;
        }

        if (!long.TryParse(text.AsSpan(0, first), NumberStyles.None, CultureInfo.InvariantCulture, out var job) || job < 1
            || !long.TryParse(text.AsSpan(first + 1, last - first - 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture,
                out var fireTime)
            || !long.TryParse(text.AsSpan(last + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        var read = new RunId(fireTime, job, number);

        // A leading zero or a plus sign is not canonical.
        if (read.ToString() != text) return false;
        id = read;
        return true;
    }
}

/// <summary>Writes and reads the id of a run as JSON text.</summary>
sealed class RunIdJson : JsonConverter<RunId>
{
    /// <inheritdoc/>
    public override RunId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        RunId.TryParse(reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName ? reader.GetString() : null, out var id)
            ? id
            : throw new JsonException("The id of a run is a text such as 7-1800000000000000-1.");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, RunId value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());

    /// <inheritdoc/>
    public override RunId ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Read(ref reader, typeToConvert, options);

    /// <inheritdoc/>
    public override void WriteAsPropertyName(Utf8JsonWriter writer, RunId value, JsonSerializerOptions options) =>
        writer.WritePropertyName(value.ToString());
}
