namespace Escapement.Ledger;

/// <summary>A pause as it stands in the store.</summary>
public sealed record PauseRecord
{
    /// <summary>Since when.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>When it ends by itself; null for never.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Who asked for it, if said.</summary>
    public string? By { get; init; }

    /// <summary>What for, if said.</summary>
    public string? Why { get; init; }

    /// <summary>The number of the <see cref="JobAction"/> that set the pause; null before it is stored.</summary>
    public long? Action { get; init; }
}
