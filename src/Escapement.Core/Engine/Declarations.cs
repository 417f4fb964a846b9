using Escapement.Jobs;
using Escapement.Triggers;

namespace Escapement.Engine;

/// <summary>The declarations of the program and its settings.</summary>
/// <param name="Jobs">The jobs.</param>
/// <param name="SwitchedOff">The jobs switched off by a setting, with the key of the setting.</param>
sealed record Declarations(IReadOnlyList<Job> Jobs, IReadOnlyDictionary<JobId, string> SwitchedOff)
{
    /// <summary>
    /// The jobs whose first fire time differs from their trigger's. Applied when a declaration is new or has changed.
    /// </summary>
    public IReadOnlyDictionary<JobId, DeclaredStart> Starts { get; init; } = new Dictionary<JobId, DeclaredStart>();

    /// <summary>The named sets of days that triggers can exclude.</summary>
    public IReadOnlyDictionary<string, NamedDates> ExcludedDates { get; init; } = new Dictionary<string, NamedDates>();

    /// <summary>No jobs.</summary>
    public static Declarations None { get; } = new([], new Dictionary<JobId, string>());
}

/// <summary>The start of a declared job: <c>next_run_time</c> in the settings.</summary>
/// <param name="Next">The first fire time, or null for none.</param>
/// <param name="Paused">Whether the job starts paused.</param>
sealed record DeclaredStart(DateTimeOffset? Next, bool Paused);
