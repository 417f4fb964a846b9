namespace Escapement.Ledger;

/// <summary>A pause as it stands in the store.</summary>
/// <param name="At">Since when.</param>
/// <param name="Until">When it ends by itself; null for never.</param>
/// <param name="By">Who asked for it, if said.</param>
/// <param name="Why">What for, if said.</param>
public sealed record PauseMark(DateTimeOffset At, DateTimeOffset? Until = null, string? By = null, string? Why = null)
{
    /// <summary>The number of the <see cref="JobAction"/> that set the pause; null before it is stored.</summary>
    public long? Action { get; init; }
}
