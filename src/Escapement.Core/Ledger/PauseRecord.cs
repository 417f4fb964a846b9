namespace Escapement.Ledger;

/// <summary>A pause as stored.</summary>
public sealed record PauseRecord
{
    /// <summary>The beginning of the pause.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The end of the pause, or null for an indefinite pause.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>The author of the pause, or null if not given.</summary>
    public string? By { get; init; }

    /// <summary>The author's explanation, or null if not given.</summary>
    public string? Why { get; init; }

    /// <summary>The number of the <see cref="JobAction"/> that set the pause, or null before the pause is
    /// stored.</summary>
    public long? Action { get; init; }
}
