namespace Escapement.Ledger;

/// <summary>A pause as it stands in the store.</summary>
/// <param name="At">Since when.</param>
/// <param name="Until">When it ends by itself; null for never.</param>
/// <param name="By">Who asked for it, if said.</param>
/// <param name="Why">What for, if said.</param>
public sealed record PauseMark(DateTimeOffset At, DateTimeOffset? Until = null, string? By = null, string? Why = null);
