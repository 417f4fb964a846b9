using Escapement.Jobs;
using Escapement.Triggers;

namespace Escapement.Engine;

/// <summary>What the program and its settings declare.</summary>
/// <param name="Jobs">The jobs.</param>
/// <param name="SwitchedOff">Those of them that a setting switches off: id, and the key that does it.</param>
sealed record Declarations(IReadOnlyList<Job> Jobs, IReadOnlyDictionary<JobId, string> SwitchedOff)
{
    /// <summary>Those whose first fire time is not their trigger's; it holds when the declaration is new or has changed.</summary>
    public IReadOnlyDictionary<JobId, DeclaredStart> Starts { get; init; } = new Dictionary<JobId, DeclaredStart>();

    /// <summary>The named sets of days that triggers can exclude.</summary>
    public IReadOnlyDictionary<string, NamedDates> ExcludedDates { get; init; } = new Dictionary<string, NamedDates>();

    /// <summary>No jobs.</summary>
    public static Declarations None { get; } = new([], new Dictionary<JobId, string>());
}

/// <summary>How a declared job begins: <c>next_run_time</c> in the settings.</summary>
/// <param name="Next">The first fire time; null for none.</param>
/// <param name="Paused">Whether it begins paused.</param>
sealed record DeclaredStart(DateTimeOffset? Next, bool Paused);
