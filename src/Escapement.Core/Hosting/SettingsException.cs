namespace Escapement;

/// <summary>The settings, or what they declare, cannot be used: the program must not start. The message lists every fault, each with the key, the value and what is allowed.</summary>
public sealed class SettingsException : Exception
{
    /// <summary>Makes one message of all faults.</summary>
    /// <param name="faults">One sentence or more each; at least one.</param>
    public SettingsException(IReadOnlyList<string> faults)
        : base(faults is [var only]
            ? only
            : $"{faults.Count} settings cannot be used:\n" + string.Join('\n', faults.Select(fault => "  " + fault)))
        => Faults = faults;

    /// <summary>The faults, one by one.</summary>
    public IReadOnlyList<string> Faults { get; }

    /// <summary>The message alone: it is written for who reads the log of a start that failed.</summary>
    public override string ToString() => Message;
}
