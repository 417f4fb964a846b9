using Escapement.Ledger;

namespace Escapement;

/// <summary>A pause that lasts, as shown by <see cref="IScheduler.PausesAsync"/>.</summary>
public sealed class OpenPause
{
    /// <summary>The scope of the pause.</summary>
    public required PauseScope Scope { get; init; }

    /// <summary>The tag, the executor or the id of the job. Empty for the whole scheduler.</summary>
    public required string Name { get; init; }

    /// <summary>The beginning.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>The end of the pause, or null for an indefinite pause.</summary>
    public required DateTimeOffset? Until { get; init; }

    /// <summary>The person or program, or null if not given.</summary>
    public required string? By { get; init; }

    /// <summary>The purpose, or null if not given.</summary>
    public required string? Why { get; init; }

    /// <summary>The number of jobs that the pause holds. A job with a pause of its own counts for its own pause. Null for the
    /// whole scheduler, which holds all jobs.</summary>
    public required int? Jobs { get; init; }
}
