namespace Escapement.Testing.Simulation;

/// <summary>The rules of the protocol, each as it is taken away.</summary>
static class ProtocolRules
{
    public static IReadOnlyList<Without> All { get; } = [];

    /// <summary>The rule of a row of docs/protocol.md.</summary>
    public static Without Of(string letter) => All.FirstOrDefault(rule => rule.Letter == letter)
        ?? throw new FormatException($"'{letter}' is no rule. The rules are {string.Join(", ", All.Select(rule => rule.Letter))}.");
}
