namespace Escapement.Triggers;

/// <summary>
/// The exception for a field of a trigger's definition that cannot be read. The message names the field, the value and
/// the allowed values.
/// </summary>
/// <param name="field">The field's name.</param>
/// <param name="value">The value as written.</param>
/// <param name="problem">The problem, without the value and without a full stop.</param>
/// <param name="allowed">The allowed values, or advice.</param>
/// <param name="inner">The failure with more details, or null.</param>
public sealed class TriggerFormatException(string field, string value, string problem, string allowed, Exception? inner = null)
    : FormatException($"{field}: {Printable.Shown(value)} {problem}: {allowed}{(allowed.EndsWith('.') || allowed.EndsWith('?') ? "" : ".")}", inner)
{
    /// <summary>The field's name.</summary>
    public string Field { get; } = field;

    /// <summary>The value as written.</summary>
    public string Value { get; } = value;

    /// <summary>The allowed values.</summary>
    public string Allowed { get; } = allowed;

    /// <summary>The problem, without the value.</summary>
    internal string Problem { get; } = problem;

    /// <summary>
    /// Returns the same exception for a trigger inside another trigger, with the place in front of the field's name.
    /// </summary>
    internal TriggerFormatException In(string place) => new($"{place}.{Field}", Value, Problem, Allowed, InnerException);
}
