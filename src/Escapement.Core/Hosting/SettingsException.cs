namespace Escapement;

/// <summary>Thrown if the settings or their declarations are invalid, so that the program must not start. The message
/// lists every error, with the key, the value and the allowed values.</summary>
public sealed class SettingsException : Exception
{
    /// <summary>Creates a message with all errors.</summary>
    /// <param name="faults">The errors, each a sentence or more. At least one error.</param>
    public SettingsException(IReadOnlyList<string> faults)
        : base(faults is [var only]
            ? only
            : $"{faults.Count} settings or declarations cannot be used:\n" + string.Join('\n', faults.Select(fault => "  " + fault)))
        => Faults = faults;

    /// <summary>The errors.</summary>
    public IReadOnlyList<string> Faults { get; }

    /// <summary>Returns only the message, which is written for the log of a failed start.</summary>
    public override string ToString() => Message;
}
