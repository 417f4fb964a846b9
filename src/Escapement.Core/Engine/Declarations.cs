using Escapement.Jobs;

namespace Escapement.Engine;

/// <summary>What the program and its settings declare.</summary>
/// <param name="Jobs">The jobs.</param>
/// <param name="SwitchedOff">Those of them that a setting switches off: id, and the key that does it.</param>
public sealed record Declarations(IReadOnlyList<Job> Jobs, IReadOnlyDictionary<JobId, string> SwitchedOff)
{
    /// <summary>No jobs.</summary>
    public static Declarations None { get; } = new([], new Dictionary<JobId, string>());
}
