namespace Escapement.Triggers;

/// <summary>A field of a trigger's definition cannot be read. The message names the field, the value and what is allowed.</summary>
/// <param name="field">The field's name.</param>
/// <param name="value">What was given, as it was written.</param>
/// <param name="problem">What is wrong, without the value and without a full stop.</param>
/// <param name="allowed">What is allowed, or what to do.</param>
/// <param name="inner">The failure that says more; may be null.</param>
public sealed class TriggerFormatException(string field, string value, string problem, string allowed, Exception? inner = null)
    : FormatException($"{field}: {Printable.Shown(value)} {problem}: {allowed}{(allowed.EndsWith('.') || allowed.EndsWith('?') ? "" : ".")}", inner)
{
    /// <summary>The field's name.</summary>
    public string Field { get; } = field;

    /// <summary>What was given, as it was written.</summary>
    public string Value { get; } = value;

    /// <summary>What is allowed.</summary>
    public string Allowed { get; } = allowed;

    /// <summary>What is wrong, without the value.</summary>
    internal string Problem { get; } = problem;

    /// <summary>The same, of a trigger that stands inside another: the place goes before the field's name.</summary>
    internal TriggerFormatException In(string place) => new($"{place}.{Field}", Value, Problem, Allowed, InnerException);
}
