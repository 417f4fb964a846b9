namespace Escapement;

/// <summary>A pause of a job, or of the whole scheduler.</summary>
public sealed record PauseInfo
{
    /// <summary>The beginning.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>When the pause ends by itself; null for never.</summary>
    public required DateTimeOffset? Until { get; init; }

    /// <summary>The person or program that asked for the pause; null when <see cref="PauseNote.By"/> was not given.</summary>
    public required string? By { get; init; }

    /// <summary>The purpose; null when <see cref="PauseNote.Why"/> was not given.</summary>
    public required string? Why { get; init; }
}
