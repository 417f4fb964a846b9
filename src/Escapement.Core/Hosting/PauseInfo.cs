using Escapement.Ledger;

namespace Escapement;

/// <summary>A pause of a job, or of the whole scheduler.</summary>
public sealed class PauseInfo
{
    /// <summary>The beginning.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>The end of the pause, or null for an indefinite pause.</summary>
    public required DateTimeOffset? Until { get; init; }

    /// <summary>The person or program, or null if <see cref="PauseNote.By"/> was not given.</summary>
    public required string? By { get; init; }

    /// <summary>The purpose, or null if <see cref="PauseNote.Why"/> was not given.</summary>
    public required string? Why { get; init; }

    /// <summary>The scope that pauses the job, a tag or an executor. Null for a pause of the job itself or of the whole
    /// scheduler.</summary>
    public PauseScope? Scope { get; init; }

    /// <summary>The tag or the executor of <see cref="Scope"/>, or null without a scope.</summary>
    public string? Name { get; init; }
}
