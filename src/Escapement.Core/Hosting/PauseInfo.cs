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
}
