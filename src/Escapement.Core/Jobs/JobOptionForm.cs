using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Escapement.Triggers;

namespace Escapement.Jobs;

/// <summary>The form of an option's values: the allowed values, and their conversion from and to JSON.</summary>
abstract class JobOptionForm
{
    /// <summary>The end of an error message after <c>priority is "high"; </c>, without its full stop.</summary>
    public abstract string Allowed { get; }

    /// <summary>True if a value is a text, even if the text looks like a number.</summary>
    public virtual bool IsText => false;

    /// <summary>True if a value is a list of texts, even if a text looks like a number.</summary>
    public virtual bool IsListOfTexts => false;

    /// <summary>Converts JSON from settings or REST. Returns null for an invalid value.</summary>
    public abstract object? Read(JsonElement value);

    /// <summary>Converts a value given by a program to its stored form. Returns null for an invalid value.</summary>
    public virtual object? Take(object value) => value;

    /// <summary>Writes a value.</summary>
    public abstract void Write(Utf8JsonWriter writer, object value);

    /// <summary>Returns the fields of a stored document that contain the option.</summary>
    public virtual IEnumerable<string> StoredNames(string name) => [name];

    /// <summary>Writes a value into a stored document.</summary>
    public virtual void Store(Utf8JsonWriter writer, string name, object value)
    {
        writer.WritePropertyName(name);
        Write(writer, value);
    }

    /// <summary>Reads the value from a stored document. Returns null if the document does not contain the
    /// option.</summary>
    /// <exception cref="FormatException">The value is invalid. The message names the field.</exception>
    public virtual object? ReadStored(JsonElement document, string name) =>
        !document.TryGetProperty(name, out var value) ? null : Read(value) ?? throw Fault(name, value);

    /// <summary>Returns the exception for an invalid value.</summary>
    protected FormatException Fault(string name, JsonElement value) => new($"{name} is {Shown(value)}; {Allowed}.");

    /// <summary>Returns the text of a value, or null for any other kind of value and for half a surrogate
    /// pair.</summary>
    public static string? TextOf(JsonElement value)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Returns true if a text is not blank, within its limit, and printable.</summary>
    protected static bool IsPrintable([NotNullWhen(true)] string? text, int max) =>
        !string.IsNullOrWhiteSpace(text) && text.Length <= max && Printable.FirstHidden(text) is null;

    /// <summary>Returns a value for messages, shortened.</summary>
    public static string Shown(JsonElement value) => Printable.Shown(value.GetRawText());
}

/// <summary>true or false.</summary>
sealed class TruthForm : JobOptionForm
{
    /// <inheritdoc/>
    public override string Allowed => "true and false are allowed";

    /// <inheritdoc/>
    public override object? Read(JsonElement value) =>
        value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : null;

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, object value) => writer.WriteBooleanValue((bool)value);
}

/// <summary>A whole number within a range.</summary>
/// <param name="min">The smallest number.</param>
/// <param name="max">The largest number.</param>
/// <param name="allowed">The end of the message about an invalid value.</param>
/// <param name="isOptional">True if a job may have no number: null in JSON, 0 in C#.</param>
sealed class NumberForm(int min, int max, string allowed, bool isOptional = false) : JobOptionForm
{
    /// <inheritdoc/>
    public override string Allowed => allowed;

    /// <inheritdoc/>
    public override object? Read(JsonElement value) =>
        isOptional && value.ValueKind == JsonValueKind.Null ? 0
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= min ? Take(number) : null;

    /// <inheritdoc/>
    public override object? Take(object value) =>
        value is int number && ((isOptional && number == 0) || (number >= min && number <= max)) ? value : null;

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, object value)
    {
        if (isOptional && value is 0) writer.WriteNullValue();
        else writer.WriteNumberValue((int)value);
    }
}

/// <summary>A text of printable characters.</summary>
/// <param name="max">The maximum length in characters.</param>
/// <param name="allowed">The end of the message about an invalid value.</param>
/// <param name="isOptional">True if a job may have no text: null in JSON, the empty text in C#.</param>
sealed class TextForm(int max, string allowed, bool isOptional = false) : JobOptionForm
{
    /// <inheritdoc/>
    public override string Allowed => allowed;

    /// <inheritdoc/>
    public override bool IsText => true;

    /// <inheritdoc/>
    public override object? Read(JsonElement value) =>
        isOptional && value.ValueKind == JsonValueKind.Null ? "" : TextOf(value) is { Length: > 0 } text ? Take(text) : null;

    /// <inheritdoc/>
    public override object? Take(object value) =>
        value is string text && ((isOptional && text is "") || IsPrintable(text, max)) ? text : null;

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, object value) => writer.WriteStringValue((string)value);
}

/// <summary>A list of different texts of printable characters. Null in JSON is the empty list.</summary>
/// <param name="maxCount">The maximum number of texts.</param>
/// <param name="maxLength">The maximum length of a text in characters.</param>
/// <param name="allowed">The end of the message about an invalid value.</param>
sealed class TextListForm(int maxCount, int maxLength, string allowed) : JobOptionForm
{
    /// <inheritdoc/>
    public override string Allowed => allowed;

    /// <inheritdoc/>
    public override bool IsListOfTexts => true;

    /// <inheritdoc/>
    public override object? Read(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => TextList.Empty,
        JsonValueKind.Array => Take(value.EnumerateArray().Select(TextOf)),
        _ => null,
    };

    /// <inheritdoc/>
    public override object? Take(object value)
    {
        if (value is not IEnumerable<string?> texts) return null;
        string?[] list = [.. texts.Take(maxCount + 1)];
        return list.Length <= maxCount && Array.TrueForAll(list, text => IsPrintable(text, maxLength) && text.Trim() == text)
            && list.Distinct().Count() == list.Length
            ? new TextList(list!)
            : null;
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, object value)
    {
        writer.WriteStartArray();
        foreach (var text in (TextList)value) writer.WriteStringValue(text);
        writer.WriteEndArray();
    }
}

/// <summary>The misfire grace: whole seconds or null in settings and REST, microseconds or a word in a stored
/// document.</summary>
sealed class GraceForm : JobOptionForm
{
    const string Microseconds = "grace_microseconds", Word = "grace", UntilNext = "until_next", Unlimited = "unlimited";

    /// <inheritdoc/>
    public override string Allowed => "positive whole seconds are allowed, or null for however late";

    /// <inheritdoc/>
    public override object? Read(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => MisfireGrace.Unlimited,
        JsonValueKind.Number when value.TryGetInt32(out var seconds) && seconds > 0 => MisfireGrace.Of(TimeSpan.FromSeconds(seconds)),
        _ => null,
    };

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, object value)
    {
        if (((MisfireGrace)value).Limit is not { } limit) writer.WriteNullValue();
        else if (limit.Ticks % TimeSpan.TicksPerSecond == 0) writer.WriteNumberValue(limit.Ticks / TimeSpan.TicksPerSecond);
        else writer.WriteNumberValue(limit.Ticks / (decimal)TimeSpan.TicksPerSecond);
    }

    /// <inheritdoc/>
    public override IEnumerable<string> StoredNames(string name) => [Microseconds, Word];

    /// <inheritdoc/>
    public override void Store(Utf8JsonWriter writer, string name, object value)
    {
        var grace = (MisfireGrace)value;
        if (grace.Limit is { } limit) writer.WriteNumber(Microseconds, Math.Max(1, limit.Ticks / TimeSpan.TicksPerMicrosecond));
        else writer.WriteString(Word, grace.IsUntilNext ? UntilNext : Unlimited);
    }

    /// <inheritdoc/>
    public override object? ReadStored(JsonElement document, string name)
    {
        if (document.TryGetProperty(Microseconds, out var limit))
        {
            return limit.ValueKind == JsonValueKind.Number && limit.TryGetInt64(out var micros)
                && micros is > 0 and <= long.MaxValue / TimeSpan.TicksPerMicrosecond
                ? MisfireGrace.Of(new TimeSpan(micros * TimeSpan.TicksPerMicrosecond))
                : throw new FormatException($"{Microseconds} is {Shown(limit)}; positive whole microseconds are allowed.");
        }

        if (!document.TryGetProperty(Word, out var word)) return null;
        return word.ValueKind == JsonValueKind.String && word.ValueEquals(UntilNext) ? MisfireGrace.UntilNext
            : word.ValueKind == JsonValueKind.String && word.ValueEquals(Unlimited) ? MisfireGrace.Unlimited
            : throw new FormatException($"{Word} is {Shown(word)}; {UntilNext} and {Unlimited} are allowed.");
    }
}

/// <summary>A duration of zero or more: seconds in JSON, or a word for as long as the history keeps the run.</summary>
sealed class KeyLastsForm : JobOptionForm
{
    const string History = "history";

    /// <inheritdoc/>
    public override string Allowed => $"seconds from 0 are allowed, or \"{History}\" for as long as the history keeps the run";

    /// <inheritdoc/>
    public override object? Read(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String when value.ValueEquals(History) => TimeSpan.MaxValue,
        JsonValueKind.Number when value.TryGetDecimal(out var seconds) && seconds is >= 0 and < long.MaxValue / TimeSpan.TicksPerSecond =>
            new TimeSpan((long)(seconds * TimeSpan.TicksPerSecond)),
        _ => null,
    };

    /// <inheritdoc/>
    public override object? Take(object value) => value is TimeSpan span && span >= TimeSpan.Zero ? value : null;

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, object value)
    {
        var span = (TimeSpan)value;
        if (span == TimeSpan.MaxValue) writer.WriteStringValue(History);
        else if (span.Ticks % TimeSpan.TicksPerSecond == 0) writer.WriteNumberValue(span.Ticks / TimeSpan.TicksPerSecond);
        else writer.WriteNumberValue(span.Ticks / (decimal)TimeSpan.TicksPerSecond);
    }
}
